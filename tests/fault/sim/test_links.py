"""Broken links and a full disk, in one city without a second path: the lamp waits for the truth, nothing is lost.

The last test judges everything that the others did.
"""

from __future__ import annotations

import asyncio
import resource

import pytest
import pytest_asyncio

from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.city import gateway_name
from kentongan_sim.headless import Run, RunOptions
from kentongan_sim.link_proxy import LinkCondition
from kentongan_sim.plan import SITES
from kentongan_sim.telephones import OPERATORS
from kentongan_sim.virtual_button import Trace, VirtualButton
from kentongan_sim.witness import identity_of
from tests.support.city import running_city

pytestmark = [
    pytest.mark.micropython,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

BANK, GOLD = SITES
SOON_S = 180.0  # bounds keepalives, retries and reconnections with all their backoffs, on a loaded machine
HELD_S = 3.0  # more than the first retry (2 s): what has not got through by then is held back
RECEIVED = 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def run(tmp_path_factory):
    options = RunOptions(presses=0, seed=1965, forged=0, replayed=0)
    async with running_city(tmp_path_factory.mktemp("city"), options) as run, run.watching():
        for operator in OPERATORS:  # what the second path does is tests/e2e/test_second_path.py's
            run.city.telephones.bank.set_outage(operator, out=True)
        run.evidence.paths_cut = True
        yield run


async def happens(future: asyncio.Future[Trace]) -> Trace:
    return await asyncio.wait_for(future, SOON_S)


async def pressed(run: Run, button: VirtualButton) -> Trace:
    """The `pressed` trace of a fresh press, with the key turned before it."""
    await button.turn_key()
    decided = button.expect(lambda trace: trace.name == "pressed")
    await run.presser.press(button)
    return await happens(decided)


def named(name: str, press: Trace):
    """Whether a trace is of this name and about this press."""
    return lambda trace: trace.name == name and trace.values["nonce"] == press.values["nonce"]


async def assert_held_back(run: Run, button: VirtualButton, press: Trace) -> None:
    """For a while nothing is shown, and the centre knows nothing."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(button.expect(named("lamp", press)), HELD_S)
    assert "lamp-1" not in button.view.milestones
    database = CentreDatabase(run.city.enrolled.database)
    assert database.level(identity_of(button, press)) is None
    database.close()


async def test_wifi_cut_and_restored(run):
    button = run.city.button("Meja Teller 1")
    await button.set_wifi(up=False)
    press = await pressed(run, button)
    await assert_held_back(run, button, press)
    lit = button.expect(named("lamp", press))
    await button.set_wifi(up=True)
    assert (await happens(lit)).values["level"] >= RECEIVED


async def test_a_link_that_stands_and_passes_nothing(run):
    button = run.city.button("Meja Pimpinan")
    await button.link.silence()
    press = await pressed(run, button)
    await assert_held_back(run, button, press)
    lit = button.expect(named("lamp", press))
    await button.link.restore()
    assert (await happens(lit)).values["level"] >= RECEIVED


async def test_a_cut_cable(run):
    button = run.city.button("Meja Kasir")
    await button.link.cut()
    press = await pressed(run, button)
    await assert_held_back(run, button, press)
    lit = button.expect(named("lamp", press))
    await button.link.restore()
    assert (await happens(lit)).values["level"] >= RECEIVED


@pytest.mark.parametrize(
    "condition",
    [
        LinkCondition(torn=True),
        LinkCondition(latency_ms=300),
        LinkCondition(bytes_per_s=2_000),
        LinkCondition(flaky_mean_ms=1_500),
    ],
    ids=["torn", "slow", "narrow", "flaky"],
)
async def test_a_bad_link_is_enough(run, condition):
    """Also for the handshake: the connection begins anew on the bad link."""
    button = run.city.button("Pos Depan")
    await button.link.apply(condition)
    button.link.reset_connections()
    press = await pressed(run, button)
    await happens(button.since_press(named("lamp", press)))
    await button.link.restore()


async def test_a_centre_out_of_reach_leaves_stored_and_a_dark_lamp(run):
    button = run.city.button("Meja Kasir")
    uplink = run.city.uplinks[GOLD.code]
    await uplink.silence()
    decided = button.expect(lambda trace: trace.name == "pressed")
    stored = button.expect(lambda trace: trace.name == "stored")
    await button.turn_key()
    await run.presser.press(button)
    press = await happens(decided)
    assert (await happens(stored)).values["nonce"] == press.values["nonce"]
    await assert_held_back(run, button, press)
    lit = button.expect(named("lamp", press))
    await uplink.restore()
    assert (await happens(lit)).values["level"] >= RECEIVED


async def test_a_full_disk_at_the_gateway_stops_no_alarm_and_is_told(run):
    """Custody refuses: no *stored*, yet the press gets through, and a technician hears of the disk."""
    button = run.city.button("Meja Teller 1")
    gateway = run.city.manager[gateway_name(BANK.code)].pid
    _, hard = resource.prlimit(gateway, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway, resource.RLIMIT_FSIZE, (0, hard))
    try:
        stored = button.expect(lambda trace: trace.name == "stored")
        press = await pressed(run, button)
        lit = await happens(button.since_press(named("receipt", press)))
        assert lit.values["level"] >= RECEIVED
        assert not stored.done(), "*stored* was a lie"
        await trouble(run, "custody-full", is_open=True)
    finally:
        resource.prlimit(gateway, resource.RLIMIT_FSIZE, (hard, hard))
    await trouble(run, "custody-full", is_open=False)


async def trouble(run: Run, kind: str, *, is_open: bool) -> None:
    """Wait until the console's stream has told of a trouble's beginning or end."""
    async with asyncio.timeout(SOON_S):
        while True:
            told = [event.data["trouble"] for event in run.evidence.stream if event.event == "trouble"]
            if any(one["kind"] == kind and (one["closed_at_ms"] is None) == is_open for one in told):
                return
            await asyncio.sleep(0.05)  # the stream is a list here, not an event


async def test_after_all_that_nothing_was_lost_doubled_or_lied_about(run):
    outcome = await run.outcome()
    assert outcome.verdict.problems == ()
    assert outcome.verdict.presses == outcome.verdict.alarms == 9
