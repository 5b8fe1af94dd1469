"""The campaign of chaos: which faults come, what is kept, when it says that it shows nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections import Counter
from types import SimpleNamespace
from typing import cast

import pytest

from kentongan_sim.chaos import crew, deck
from kentongan_sim.chaos.boards import TAKEN_S, Button, moment_of_next_press
from kentongan_sim.chaos.campaign import COUNTS, ROUND, Plan, Record, run_options, totals
from kentongan_sim.chaos.crew import Crew
from kentongan_sim.chaos.deck import Fault
from kentongan_sim.chaos.diary import Diary
from kentongan_sim.chaos.one_round import RoundChaos
from kentongan_sim.chaos.victims import LINKS
from kentongan_sim.chaos.wrecker import Wrecker, in_flight
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Evidence, LampSeen
from kentongan_sim.headless import Outcome
from kentongan_sim.presser import Presser
from kentongan_sim.virtual_button import Trace, VirtualButton

ORIGIN = {"date": "2026-11-22 12:00 UTC", "machine": "one", "commit": "1234567"}
PLAN = Plan(ROUND, 1)


def outcome(problems=()):
    told = dict.fromkeys(COUNTS, 1) | {"press_to_received_lamp": {"n": 1, "p50": 5.0, "p99": 5.0, "max": 5.0}}
    return SimpleNamespace(as_json=lambda: told, verdict=SimpleNamespace(problems=tuple(problems)))


def a_round(plan=PLAN, number=0, *, missing=(), problems=()):
    havoc = RoundChaos(plan, run_options(plan, number))
    met = Counter({fault: 1 for fault in Fault if fault not in missing})
    done = Counter(dict.fromkeys(Fault, 2))
    wrecker = SimpleNamespace(done=done, met=met, missing=list(missing), shapes=Counter(torn=2))
    havoc.wrecker = cast("Wrecker", wrecker)
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


def test_a_round_in_which_a_fault_met_no_press_is_no_proof():
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


def test_goes_on_where_it_was_interrupted_whatever_round_ended_first(tmp_path):
    path, plan = tmp_path / "results" / "chaos.json", Plan(3 * ROUND, 5)
    Record(path, plan, ORIGIN).add(a_round(plan, 1))
    again = Record(path, plan, ORIGIN | {"date": "later"})
    assert again.open_rounds == [0, 2]
    again.add(a_round(plan, 0))
    kept = json.loads(path.read_text())
    assert [one["seed"] for one in kept["rounds"]] == [5, 6]
    assert kept["totals"]["rounds"] == 2
    assert kept["totals"]["presses"] == 2
    assert kept["totals"]["newest_transactions"] == {"torn": 4}
    assert kept["totals"]["faults_in_all"] == 4 * len(Fault)
    assert kept["totals"]["faults_meeting_a_press"] == {fault.value: 2 for fault in Fault}
    assert {name: kept[name] for name in ORIGIN} == ORIGIN


def test_its_duration_is_that_of_all_starts(tmp_path):
    path, plan = tmp_path / "chaos.json", Plan(2 * ROUND, 1)
    Record(path, plan, ORIGIN).add(a_round(plan))
    kept = json.loads(path.read_text())
    kept["totals"]["duration_s"] = 600
    path.write_text(json.dumps(kept))
    again = Record(path, plan, ORIGIN)
    assert again.duration_s >= 600
    again.add(a_round(plan, 1))
    total = json.loads(path.read_text())["totals"]
    assert total["duration_s"] >= 600
    assert 0 < total["presses_per_minute"] <= 0.2


def test_a_round_that_went_wrong_is_done_again_and_stays_told(tmp_path):
    path, plan = tmp_path / "chaos.json", Plan(2 * ROUND, 1)
    record = Record(path, plan, ORIGIN)
    record.add(a_round(plan))
    record.add(a_round(plan, 1, problems=["lost: one"]))
    assert not json.loads(path.read_text())["totals"]["ok"]
    again = Record(path, plan, ORIGIN)
    assert again.open_rounds == [1]
    again.add(a_round(plan, 1))
    kept = json.loads(path.read_text())
    assert kept["totals"]["ok"]
    assert kept["totals"]["redone"] == 1
    assert kept["redone"] == [{"seed": 2, "problems": ["lost: one"]}]
    assert Record(path, plan, ORIGIN).redone == kept["redone"]


def test_another_plan_or_commit_is_another_campaign(tmp_path):
    path = tmp_path / "chaos.json"
    Record(path, Plan(ROUND, 1), ORIGIN).add(a_round())
    with pytest.raises(SimError, match="another campaign"):
        Record(path, Plan(ROUND, 2), ORIGIN)
    with pytest.raises(SimError, match="of commit 1234567, this is 7654321"):
        Record(path, Plan(ROUND, 1), ORIGIN | {"commit": "7654321"})
    path.write_text("[1, 2")
    with pytest.raises(SimError, match="no record"):
        Record(path, Plan(ROUND, 1), ORIGIN)


def test_one_wrong_round_makes_the_whole_wrong():
    assert totals([a_round(), a_round()])["ok"]
    assert not totals([a_round(), a_round(problems=["lost"])])["ok"]


def trace(name, nonce=None):
    return Trace(name, {} if nonce is None else {"nonce": nonce}, 0.0)


def test_what_comes_late_of_the_press_before_is_no_moment_of_this_one():
    reached = moment_of_next_press("receipt")
    seen = [trace("receipt", "a"), trace("link"), trace("pressed", "b"), trace("receipt", "a"), trace("receipt", "b")]
    assert [reached(one) for one in seen] == [False, False, False, False, True]


def test_a_decision_is_the_first_moment_of_its_press():
    reached = moment_of_next_press("pressed")
    assert [reached(one) for one in (trace("receipt", "a"), trace("pressed", "b"))] == [False, True]


class FrozenBoard:
    """A button that decides before its second comparator settles, and notes when its processor stops."""

    name = "button-1"

    def __init__(self):
        self.panel = SimpleNamespace(comparators=[True, False])
        self.waiters = []
        self.done = []

    def expect(self, wanted):
        future = asyncio.get_running_loop().create_future()
        self.waiters.append((wanted, future))
        return future

    def tell(self, one):
        self.done.append(one.name)
        for wanted, future in self.waiters:
            if not future.done() and wanted(one):
                future.set_result(one)

    def settle(self):
        self.panel.comparators[1] = True
        self.tell(trace("panel"))

    def hang(self):
        self.done.append("hang")

    def thaw(self):
        self.done.append("thaw")


class OneGesture:
    """A hand whose press is decided at once and seen by the comparator 20 ms later."""

    async def press(self, board, around):
        async with around:
            board.tell(trace("pressed", "a"))
            await asyncio.sleep(0.02)
            board.settle()
            await asyncio.sleep(2 * TAKEN_S)
            board.done.append("let go")


async def test_a_processor_stops_in_a_closure_when_it_has_taken_its_edges():
    board = FrozenBoard()
    victim = Button(cast("VirtualButton", board), cast("Presser", OneGesture()))
    fate = SimpleNamespace(random=lambda: 0.0, choice=lambda moments: moments[0])
    assert await victim.suffer(Fault.BUTTON_FROZEN, 0.0, cast("random.Random", fate))
    assert board.done == ["pressed", "panel", "hang", "let go", "hang", "thaw"]


@pytest.mark.parametrize(
    ("devices", "since_ms", "met"),
    [
        ({1}, 50.0, True),  # decided after it
        ({1}, 150.0, True),  # decided, not known to be received
        ({1}, 250.0, False),
        ({2}, 50.0, False),  # another's
        ({1, 2}, 150.0, True),
    ],
)
def test_a_press_is_in_flight_until_its_guard_knows_that_it_was_received(devices, since_ms, met):
    evidence = Evidence()
    identity = (1, 1, "aa")
    evidence.note_pressed(identity, 100.0)
    evidence.lamps += [LampSeen(identity, 0, None, 100.0), LampSeen(identity, 1, 1, 200.0)]
    assert in_flight(evidence, devices, since_ms) is met


def test_a_diary_tells_faults_traces_and_gestures(tmp_path):
    path, evidence = tmp_path / "chaos.log", Evidence()
    diary = Diary(path)
    diary.say("centre: centre killed")
    button = cast("VirtualButton", SimpleNamespace(name="Pos Satpam"))
    diary.note(button, trace("pressed", "ab" * 20))
    diary.note(button, trace("pin"))
    evidence.asked.append((0xA1, 0.0))
    diary.close(evidence)
    lines = path.read_text().splitlines()
    assert [line.split(maxsplit=1)[1] for line in lines] == [
        "centre: centre killed",
        "Pos Satpam: pressed nonce=" + "abababababababa…",
        "gestures:",
        "000000a1 contacts closed",
    ]


FAKE_ROUND = """
import json, sys, time
plan, number = json.loads(sys.argv[1]), int(sys.argv[2])
if number == {broken}:
    print(json.dumps({{"error": "the centre did not start"}}))
    sys.exit(1)
if number == {dumb}:
    sys.exit(3)
if number in {slow}:
    time.sleep(60)
print(json.dumps({{**json.loads({result!r}), "seed": plan["seed"] + number, "ok": number != {wrong}}}))
"""


def crew_of(tmp_path, monkeypatch, plan, jobs, *, broken=-1, dumb=-1, wrong=-1, slow=()):
    text = FAKE_ROUND.format(broken=broken, dumb=dumb, wrong=wrong, slow=slow, result=json.dumps(a_round(plan)))
    # A name of its own: a compiled file is known by its second and size, and two crews are made within one.
    name = f"fake_round_{len(list(tmp_path.glob('fake_round_*.py')))}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(crew, "WORKER", name)
    record = Record(None, plan, ORIGIN)
    told: list[int] = []
    return Crew(plan, record, jobs, lambda number, _: told.append(number)), record, told


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_crew_does_every_round_once(tmp_path, monkeypatch, jobs):
    plan = Plan(4 * ROUND, 10)
    workers, record, told = crew_of(tmp_path, monkeypatch, plan, jobs)
    asyncio.run(workers.run())
    assert [one["seed"] for one in record.rounds] == [10, 11, 12, 13]
    assert sorted(told) == [0, 1, 2, 3]
    assert record.open_rounds == []


def test_a_crew_begins_nothing_after_a_wrong_round(tmp_path, monkeypatch):
    workers, record, _ = crew_of(tmp_path, monkeypatch, Plan(4 * ROUND, 10), 1, wrong=1)
    asyncio.run(workers.run())
    assert [one["seed"] for one in record.rounds] == [10, 11]
    assert not record.totals()["ok"]


def test_a_round_that_could_not_be_done_ends_the_crew(tmp_path, monkeypatch):
    workers, _, _ = crew_of(tmp_path, monkeypatch, PLAN, 1, broken=0)
    with pytest.raises(SimError, match="seed 1: the centre did not start"):
        asyncio.run(workers.run())
    workers, _, _ = crew_of(tmp_path, monkeypatch, PLAN, 1, dumb=0)
    with pytest.raises(SimError, match="round 1 ended with exit code 3"):
        asyncio.run(workers.run())


def test_a_round_that_could_not_be_done_ends_those_beside_it(tmp_path, monkeypatch):
    workers, record, _ = crew_of(tmp_path, monkeypatch, Plan(3 * ROUND, 1), 3, broken=0, slow=(1, 2))
    with pytest.raises(SimError, match="seed 1: the centre did not start"):
        asyncio.run(workers.run())
    assert record.rounds == []


def test_presses_without_a_receipt_are_counted_by_button():
    evidence = Evidence()
    for identity in ((1, 1, "aa"), (1, 2, "bb"), (2, 1, "cc")):
        evidence.note_pressed(identity, 1.0)
    evidence.received.add((1, 1, "aa"))
    assert (evidence.unanswered(1), evidence.unanswered(2), evidence.unanswered(3)) == (1, 1, 0)
