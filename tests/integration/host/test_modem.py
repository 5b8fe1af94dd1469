"""The host's modem driver on an emulated modem behind a pty."""

from __future__ import annotations

import asyncio

import pytest

from kentongan_host import modem as host_modem
from kentongan_host.modem import Modem, Outcome
from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.faults import SendFault
from kentongan_sim.modem.model import QUICK
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import PROMPT
from kentongan_wire import at_engine, at_steps

OURS, PHONE = "+6281100000001", "+6280000000009"
LIMIT_S = 120.0  # bounds a hang on a loaded machine


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """Waiting times of a real modem, a hundredth of them."""
    monkeypatch.setattr(host_modem, "REOPEN_S", 0.05)
    for name in ("POLL_MS", "SEARCH_POLL_MS", "LIST_MS", "AGAIN_MS", "KEY_ON_MS", "KEY_OFF_MS"):
        monkeypatch.setattr(at_steps, name, max(50, getattr(at_steps, name) // 20))


class Site:
    """A modem bank with one modem, and the driver of it."""

    def __init__(self, bank, sim, phone):
        self.bank = bank
        self.sim = sim
        self.phone = phone
        self.changed = asyncio.Event()

    def driver(self, **options):
        return Modem(self.bank.modems["one"].path, on_change=self.changed.set, **options)

    async def until(self, condition):
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def sim():
    return SimCard(OURS, ussd={"*888#": "Sisa pulsa Rp25.000 s.d. 31/12/2026"}, capacity=5)


@pytest.fixture
async def site(tmp_path, sim):
    bank = ModemBank(seed=1, timing=QUICK, conditions=PROMPT)
    bank.add_pty("one", sim, tmp_path / "modem")
    phone = bank.add_phone(PHONE)
    async with bank:
        yield Site(bank, sim, phone)


async def take(modem, count):
    taken = []
    async with asyncio.timeout(LIMIT_S):
        async for message in modem.messages():
            taken.append(message)
            modem.stored(message.index)
            if len(taken) == count:
                return taken
    return taken


async def test_sends_and_receives(site):
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        assert await modem.send(PHONE, "K1ABC") is Outcome.SENT
        site.bank.text(PHONE, OURS, "K1XYZ")
        (message,) = await take(modem, 1)
        assert (message.sender, message.text) == (PHONE, "K1XYZ")
        assert message.sent_at_ms is not None
        await site.until(lambda: modem.operator == "Telkomsel")
        assert modem.signal_dbm == -73
        assert modem.fault == at_engine.FAULT_NONE


async def test_many_senders_take_turns(site):
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        outcomes = await asyncio.gather(*(modem.send(PHONE, f"K1 {index}") for index in range(5)))
    assert outcomes == [Outcome.SENT] * 5
    assert site.bank.modems["one"].model.counts.sent == 5


async def test_a_sender_that_gives_up_is_in_nobodys_way(site):
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        given_up = asyncio.create_task(modem.send(PHONE, "K1 1"))
        await asyncio.sleep(0)
        given_up.cancel()
        assert await modem.send(PHONE, "K1 2") is Outcome.SENT


async def test_failures_and_the_unknown(site):
    async with site.driver() as modem:
        assert await modem.send(PHONE, "K1") is Outcome.WAIT
        await site.until(lambda: modem.ready)
        for fault, outcome in ((28, Outcome.REROUTE), (500, Outcome.RETRY), (SendFault.REBOOT_AFTER, Outcome.UNKNOWN)):
            site.bank.modems["one"].faults.sends.append(fault)
            await site.until(lambda: modem.ready)
            assert await modem.send(PHONE, "K1") is outcome
        await site.until(lambda: modem.ready)
        assert await modem.send(PHONE, "K1") is Outcome.SENT


async def test_a_full_storage_is_emptied(site):
    model = site.bank.modems["one"].model
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        for index in range(12):
            site.bank.text(PHONE, OURS, f"K1 {index}")
        await site.until(lambda: modem.fault == at_engine.FAULT_STORAGE)
        messages = await take(modem, 12)
        assert {message.text for message in messages} == {f"K1 {index}" for index in range(12)}
        await site.until(lambda: modem.fault == at_engine.FAULT_NONE)
    assert model.counts.refused_full > 0


async def test_a_silent_modem_is_switched_off_and_on(site, monkeypatch):
    quick = tuple((command, bound_s / 5, *after) for command, bound_s, *after in at_steps.STEPS)
    monkeypatch.setattr(at_steps, "STEPS", quick)
    monkeypatch.setattr(at_steps, "BOOT_TRIES", 5)

    async def press(hold_ms):
        site.bank.power_key("one", hold_ms * 20)

    async with site.driver(power_key=press) as modem:
        await site.until(lambda: modem.ready)
        site.bank.modems["one"].faults.hung = True
        await site.until(lambda: modem.fault == at_engine.FAULT_SILENT)
        await site.until(lambda: modem.ready)
    assert site.bank.modems["one"].model.counts.boots > 0


async def test_unplugged_and_plugged_in_again(site):
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        await site.bank.unplug("one")
        await site.until(lambda: modem.fault == at_engine.FAULT_SILENT)
        assert not modem.ready
        assert modem.problem
        await site.bank.plug("one")
        await site.until(lambda: modem.ready)
        assert await modem.send(PHONE, "K1") is Outcome.SENT


async def test_unplugged_in_the_middle_of_a_send(site):
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        site.bank.modems["one"].faults.sends.append(SendFault.VANISHES)
        sending = asyncio.create_task(modem.send(PHONE, "K1"))
        async with asyncio.timeout(LIMIT_S):
            while site.bank.modems["one"].faults.sends:  # noqa: ASYNC110 - a model tells nobody that it has the text
                await asyncio.sleep(0.01)
        await site.bank.unplug("one")
        async with asyncio.timeout(LIMIT_S):
            assert await sending in (Outcome.UNKNOWN, Outcome.RETRY)


async def test_no_such_port(site, tmp_path):
    async with Modem(str(tmp_path / "nowhere"), on_change=site.changed.set) as modem:
        await site.until(lambda: "nowhere" in modem.problem)
        assert modem.fault == at_engine.FAULT_SILENT
        assert await modem.send(PHONE, "K1") is Outcome.WAIT


async def test_a_port_belongs_to_one_program(site):
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        async with site.driver() as other:
            await site.until(lambda: "cannot open" in other.problem)
            assert not other.ready
        assert modem.ready


@pytest.fixture
def locked(sim):
    sim.pin = "1234"


async def test_the_right_pin(locked, site):
    async with site.driver(pin="1234") as modem:
        await site.until(lambda: modem.ready)


async def test_a_wrong_pin_costs_one_try_whatever_happens(locked, site):
    for _ in range(2):
        async with site.driver(pin="0000") as modem:
            await site.until(lambda: modem.fault == at_engine.FAULT_PIN)
            site.bank.reboot("one")
            await site.bank.unplug("one")
            await site.bank.plug("one")
            await site.until(lambda: modem.fault == at_engine.FAULT_PIN)
    assert site.sim.pin_tries == 2


async def test_credit(site):
    async with site.driver() as modem:
        await site.until(lambda: modem.ready)
        assert await modem.query("*888#") == "Sisa pulsa Rp25.000 s.d. 31/12/2026"


@pytest.mark.parametrize(("number", "text"), [("112", "x"), ("+62;AT", "x"), (PHONE, "x" * 161)])
async def test_what_no_modem_should_be_told(site, number, text):
    modem = site.driver()
    with pytest.raises(ValueError, match="expected"):
        await modem.send(number, text)
    with pytest.raises(ValueError, match="expected"):
        await modem.query('1";+CPOF')
