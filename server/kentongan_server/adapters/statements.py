"""Running named statements on an open connection: what the tables of every concern stand on."""

from __future__ import annotations

import sqlite3
from typing import Any, ClassVar


class Statements:
    """Named SQL on a connection whose transaction is open."""

    SQL: ClassVar[dict[str, str]] = {}

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _one(self, name: str, *values: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 - what sqlite3 takes
        row: tuple[Any, ...] | None = self._connection.execute(self.SQL[name], values).fetchone()
        return row

    def _all(self, name: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        return self._connection.execute(self.SQL[name], values).fetchall()

    def _do(self, name: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
        return self._connection.execute(self.SQL[name], values)

    def _insert(self, name: str, *values: Any) -> int:  # noqa: ANN401
        """For statements that end with RETURNING id."""
        return int(self._do(name, *values).fetchone()[0])
