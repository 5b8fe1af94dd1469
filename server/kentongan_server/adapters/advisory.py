"""Advisory locks: which of many processes on one PostgreSQL does what only one may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import psycopg

from kentongan_server.adapters.database import Database
from kentongan_server.adapters.postgres import connect

# A session that says nothing for so long is ended by the server, and with it its lock: its process was stopped,
# and must not keep the others from doing its work. Holders speak every second or so.
SILENT_S = 6


class Lock(IntEnum):
    """One for each thing; the numbers are nobody else's in a database of ours."""

    SEQUENCER = 0x6B656E02
    LEADER = 0x6B656E03
    RESTORE = 0x6B656E04


@contextmanager
def lock_session(database: Database, lock: Lock) -> Iterator[psycopg.Connection | None]:
    """A connection that holds the lock for as long as it lives; None while another one has it.

    Raises:
        psycopg.Error: the database cannot be asked.
    """
    name = f"kentongan {lock.name.lower()}"
    with connect(database, name, idle_session_timeout=f"{SILENT_S}s") as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (int(lock),)).fetchone()
        yield connection if row is not None and row[0] else None
