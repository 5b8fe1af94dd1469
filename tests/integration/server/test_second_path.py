"""The centre with two modems on emulated serial ports: a press by SMS rings, is answered, and duty phones are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kentongan_host import modem as host_modem
from kentongan_server import centre_state
from kentongan_server.adapters import register
from kentongan_server.application import enrol
from kentongan_server.domain.sms_queue import Priority
from kentongan_server.service import CentreService
from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.model import QUICK
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import PROMPT, Phone
from kentongan_wire import at_steps
from kentongan_wire.armour_dense import sms_frame, sms_text
from kentongan_wire.frame import parse
from kentongan_wire.receipts import LEVEL_RECEIVED, Receipt
from tests.support.centre_rig import CentreRig, SmallButton

ONE, TWO, OURS, DUTY = "+6281100000001", "+6285500000002", "+6281300000011", "+6281200000009"
LIMIT_S = 120.0  # bounds a hang on a loaded machine


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting times of a real modem, a part of them."""
    monkeypatch.setattr(host_modem, "REOPEN_S", 0.05)
    for name in ("POLL_MS", "SEARCH_POLL_MS", "LIST_MS", "AGAIN_MS", "KEY_ON_MS", "KEY_OFF_MS"):
        monkeypatch.setattr(at_steps, name, max(50, getattr(at_steps, name) // 20))


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[ModemBank]:
    bank = ModemBank(seed=1, timing=QUICK, conditions=PROMPT)
    bank.add_pty("one", SimCard(ONE), tmp_path / "one")
    bank.add_pty("two", SimCard(TWO, operator="Indosat"), tmp_path / "two")
    async with bank:
        yield bank


@pytest.fixture
def phone(bank: ModemBank) -> Phone:
    """What stands for the button's modem."""
    return bank.add_phone(OURS)


@pytest.fixture
def button(rig: CentreRig, bank: ModemBank) -> SmallButton:
    settings = rig.state.directory / "centre.toml"
    with settings.open("a") as file:
        for name, number, operator in (("one", ONE, "Telkomsel"), ("two", TWO, "Indosat")):
            file.write(f'[[modems]]\nname = "{name}"\nport = "{bank.modems[name].path}"\n')
            file.write(f'number = "{number}"\noperator = "{operator}"\n')
        file.write(f'[duty]\nnumbers = ["{DUTY}"]\n')
    rig.state = centre_state.open_state(rig.state.directory)
    (button,) = rig.add_site("gold").buttons
    with register.writing(rig.state.database) as writing:
        enrol.change_number(writing, button.device, OURS, centre_state.now_ms())
    return button


@asynccontextmanager
async def texting(rig: CentreRig) -> AsyncIterator[CentreService]:
    """The centre with its modems at work."""
    async with rig.running() as centre:
        modems = asyncio.create_task(centre.use_modems())
        try:
            await until(lambda: all(modem.works for modem in centre.modems))
            yield centre
        finally:
            modems.cancel()
            await asyncio.gather(modems, return_exceptions=True)


def on_sims(bank: ModemBank) -> int:
    """How many messages the SIMs hold."""
    return sum(len(modem.model.sim.messages) for modem in bank.modems.values() if modem.model.sim is not None)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - emulated modems and networks tell nobody
            await asyncio.sleep(0.01)


def receipts(phone: Phone) -> list[Receipt]:
    found = []
    for text in phone.texts():
        payload = parse(sms_frame(text), (Receipt,)).payload
        assert isinstance(payload, Receipt)
        found.append(payload)
    return found


@pytest.mark.both_engines
async def test_a_press_by_sms_to_both_numbers_is_one_alarm_and_one_receipt(
    rig: CentreRig, bank: ModemBank, phone: Phone, button: SmallButton
) -> None:
    body = button.body()
    async with texting(rig) as centre:
        for number in (ONE, TWO):
            bank.text(OURS, number, sms_text(button.attempt(body)))
        await until(lambda: len(phone.received) == 1)
        await until(lambda: not on_sims(bank))
        (incident,) = (await centre.views.open_incidents())["incidents"]
        (alarm,) = incident["alarms"]
        assert (alarm["device"], alarm["path"], alarm["also"], alarm["flags"]) == (button.name, "sms", [], [])
        assert alarm["modem"] in ("one", "two")
        (receipt,) = receipts(phone)
        assert (receipt.press, receipt.level) == (button.identity(body), LEVEL_RECEIVED)
        state = await centre.describe()
        assert [one["state"] for one in state["modems"]] == ["ready", "ready"]
        assert sum(one["received_last_minute"] for one in state["modems"]) == 2
        assert sum(one["sent_last_minute"] for one in state["modems"]) == 1
        assert state["ok"]


async def test_what_one_operator_does_not_carry_another_does(
    rig: CentreRig, bank: ModemBank, phone: Phone, button: SmallButton
) -> None:
    async with texting(rig) as centre:
        bank.set_outage("Telkomsel", out=True)
        centre.sms_out.put([OURS], "words", Priority.DUTY)
        await until(lambda: phone.texts() == ["words"])


async def test_junk_and_a_forged_press_leave_the_sim_and_ring_nothing(
    rig: CentreRig, bank: ModemBank, phone: Phone, button: SmallButton
) -> None:
    async with texting(rig) as centre:
        forged = bytearray(button.press())
        forged[-1] ^= 1
        bank.text(OURS, ONE, "Selamat! Anda menang Rp 100.000.000")
        bank.text(OURS, ONE, sms_text(bytes(forged)))
        genuine = button.body()
        bank.text(OURS, ONE, sms_text(button.attempt(genuine)))
        await until(lambda: len(phone.received) == 1)
        await until(lambda: not on_sims(bank))
        assert [one.press for one in receipts(phone)] == [button.identity(genuine)]
        rows = (await centre.views.rejections())["rejections"]
        assert sorted((row["reason"], row["part"], row["source"]) for row in rows) == [
            ("bad-mac", "press", "sms:one"),
            ("malformed", "sms", "sms:one"),
        ]


@pytest.mark.both_engines
async def test_an_alarm_that_no_console_shows_reaches_the_duty_phone(
    rig: CentreRig, bank: ModemBank, phone: Phone, button: SmallButton, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = bank.add_phone(DUTY)
    monkeypatch.setattr("kentongan_server.application.self_watch.UNHEARD_AFTER_MS", 0)
    async with texting(rig) as centre:
        watching = asyncio.create_task(centre.watch_itself())
        bank.text(OURS, ONE, sms_text(button.press()))
        await until(lambda: bool(duty.received))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert "tidak ada konsol" in duty.texts()[0]
