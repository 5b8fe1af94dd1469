"""The store on SQLite: one writer with group commit, readers beside it, schema by Alembic."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from kentongan_host import group_commit
from kentongan_host.errors import HostError
from kentongan_host.files import PRIVATE_FILE
from kentongan_host.group_commit import GroupCommit, open_sqlite
from kentongan_server.adapters.transaction import SqliteTransaction
from kentongan_server.application.ports import StoreError, Transaction

Result = TypeVar("Result")
Work = Callable[[Transaction], Any]

READERS = 4  # connections for lists and streams: more than two cores can use
READ_BUSY_S = 5.0  # a reader waits this long for a lock (only while a WAL file is being recovered)


class SqliteStore:
    """Implements `application.ports.Store`; an async context manager.

    Args:
        path: database, made by `upgrade`.
        on_commit: called on the loop's thread after something was committed (not for each item).
        observe: called with the seconds from `submit` to the commit of each item.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_commit: Callable[[], None] = lambda: None,
        observe: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._writer: GroupCommit[Work, Any] = GroupCommit(lambda: open_sqlite(path), _apply)
        self._on_commit = on_commit
        self._observe = observe
        self.failing = False
        """Whether the last commit failed: the centre could not take an alarm now."""

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
        try:
            result = await self._writer.submit(work, urgent=urgent)
        except group_commit.StoreError as error:
            self.failing = True
            raise StoreError(error.what, error.remedy) from error
        self.failing = False
        self._observe(loop.time() - began)
        self._on_commit()
        return result


def _apply(connection: sqlite3.Connection, work: Work) -> Any:  # noqa: ANN401
    return work(SqliteTransaction(connection))


# --- readers --------------------------------------------------------------------------------------


def reader(path: Path) -> Engine:
    """An engine whose connections cannot write; each transaction sees one state of the store."""
    engine = create_engine(
        f"sqlite:///file:{path.absolute()}?mode=ro&uri=true",
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": READ_BUSY_S},
    )

    @event.listens_for(engine, "connect")
    def _autocommit(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        sqlite = cast("sqlite3.Connection", connection)
        sqlite.isolation_level = None  # or sqlite3 would begin transactions of its own, and only for writes
        sqlite.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's Connection
        connection.exec_driver_sql("BEGIN")

    return engine


# --- schema ---------------------------------------------------------------------------------------

HEAD = "0004"  # the newest migration; a test holds it to the folder


def upgrade(path: Path) -> None:
    """Makes the database, mode 0600, or brings it to this program's schema.

    Raises:
        HostError: the file cannot be made, is no database, or is newer than this program.
    """
    have = _prepare(path)
    if have == HEAD:
        return
    _migrate(path, have)


def _prepare(path: Path) -> str | None:
    """Sees that there is a database in WAL mode; returns its schema version."""
    try:
        path.touch(mode=PRIVATE_FILE)
        with closing(open_sqlite(path)):
            pass
        return schema_version(path)
    except (OSError, sqlite3.Error) as error:
        raise HostError(
            f"cannot open the database {path}: {error}.", "Is its folder there, writable, and the disk not full?"
        ) from error


def _migrate(path: Path, have: str | None) -> None:
    # Alembic is loaded only when there is something to do: it is a quarter of the time of a start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "kentongan_server.adapters:migrations")
    config.attributes["url"] = f"sqlite:///{path.absolute()}"
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if have is not None and have not in known:
        raise HostError(
            f"the database {path} has schema {have}, which this program does not know.",
            "It was written by a newer version: install that one.",
        )
    command.upgrade(config, HEAD)


def schema_version(path: Path) -> str | None:
    """The Alembic revision of a database; None for an empty one."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row: tuple[str] | None = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
