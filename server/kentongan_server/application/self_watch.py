"""The centre watches itself: its parts become troubles, and where the console does not reach anybody, texts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kentongan_host.log import logger
from kentongan_server.application.fault_book import FaultBook
from kentongan_server.application.health import COMMIT_S, Health, HealthCheck
from kentongan_server.application.ports import Clock, Store, StoreError
from kentongan_server.application.sms_out import SmsOut
from kentongan_server.application.troubles import CENTRE
from kentongan_server.domain.duty import UNHEARD_AFTER_MS, DutyTexts, Reason
from kentongan_server.domain.sms_queue import Priority
from kentongan_server.domain.trouble import Detail, TroubleKind

EVERY_MS = 5_000  # how often it looks: a part of the 90 s within which a lost path is shown
MODEM_DOWN_AFTER_MS = 60_000  # out of use for so long: shown within 90 s; a modem's own restart takes 20 s
STORE_SLOW_MS = 1_000  # half of the 2 s after which a button texts (NUMBERS)
STORE_WELL_LOOKS = 12  # a minute of fast commits ends the trouble
DISK_ENDS_AT = 1.1  # so much of the least room must be free again: what swings around it is one trouble
LAG_MS = 5_000  # the event loop looked at nothing for so long

_log = logger("kentongan.self-watch")


class Modem(Protocol):
    """One of the centre's modems, as far as watching needs it."""

    @property
    def name(self) -> str: ...
    @property
    def works(self) -> bool: ...
    @property
    def state_word(self) -> str: ...
    @property
    def is_hopeless(self) -> bool:
        """Whether waiting helps nothing: no SIM, or a PIN that was refused."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is asked about the world.

    Attributes:
        modems: all of the centre's.
        consoles: how many listen to the live stream whose person can answer whatever rings.
        disk_free: bytes free on the store's disk; None when that cannot be told.
        least_free: with less there is a trouble.
        http_answers: whether our own HTTP server answers us; None while it is not served.
        duty_numbers: whom to text.
        history_moves: whether consoles are told what is committed.
    """

    modems: Sequence[Modem]
    consoles: Callable[[], int]
    disk_free: Callable[[], int | None]
    least_free: int
    http_answers: Callable[[], Awaitable[bool | None]]
    duty_numbers: tuple[str, ...]
    history_moves: Callable[[], bool] = lambda: True


class SelfWatch:
    """Looks every few seconds; `tick` may be called more often."""

    def __init__(
        self, store: Store, clock: Clock, faults: FaultBook, health: HealthCheck, out: SmsOut, around: Surroundings
    ) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._health = health
        self._out = out
        self._around = around
        self._duty = DutyTexts()
        self._look_at_ms = 0
        self._looked_ms = clock.monotonic_ms()
        self._lag_ms = 0
        self._writing: asyncio.Task[None] | None = None
        self._unheard_since_ms: int | None = None  # since when something rings and no console is open, monotonic
        self._down_since: dict[str, int] = {}
        self._fast_looks = STORE_WELL_LOOKS
        self.last = Health(broker=False, store=False, moving=False)
        """What the newest look found."""

    async def tick(self) -> None:
        """Call it every second. Never raises for what is found."""
        now_ms = self._clock.monotonic_ms()
        self._lag_ms = max(self._lag_ms, now_ms - self._looked_ms)
        self._looked_ms = now_ms
        if now_ms < self._look_at_ms:
            return
        self._look_at_ms = now_ms + EVERY_MS
        self.last = found = await self._health.check()
        await self._text(found)
        await self._write_down(found, self._lag_ms)
        self._lag_ms = 0
        self._looked_ms = self._clock.monotonic_ms()  # what a look takes is no lag

    async def _write_down(self, found: Health, lag_ms: int) -> None:
        """What is found becomes troubles. A disk that hangs must not keep the next look from texting."""
        if self._writing is None:
            self._writing = asyncio.create_task(self._make_troubles(found, lag_ms), name="troubles of the centre")
        try:
            done, _ = await asyncio.wait({self._writing}, timeout=COMMIT_S)
        except asyncio.CancelledError:
            self._writing.cancel()
            raise
        if not done:
            _log.error("the store hangs: what ails the centre is not written down yet")
            return
        writing, self._writing = self._writing, None
        writing.result()

    async def _make_troubles(self, found: Health, lag_ms: int) -> None:
        await self._look_at_modems()
        await self._look_at_store()
        await self._tell("lanes", TroubleKind.WORKER_STUCK, not found.moving, {"code": "still"})
        await self._tell("history", TroubleKind.WORKER_STUCK, not self._around.history_moves(), {"code": "still"})
        await self._tell("loop", TroubleKind.WORKER_STUCK, lag_ms >= LAG_MS, {"code": "took", "ms": lag_ms})

    async def _text(self, found: Health) -> None:
        present = set()
        if not found.broker:
            present.add(Reason.BROKER)
        if not found.store:
            present.add(Reason.STORE)
        if not found.moving:
            present.add(Reason.STUCK)
        if not self._around.history_moves():
            present.add(Reason.HISTORY)
        if await self._around.http_answers() is False:
            present.add(Reason.HTTP)
        if self._around.consoles() == 0 and await self._rings_unheard():
            present.add(Reason.UNHEARD)
        elif self._around.consoles() > 0:
            self._unheard_since_ms = None
        for text in self._duty.look(present, self._clock.monotonic_ms()):
            _log.error("whoever is on duty is texted", text=text, phones=len(self._around.duty_numbers))
            self._out.put(self._around.duty_numbers, text, Priority.DUTY)

    async def _rings_unheard(self) -> bool:
        """Whether an alarm has been ringing for long; one that could never be read is another reason's matter."""
        try:
            async with asyncio.timeout(COMMIT_S):
                since_ms = await self._store.submit(lambda transaction: transaction.ringing_since(), urgent=False)
        except (StoreError, TimeoutError):
            # Nobody's answer is taken either: what rang at the last look rings on.
            began_ms = self._unheard_since_ms
            return began_ms is not None and self._clock.monotonic_ms() - began_ms > UNHEARD_AFTER_MS
        if since_ms is None:
            self._unheard_since_ms = None
            return False
        now_ms = self._clock.monotonic_ms()
        if self._unheard_since_ms is None:
            self._unheard_since_ms = now_ms
        # Also by the clock that never jumps: one that was set back must not keep an alarm unheard for as long.
        waited_ms = max(self._clock.wall_ms() - since_ms, now_ms - self._unheard_since_ms)
        return waited_ms > UNHEARD_AFTER_MS

    async def _look_at_modems(self) -> None:
        now_ms = self._clock.monotonic_ms()
        for modem in self._around.modems:
            if modem.works:
                self._down_since.pop(modem.name, None)
                await self._tell(modem.name, TroubleKind.CENTRE_MODEM_DOWN, False, {})
                continue
            since_ms = self._down_since.setdefault(modem.name, now_ms)
            if modem.is_hopeless or now_ms - since_ms >= MODEM_DOWN_AFTER_MS:
                detail = {"code": "modem", "state": modem.state_word}
                await self._tell(modem.name, TroubleKind.CENTRE_MODEM_DOWN, True, detail)

    async def _look_at_store(self) -> None:
        took_ms = self._health.store_ms
        self._fast_looks = 0 if took_ms >= STORE_SLOW_MS else self._fast_looks + 1
        if self._fast_looks == 0:
            await self._faults.raise_once(CENTRE, TroubleKind.STORE_SLOW, {"code": "took", "ms": took_ms})
        elif self._fast_looks >= STORE_WELL_LOOKS:
            await self._faults.end(CENTRE, TroubleKind.STORE_SLOW)
        free = self._around.disk_free()
        if free is None:
            return
        if free < self._around.least_free:
            await self._faults.raise_once(CENTRE, TroubleKind.DISK_LOW, {"code": "free", "bytes": free})
        elif free >= self._around.least_free * DISK_ENDS_AT:
            await self._faults.end(CENTRE, TroubleKind.DISK_LOW)

    async def _tell(self, subject: str, kind: TroubleKind, present: bool, detail: Detail) -> None:  # noqa: FBT001
        if present:
            await self._faults.raise_once(CENTRE, kind, detail, subject=subject)
        else:
            await self._faults.end(CENTRE, kind, subject=subject)
