"""What devices say about themselves, as troubles: each condition one trouble, raised once and ended once."""

from __future__ import annotations

from kentongan_server.application.fault_book import FaultBook
from kentongan_server.application.ports import Clock
from kentongan_server.application.roll import Member, Roll
from kentongan_server.domain.supervision import (
    BUTTON_TROUBLES,
    SITE_TROUBLES,
    one_of_each_cause,
    troubles_of,
)
from kentongan_server.domain.trouble import Detail, TroubleKind
from kentongan_server.domain.wall_clock import CentreClock, ClockWatch
from kentongan_wire import supervision as wire
from kentongan_wire.press import CLOCK_SET, CLOCK_UNSET

_OF_BUTTONS = (*BUTTON_TROUBLES.values(), TroubleKind.CLOCK)
_OF_SITES = (*SITE_TROUBLES.values(), TroubleKind.CLOCK)


class Conditions:
    """Reconciles state bits and clocks with the book of open troubles."""

    def __init__(self, faults: FaultBook, roll: Roll, clock: Clock) -> None:
        self._faults = faults
        self._roll = roll
        self._clock = clock
        self._centre_clock = CentreClock()
        self._clocks: dict[int, ClockWatch] = {}

    def tick(self) -> None:
        """Call it every second: was the centre's own clock set?"""
        self._centre_clock.look(self._clock.wall_ms(), self._clock.monotonic_ms())

    async def of_site(self, member: Member, state: int, wall_ms: int) -> None:
        """What a gateway's report says."""
        clock = CLOCK_UNSET if state & wire.SITE_CLOCK_UNSET else CLOCK_SET
        wrong = self._wrong_clock(member, clock, wall_ms, 0)
        await self._reconcile(member, _OF_SITES, troubles_of(state, SITE_TROUBLES), wrong)

    async def of_button(self, member: Member, state: int, clock: int, wall_ms: int, held_ms: int) -> None:
        """What a button's heartbeat says, made `held_ms` ago."""
        wrong = self._wrong_clock(member, clock, wall_ms, held_ms)
        await self._reconcile(member, _OF_BUTTONS, troubles_of(state, BUTTON_TROUBLES), wrong)

    async def texted(self, member: Member, state: int) -> None:
        """The same state over the second path, while the first one says nothing; clocks are not judged by SMS."""
        meaning = SITE_TROUBLES if member.watch.is_gateway else BUTTON_TROUBLES
        await self._reconcile(member, tuple(meaning.values()), troubles_of(state, meaning), None)

    def _wrong_clock(self, member: Member, clock: int, wall_ms: int, held_ms: int) -> Detail | None:
        now_ms = self._clock.monotonic_ms()
        watch = self._clocks.setdefault(member.watch.device, ClockWatch())
        if not self._centre_clock.may_judge(now_ms):
            watch.wrong_since_ms = None
            return None
        return watch.judge(clock, wall_ms, self._clock.wall_ms() - held_ms, now_ms)

    async def _reconcile(
        self, member: Member, kinds: tuple[TroubleKind, ...], present: set[TroubleKind], wrong_clock: Detail | None
    ) -> None:
        watch, details = member.watch, {}
        if wrong_clock is not None:
            present.add(TroubleKind.CLOCK)
            details[TroubleKind.CLOCK] = wrong_clock
        dark = not watch.is_gateway and self._roll.site_without_mains(watch.site)
        present = one_of_each_cause(present, site_without_mains=dark)
        await self._faults.reconcile(watch.device, kinds, present, details)
        if not present.isdisjoint({TroubleKind.SMS_DOWN, TroubleKind.SIM_FAULT}):
            await self._faults.end(watch.device, TroubleKind.SMS_UNPROVEN)  # the same cause, known better
