"""What the history needs beside a store on PostgreSQL: a sequencer, and news of what it placed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from kentongan_server.adapters.database import Database


class Placing:
    """An async context manager; on SQLite there is nothing to do, for its writer places what it writes.

    Args:
        on_placed: called when there are new rows in the history, whoever wrote them.
    """

    def __init__(self, database: Database, on_placed: Callable[[], None]) -> None:
        self._database = database
        self._on_placed = on_placed
        self._end: Callable[[], None] = lambda: None
        self._hearing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._database.is_postgres:
            from kentongan_server.adapters import placed, sequencer  # noqa: PLC0415 - they load psycopg

            working = sequencer.Sequencer(self._database)
            working.start()
            self._end = working.close
            self._hearing = asyncio.create_task(placed.hear(self._database, self._on_placed), name="placed")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
        await asyncio.to_thread(self._end)
