"""The roads of one run joined to each other: by the service on a real machine, by the simulator on a virtual one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kentongan_gateway.adapters.buttons import Button
from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import Beginning, Store
from kentongan_gateway.alarm_road import AlarmRoad
from kentongan_gateway.core.main_path import MainPath
from kentongan_gateway.core.report import INTERVAL_MS, Counters, Reporter
from kentongan_gateway.identity import Identity
from kentongan_gateway.report_road import ReportRoad
from kentongan_gateway.sms_road import SmsRoad, Words
from kentongan_gateway.upkeep import Upkeep
from kentongan_host.mqtt import Connection
from kentongan_host.notify import Notifier
from kentongan_host.tasks import Background, Wake
from kentongan_host.text_modem import TextModem


@dataclass(frozen=True, slots=True)
class Lane:
    """A connection to the centre, and what is set when its road may have something to do."""

    link: Connection
    wake: Wake


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the roads stand on; whoever opened it closes it."""

    identity: Identity
    buttons: dict[int, Button]
    site: SiteBroker
    store: Store
    clock: Clock
    background: Background
    alarm_lane: Lane
    report_lane: Lane


class Roads:
    """All roads of one run.

    Args:
        beginning: what the store said at the start; None when it failed, which must not stop alarms.
        interval_ms: at least one site report each.
    """

    def __init__(self, ground: Ground, beginning: Beginning | None, interval_ms: int = INTERVAL_MS) -> None:
        start = beginning or Beginning.without_store(ground.clock.system_wall_ms())
        self._ground = ground
        self._beginning = beginning
        self._counters = Counters(start.counters_from, start.counters_below)
        self._reporter = Reporter(start.boot_id, ground.clock.now(), self._counters, interval_ms)
        self._main_path = MainPath(ground.identity.device, ground.clock.uptime_ms())
        self.boot_id = start.boot_id
        self.alarms = self._alarm_road(start)
        self.reports = self._report_road()

    def second_path(
        self,
        modem: TextModem,
        wake: Wake,
        *,
        centre_numbers: tuple[str, ...],
        duty_numbers: tuple[str, ...],
        words: Words,
    ) -> SmsRoad:
        """The road of texts; at most one."""
        ground = self._ground
        return SmsRoad(
            modem=modem,
            identity=ground.identity,
            alarms=self.alarms,
            reports=self.reports,
            reporter=self._reporter,
            main_path=self._main_path,
            site=ground.site,
            clock=ground.clock,
            centre_numbers=centre_numbers,
            duty_numbers=duty_numbers,
            words=words,
            wake=wake,
        )

    def upkeep(self, notifier: Notifier, buttons_file: Path) -> Upkeep:
        """Who tends what the roads stand on."""
        ground = self._ground
        return Upkeep(
            alarms=self.alarms,
            counters=self._counters,
            site=ground.site,
            store=ground.store,
            clock=ground.clock,
            notifier=notifier,
            buttons_file=buttons_file,
            site_code=ground.identity.site,
            beginning=self._beginning,
        )

    def _alarm_road(self, start: Beginning) -> AlarmRoad:
        ground = self._ground
        alarms = AlarmRoad(
            identity=ground.identity,
            buttons=ground.buttons,
            site=ground.site,
            link=ground.alarm_lane.link,
            store=ground.store,
            clock=ground.clock,
            background=ground.background,
            wake=ground.alarm_lane.wake,
        )
        alarms.custody.load(start.held)
        alarms.custody.incarnation = start.incarnation
        alarms.store_fails = self._beginning is None
        return alarms

    def _report_road(self) -> ReportRoad:
        ground = self._ground
        return ReportRoad(
            identity=ground.identity,
            reporter=self._reporter,
            main_path=self._main_path,
            alarms=self.alarms,
            site=ground.site,
            link=ground.report_lane.link,
            store=ground.store,
            clock=ground.clock,
            wake=ground.report_lane.wake,
        )
