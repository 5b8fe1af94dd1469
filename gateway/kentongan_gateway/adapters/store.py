"""Custody on disk: a write is done only when it is committed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from kentongan_gateway.adapters import custody_table
from kentongan_gateway.adapters.custody_table import Beginning
from kentongan_gateway.core.custody import Copy, HeldRow
from kentongan_host.errors import StoreError
from kentongan_host.group_commit import GroupCommit, open_sqlite
from kentongan_host.log import logger
from kentongan_wire.press import PressIdentity

__all__ = ["Beginning", "Store", "StoreError"]

FILE_NAME = "custody.db"

_log = logger("kentongan.store")
_Write = Callable[[sqlite3.Connection], object]


class Store:
    """Presses in custody and the gateway's numbers; an async context manager.

    What a method returns is done when its write is committed, or raises `StoreError`; see `custody_table`.

    Args:
        path: of the database file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: GroupCommit[_Write, object] = GroupCommit(
            self._open, lambda connection, write: write(connection), name="custody writer"
        )

    async def __aenter__(self) -> Self:
        await self._writer.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._writer.__aexit__(kind, error, trace)

    async def begin(self, system_wall_ms: int) -> Beginning:
        """Starts a run."""
        return cast(
            "Beginning", await self._writer.submit(lambda connection: custody_table.begin(connection, system_wall_ms))
        )

    def hold(self, identity: PressIdentity, copy: Copy) -> asyncio.Future[object]:
        """Puts one attempt of a press into custody; the future is done when it is on disk."""
        return self._writer.submit(lambda connection: custody_table.hold(connection, identity, copy))

    def received(self, identity: PressIdentity, incarnation: int, wall_ms: int) -> asyncio.Future[object]:
        """The centre has it."""
        return self._writer.submit(
            lambda connection: custody_table.end_received(connection, identity, incarnation, wall_ms)
        )

    def refused(self, identity: PressIdentity, reason: int, wall_ms: int) -> asyncio.Future[object]:
        """The centre will never take it."""
        return self._writer.submit(lambda connection: custody_table.end_refused(connection, identity, reason, wall_ms))

    async def restored(self, incarnation: int) -> list[HeldRow]:
        """The centre's incarnation is this one; what is in custody again because of it."""
        return cast(
            "list[HeldRow]",
            await self._writer.submit(lambda connection: custody_table.restored(connection, incarnation)),
        )

    async def reserve(self, counters_below: int, wall_ms: int | None) -> None:
        """Reserves report counters and forgets old presses; behind whatever is urgent."""
        await self._writer.submit(
            lambda connection: custody_table.reserve(connection, counters_below, wall_ms), urgent=False
        )

    def _open(self) -> sqlite3.Connection:
        """A connection to a whole store of the newest schema; one that is damaged is set aside for the next try."""
        try:
            connection = open_sqlite(self._path)
            try:
                custody_table.prepare(connection)
            except BaseException:
                connection.close()
                raise
        except sqlite3.DatabaseError as error:
            if custody_table.is_damage(error):
                self._set_aside()
            raise
        return connection

    def _set_aside(self) -> None:
        """Renames a broken file, so that the next try starts a new one: the buttons still have their presses."""
        for suffix in ("", "-wal", "-shm"):
            path = self._path.with_name(self._path.name + suffix)
            if path.exists():
                path.rename(path.with_name(path.name + ".broken"))
        _log.error("custody store is damaged and was set aside", store=str(self._path))
