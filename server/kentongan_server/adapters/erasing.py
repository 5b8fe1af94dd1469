"""What was erased is to be gone from the file, too: no bytes of it in free pages or in the log beside the file.

On PostgreSQL the server decides when the room of old rows is used again: docs/operations.md says what to do there.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kentongan_host.group_commit import open_sqlite
from kentongan_host.log import logger
from kentongan_server.adapters.database import Database

_log = logger("kentongan.erasing")


def open_store(path: Path) -> sqlite3.Connection:
    """A connection that overwrites with zeros what it deletes or shortens, however SQLite was built.

    Raises:
        sqlite3.Error: the file cannot be opened or is no database.
    """
    connection = open_sqlite(path)
    connection.execute("PRAGMA secure_delete = ON")
    return connection


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Implements `application.retention.Leftovers`."""

    database: Database

    async def clear(self) -> bool:
        if self.database.is_postgres:
            return True  # nothing that a client without the rights of a superuser could do
        return await asyncio.to_thread(empty_log, self.database.file)


def empty_log(path: Path) -> bool:
    """Moves all of the write-ahead log into the database and cuts the log to nothing.

    The log keeps older states of pages, with what was erased since. False: somebody read or wrote; nobody was kept
    waiting, and it can be tried again.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # most of the work, while others write
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        _log.warning("log of the store not emptied", why=str(error))
        return False
    return not busy
