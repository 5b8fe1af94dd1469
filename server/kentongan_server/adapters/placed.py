"""Hears on PostgreSQL that the history has got new rows, whoever wrote them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg

from kentongan_host.log import logger
from kentongan_server.adapters import postgres
from kentongan_server.adapters.database import Database

RETRY_S = 1.0  # after the connection was lost; streams look by themselves every second

_log = logger("kentongan.placed")


async def hear(database: Database, on_placed: Callable[[], None]) -> None:
    """Calls `on_placed` after each batch, for ever."""
    while True:
        try:
            info = postgres.conninfo(database, "kentongan listener")
            async with await psycopg.AsyncConnection.connect(info, autocommit=True) as connection:
                await connection.execute(f"LISTEN {postgres.PLACED}")
                on_placed()  # what came before we listened
                async for _ in connection.notifies():
                    on_placed()
        except postgres.FAILURES as error:
            _log.warning("streams look for news by themselves", why=postgres.in_words(error))
        await asyncio.sleep(RETRY_S)
