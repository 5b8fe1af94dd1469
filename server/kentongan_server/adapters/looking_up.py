"""Point queries, microseconds each, on one thread at a time; beside the writer, and never writing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

from kentongan_server.adapters.database import Database, Place, read_only
from kentongan_server.application.ports import StoreError

# After a failed look-up the database is asked again no sooner; each try holds up the loop for as long as it
# takes, so that the pause grows with it: a host that swallows packets must not stop everything else.
RETRY_S, RETRY_TIMES = 0.5, 4
PATIENCE_MS = 2_000  # for one answer of a PostgreSQL; alarms that wait longer come by SMS already (NUMBERS)


class LookUp(Protocol):
    """Finds one row at a time."""

    def one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The row, or None.

        Raises:
            StoreError: the database does not answer.
        """

    def close(self) -> None: ...


def look_up(place: Place) -> LookUp:
    """For the database at this place."""
    database = Database.of(place)
    return _Postgres(database) if database.is_postgres else _Sqlite(database)


class _Sqlite:
    def __init__(self, database: Database) -> None:
        self._connection = read_only(database.file)

    def one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        return row

    def close(self) -> None:
        self._connection.close()


class _Postgres:
    """Connects when it is needed, and again when the connection was lost."""

    def __init__(self, database: Database) -> None:
        from kentongan_server.adapters import postgres  # noqa: PLC0415

        self._postgres = postgres
        self._database = database
        self._connection: Any = None
        self._not_before = 0.0

    def one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        if time.monotonic() < self._not_before:
            raise StoreError("the database does not answer.", "The program goes on trying.")
        translated, began = self._postgres.translated(statement), time.monotonic()
        while True:
            was_connected = self._connection is not None
            try:
                return self._ask(translated, values)
            except self._postgres.FAILURES as error:
                self.close()
                if was_connected and self._postgres.is_lost(error):
                    continue  # it may have been restarted long ago
                now = time.monotonic()
                self._not_before = now + RETRY_S + RETRY_TIMES * (now - began)
                what = f"the database does not answer: {self._postgres.in_words(error)}."
                raise StoreError(what, self._postgres.remedy(error)) from error

    def _ask(self, translated: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        if self._connection is None:
            self._connection = self._postgres.connect(
                self._database,
                "kentongan look-up",
                default_transaction_read_only="on",
                statement_timeout=f"{PATIENCE_MS}ms",
            )
        row: tuple[Any, ...] | None = self._connection.execute(translated, values).fetchone()
        return row

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()
