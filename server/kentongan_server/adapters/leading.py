"""Which of several centres on one PostgreSQL works; the others stand by. On SQLite there is only one.

The leader holds a lock for as long as its session lives. A leader that dies or stops answering loses it within
seconds; one that lost its session for a moment goes on, unless another one has led meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from kentongan_host.errors import HostError
from kentongan_host.log import logger
from kentongan_server.adapters.database import Database

TRY_S = 0.5  # between two tries of who stands by
PING_S = 1.0  # a leader says that it lives; several times within `advisory.SILENT_S`
# One more for each that takes office: who finds another number than its own was replaced.
NEXT_TERM = """\
INSERT INTO meta (key, value) VALUES ('leader_term', '1')
ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + 1)::text RETURNING value"""
TERM = "SELECT value FROM meta WHERE key = 'leader_term'"

_log = logger("kentongan.leading")


class Leading:
    """Takes office, and keeps it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._term = ""
        self._holds = False

    async def take(self, stands_by: Callable[[], None]) -> None:
        """Returns when this centre leads; until then `stands_by` is called whenever another one does."""
        if not self._database.is_postgres:
            return
        from kentongan_server.adapters.postgres import FAILURES, in_words  # noqa: PLC0415

        while not self._term:
            try:
                if await self._has_lock():
                    cursor = await self._connection.execute(NEXT_TERM)
                    (self._term,) = await cursor.fetchone()
                    self._holds = True
                    _log.info("this centre leads", term=self._term)
                    return
                stands_by()
            except FAILURES as error:
                _log.warning("nobody says who leads", why=in_words(error))
                await self.aclose()
            await asyncio.sleep(TRY_S)

    async def keep(self) -> None:
        """Holds the office for ever.

        Raises:
            HostError: another centre leads now.
        """
        if not self._database.is_postgres:
            await asyncio.Event().wait()
        from kentongan_server.adapters.postgres import FAILURES, in_words  # noqa: PLC0415

        while True:
            await asyncio.sleep(PING_S)
            try:
                if self._holds:
                    await self._connection.execute("SELECT 1")
                else:
                    await self._regain()
            except FAILURES as error:
                _log.warning("the leader's session is lost", why=in_words(error))
                await self.aclose()

    async def aclose(self) -> None:
        """Gives the office up."""
        self._holds = False
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _regain(self) -> None:
        """After a lost session; while the server still believes in that one, the lock is not free."""
        has_lock = await self._has_lock()
        cursor = await self._connection.execute(TERM)
        if await cursor.fetchone() != (self._term,):
            raise HostError("another centre on this database leads now.", "This one ends; started again, it stands by.")
        if has_lock:
            self._holds = True
            _log.info("this centre leads on", term=self._term)

    async def _has_lock(self) -> bool:
        """On a session of its own, which stays open when it has got the lock."""
        import psycopg  # noqa: PLC0415 - a tenth of a second for who needs it

        from kentongan_server.adapters import postgres  # noqa: PLC0415
        from kentongan_server.adapters.advisory import SILENT_S, Lock  # noqa: PLC0415

        if self._connection is None:
            info = postgres.conninfo(self._database, "kentongan leader", idle_session_timeout=f"{SILENT_S}s")
            self._connection = await psycopg.AsyncConnection.connect(info, autocommit=True)
        cursor = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", (int(Lock.LEADER),))
        row = await cursor.fetchone()
        return bool(row is not None and row[0])
