"""The campaign of chaos: which faults come, what is kept, when it says that it shows nothing."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from types import SimpleNamespace
from typing import cast

import pytest

from kentongan_sim.chaos import deck
from kentongan_sim.chaos.campaign import COUNTS, ROUND, Plan, Record, RoundChaos, run_options, totals
from kentongan_sim.chaos.deck import Fault
from kentongan_sim.chaos.victims import LINKS
from kentongan_sim.chaos.wrecker import Wrecker
from kentongan_sim.errors import SimError
from kentongan_sim.headless import Outcome


def outcome(problems=()):
    told = dict.fromkeys(COUNTS, 1) | {"press_to_received_lamp": {"n": 1, "p50": 5.0, "p99": 5.0, "max": 5.0}}
    return SimpleNamespace(as_json=lambda: told, verdict=SimpleNamespace(problems=tuple(problems)))


PLAN = Plan(ROUND, 1)


def a_round(plan=PLAN, *, missing=(), problems=()):
    havoc = RoundChaos(plan, plan.seed)
    done = Counter({fault: 1 for fault in Fault if fault not in missing})
    havoc.wrecker = cast("Wrecker", SimpleNamespace(done=done, missing=list(missing), shapes=Counter(torn=2)))
    return havoc.result(cast("Outcome", outcome(problems)))


def test_every_victim_knows_its_faults_and_every_fault_has_a_victim():
    known = (*deck.CENTRE, *deck.GATEWAY, *deck.UPLINK, *deck.LINK, *deck.BUTTON, *deck.AIR)
    assert sorted(fault.name for fault in known) == sorted(fault.name for fault in Fault)
    assert set(LINKS) == (set(deck.UPLINK) | set(deck.LINK)) - {Fault.WIFI_LOST}


def test_no_fault_comes_again_before_all_others_have():
    cards = deck.deal(deck.GATEWAY, random.Random(1))
    for _ in range(20):
        assert set(itertools.islice(cards, len(deck.GATEWAY))) == set(deck.GATEWAY)


def test_the_same_seed_deals_the_same():
    def dealt(seed):
        return list(itertools.islice(deck.deal(deck.BUTTON, random.Random(seed)), 50))

    assert dealt(5) == dealt(5) != dealt(6)


def test_a_fault_has_an_end():
    fate = random.Random(1)
    assert all(deck.SHORTEST_S <= deck.lasts_s(fate, 4.0) <= 4.0 for _ in range(1_000))


def test_a_round_in_which_a_fault_never_happened_is_no_proof():
    result = a_round(missing=[Fault.GATEWAY_POWER_CUT])
    assert not result["ok"]
    assert "gateway's power cut" in result["problems"][0]
    assert a_round()["ok"]


def test_the_oracles_problems_are_the_rounds():
    assert a_round(problems=["lost: one"])["problems"] == ["lost: one"]


def test_a_campaign_has_rounds_of_their_own_seeds():
    plan = Plan(2 * ROUND + 30, seed=7)
    assert plan.rounds() == [ROUND, ROUND, 30]
    options = [run_options(plan, number) for number in range(3)]
    assert [(one.presses, one.seed) for one in options] == [(ROUND, 7), (ROUND, 8), (30, 9)]
    assert {(one.forged, one.replayed) for one in options} == {(0, 0)}


def test_goes_on_where_it_was_interrupted(tmp_path):
    path, plan = tmp_path / "results" / "chaos.json", Plan(3 * ROUND, 1)
    Record(path, plan).add(a_round(plan))
    again = Record(path, plan)
    assert len(again.rounds) == 1
    again.add(a_round(plan))
    kept = json.loads(path.read_text())
    assert kept["totals"]["rounds"] == 2
    assert kept["totals"]["presses"] == 2
    assert kept["totals"]["newest_transactions"] == {"torn": 4}
    assert kept["totals"]["faults_in_all"] == 2 * len(Fault)


def test_a_round_that_went_wrong_is_done_again(tmp_path):
    path, plan = tmp_path / "chaos.json", Plan(2 * ROUND, 1)
    record = Record(path, plan)
    record.add(a_round(plan))
    record.add(a_round(plan, problems=["lost: one"]))
    assert not json.loads(path.read_text())["totals"]["ok"]
    assert len(Record(path, plan).rounds) == 1


def test_another_plan_is_another_campaign(tmp_path):
    path = tmp_path / "chaos.json"
    Record(path, Plan(ROUND, 1)).add(a_round())
    with pytest.raises(SimError, match="another campaign"):
        Record(path, Plan(ROUND, 2))
    path.write_text("[1, 2")
    with pytest.raises(SimError, match="no record"):
        Record(path, Plan(ROUND, 1))


def test_one_wrong_round_makes_the_whole_wrong():
    assert totals([a_round(), a_round()])["ok"]
    assert not totals([a_round(), a_round(problems=["lost"])])["ok"]
