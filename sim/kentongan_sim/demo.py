"""Runs the city until somebody stops it, something dies, or a headless run is over; then nothing is left."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kentongan_host.tasks import signals_set
from kentongan_sim.bench_server import BenchPage, BenchSite
from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.city import City
from kentongan_sim.errors import SimError
from kentongan_sim.headless import Outcome, Run, RunOptions, Sabotage
from kentongan_sim.plan import OPERATOR, SITES
from kentongan_sim.ports import HOST, check_port
from kentongan_sim.virtual_button import Trace, VirtualButton

Result = TypeVar("Result")


class Interrupted(Exception):  # noqa: N818 - like KeyboardInterrupt: no error
    """Somebody pressed Ctrl-C or ended us."""


@dataclass(frozen=True)
class DemoOptions:
    """Where and how.

    Attributes:
        state: an empty folder.
        seed: of every random choice.
        http_port: of the console; 0 for any.
        bench_port: of the buttons' page; 0 for any.
        http_port_chosen: a person asked for it; then another one is no substitute.
        bench_port_chosen: the same.
    """

    state: Path
    seed: int
    http_port: int = 0
    bench_port: int = 0
    http_port_chosen: bool = True
    bench_port_chosen: bool = True


class Demo:
    """One demo.

    Args:
        options: where and how.
        say: tells people what goes on, line by line.
    """

    def __init__(self, options: DemoOptions, say: Callable[[str], None]) -> None:
        self._options = options
        self._say = say
        self._stop = asyncio.Event()
        self._failure: asyncio.Future[SimError] | None = None
        self._listeners: list[Callable[[VirtualButton, Trace], None]] = []

    async def run(self, headless: RunOptions | None, sabotage: Sabotage | None = None) -> Outcome | None:
        """Run until the end.

        Args:
            headless: what a run without a person does; None for a person.
            sabotage: what goes on beside the presses of such a run.

        Returns:
            What a headless run came to; None when a person pressed.

        Raises:
            SimError: the city could not be built or started, or a part of it died.
            Interrupted: a signal came.
        """
        self._failure = asyncio.get_running_loop().create_future()
        options = self._options
        http_port = _choose(options.http_port, "--http-port", chosen=options.http_port_chosen)
        bench_port = _choose(options.bench_port, "--bench-port", chosen=options.bench_port_chosen)
        city = City(
            options.state, seed=options.seed, http_port=http_port, on_trace=self._trace, on_failure=self._failed
        )
        with signals_set(self._stop, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            try:
                return await self._unless_stopped(self._work(city, headless, sabotage, bench_port))
            finally:
                await city.stop()

    async def _work(
        self, city: City, headless: RunOptions | None, sabotage: Sabotage | None, bench_port: int
    ) -> Outcome | None:
        self._say("Enrolling a small city and flashing its buttons …")
        await city.build()
        if headless is not None:
            run = Run(headless)
            run.begin(city)
            self._listeners.append(run.note)
            await self._start(city)
            self._say(f"Pressing {headless.presses} times …")
            return await run.perform(sabotage)
        sites = [BenchSite(site.code, site.name, city.buttons_of(site), city.uplinks[site.code]) for site in SITES]
        database = CentreDatabase(city.enrolled.database)
        page = BenchPage(sites, city.console_url, city.telephones, database.path)
        self._listeners.append(page.note)
        await self._start(city)
        ready = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(page.serve(bench_port, ready))
            await ready.wait()
            self._welcome(city, bench_port)
        return None

    async def _start(self, city: City) -> None:
        self._say("Starting centre, gateways and buttons …")
        await city.start()

    def _welcome(self, city: City, bench_port: int) -> None:
        for line in (
            "",
            "Kentongan runs: one centre, two sites, five buttons.",
            "",
            f"  Press the buttons here    http://{HOST}:{bench_port}/",
            f"  See the alarm ring here   {city.console_url}",
            f"      log in as {OPERATOR!r} with the password {city.enrolled.password}",
            "",
            f"  Logs: {city.manager.logs}",
            "  Ctrl-C stops everything.",
            "",
        ):
            self._say(line)

    async def _unless_stopped(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The work's result, unless a signal or a failure comes first."""
        assert self._failure is not None
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stop.wait())
        first: set[asyncio.Future[Any]] = {working, stopping, self._failure}
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if self._failure.done():
                raise self._failure.result()
            if working.done():
                return _unwrapped(working)
            self._say("Stopping …")
            raise Interrupted
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    def _trace(self, button: VirtualButton, trace: Trace) -> None:
        for listener in self._listeners:
            listener(button, trace)

    def _failed(self, error: SimError) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_result(error)


def _choose(port: int, option: str, *, chosen: bool) -> int:
    try:
        return check_port(port, option)
    except SimError:
        if chosen:
            raise
        return check_port(0, option)


def _unwrapped(working: asyncio.Task[Result]) -> Result:
    """The result; of a group of errors the first that is meant for people."""
    try:
        return working.result()
    except* SimError as group:
        raise _first(group) from None


def _first(group: BaseExceptionGroup[SimError]) -> SimError:
    for error in group.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    raise AssertionError("a group has members")
