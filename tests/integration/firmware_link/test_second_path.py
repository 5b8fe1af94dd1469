"""The shipped firmware with a modem: when the network does not answer, the press arrives by SMS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

import pytest

from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.faults import SendFault
from kentongan_sim.modem.model import Timing
from kentongan_sim.modem.sim_card import PIN_TRIES, SimCard
from kentongan_sim.modem.sms_network import Conditions, Phone
from kentongan_wire.armour import armour, dearmour
from kentongan_wire.frame import parse, seal
from kentongan_wire.press import PATH_SMS, Press
from kentongan_wire.receipts import LEVEL_RECEIVED
from kentongan_wire.supervision import BUTTON_SIM_FAULT, BUTTON_SMS_DOWN
from tests.support.real_button import Fitted, RealButton
from tests.support.site import PATIENCE_S
from tests.support.site_hop import DEVICE, KEY_ID, KEYS, receipt

pytestmark = pytest.mark.micropython

OWN = "+6281212345678"
CENTRE = ("+6281100000001", "+6285200000002")
DUTY = ("+6281300000003",)
FAST = 0.05  # of a real modem's times: a test waits for what the button does, not for the network
READY = 3  # state of the engine
IN_TIME_MS = 1_000  # from a press to its lamp: half of what a button waits before it texts
TRIES_MAX = 10  # presses until a loaded machine has been as fast as that for once
FREE_LEAST = 40 * 1024  # bytes, as without a modem (NUMBERS)
HOLE_LEAST = 4096  # bytes; a file of the journal takes 350, the longest table 600; collected when full: 1024 to 2048
RECONNECTS = 4


class Site:
    """A button with a modem, and the phones that it may text."""

    def __init__(self, slot, folder, hop, pin="", right_pin="") -> None:
        self.bank = ModemBank(seed=1, timing=Timing().scaled(FAST), conditions=Conditions(least_ms=20.0, mean_ms=20.0))
        self.sim = SimCard(OWN, pin=right_pin)
        self.bank.add_tcp("button", self.sim)
        self.phones = {number: self.bank.add_phone(number) for number in (*CENTRE, *DUTY)}
        self._hop = hop
        self._make = lambda: RealButton(slot, folder, hop.port, modem=Fitted(self.bank, "button", CENTRE, DUTY, pin))
        self.button: RealButton

    async def __aenter__(self) -> Self:
        await self.bank.__aenter__()
        self.button = self._make()
        await self.button.__aenter__()
        return self

    async def __aexit__(self, *error) -> None:
        await self.button.__aexit__(*error)
        await self.bank.__aexit__(*error)

    @property
    def modem(self):
        return self.bank.modems["button"]

    async def ready(self) -> None:
        """The button is up, proven, and its modem is in the network."""
        await self.button.start()
        await self.button.until("modem", state=READY)

    async def press_at(self, number: str) -> Press:
        """The first press that this number of the centre gets."""
        phone: Phone = self.phones[number]
        async with asyncio.timeout(PATIENCE_S):
            while not phone.texts():  # noqa: ASYNC110 # a plain phone rings for nobody
                await asyncio.sleep(0.05)
        frame = parse(dearmour(phone.texts()[0]), (Press,))
        assert frame.device == DEVICE
        assert frame.verify(KEYS.up_link)
        assert isinstance(frame.payload, Press)
        return frame.payload


@pytest.fixture
async def site(slot, folder, hop) -> AsyncIterator[Site]:
    async with Site(slot, folder, hop) as made:
        yield made


async def test_without_wifi_a_press_arrives_at_both_numbers_and_a_receipt_by_sms_lights_the_lamp(site):
    await site.ready()
    await site.button.thing.set_wifi(up=False)
    await site.button.until("link", up=False)
    pressed = await site.button.press()
    for number in CENTRE:
        press = await site.press_at(number)
        assert press.body.sequence == pressed["sequence"]
        assert press.sending.path == PATH_SMS
    await site.button.until("sms-outcome", to=CENTRE[1], outcome="sent")
    assert site.button.named("lamp") == []
    word = receipt(press, LEVEL_RECEIVED, 1)
    site.bank.text(CENTRE[0], OWN, armour(seal(word, DEVICE, KEY_ID, KEYS.up_link)))
    await site.button.until("rejected", reason="mac")
    site.bank.text(CENTRE[0], OWN, armour(seal(word, DEVICE, KEY_ID, KEYS.down_link)))
    await site.button.until("lamp", level=LEVEL_RECEIVED)
    assert (await site.button.until("receipt"))["path"] == "sms"


async def received_in_time(site, hop) -> Press:
    """A press whose lamp is lit well before its button would text it; one more, where the machine was too slow."""
    button, since_ms = site.button, 0
    for _ in range(TRIES_MAX):
        mark = len(button.traces)
        await hop.answer_beat(await hop.beat_after(since_ms))
        await button.until("answered", mark)
        pressed = await button.press()
        while (press := await hop.next_press()).body.nonce.hex() != pressed["nonce"]:
            pass
        await hop.say(receipt(press, LEVEL_RECEIVED, 1))
        await button.until("lamp", mark, nonce=pressed["nonce"], level=LEVEL_RECEIVED)
        told = {trace.name: trace.at_ms for trace in reversed(button.traces[mark:])}
        if told["lamp"] - told["pressed"] < IN_TIME_MS:
            return press
        await button.thing.turn_key()
        since_ms = press.sending.uptime_ms
    raise AssertionError(f"no receipt within {IN_TIME_MS} ms in {TRIES_MAX} presses")


async def test_a_press_that_is_received_over_the_network_is_texted_to_nobody(site, hop):
    await site.ready()
    press = await received_in_time(site, hop)
    await hop.beat_after(press.body.uptime_ms + 4_000)
    texted = [sms for sms in site.button.named("sms") if sms.get("nonce") == press.body.nonce.hex()]
    assert texted == []


async def test_a_proven_path_that_does_not_answer_is_helped_while_mqtt_goes_on(site, hop):
    await site.ready()
    await hop.answer_beat(await hop.next_beat())
    await site.button.until("answered")
    await site.button.press()
    first = await hop.next_press()
    by_sms = await site.press_at(CENTRE[0])
    assert by_sms.body == first.body
    assert by_sms.sending.uptime_ms - first.body.uptime_ms >= 2_000
    assert (await hop.next_press()).sending.attempt > first.sending.attempt


async def test_a_wrong_pin_is_tried_once_and_told(slot, folder, hop):
    async with Site(slot, folder, hop, pin="1111", right_pin="1234") as site:
        await site.button.start()
        beat = await hop.next_beat(BUTTON_SIM_FAULT)
        assert not beat.state & BUTTON_SMS_DOWN
        assert site.sim.pin_tries == PIN_TRIES - 1


async def test_the_right_pin_opens_the_sim(slot, folder, hop):
    async with Site(slot, folder, hop, pin="1234", right_pin="1234") as site:
        await site.ready()
        assert site.sim.pin_tries == PIN_TRIES


async def test_a_silent_modem_is_told_and_holds_up_nothing(site, hop):
    site.modem.faults.dead = True
    await site.button.start()
    await hop.next_beat(BUTTON_SMS_DOWN)
    await site.button.press()
    await hop.say(receipt(await hop.next_press(), LEVEL_RECEIVED, 1))
    await site.button.until("lamp", level=LEVEL_RECEIVED)
    assert site.button.named("unhealthy") == []


async def test_a_brown_out_in_the_middle_of_a_text_sends_it_again(site):
    await site.ready()
    site.modem.faults.sends.append(SendFault.REBOOT_BEFORE)
    await site.button.thing.set_wifi(up=False)
    await site.button.press()
    for number in CENTRE:
        await site.press_at(number)
    outcomes = [outcome["outcome"] for outcome in site.button.named("sms-outcome")]
    assert set(outcomes[:1]) <= {"unknown", "retry"}


async def test_the_heap_has_room_with_the_modem_on(site):
    await site.ready()
    mark = len(site.button.traces)
    site.button.link.reset_connections()
    memory = await site.button.until("memory", mark)
    print(f"free heap with the modem on: {memory['free']} bytes, {memory['fakes']} of the fakes")
    assert memory["free"] + memory["fakes"] >= FREE_LEAST


async def test_a_heap_that_works_stays_in_one_piece(site):
    await site.ready()
    await site.button.press()
    for _ in range(RECONNECTS):
        mark = len(site.button.traces)
        site.button.link.reset_connections()
        await site.button.until("memory", mark)
    holes = [memory["hole"] for memory in site.button.named("memory")]
    print(f"largest holes: {holes}")
    assert min(holes) >= HOLE_LEAST
