"""The road of the signs of life: heartbeats in, site reports up, the centre's signed answers down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import Store, StoreError
from kentongan_gateway.alarm_road import AlarmRoad
from kentongan_gateway.core.arrivals import Stray, read
from kentongan_gateway.core.main_path import MainPath
from kentongan_gateway.core.report import Reporter, SiteState
from kentongan_gateway.identity import Identity
from kentongan_host.log import logger
from kentongan_host.mqtt import Connection, Message, MqttError
from kentongan_host.tasks import Wake
from kentongan_wire.errors import FrameError
from kentongan_wire.supervision import (
    SITE_BROKER_DOWN,
    SITE_CLOCK_UNSET,
    SITE_CUSTODY_FULL,
    SITE_REFUSED_FRAMES,
    Behind,
    Heartbeat,
    HeartbeatAnswer,
)
from kentongan_wire.topics import BEAT, REPORT, gateway_up, parse_button_up

NOTICE_EVERY_S = 1.0  # between two looks at the site's state: mains or case, told with the next report at once

_log = logger("kentongan.report")


class ReportRoad:
    """Carries heartbeats up in site reports, and their answers down.

    Attributes:
        conditions: each tells `SITE_…` bits of something else that the reports speak for.
        on_answer: called when the centre's answer to a report of ours has come.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        reporter: Reporter,
        main_path: MainPath,
        alarms: AlarmRoad,
        site: SiteBroker,
        link: Connection,
        store: Store,
        clock: Clock,
        wake: Wake,
    ) -> None:
        self._identity = identity
        self.conditions: list[Callable[[], int]] = []
        self.on_answer: Callable[[], None] = lambda: None
        self._reporter = reporter
        self._main_path = main_path
        self._alarms = alarms
        self._site = site
        self._link = link
        self._store = store
        self._clock = clock
        self._wake = wake
        self._told_refused = 0  # of `strays.refused`, how many the centre has been told
        self._told_refusals = 0  # the same of custody's refusals
        self._told_outages = 0  # the same of the broker's outages: a short one must not go unsaid
        self._told_dropped = 0  # of what our inboxes dropped
        self._told_state = 0  # what the last report said
        self._counters: range = range(0)  # of reports sent in this run

    async def take(self) -> None:
        """Takes what comes in on the site's heartbeat lane, for ever."""
        async for message in self._site.beats.messages():
            self._arrived(message)

    def _arrived(self, message: Message) -> None:
        try:
            _, device, lane = parse_button_up(message.topic)
        except FrameError:
            self._alarms.arrived(message)
            return
        found = read(lane, device, message.payload)
        if lane == BEAT and not isinstance(found, Stray) and isinstance(found.payload, Heartbeat):
            self._reporter.beat(device, found.raw, self._clock.now())
            self._wake.set()
        else:
            self._alarms.arrived(message)

    async def report(self) -> None:
        """Sends site reports when they are due, for ever."""
        while True:
            await self._link.wait_up()
            self._reporter.link_up()
            while self._link.up:
                wait_ms = self._reporter.next_due_ms() - self._clock.uptime_ms()
                if wait_ms > 0:
                    await self._wake.wait(wait_ms)
                else:
                    await self._send_report()

    async def notice(self) -> None:
        """Hurries the next report whenever the site's state is another one than the centre knows, for ever."""
        while True:
            await asyncio.sleep(NOTICE_EVERY_S)
            if self.state() != self._told_state:
                self._reporter.hurry()
                self._wake.set()

    async def _send_report(self) -> None:
        self._count_dropped()
        refused, refusals, outages = self._alarms.strays.refused, self._alarms.refusals, self._site.outages
        report, beats = self._reporter.build(self._site_state(), self._clock.now())
        self._counters = range(self._counters.start or report.counter, report.counter + 1)
        try:
            await self._link.publish(gateway_up(self._identity.device, REPORT), self._identity.seal(report))
        except MqttError as error:
            self._reporter.give_back(beats)
            _log.warning("site report not sent", counter=report.counter, why=error.what)
        else:
            self._told_refused, self._told_refusals, self._told_outages = refused, refusals, outages
            self._told_state = report.state

    def state(self) -> int:
        """The `SITE_…` bits of what is not well here now, or was not since the last report."""
        alarms, state = self._alarms, SITE_CLOCK_UNSET if self._clock.is_unset() else 0
        if alarms.store_fails or alarms.refusals != self._told_refusals:
            state |= SITE_CUSTODY_FULL
        if not self._site.up or self._site.outages != self._told_outages:
            state |= SITE_BROKER_DOWN
        if alarms.strays.refused != self._told_refused:
            state |= SITE_REFUSED_FRAMES
        for condition in self.conditions:
            state |= condition()
        return state

    def _site_state(self) -> SiteState:
        alarms = self._alarms
        return SiteState(
            state=self.state(),
            custody_count=len(alarms.custody),
            custody_oldest_ms=alarms.custody.oldest_ms(self._clock.now()),
            refused_count=alarms.strays.refused,
            system_wall_ms=self._clock.system_wall_ms(),
        )

    def _count_dropped(self) -> None:
        dropped = self._site.alarms.inbox.dropped + self._site.beats.inbox.dropped
        self._alarms.strays.counted(dropped - self._told_dropped)
        self._told_dropped = dropped

    async def answers(self) -> None:
        """Takes what the centre sends down the report lane, for ever."""
        async for message in self._link.messages():
            for payload in self._alarms.carry(message.payload, self._site.beats):
                if isinstance(payload, HeartbeatAnswer):
                    await self._answered(payload)
                elif isinstance(payload, Behind):
                    self._behind(payload)

    async def _answered(self, answer: HeartbeatAnswer) -> None:
        if answer.boot_id != self._reporter.boot_id or answer.counter not in self._counters:
            _log.warning("answer to a report that we did not send", counter=answer.counter)
            self._alarms.strays.counted()
            return
        self._clock.centre_says(answer.centre_ms)
        self._main_path.answered(self._clock.uptime_ms())
        self.on_answer()
        if answer.incarnation != self._alarms.custody.incarnation or self._alarms.incarnation_in_doubt:
            await self._confirm_incarnation(answer.incarnation)

    def _behind(self, behind: Behind) -> None:
        """Our counters were lost: no proof of the path, and of an earlier run of ours nothing at all."""
        if behind.boot_id != self._reporter.boot_id:
            _log.warning("told the counter of another run", counter=behind.counter)
            self._alarms.strays.counted()
            return
        _log.warning("our reports were stale, their counter goes on above the centre's", counter=behind.counter)
        self._reporter.behind(behind.counter)
        self._wake.set()

    async def _confirm_incarnation(self, incarnation: int) -> None:
        """Offers a restored centre what another incarnation of it had received."""
        try:
            rows = await self._store.restored(incarnation)
        except StoreError as error:
            _log.warning("incarnation of the centre not written", why=error.what)
            return  # the next answer brings it again
        self._alarms.incarnation_in_doubt = False
        self._alarms.custody.incarnation = incarnation
        if rows:
            _log.warning("the centre was restored; presses are offered again", count=len(rows))
            self._alarms.offered_again(rows)
