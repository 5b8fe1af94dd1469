"""A whole run without a person: press, forge, answer, watch, wait until all is quiet, judge."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.city import City
from kentongan_sim.console_client import ConsoleClient
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Evidence, FinalState, StreamSeen, show
from kentongan_sim.forgery import Forgery
from kentongan_sim.oracle import Verdict, judge, latencies
from kentongan_sim.plan import OPERATOR
from kentongan_sim.presser import Presser, plan
from kentongan_sim.virtual_button import Trace, VirtualButton
from kentongan_sim.virtual_operator import VirtualOperator
from kentongan_sim.witness import Witness

FORGED = 20  # frames that must be rejected, mixed in
REPLAYED = 6  # copies of real frames, mixed in
SETTLE_S = 180.0  # bounds the way of the last press, through every retry and backoff, on a loaded machine
SETTLE_LOOK_S = 0.05  # how often it is looked at whether all is quiet
SEEN_S = 10.0  # bounds how late the console may see a change that came after the quiet; then it is a gap
QUIET_S = 1.5  # after that, how long nothing more may happen: a double or a late rejection would show
RECEIVED = 1
ACKNOWLEDGED = 2

Sabotage = Callable[["Run"], Awaitable[None]]


@dataclass(frozen=True)
class RunOptions:
    """What a run does.

    Attributes:
        presses: how many.
        seed: of every random choice.
        forged: how many forged frames.
        replayed: how many copies of real frames; none without a press to copy.
        settle_s: how long all may take to come to rest after the last press.
    """

    presses: int
    seed: int
    forged: int = FORGED
    replayed: int = REPLAYED
    settle_s: float = SETTLE_S


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    verdict: Verdict
    figures: dict[str, Any]
    options: RunOptions
    console_reconnects: int
    sms: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether everything was right."""
        return self.verdict.ok

    def as_json(self) -> dict[str, Any]:
        """For the file that `--json` writes."""
        return {
            "seed": self.options.seed,
            **self.verdict.as_json(),
            **self.sms,
            **self.figures,
            "clock": "t0 is the button's debounced decision; one monotonic clock in the demo's process",
            "link_proxy_in_path": True,
            "console_reconnects": self.console_reconnects,
        }


@dataclass
class Run:
    """One run over a city that is built and started.

    `note` must be called with every trace of every button, from before the buttons get power.
    """

    options: RunOptions
    evidence: Evidence = field(default_factory=Evidence)
    pressed: asyncio.Event = field(default_factory=asyncio.Event)  # set when the plan is carried out
    city: City = field(init=False)
    presser: Presser = field(init=False)
    operator: VirtualOperator = field(init=False)
    noters: list[Callable[[VirtualButton, Trace], None]] = field(default_factory=list)  # are told all traces, too
    _database: CentreDatabase = field(init=False)
    _console: ConsoleClient = field(init=False)
    _following: asyncio.Task[None] = field(init=False)
    _witness: Witness | None = None

    def note(self, button: VirtualButton, trace: Trace) -> None:
        """Something happened at a button."""
        if self._witness is not None:
            self._witness.note(button, trace)
        for noter in self.noters:
            noter(button, trace)

    def begin(self, city: City) -> None:
        """Take a built city; its database exists from enrolment on."""
        self.city = city
        self._database = CentreDatabase(city.enrolled.database)
        self._witness = Witness(self.evidence, self._database)
        self.presser = Presser(city.buttons, self.evidence)

    async def perform(self, sabotage: Sabotage | None = None) -> Outcome:
        """Do it all: watch, press, forge, answer, and judge when all is quiet.

        Args:
            sabotage: runs beside the presses; the run ends after it.

        Raises:
            SimError: something could not be done at all; what went wrong in the system is in the verdict.
        """
        async with self.watching():
            async with asyncio.TaskGroup() as group:
                group.create_task(self._press_and_forge())
                if sabotage is not None:
                    group.create_task(_coroutine(sabotage(self)))
            return await self.outcome()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """While open, the console's stream is followed and the operator answers what rings."""
        async with AsyncExitStack() as stack:
            stack.callback(self._database.close)
            self._console = await stack.enter_async_context(
                ConsoleClient(self.city.console_url, OPERATOR, self.city.enrolled.password)
            )
            fate = random.Random(f"{self.options.seed}/operator")
            self.operator = VirtualOperator(self._console, self.evidence, fate)
            stack.push_async_callback(self.operator.stop)
            position, incidents = await self._console.incidents("open")
            self._console.streamed_to = self.evidence.stream_start = position
            for incident in incidents:
                self.operator.show(incident)
            connected = asyncio.Event()
            self._following = asyncio.create_task(self._console.follow(self._on_stream, connected))
            stack.push_async_callback(_cancelled, self._following)
            await connected.wait()
            yield

    async def outcome(self) -> Outcome:
        """Wait until all is quiet, then judge what was seen so far.

        Raises:
            SimError: the operator's console failed, so nothing can be said.
        """
        late = await self._settle()
        await asyncio.sleep(QUIET_S)
        if self.operator.failure is not None:
            raise SimError(f"the operator's console failed: {self.operator.failure!r}") from self.operator.failure
        if self._following.done():
            raise SimError(f"the console's stream failed: {self._following.exception()!r}")
        verdict = judge(self.evidence, await self._final(), late)
        return Outcome(
            verdict, latencies(self.evidence), self.options, self._console.reconnects, self.city.telephones.counts
        )

    def _on_stream(self, seen: StreamSeen) -> None:
        self.evidence.stream.append(seen)
        self.operator.note(seen)

    async def _press_and_forge(self) -> None:
        options = self.options
        replayed = options.replayed if options.presses else 0
        pressing = asyncio.create_task(self.presser.run(plan(options.presses, len(self.city.buttons), options.seed)))
        pressing.add_done_callback(lambda _: self.pressed.set())
        try:
            if options.forged or replayed:
                await Forgery(self.city, self.evidence, options.seed, options.forged, replayed).run(pressing)
        finally:
            await pressing

    # --- until all is quiet --------------------------------------------------------------------

    async def _settle(self) -> tuple[str, ...]:
        """Wait until nothing is under way; what still is after `settle_s` is told."""
        try:
            async with asyncio.timeout(self.options.settle_s):
                while self._under_way():  # noqa: ASYNC110 - another process's database raises no event
                    await asyncio.sleep(SETTLE_LOOK_S)
        except TimeoutError:
            return self._under_way()
        return ()

    async def _final(self) -> FinalState:
        """The database when the console has seen just what it holds: a late text may change it after the quiet."""
        deadline_s = time.monotonic() + SEEN_S
        while True:
            final = self._database.final_state()
            seen = max((event.position for event in self.evidence.stream), default=self.evidence.stream_start)
            if not final.feed_positions or final.feed_positions[-1] <= seen or time.monotonic() > deadline_s:
                return final
            await asyncio.sleep(SETTLE_LOOK_S)

    def _under_way(self) -> tuple[str, ...]:
        try:
            final = self._database.final_state()
        except sqlite3.OperationalError as error:  # the centre is being restarted
            return (f"the database cannot be read: {error}",)
        rows = {row.identity for row in final.alarms}
        under_way = [f"{show(identity)} has not arrived" for identity in self.evidence.pressed if identity not in rows]
        if not self.operator.idle:
            under_way.append("the operator has not answered everything")
        if final.rejected_frames < self.evidence.forged_injected:
            under_way.append(
                f"only {final.rejected_frames} of {self.evidence.forged_injected} forged frames are listed"
            )
        seen = max((event.position for event in self.evidence.stream), default=self.evidence.stream_start)
        if final.feed_positions and final.feed_positions[-1] > seen:
            under_way.append(f"the console has seen {seen} of {final.feed_positions[-1]} feed positions")
        under_way += self._dark_lamps()
        return tuple(under_way)

    def _dark_lamps(self) -> list[str]:
        """The newest press of each button must end with the guard knowing that somebody has it."""
        newest = {identity[0]: identity for identity in self.evidence.pressed}
        shown = {(lamp.identity, lamp.shown) for lamp in self.evidence.lamps}
        return [
            f"the lamp of {show(identity)} never showed that it was acknowledged"
            for identity in newest.values()
            if not any((identity, level) in shown for level in (ACKNOWLEDGED,))
        ]


async def _coroutine(awaitable: Awaitable[None]) -> None:
    await awaitable


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
