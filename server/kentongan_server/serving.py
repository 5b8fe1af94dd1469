"""The centre as a process: waits for its turn where several share a PostgreSQL, then runs until it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from kentongan_host.files import DirectoryLock
from kentongan_host.tasks import end_task, run_together, signals_set
from kentongan_server.adapters.high_water import HighWater
from kentongan_server.adapters.leading import Leading
from kentongan_server.centre_state import CentreState
from kentongan_server.http_service import serve_http
from kentongan_server.service import CentreService


async def serve(state: CentreState, ready: Callable[[str], None], stands_by: Callable[[], None]) -> None:
    """Runs the centre until SIGINT or SIGTERM.

    `ready` is called with the console's address once browsers and gateways are served; before that
    `stands_by`, once, when another centre on the same PostgreSQL does.

    Raises:
        HostError: something of the machine is not as the centre needs it, or another centre took over.
    """
    stop, leading = asyncio.Event(), Leading(state.database)
    with signals_set(stop):
        async with aclosing(leading):
            await _wait_for_turn(state, leading, stop, stands_by)
            if not stop.is_set():
                with DirectoryLock(state.directory):
                    await _work(state, leading, stop, ready)


async def _wait_for_turn(
    state: CentreState, leading: Leading, stop: asyncio.Event, stands_by: Callable[[], None]
) -> None:
    mark, told = HighWater(state.directory, state.database), False

    def wait() -> None:
        nonlocal told
        if not told:
            stands_by()
            told = True
        mark.follow()

    taking, stopped = asyncio.create_task(leading.take(wait)), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((taking, stopped), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        await end_task(taking)
        mark.close()


async def _work(state: CentreState, leading: Leading, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    service = CentreService(state)
    async with service.running():
        await run_together(
            serve_http(service, ready),
            leading.keep(),
            service.live.run(),
            service.look_after(),
            service.save(),
            service.high_water.run(),
            service.use_modems(),
            service.watch_itself(),
            *(lane.watch() for lane in service.lanes.by_kind.values()),
            until=stop,
        )
