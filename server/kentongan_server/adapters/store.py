"""The store on SQLite or PostgreSQL: one writer with group commit, readers beside it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from kentongan_host import group_commit
from kentongan_host.group_commit import GroupCommit
from kentongan_server.adapters.database import Database, Place, read_only
from kentongan_server.adapters.erasing import open_store
from kentongan_server.adapters.history import FeedQueue
from kentongan_server.adapters.statements import SqlConnection
from kentongan_server.adapters.transaction import SqlTransaction
from kentongan_server.adapters.upgrading import HEAD, schema_version, upgrade
from kentongan_server.application.ports import StoreError, Transaction

__all__ = ["HEAD", "SqlStore", "reader", "schema_version", "upgrade"]

Result = TypeVar("Result")
Work = Callable[[Transaction], Any]

READERS = 4  # connections for lists and streams: more than two cores can use


class QueuedTransaction(FeedQueue, SqlTransaction):
    """A transaction on PostgreSQL, where the sequencer gives the history its order."""


class SqlStore:
    """Implements `application.ports.Store`; an async context manager.

    Args:
        place: database, made by `upgrading.upgrade`.
        on_commit: called on the loop's thread after something was committed (not for each item).
        observe: called with the seconds from `submit` to the commit of each item.
    """

    def __init__(
        self,
        place: Place,
        *,
        on_commit: Callable[[], None] = lambda: None,
        observe: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._writer = _writer(Database.of(place))
        self._on_commit = on_commit
        self._observe = observe
        self.failing = False
        """Whether a commit failed, and nothing was written since: the centre could not take an alarm now."""

    async def __aenter__(self) -> Self:
        await self._writer.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._writer.__aexit__(kind, error, trace)

    def submit(self, work: Callable[[Transaction], Result], *, urgent: bool = True) -> Awaitable[Result]:
        """Does the work in a transaction; the awaitable ends after its commit."""
        return self._finish(work, urgent)

    async def _finish(self, work: Work, urgent: bool) -> Any:  # noqa: ANN401, FBT001 - the work's own result
        loop = asyncio.get_running_loop()
        began = loop.time()
        proves = self.failing
        try:
            result = await self._writer.submit(_proving(work, began) if proves else work, urgent=urgent)
        except group_commit.StoreError as error:
            self.failing = True
            raise StoreError(error.what, error.remedy) from error
        if proves:
            self.failing = False
        self._observe(loop.time() - began)
        self._on_commit()
        return result


def _proving(work: Work, at_s: float) -> Work:
    """What only reads commits on a full disk, too: after a failure only what writes shows that the store works."""

    def proving(transaction: Transaction) -> Any:  # noqa: ANN401 - the work's own result
        transaction.prove_writable(int(at_s * 1000))
        return work(transaction)

    return proving


def _writer(database: Database) -> GroupCommit[Work, Any]:
    if not database.is_postgres:
        return GroupCommit(lambda: open_store(database.file), _apply)
    from kentongan_server.adapters import postgres  # noqa: PLC0415 - a tenth of a second for who needs it

    return GroupCommit(lambda: postgres.PostgresConnection(database), _apply_queued, dialect=postgres.PostgresDialect())


def _apply(connection: sqlite3.Connection, work: Work) -> Any:  # noqa: ANN401
    return work(SqlTransaction(connection))


def _apply_queued(connection: SqlConnection, work: Work) -> Any:  # noqa: ANN401
    return work(QueuedTransaction(connection))


# --- readers --------------------------------------------------------------------------------------


def reader(place: Place) -> Engine:
    """An engine whose connections cannot write; each transaction sees one state of the store."""
    database = Database.of(place)
    return _postgres_reader(database) if database.is_postgres else _sqlite_reader(database.file)


def _postgres_reader(database: Database) -> Engine:
    from psycopg import Connection, IsolationLevel  # noqa: PLC0415

    from kentongan_server.adapters import postgres  # noqa: PLC0415

    def connected() -> Connection[Any]:
        connection = postgres.connect(database, "kentongan reader")
        connection.autocommit = False
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    # A connection is tried before it is used: the server may have been restarted meanwhile.
    return create_engine(
        "postgresql+psycopg://",
        creator=connected,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=True,
    )


def _sqlite_reader(path: Path) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=lambda: read_only(path),
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def _no_writes(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cast("sqlite3.Connection", connection).execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's Connection
        connection.exec_driver_sql("BEGIN")

    return engine
