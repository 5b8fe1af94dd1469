"""Databases that are used again: their schema is read and their statements are prepared once a process.

Opening one anew for each schedule, and preparing every statement for it, took as long as all that was
written in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, Self

STATEMENTS = 512  # kept prepared: more than the programs have


class Lasting(sqlite3.Connection):
    """A database in memory that stays when a process closes it.

    Attributes:
        on_discard: takes it back; None when it is closed for good.
    """

    on_discard: Callable[[Lasting], None] | None = None

    @classmethod
    def holding(cls, image: bytes) -> Self:
        """A new one with this content."""
        connection: Self = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, factory=cls, cached_statements=STATEMENTS
        )
        connection.deserialize(image)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def close(self) -> None:
        if self.in_transaction:
            self.rollback()

    def discard(self) -> None:
        """Nobody needs its content any more."""
        self.close()
        if self.on_discard is None:
            super().close()
        else:
            self.on_discard(self)


class Shelf:
    """Databases that nobody uses at present, by the image with which they begin."""

    def __init__(self) -> None:
        self._free: dict[bytes, list[Lasting]] = {}
        self._rows: dict[bytes, list[_Table]] = {}

    def __contains__(self, image: bytes) -> bool:
        return image in self._rows

    def take(self, image: bytes) -> Lasting:
        """A database with exactly the rows of the image; it comes back when it is discarded."""
        if image not in self._rows:
            self._rows[image], self._free[image] = _tables(image), []
        free = self._free[image]
        if not free:
            connection = Lasting.holding(image)
            connection.on_discard = free.append
            return connection
        connection = free.pop()
        connection.execute("BEGIN")
        for table in self._rows[image]:
            connection.execute(table.delete)
        for table in reversed(self._rows[image]):
            if table.rows:
                connection.executemany(table.insert, table.rows)
        connection.execute("COMMIT")
        return connection


class _Table:
    """What an image has in a table, and the statements that bring it back."""

    def __init__(self, connection: sqlite3.Connection, name: str, *, numbered: bool) -> None:
        columns = [(row[1], row[2], row[5]) for row in connection.execute(f'PRAGMA table_info("{name}")')]
        names = [f'"{column}"' for column, _, _ in columns]
        if numbered and ("INTEGER", 1) not in [(kind, key) for _, kind, key in columns]:
            names.insert(0, "rowid")  # of no column: the next one given out is counted from it
        self.name = name
        self.parents = {row[2] for row in connection.execute(f'PRAGMA foreign_key_list("{name}")')} - {name}
        self.delete = f'DELETE FROM "{name}"'  # noqa: S608 - names of our own schema
        listed = ", ".join(names)
        self.rows: list[Any] = connection.execute(f'SELECT {listed} FROM "{name}"').fetchall()  # noqa: S608
        marks = ", ".join("?" * len(names))
        self.insert = f'INSERT INTO "{name}" ({listed}) VALUES ({marks})'  # noqa: S608


def _tables(image: bytes) -> list[_Table]:
    """All of an image's tables, each before those that its rows refer to."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(image)
        listed = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        found = connection.execute(f"{listed} AND name NOT LIKE 'sqlite_%'").fetchall()
        left = [_Table(connection, name, numbered=not without_rowid) for name, without_rowid in found]
    ordered: list[_Table] = []
    while left:
        nobodys = [table for table in left if not any(table.name in other.parents for other in left)]
        assert nobodys, "tables refer to each other in a circle"
        ordered += nobodys
        left = [table for table in left if table not in nobodys]
    return ordered


SHELF = Shelf()
"""Of this process."""
