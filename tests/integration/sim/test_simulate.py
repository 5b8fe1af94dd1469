"""The simulator as a tool: one seed, one trace; failures are made small; nothing passes by having done nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from kentongan_sim.errors import SimError
from kentongan_sim.universe import shrink
from kentongan_sim.universe.at_modem import ODDITIES
from kentongan_sim.universe.campaign import MUST_HAPPEN, Campaign, run_range
from kentongan_sim.universe.command import simulate
from kentongan_sim.universe.plan import Event, Plan, draw_plan
from kentongan_sim.universe.world import World

PIN_ODDITY = ODDITIES.index("pin")
DIGEST = (
    "from kentongan_sim.universe.campaign import run_seed; print(*[run_seed(seed).digest for seed in range(7, 12)])"
)


def digests(hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_seed_gives_the_same_trace_in_every_process():
    assert digests("1") == digests("4711")


def test_seeds_differ():
    assert len(set(digests("1").split())) == 5


def test_a_trace_is_the_same_whether_somebody_reads_it():
    lines: list[str] = []
    assert World(draw_plan(5), say=lines.append).run().digest == World(draw_plan(5)).run().digest
    assert len(lines) > 50


def test_a_failure_is_made_small():
    tried: list[tuple[int, ...]] = []

    def fails(kept: tuple[int, ...]) -> bool:
        tried.append(kept)
        return 3 in kept and 17 in kept

    assert shrink.minimal(tuple(range(40)), fails, 400) == (3, 17)
    assert len(tried) < 100


def test_shrinking_ends_with_its_budget():
    assert len(shrink.minimal(tuple(range(64)), lambda kept: len(kept) > 9, 5)) > 9


def test_a_plan_may_be_replayed_without_some_of_its_events():
    plan = draw_plan(4)
    verdict = World(plan, frozenset()).run()
    assert verdict.problem is None
    assert not verdict.totals["presses"]


def test_a_forger_who_repeats_himself_is_counted_as_the_centre_counts_him():
    """In custody, one frame that a gateway sends again is one arrival: the judge must not ask for more."""
    acts = [Event(number, at_ms, "forge", amount=12) for number, at_ms in enumerate((3_000, 4_000, 30_000))]
    world = World(Plan(1, 1, 1, ends_ms=40_000, look_every_ms=0, think_ms=0, closes=0, events=acts))
    always = world.adversary.press(world.buttons[0].device)
    world.adversary.press = lambda device: always  # type: ignore[method-assign]
    verdict = world.run()
    assert verdict.problem is None
    assert len(world.forged_bytes) > 12
    assert verdict.totals["rejected"] == 2  # all of the first second are tries of one; half a minute later is another


def test_a_button_whose_sim_was_mended_texts_without_a_restart():
    """Its PIN was refused once; then somebody gave the SIM its PIN and its tries back, and Wi-Fi went for good."""
    plan = Plan(1, 1, 1, ends_ms=39_000, look_every_ms=0, think_ms=0, closes=0, down_to_bytes=True, ending="wifi")
    cards = 4  # the gateway's, two of the centre, the button's
    plan.events = [
        Event(0, 13_380, "modem-odd", at=(cards - 1 - PIN_ODDITY) % cards, for_ms=23_879, amount=PIN_ODDITY),
        Event(1, 39_400, "press", at=0, for_ms=120),
    ]
    verdict = World(plan).run()
    assert verdict.totals["AT wrong PINs"] == 1
    assert verdict.problem is None


def test_a_campaign_in_which_nothing_happened_is_vacuous():
    campaign = Campaign(0, 99, 100)
    assert campaign.vacuous() == list(MUST_HAPPEN)
    assert Campaign(0, 9, 10).vacuous() == []
    campaign.totals = Counter(dict.fromkeys(MUST_HAPPEN, 1))
    assert campaign.vacuous() == []


def test_a_campaign_goes_on_where_it_was_left(tmp_path):
    result = tmp_path / "simulate.json"
    run_range(20, 22, result=result)
    assert json.loads(result.read_text())["done"] == 23
    told: list[int] = []
    campaign = run_range(20, 24, result=result, told=lambda verdict: told.append(verdict.seed))
    assert told == [23, 24]
    assert campaign.schedules == 5
    assert campaign.totals == run_range(20, 24).totals


def test_a_finished_result_file_stays_that_of_its_commit(tmp_path):
    result = tmp_path / "simulate.json"
    run_range(20, 20, result=result)
    was = {**json.loads(result.read_text()), "commit": "1234567"}
    result.write_text(json.dumps(was))
    assert run_range(20, 20, result=result).schedules == 1
    assert json.loads(result.read_text()) == was


def test_a_result_file_of_other_seeds_is_refused(tmp_path):
    result = tmp_path / "simulate.json"
    run_range(20, 20, result=result)
    with pytest.raises(SimError, match="begins with seed 20"):
        run_range(30, 30, result=result)


def test_the_command_says_what_it_did(capsys):
    assert simulate(["--seeds", "1-2"]) == 0
    assert "2 schedules" in capsys.readouterr().out


def test_the_command_replays_one_seed(capsys):
    assert simulate(["--replay", "3", "--trace"]) == 0
    out = capsys.readouterr().out
    assert "the faults have stopped" in out
    assert "seed 3: all was right" in out


@pytest.mark.parametrize("wrong", [["--seeds", "x"], ["--seeds", "9-1"], ["--replay", "1", "--only", "a"]])
def test_the_command_says_what_it_expected(wrong, capsys):
    assert simulate(wrong) == 1
    assert "expected" in capsys.readouterr().err
