"""What enrolment writes; also the synchronous way in, for commands beside a running server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kentongan_host.errors import HostError
from kentongan_server.adapters import queries
from kentongan_server.adapters.database import Database, Place, read_only
from kentongan_server.adapters.erasing import open_store
from kentongan_server.adapters.history import FeedQueue
from kentongan_server.adapters.statements import Cursor
from kentongan_server.adapters.transaction import SqlTransaction
from kentongan_server.application.enrol import Site
from kentongan_server.domain.feed import Entry
from kentongan_server.domain.trouble import TroubleKind

Found = TypeVar("Found")

_SQL = queries.load("enrol")


class SqlRegister(SqlTransaction):
    """Implements `application.enrol.Register`."""

    SQL = SqlTransaction.SQL | _SQL

    def meta(self, key: str) -> str | None:
        row = self._one("meta", key)
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        self._do("set_meta", key, value)

    def hash_at(self, position: int) -> bytes | None:
        """See `application.incarnation.History`."""
        row = self._one("hash_at", position)
        return row[0] if row else None

    def site(self, code: str) -> Site | None:
        row = self._one("site", code)
        return Site(*row) if row else None

    def insert_site(self, site: Site, at_ms: int) -> None:
        self._do("insert_site", site.code, site.name, site.address, site.zone, at_ms)

    def post(self, site: str, name: str) -> int | None:
        row = self._one("post", site, name)
        return row[0] if row else None

    def insert_post(self, site: str, name: str, variant: str) -> int:
        return self._insert("insert_post", site, name, variant)

    def has_device(self, device: int) -> bool:
        return self._one("device", device) is not None

    def insert_device(self, device: int, role: str, site: str, post: int | None, at_ms: int) -> None:
        self._do("insert_device", device, role, site, post, at_ms)

    def insert_key(self, device: int, key_id: int, sealed: bytes, at_ms: int) -> None:
        self._do("insert_key", device, key_id, sealed, at_ms)

    def device_with(self, number: str) -> int | None:
        row = self._one("device_with", number)
        return row[0] if row else None

    def set_number(self, device: int, number: str | None) -> bool:
        if self.number_of(device) == number:
            return False
        return self._do("set_number", number, device).rowcount > 0

    def buttons_of(self, site: str) -> list[tuple[int, int, bytes, str]]:
        return [(row[0], row[1], row[2], row[3]) for row in self._all("site_buttons", site)]

    def retire(self, device: int, at_ms: int) -> bool:
        return self._do("retire_device", at_ms, device).rowcount > 0

    def compromise(self, device: int) -> bool:
        return self._do("compromise_keys", device).rowcount > 0

    def troubles_of(self, device: int) -> list[tuple[int, TroubleKind]]:
        return [(row[0], TroubleKind(row[1])) for row in self._all("troubles_of_device", device)]

    def has_any_user(self) -> bool:
        return self._one("any_user") is not None


class QueuedRegister(FeedQueue, SqlRegister):
    """The same on PostgreSQL, where the sequencer gives the history its order."""


class _Nothing:
    """What a statement came to that was not done."""

    rowcount = 0

    def fetchone(self) -> None:
        return None

    def fetchall(self) -> list[Any]:
        return []


class RehearsedRegister(SqlRegister):
    """Reads what is there; what would be written goes nowhere."""

    def append(self, entry: Entry) -> None:
        """Nothing is remembered."""

    def _write(self, statement: str, values: Sequence[Any]) -> Cursor:  # noqa: ARG002 - as the one that does it
        return _Nothing()

    def _insert(self, name: str, *values: Any) -> int:  # noqa: ANN401, ARG002
        return 0


@contextmanager
def rehearsing(place: Place) -> Iterator[RehearsedRegister]:
    """One state of the store to read, while others go on writing: alarms do not wait for it.

    Raises:
        HostError: the store cannot be read.
    """
    database = Database.of(place)
    with _reading_postgres(database) if database.is_postgres else _reading_sqlite(database.file) as book:
        yield book


@contextmanager
def writing(place: Place) -> Iterator[SqlRegister]:
    """One transaction of its own, committed at the end unless something was raised.

    Raises:
        HostError: the store cannot be written, or is locked for longer than its busy time.
    """
    database = Database.of(place)
    with _on_postgres(database) if database.is_postgres else _on_sqlite(database.file) as book:
        yield book


def write_much(place: Place, work: Callable[[SqlRegister], Found]) -> Found:
    """One transaction of thousands of rows; on PostgreSQL alarms go on meanwhile, and the work may be done again.

    On SQLite there is one writer at a time: alarms wait for some tenths of a second.

    Raises:
        HostError: the store cannot be written, or is locked for longer than its busy time.
    """
    database = Database.of(place)
    if not database.is_postgres:
        with _on_sqlite(database.file) as book:
            return work(book)
    import psycopg  # noqa: PLC0415

    from kentongan_server.adapters import postgres  # noqa: PLC0415

    try:
        return postgres.beside_alarms(database, "kentongan command", lambda one: work(QueuedRegister(one)))
    except psycopg.Error as error:
        raise HostError(
            f"cannot write the database {database}: {postgres.in_words(error)}.", postgres.remedy(error)
        ) from error


@contextmanager
def _on_sqlite(path: Path) -> Iterator[SqlRegister]:
    try:
        with closing(open_store(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqlRegister(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
    except sqlite3.Error as error:
        raise HostError(
            f"cannot write the database {path}: {error}.", "Is it the right folder, writable, and the disk not full?"
        ) from error


@contextmanager
def _reading_sqlite(path: Path) -> Iterator[RehearsedRegister]:
    try:
        with closing(read_only(path)) as connection:
            connection.execute("BEGIN")
            yield RehearsedRegister(connection)
    except sqlite3.Error as error:
        raise HostError(
            f"cannot read the database {path}: {error}.", "Is it the right folder, and readable?"
        ) from error


@contextmanager
def _on_postgres(database: Database) -> Iterator[SqlRegister]:
    import psycopg  # noqa: PLC0415 - a tenth of a second that commands on SQLite need not wait

    from kentongan_server.adapters import postgres  # noqa: PLC0415

    try:
        with postgres.transaction(database, "kentongan command") as connection:
            yield QueuedRegister(connection)
    except psycopg.Error as error:
        raise HostError(
            f"cannot write the database {database}: {postgres.in_words(error)}.", postgres.remedy(error)
        ) from error


@contextmanager
def _reading_postgres(database: Database) -> Iterator[RehearsedRegister]:
    import psycopg  # noqa: PLC0415

    from kentongan_server.adapters import postgres  # noqa: PLC0415

    try:
        with closing(postgres.PostgresConnection(database, "kentongan command")) as connection:
            connection.raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield RehearsedRegister(connection)
    except psycopg.Error as error:
        raise HostError(
            f"cannot read the database {database}: {postgres.in_words(error)}.", postgres.remedy(error)
        ) from error
