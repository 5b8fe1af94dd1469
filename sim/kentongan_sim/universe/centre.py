"""The centre: the real intake, supervision, operating, lanes and store, on a virtual broker, disk and clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from kentongan_host.mqtt import Connection, Endpoint, Message
from kentongan_server.adapters.lanes import Lane, Lanes
from kentongan_server.adapters.register import SqlRegister
from kentongan_server.adapters.store import SqlStore
from kentongan_server.application.answers import Answers
from kentongan_server.application.intake import Intake
from kentongan_server.application.operate import Operate
from kentongan_server.application.ports import StoreError
from kentongan_server.application.rejections import Rejections
from kentongan_server.application.roll import Roll
from kentongan_server.application.sms_answers import SmsAnswers
from kentongan_server.application.sms_intake import SmsIntake
from kentongan_server.application.sms_out import SmsOut
from kentongan_server.application.standings import Standings
from kentongan_server.application.supervise import Supervise
from kentongan_server.application.take import Taken
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.sms_queue import Priority
from kentongan_sim.universe.clockwork import Process, VirtualLoop, sleep
from kentongan_sim.universe.disks import Disk, VirtualCommit
from kentongan_sim.universe.links import VirtualConnection
from kentongan_sim.universe.people import CENTRE_NUMBERS, OPERATOR, T0_MS, Ring
from kentongan_sim.universe.sms import AtCentreLine, CentreLine, VirtualSms, centre_line_of
from kentongan_wire import topics
from kentongan_wire.press import PressIdentity

TICK_S = 1.0  # as the service
SAVE_S = 5.0
POLL_MS = 60_000  # the AT engine's look at the storage


class CentreClock:
    """Implements `application.ports.Clock`; the wall clock may jump."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.off_ms = 0
        self._loop = loop

    def wall_ms(self) -> int:
        return T0_MS + self._loop.now_ms + self.off_ms

    def monotonic_ms(self) -> int:
        return 5_000_000_000 + self._loop.now_ms


class _WatchedLanes(Lanes):
    """What the centre says passes by the oracle before it goes anywhere."""

    def __init__(self, said: Callable[[Sequence[bytes]], None]) -> None:
        super().__init__()
        self._said = said

    def send(self, gateway: int, lane: str, frames: Sequence[bytes]) -> None:
        self._said(frames)
        super().send(gateway, lane, frames)


class _WatchedOut(SmsOut):
    """The same for what it texts."""

    def __init__(
        self, lines: Sequence[CentreLine | AtCentreLine], clock: CentreClock, texted: Callable[[str, str], None]
    ) -> None:
        super().__init__(lines, clock)
        self._texted = texted

    def put(self, numbers: Iterable[str], text: str, priority: Priority) -> None:
        chosen = list(numbers)
        for number in chosen:
            self._texted(number, text)
        super().put(chosen, text, priority)


class VirtualCentre:
    """One centre over all its restarts.

    Args:
        said: shown every frame before it is queued.
        handled: told (kind, topic, payload, result, Unix ms when it was begun) when a message was worked off.
        down: carries (lane, topic, payload, confirm) from the centre's broker to a gateway.
        texted: shown every (number, text) before it is queued.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        disk: Disk,
        draw: random.Random,
        said: Callable[[Sequence[bytes]], None],
        handled: Callable[[str, str, bytes, object, int], None],
        down: Callable[[str, str, bytes, Callable[[], None]], None],
        sms: VirtualSms,
        texted: Callable[[str, str], None],
    ) -> None:
        self.loop = loop
        self.cards = [sms.card(number) for number in CENTRE_NUMBERS]
        self.disk = disk
        self.clock = CentreClock(loop)
        self.process = Process("nobody")
        self.process.kill()
        self.crashes = 0
        self.up_since_ms = 0
        self.operate: Operate | None = None
        self.supervise: Supervise | None = None
        self._ring = Ring()
        self._draw = draw
        self._said = said
        self._handled = handled
        self._down = down
        self._sms = sms
        self._texted = texted
        self._restored_at_ms: int | None = None
        self._lanes: dict[str, VirtualConnection] = {}

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """A new run of the program."""
        self.process = Process("centre")
        self.up_since_ms = self.loop.now_ms
        with self.loop.running_as(self.process):
            self.loop.create_task(self._run())

    def kill(self) -> None:
        """SIGKILL."""
        if self.process.alive:
            self.crashes += 1
            self.process.kill()
            self.operate = self.supervise = None
            self._lanes = {}

    def restore(self, image: bytes, incarnation: int) -> None:
        """Puts a backup in place of the database, as the restore command does: a new incarnation."""
        self.disk.replace(image)
        self.disk.connection.execute("BEGIN")
        SqlRegister(self.disk.connection).set_meta("incarnation", str(incarnation))
        self.disk.connection.execute("COMMIT")
        self._restored_at_ms = self.clock.wall_ms()

    @property
    def incarnation(self) -> int:
        """As its store has it."""
        row = self.disk.connection.execute("SELECT value FROM meta WHERE key = 'incarnation'").fetchone()
        return int(row[0])

    async def _run(self) -> None:
        loop, process = self.loop, self.process
        store = SqlStore(Path("kentongan.db"))
        store._writer = VirtualCommit(loop, process, self.disk, store._writer._apply)  # noqa: SLF001
        lanes = _WatchedLanes(self._said)
        roll, standings = Roll(self.clock), Standings()
        answers = Answers(self._ring, lanes, self.clock, self.incarnation)
        rejections = Rejections(store, self.clock)
        lines = [centre_line_of(self._sms, process, card, self._draw) for card in self.cards]
        out = _WatchedOut(lines, self.clock, self._texted)

        def taken(identity: PressIdentity, what: Taken) -> None:
            standings.put(identity, what.standing)
            supervise.pressed(identity, what)

        intake = Intake(
            self._ring,
            store,
            answers,
            self.clock,
            roll,
            rejections,
            taken,
            SmsAnswers(answers, out),
            self._restored_at_ms,
        )
        operate = Operate(store, answers, self.clock, roll, standings.put)
        supervise = Supervise(
            self._ring,
            store,
            answers,
            self.clock,
            roll,
            standings,
            rejections,
            may_answer=lambda: lanes.up and not store.failing,
            hears=lambda: lanes.up,
        )
        while True:
            try:
                await supervise.load()
                break
            except StoreError:
                await sleep(loop, 2_000)
        for kind, take in ((topics.ALARM, intake.take), (topics.REPORT, supervise.take)):
            lanes.by_kind[kind] = self._lane(kind, self._watched(kind, take))
        self.operate, self.supervise = operate, supervise
        loop.create_task(self._look_after(supervise, rejections))
        loop.create_task(self._save(supervise))
        for line, wake in zip(lines, out._wakes, strict=True):  # noqa: SLF001 - what `run` starts in a group
            loop.create_task(out._serve(line, wake))  # noqa: SLF001
        texts = SmsIntake(intake, supervise, rejections, self.clock)
        for line in lines:
            loop.create_task(self._listen(line, texts))
            loop.create_task(self._poll(line))

    def _lane(self, kind: str, handler: Callable[[str, bytes], object]) -> Lane:
        lane = Lane(kind, Endpoint(f"centre.{kind}"), handler, lambda _up, _why: None)  # type: ignore[arg-type]
        connection = VirtualConnection(self.loop, self.process, lambda *message: self._down(kind, *message))
        lane.connection = cast("Connection", connection)
        connection.set_up(True)
        self._lanes[kind] = connection
        for work in (lane._receive, lane._send):  # noqa: SLF001 - what entering its context starts
            self.loop.create_task(work())
        return lane

    def _watched(self, kind: str, take: Callable[[str, bytes], object]) -> Callable[[str, bytes], object]:
        async def handle(topic: str, payload: bytes) -> None:
            begun_at_ms = self.clock.wall_ms()
            result = await take(topic, payload)  # type: ignore[misc]
            self._handled(kind, topic, payload, result, begun_at_ms)

        return handle

    async def _look_after(self, supervise: Supervise, rejections: Rejections) -> None:
        while True:
            await sleep(self.loop, int(TICK_S * 1000))
            with suppress(StoreError):
                await supervise.tick()
                await rejections.flush()

    async def _save(self, supervise: Supervise) -> None:
        while True:
            await sleep(self.loop, int(SAVE_S * 1000))
            with suppress(StoreError):
                await supervise.save()

    async def _listen(self, line: CentreLine | AtCentreLine, texts: SmsIntake) -> None:
        async for message in line.messages():
            with suppress(StoreError):  # it stays on its SIM and comes again
                if await texts.take(line.name, message.sender, message.text):
                    line.stored(message.index)

    async def _poll(self, line: CentreLine | AtCentreLine) -> None:
        while True:
            await sleep(self.loop, POLL_MS)
            line.again()

    # --- what reaches it -----------------------------------------------------------------------

    def from_gateway(self, kind: str, topic: str, raw: bytes) -> None:
        """The centre's broker hands a message on; nobody is there while the centre is down."""
        if self.process.alive and kind in self._lanes:
            self.loop.after(0, self.process, self._lanes[kind].put, Message(topic, raw))

    def acknowledge(self, incident: int, version: int) -> None:
        """An operator presses the button."""
        if self.operate is not None:
            self.loop.start(self.process, self._acting(self.operate.acknowledge(incident, version, OPERATOR)))

    def close(self, incident: int, version: int) -> None:
        """An operator closes an incident."""
        if self.operate is not None:
            act = self.operate.close(incident, version, OPERATOR, "real", "robbery", "")
            self.loop.start(self.process, self._acting(act))

    @staticmethod
    async def _acting(act: object) -> None:
        with suppress(CentreError, StoreError):  # somebody was faster, or the disk fails: the operator sees it
            await act  # type: ignore[misc]
