"""Several rounds at a time, each in a process of its own that dies with us."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kentongan_host import leash
from kentongan_host.tasks import signals_set
from kentongan_sim.chaos.campaign import Plan, Record
from kentongan_sim.demo import Interrupted
from kentongan_sim.errors import SimError

WORKER = "kentongan_sim.chaos.one_round"
STOP_S = 15.0  # bounds a city's orderly end on a loaded machine


class Crew:
    """Does the open rounds of a campaign.

    Args:
        plan: of the campaign.
        record: where results are kept.
        jobs: rounds at a time.
        tell: called with each round's number and result.
    """

    def __init__(self, plan: Plan, record: Record, jobs: int, tell: Callable[[int, dict[str, Any]], None]) -> None:
        self._plan = plan
        self._record = record
        self._jobs = min(jobs, len(record.open_rounds))
        self._tell = tell
        self._open = iter(record.open_rounds)
        self._workers: set[asyncio.subprocess.Process] = set()
        self._wrong = False

    async def run(self) -> None:
        """Do them, until all are done or one went wrong; those under way are finished then.

        Raises:
            SimError: a round could not be done at all.
            Interrupted: a signal came.
        """
        stop = asyncio.Event()
        with signals_set(stop, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            working = asyncio.gather(*(self._work() for _ in range(self._jobs)))
            stopping = asyncio.create_task(stop.wait())
            either: set[asyncio.Future[Any]] = {working, stopping}
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not working.done():
                    raise Interrupted
                working.result()
            finally:
                stopping.cancel()
                working.cancel()
                await asyncio.gather(working, stopping, return_exceptions=True)
                await self._end()

    async def _work(self) -> None:
        for number in self._open:
            result = await self._round(number)
            self._record.add(result)
            self._tell(number, result)
            self._wrong |= not result["ok"]
            if self._wrong:
                return

    async def _round(self, number: int) -> dict[str, Any]:
        # The leash first: a round never outlives us. A session of its own: Ctrl-C is ours to pass on.
        tied = (sys.executable, "-I", "-S", str(Path(leash.__file__)), str(os.getpid()))
        does = (sys.executable, "-m", WORKER, json.dumps(asdict(self._plan)), str(number))
        worker = await asyncio.create_subprocess_exec(
            *tied, *does, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
        self._workers.add(worker)
        said, _ = await worker.communicate()
        self._workers.discard(worker)
        try:
            result: dict[str, Any] = json.loads(said)
        except ValueError:
            raise SimError(f"round {number + 1} ended with exit code {worker.returncode} and no result") from None
        if "error" in result:
            raise SimError(f"round {number + 1}, seed {self._plan.seed + number}: {result['error']}")
        return result

    async def _end(self) -> None:
        still = list(self._workers)  # each that ends meanwhile takes itself out of the set
        for worker in still:
            with contextlib.suppress(ProcessLookupError):
                worker.terminate()
        for worker in still:
            try:
                await asyncio.wait_for(worker.wait(), STOP_S)
            except TimeoutError:
                worker.kill()
