"""Running named statements on an open connection: what the tables of every concern stand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol


class Cursor(Protocol):
    """What a statement came to."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...  # noqa: ANN401 - a row, or None
    def fetchall(self) -> list[Any]: ...


class SqlConnection(Protocol):
    """A connection to SQLite or PostgreSQL; statements have `?` marks on both."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Cursor: ...
    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> object: ...


class Statements:
    """Named SQL on a connection whose transaction is open."""

    SQL: ClassVar[dict[str, str]] = {}

    def __init__(self, connection: SqlConnection) -> None:
        self._connection = connection

    def _one(self, name: str, *values: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 - what sqlite3 takes
        row: tuple[Any, ...] | None = self._connection.execute(self.SQL[name], values).fetchone()
        return row

    def _all(self, name: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        return self._connection.execute(self.SQL[name], values).fetchall()

    def _do(self, name: str, *values: Any) -> Cursor:  # noqa: ANN401
        return self._write(self.SQL[name], values)

    def _write(self, statement: str, values: Sequence[Any]) -> Cursor:
        """All that changes something goes through here, but for whole lists of devices."""
        return self._connection.execute(statement, values)

    def _insert(self, name: str, *values: Any) -> int:  # noqa: ANN401
        """For statements that end with RETURNING id."""
        return int(self._do(name, *values).fetchone()[0])
