"""Texting: one queue for all of the centre's modems, each of which takes from it what it can send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from kentongan_host.log import logger
from kentongan_host.tasks import Wake
from kentongan_server.application.ports import Clock
from kentongan_server.domain.number import masked
from kentongan_server.domain.sms_queue import Outcome, Priority, SmsQueue

LOOK_MS = 1_000  # how late something that is due again, or a modem that works again, is noticed

_log = logger("kentongan.sms")


class Line(Protocol):
    """One modem, as far as texting needs it."""

    @property
    def name(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def works(self) -> bool:
        """Whether a message may be tried now."""

    async def send(self, number: str, text: str) -> Outcome:
        """Tries one message; never raises for what a modem can do wrong."""


class SmsOut:
    """The centre's way to text; `put` never waits and never raises."""

    def __init__(self, lines: Sequence[Line], clock: Clock) -> None:
        self._lines = lines
        self._clock = clock
        self._wakes = [Wake() for _ in lines]
        self.queue = SmsQueue()

    @property
    def can_text(self) -> bool:
        """Whether there is any modem at all."""
        return bool(self._lines)

    def put(self, numbers: Iterable[str], text: str, priority: Priority) -> None:
        """Queues a message to each number."""
        for number in numbers:
            if not self.queue.put(number, text, priority, self._clock.monotonic_ms()):
                _log.warning("text not queued", to=masked(number), priority=priority.name, waiting=len(self.queue))
        self.wake()

    def wake(self) -> None:
        """Something changed: a message waits, or a modem works again."""
        for wake in self._wakes:
            wake.set()

    async def run(self) -> None:
        """Texts for ever."""
        async with asyncio.TaskGroup() as group:
            for line, wake in zip(self._lines, self._wakes, strict=True):
                group.create_task(self._serve(line, wake), name=f"texts by {line.name}")
            await asyncio.Event().wait()  # also without a modem a part of the program never ends

    async def _serve(self, line: Line, wake: Wake) -> None:
        while True:
            now_ms = self._clock.monotonic_ms()
            working = {one.operator for one in self._lines if one.works}
            job = self.queue.next(line.name, line.operator, working, now_ms) if line.works else None
            if job is None:
                await wake.wait(LOOK_MS)
                continue
            try:
                outcome = await line.send(job.number, job.text)
            except BaseException:
                self.queue.ended(job, Outcome.UNKNOWN, line.name, line.operator, self._clock.monotonic_ms())
                raise
            self.queue.ended(job, outcome, line.name, line.operator, self._clock.monotonic_ms())
            _log.info("text", by=line.name, to=masked(job.number), outcome=outcome.value, priority=job.priority.name)
            self.wake()
