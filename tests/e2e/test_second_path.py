"""The second path in a running city: what the first one cannot carry arrives by SMS, once, and the lamp says so.

The last test judges everything that the others did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import pytest_asyncio

from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.city import CENTRE
from kentongan_sim.headless import Run, RunOptions
from kentongan_sim.plan import SITES
from kentongan_sim.virtual_button import Trace, VirtualButton
from kentongan_sim.witness import identity_of
from tests.support.city import running_city

pytestmark = [
    pytest.mark.micropython,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

BANK, GOLD = SITES
SOON_S = 180.0  # bounds a modem's boot (16 s), several SMS and their retries, on a loaded machine
SENTENCE_S = 400.0  # the sentence goes out after 60 s; the rest is patience with a loaded machine
LOOK_S = 0.1
RECEIVED = 1
PATH_MQTT, PATH_SMS = 1, 2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def run(tmp_path_factory):
    options = RunOptions(presses=0, seed=1912, forged=0, replayed=0, settle_s=SOON_S)
    async with running_city(tmp_path_factory.mktemp("city"), options) as run, run.watching():
        run.evidence.paths_cut = True
        await until(lambda: all(modem.model.registered(run.city.telephones.bank.now_ms()) for modem in modems(run)))
        yield run


def modems(run: Run):
    return run.city.telephones.bank.modems.values()


async def until(true: Callable[[], bool], timeout_s: float = SOON_S) -> None:
    """Wait for something in a model or a database, which raise no events."""
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110 - see above
            await asyncio.sleep(LOOK_S)


async def pressed(run: Run, button: VirtualButton) -> Trace:
    """The `pressed` trace of a fresh press."""
    decided = button.expect(lambda trace: trace.name == "pressed")
    await run.presser.press(button)
    return await asyncio.wait_for(decided, SOON_S)


async def lit(button: VirtualButton, press: Trace) -> Trace:
    """The lamp's first change for this press."""
    return await asyncio.wait_for(
        button.since_press(
            lambda trace: (
                trace.name == "lamp"
                and trace.values["nonce"] == press.values["nonce"]
                and trace.values["level"] >= RECEIVED
            )
        ),
        SOON_S,
    )


def path(run: Run, button: VirtualButton, press: Trace) -> int | None:
    """What brought a press to the centre."""
    database = CentreDatabase(run.city.enrolled.database)
    try:
        return database.path(identity_of(button, press))
    finally:
        database.close()


async def test_without_wifi_a_press_arrives_by_sms_and_lights_the_lamp(run):
    button = run.city.button("Meja Teller 1")
    await button.set_wifi(up=False)
    press = await pressed(run, button)
    await lit(button, press)
    assert path(run, button, press) == PATH_SMS
    linked = button.expect(lambda trace: trace.name == "link" and trace.values["up"])
    await button.set_wifi(up=True)
    await asyncio.wait_for(linked, SOON_S)  # it sends the same press again, by the other path


async def test_without_internet_the_gateway_texts_what_it_holds(run):
    button = run.city.button("Meja Kasir")
    uplink = run.city.uplinks[GOLD.code]
    await uplink.silence()
    press = await pressed(run, button)
    await lit(button, press)
    assert path(run, button, press) == PATH_SMS
    await uplink.restore()


async def test_when_nobody_answers_people_are_told_in_plain_words(run):
    """The centre hangs: its modems hear, nobody reads; after a minute the duty phones get a sentence."""
    button = run.city.button("Meja Pimpinan")
    phone = run.city.telephones.phones[0]
    centre = run.city.manager[CENTRE]
    before = len(phone.texts())
    centre.freeze()
    try:
        press = await pressed(run, button)
        await until(lambda: len(phone.texts()) > before, SENTENCE_S)
    finally:
        centre.thaw()
    told = phone.texts()[before]
    assert "Bank Contoh Cabang Pahlawan" in told
    await lit(button, press)


async def test_with_everything_whole_nothing_is_texted(run):
    button = run.city.button("Pos Depan")
    # The centre has only just come back for this site: its word must have reached the button by the first path.
    answered = button.expect(lambda trace: trace.name == "answered")
    await asyncio.wait_for(answered, SOON_S)
    press = await pressed(run, button)
    await lit(button, press)
    assert path(run, button, press) == PATH_MQTT


async def test_after_all_that_every_press_is_one_alarm(run):
    outcome = await run.outcome()
    assert outcome.verdict.problems == ()
    assert outcome.verdict.presses == outcome.verdict.alarms == 4
    assert outcome.verdict.alarms_by_sms >= 2
    assert outcome.sms["sms_to_centre"] >= 2
    assert outcome.sms["sms_to_people"] >= 1
