"""A gateway: the real roads and the real store, on a virtual broker, disk and clock."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import cast

from kentongan_gateway.adapters.buttons import Button
from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import Beginning, Store, StoreError
from kentongan_gateway.alarm_road import AlarmRoad
from kentongan_gateway.identity import Identity
from kentongan_gateway.roads import Ground, Lane, Roads
from kentongan_gateway.sms_road import Words
from kentongan_host.mqtt import Connection, Message
from kentongan_host.notify import Notifier
from kentongan_host.tasks import Background, Wake
from kentongan_sim.universe.at_modem import AtModem
from kentongan_sim.universe.clockwork import Process, VirtualLoop, sleep
from kentongan_sim.universe.disks import Disk, VirtualCommit
from kentongan_sim.universe.links import Session, VirtualConnection
from kentongan_sim.universe.people import CENTRE_NUMBERS, DUTY_NUMBERS, T0_MS, number_of
from kentongan_sim.universe.sms import VirtualModem, VirtualSms, modem_of
from kentongan_wire.topics import ALARM, BEAT, REPORT

_NEVER = 1 << 60
POLL_MS = 60_000


class GatewayClock(Clock):
    """The machine's clocks: uptime that never jumps, a wall clock that may."""

    def __init__(self, loop: VirtualLoop, machine: Machine) -> None:
        self._loop = loop
        self._machine = machine
        self._boot = f"boot-{machine.boots}"
        self._centre_offset_ms = None
        self._centre_said_ms = 0
        self._synchronised = False
        self._asked_ms = _NEVER  # nobody asks this kernel

    def uptime_ms(self) -> int:  # type: ignore[override]
        return self._loop.now_ms - self._machine.booted_ms

    def system_wall_ms(self) -> int:  # type: ignore[override]
        return T0_MS + self._loop.now_ms + self._machine.wall_off_ms


class Machine:
    """The box: what a kill of the program leaves as it was, and a power cut not."""

    def __init__(self) -> None:
        self.boots = 1
        self.booted_ms = 0
        self.wall_off_ms = 0

    def reboot(self, now_ms: int) -> None:
        self.boots += 1
        self.booted_ms = now_ms


class VirtualSite:
    """Stands in for `SiteBroker`: the site's mosquitto and the gateway's two connections to it."""

    def __init__(
        self, loop: VirtualLoop, process: Process, down: Callable[[int, bytes], bool], on_change: Callable[[], None]
    ) -> None:
        def confirm(_topic: str, _payload: bytes, confirmed: Callable[[], None]) -> None:
            confirmed()

        self._down = down
        self.outages = 0
        self.alarms = VirtualConnection(loop, process, confirm, lambda _up, _why: on_change())
        self.beats = VirtualConnection(loop, process, confirm, lambda _up, _why: on_change())

    @property
    def up(self) -> bool:
        return self.alarms.up and self.beats.up

    async def answer(self, _connection: VirtualConnection, device: int, frame: bytes) -> bool:
        """Publishes to a button; the broker keeps nothing for one that is not there."""
        return self._down(device, frame)


class VirtualGateway:
    """One gateway over all its restarts.

    Attributes:
        openings: rises whenever its way to the centre's broker opens while it runs, however shortly.

    Args:
        down: publishes a frame to a button through the site broker.
        up: carries (lane, topic, payload, confirm) to the centre's broker.
        reachable: whether a connection to the centre's broker could stand.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        identity: Identity,
        buttons: dict[int, Button],
        disk: Disk,
        draw: random.Random,
        down: Callable[[int, bytes], bool],
        up: Callable[[str, str, bytes, Callable[[], None]], None],
        reachable: Callable[[], bool],
        sms: VirtualSms,
    ) -> None:
        self.loop = loop
        self.card = sms.card(number_of(identity.device))
        self.identity = identity
        self.buttons = buttons
        self.disk = disk
        self.machine = Machine()
        self.process = Process("nobody")
        self.process.kill()
        self.powered = True
        self.crashes = 0
        self.openings = 0
        self.alarms: AlarmRoad | None = None
        self._draw = draw
        self._down = down
        self._up = up
        self._reachable = reachable
        self._sms = sms
        self._sessions: list[Session] = []
        self._lanes: dict[str, VirtualConnection] = {}
        self._site: VirtualSite | None = None

    @property
    def name(self) -> str:
        return f"gateway-{self.identity.device:08x}"

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """A new run of the program."""
        self.process = Process(self.name)
        with self.loop.running_as(self.process):
            self.loop.create_task(self._run())

    def kill(self) -> None:
        """SIGKILL."""
        if self.process.alive:
            self.crashes += 1
            self.process.kill()
            self.alarms = None
            self._sessions = []

    def reboot(self) -> None:
        """The box starts anew: uptime begins at zero."""
        self.kill()
        self.machine.reboot(self.loop.now_ms)

    async def _run(self) -> None:
        loop, process = self.loop, self.process
        clock = GatewayClock(loop, self.machine)
        alarm_wake, report_wake = Wake(), Wake()
        links = {
            kind: VirtualConnection(loop, process, self._sender(kind), _waker(wake))
            for kind, wake in ((ALARM, alarm_wake), (REPORT, report_wake))
        }
        site = VirtualSite(loop, process, self._down, report_wake.set)
        store = Store(Path("custody.db"))
        store._writer = VirtualCommit(loop, process, self.disk, lambda connection, write: write(connection))  # noqa: SLF001
        beginning = await _begin(store, clock)
        background = Background()
        roads = Roads(
            Ground(
                identity=self.identity,
                buttons=self.buttons,
                site=cast("SiteBroker", site),
                store=store,
                clock=clock,
                background=background,
                alarm_lane=Lane(cast("Connection", links[ALARM]), alarm_wake),
                report_lane=Lane(cast("Connection", links[REPORT]), report_wake),
            ),
            beginning,
        )
        alarms, reports = roads.alarms, roads.reports
        upkeep = roads.upkeep(Notifier(), Path("buttons.json"))
        text_wake = Wake()
        modem = modem_of(self._sms, process, self.card, self._draw, text_wake.set)
        texts = roads.second_path(
            modem,
            text_wake,
            centre_numbers=CENTRE_NUMBERS,
            duty_numbers=DUTY_NUMBERS,
            words=Words(self.identity.site, "WIB"),
        )
        self.alarms, self._lanes, self._site = alarms, links, site
        for connection in (site.alarms, site.beats):
            connection.set_up(True)
        lanes = (alarms.take, alarms.admit, alarms.forward, alarms.answers)
        words = (reports.take, reports.report, reports.notice, reports.answers)
        for work in (*lanes, *words, texts.text, texts.receive, upkeep.tend, background.watch):
            loop.create_task(work())
        loop.create_task(self._poll(modem, text_wake))
        self._sessions = [
            Session(loop, process, self._reachable, connection.set_up, self._draw) for connection in links.values()
        ]
        self.link_changed()

    async def _poll(self, modem: VirtualModem | AtModem, wake: Wake) -> None:
        """The minute's look of the AT engine, which also tells that the modem works again."""
        while True:
            await sleep(self.loop, POLL_MS)
            modem.again()
            wake.set()

    def _sender(self, kind: str) -> Callable[[str, bytes, Callable[[], None]], None]:
        def send(topic: str, payload: bytes, confirm: Callable[[], None]) -> None:
            self._up(kind, topic, payload, confirm)

        return send

    # --- what reaches it -----------------------------------------------------------------------

    def link_changed(self, _up: object = None) -> None:
        """The way to the centre's broker was cut or mended."""
        self.openings += bool(self._sessions) and self._reachable()
        for session in self._sessions:
            session.look()

    def from_button(self, topic: str, raw: bytes) -> None:
        """The site broker hands a message on."""
        if self._site is not None and self.process.alive:
            lane = self._site.beats if topic.endswith(BEAT) else self._site.alarms
            self.loop.after(0, self.process, lane.put, Message(topic, raw))

    def from_centre(self, kind: str, topic: str, raw: bytes) -> None:
        """The centre's broker hands a message on."""
        if self.process.alive and kind in self._lanes:
            self.loop.after(0, self.process, self._lanes[kind].put, Message(topic, raw))


def _waker(wake: Wake) -> Callable[[bool, str], None]:
    return lambda _up, _why: wake.set()


async def _begin(store: Store, clock: Clock) -> Beginning | None:
    try:
        return await store.begin(clock.system_wall_ms())
    except StoreError:
        return None
