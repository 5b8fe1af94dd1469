"""The second path without a serial port: a modem that only notes, a clock that stands still, and the centre's end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from kentongan_gateway.adapters.buttons import Button
from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import Store
from kentongan_gateway.alarm_road import AlarmRoad
from kentongan_gateway.core.custody import Copy
from kentongan_gateway.core.main_path import MainPath
from kentongan_gateway.core.report import Counters, Reporter
from kentongan_gateway.identity import Identity
from kentongan_gateway.report_road import ReportRoad
from kentongan_gateway.sms_road import SmsRoad, Words
from kentongan_host.mqtt import Connection, Endpoint
from kentongan_host.tasks import Background, Wake
from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.model import QUICK
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import Message
from kentongan_wire.armour_dense import sms_frame, sms_text
from kentongan_wire.at_engine import FAULT_NONE
from kentongan_wire.custody import Envelope
from kentongan_wire.frame import parse, seal
from kentongan_wire.keys import ROLE_GATEWAY, DeviceKeys
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import Press, PressBody, PressIdentity
from kentongan_wire.receipts import Receipt
from kentongan_wire.record import Payload
from kentongan_wire.second_path import TEXT_SENT
from tests.support.site import GATEWAY, MOSQUITTO, PATIENCE_S, SITE, TestButton, TestGateway

CENTRE = ("+62811000001", "+62811000002")
DUTY = ("+62811000009",)
START_MS = 1_000_000


class StillClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.ms = START_MS

    def uptime_ms(self) -> int:  # type: ignore[override]
        return self.ms


@dataclass
class NotedModem:
    """Notes what it is to send; `outcomes` come first, then everything is sent."""

    ready: bool = True
    fault: int = FAULT_NONE
    signal_dbm: int = -71
    sent: list[tuple[str, str]] = field(default_factory=list)
    outcomes: list[int] = field(default_factory=list)
    deleted: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    inbox: asyncio.Queue[Text] = field(default_factory=asyncio.Queue)

    async def send(self, number: str, text: str) -> int:
        self.sent.append((number, text))
        return self.outcomes.pop(0) if self.outcomes else TEXT_SENT

    async def messages(self) -> AsyncIterator[Text]:
        while True:
            yield await self.inbox.get()

    def stored(self, index: int) -> None:
        self.deleted.put_nowait(index)


@dataclass(frozen=True)
class Text:
    """A message that came in."""

    index: int
    text: str


class SmsRig:
    """The second path's road over a real store; site broker and link are not opened."""

    def __init__(self, folder: Path, store: Store, background: Background, buttons: list[TestButton]) -> None:
        self.clock = StillClock()
        self.keys = DeviceKeys(bytes(range(32)), ROLE_GATEWAY, GATEWAY, 1, SITE)
        self.modem = NotedModem()
        self.store = store
        self.buttons = {button.device: button for button in buttons}
        identity = Identity(GATEWAY, 1, SITE, self.keys.up_link, self.keys.down_link)
        self.site = SiteBroker(
            program=MOSQUITTO, directory=folder / "broker", host="127.0.0.1", port=1, site=SITE, buttons={}
        )
        known = {one.device: Button(one.device, 1, "", one.keys.hop, f"Loket {one.device & 0xFF}") for one in buttons}
        self.alarms = AlarmRoad(
            identity=identity, buttons=known, site=self.site, link=Connection(Endpoint("x")),
            store=store, clock=self.clock, background=background, wake=Wake(),
        )  # fmt: skip
        self.main_path = MainPath(GATEWAY, START_MS)
        self.reporter = Reporter(3, self.clock.now(), Counters(10, 1_000))
        self.reports = ReportRoad(
            identity=identity, reporter=self.reporter, main_path=self.main_path, alarms=self.alarms, site=self.site,
            link=Connection(Endpoint("y")), store=store, clock=self.clock, wake=Wake(),
        )  # fmt: skip
        self.road = SmsRoad(
            modem=self.modem, identity=identity, alarms=self.alarms, reports=self.reports, reporter=self.reporter,
            main_path=self.main_path, site=self.site, clock=self.clock, centre_numbers=CENTRE, duty_numbers=DUTY,
            words=Words("Bank Contoh", "WIB"), wake=Wake(),
        )  # fmt: skip

    async def hold(self, button: TestButton, body: PressBody | None = None) -> PressIdentity:
        """A press comes into custody."""
        body = body or button.new_press()
        identity, copy = button.identity(body), Copy(button.attempt(body), self.clock.now())
        await self.store.hold(identity, copy)
        self.alarms.custody.committed(identity, copy)
        return identity

    async def texts(self) -> list[tuple[str, str]]:
        """Everything that is due now, texted."""
        before = len(self.modem.sent)
        while await self.road.text_once():
            pass
        return self.modem.sent[before:]

    async def texts_until(self, until_ms: int) -> list[tuple[int, str, str]]:
        """Everything that is texted up to a time: (when, number, text). The clock goes from deadline to deadline."""
        found = []
        while True:
            found += [(self.clock.ms, number, text) for number, text in await self.texts()]
            wait_ms = self.road.wait_ms()
            assert wait_ms != 0, "it would be asked without end"
            if wait_ms is None or self.clock.ms + wait_ms > until_ms:
                self.clock.ms = until_ms
                return found
            self.clock.ms += wait_ms

    def read(self, text: str) -> Payload:
        """What the centre reads in a message of ours, its MAC checked."""
        frame = parse(sms_frame(text), (Envelope, PathReport))
        assert frame.device == GATEWAY
        assert frame.verify(self.keys.up_link), "the gateway's MAC is wrong"
        return frame.payload

    def press_in(self, text: str) -> PressIdentity:
        """The press in an envelope by SMS, its MAC checked."""
        envelope = self.read(text)
        assert isinstance(envelope, Envelope)
        frame = parse(envelope.inner, (Press,))
        assert frame.verify(self.buttons[frame.device].keys.up_link), "the button's MAC is wrong"
        assert isinstance(frame.payload, Press)
        return frame.payload.identity(frame.device)

    def receipt(self, press: PressIdentity, *, incarnation: int = 1) -> str:
        """The centre's receipt for the gateway, as it comes by SMS."""
        return sms_text(seal(Receipt(press, 1, 1, 0, incarnation), GATEWAY, 1, self.keys.down_link))


GATEWAY_NUMBER = "+62811000003"


class SmsWorld:
    """A mobile network in which a gateway's modem, the centre's numbers and a duty phone are."""

    def __init__(self, folder: Path) -> None:
        self.bank = ModemBank(seed=1, timing=QUICK)
        self.sim = SimCard(GATEWAY_NUMBER)
        self.modem = self.bank.add_pty("gateway", self.sim, folder / "modem")
        self.texts: dict[str, asyncio.Queue[str]] = {}
        for number in (*CENTRE, *DUTY):
            self._attach(number)

    def _attach(self, number: str) -> None:
        texts = self.texts[number] = asyncio.Queue()

        def receive(message: Message) -> bool:
            texts.put_nowait(message.text)
            return True

        self.bank.network.attach(number, "other", receive)

    @property
    def settings(self) -> str:
        """For gateway.toml."""
        return f"""
[modem]
port = "{self.modem.path}"
[second_path]
centre_numbers = {list(CENTRE)}
duty_numbers = {list(DUTY)}
site_name = "Bank Contoh"
"""

    async def next_text(self, number: str) -> str:
        """The next message to a number."""
        return await asyncio.wait_for(self.texts[number].get(), PATIENCE_S)

    async def next_payload(self, gateway: TestGateway, number: str, kind: type[Payload]) -> Payload:
        """The next one of that kind of the gateway to a number, its MAC checked; others are passed over."""
        while True:
            frame = parse(sms_frame(await self.next_text(number)), (Envelope, PathReport))
            assert frame.device == GATEWAY
            assert frame.verify(gateway.keys.up_link), "the gateway's MAC is wrong"
            if isinstance(frame.payload, kind):
                return frame.payload

    async def next_path_report(self, gateway: TestGateway, number: str, cause: int) -> PathReport:
        """The next one with that cause to a number; the hourly one may come between."""
        while True:
            report = await self.next_payload(gateway, number, PathReport)
            assert isinstance(report, PathReport)
            if report.cause == cause:
                return report

    async def sim_is_empty(self) -> None:
        """Waits until the gateway has deleted all messages (a model's list raises no event)."""
        async with asyncio.timeout(PATIENCE_S):
            while self.sim.messages:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
