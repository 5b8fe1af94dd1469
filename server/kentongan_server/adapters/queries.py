"""Named SQL in files: `-- name: insert_alarm` and the statement below it."""

from __future__ import annotations

import re
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load(*files: str) -> dict[str, str]:
    """The statements of `sql/<file>.sql` by name.

    Raises:
        ValueError: a name is used twice.
    """
    found: dict[str, str] = {}
    for file in files:
        content = (resources.files(__package__) / "sql" / f"{file}.sql").read_text(encoding="utf-8")
        parts = _NAME.split(content)
        for name, statement in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"{file}.sql: {name} is there twice")
            found[name] = " ".join(statement.split())
    return found
