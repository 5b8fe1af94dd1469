"""kill -9 of every part between commit and receipt, while presses go on: nothing lost, nothing doubled, no lie."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kentongan_host import failpoints
from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.city import CENTRE, gateway_name
from kentongan_sim.headless import RunOptions
from kentongan_sim.oracle import judge
from kentongan_sim.plan import SITES
from kentongan_sim.sabotage import Saboteur
from tests.support.city import running_city

pytestmark = [pytest.mark.micropython, pytest.mark.slow]

BANK, GOLD = SITES
CENTRE_DIES = [
    f"{failpoints.CENTRE_AFTER_COMMIT_BEFORE_RECEIPT}:2",
    failpoints.CENTRE_BEFORE_COMMIT,
    failpoints.CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT,
    f"{failpoints.CENTRE_AFTER_COMMIT_BEFORE_RECEIPT}:1:hold",  # its broker dies
]
BANK_DIES = [
    f"{failpoints.GATEWAY_BEFORE_FORWARD}:2",
    failpoints.GATEWAY_AFTER_COMMIT_BEFORE_STORED,
    f"{failpoints.GATEWAY_BEFORE_FORWARD}:1:hold",  # its broker dies
]
GOLD_DIES = [failpoints.GATEWAY_AFTER_RECEIPT_BEFORE_CLEAR]


async def test_every_part_is_killed_once_and_nothing_is_lost_or_doubled(tmp_path):
    armed = {
        CENTRE: CENTRE_DIES[0],
        gateway_name(BANK.code): BANK_DIES[0],
        gateway_name(GOLD.code): GOLD_DIES[0],
    }
    async with running_city(tmp_path, RunOptions(presses=25, seed=4711, forged=0, replayed=0), armed) as run:
        run.evidence.paths_cut = True  # a gateway that is dead for long enough is a site without any path
        saboteur = Saboteur(run)
        teller, manager, cashier = (run.city.button(name) for name in ("Meja Teller 1", "Meja Pimpinan", "Meja Kasir"))

        async def sabotage(_run):
            await asyncio.gather(
                saboteur.centre(CENTRE_DIES, run.city.buttons),
                saboteur.gateway(BANK.code, BANK_DIES, run.city.buttons_of(BANK)),
                saboteur.gateway(GOLD.code, GOLD_DIES, run.city.buttons_of(GOLD)),
            )
            for button, moment in ((teller, "pressed"), (manager, "puback"), (cashier, "stored")):
                await saboteur.button(button, moment)

        outcome = await run.perform(sabotage)

    assert len(saboteur.deeds) == len(CENTRE_DIES) + len(BANK_DIES) + len(GOLD_DIES) + 3
    assert outcome.verdict.problems == ()
    assert outcome.verdict.presses == outcome.verdict.alarms > 25
    assert outcome.console_reconnects > 0
    assert_the_oracle_bites(run, tmp_path)


def assert_the_oracle_bites(run, state):
    """The same evidence, doctored: a lost alarm, a doubled one, a lamp that claims too much."""
    database = CentreDatabase(state / "centre" / "kentongan.db")
    final = database.final_state()
    database.close()
    assert judge(run.evidence, final).ok
    lost = judge(run.evidence, replace(final, alarms=final.alarms[1:]))
    assert lost.lost == 1
    doubled = judge(run.evidence, replace(final, alarms=(*final.alarms, final.alarms[0])))
    assert doubled.duplicates == 1
    lamp = run.evidence.lamps[-1]
    run.evidence.lamps.append(replace(lamp, shown=2, committed=1))
    assert judge(run.evidence, final).lamp_lies == 1
