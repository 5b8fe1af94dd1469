"""The page of the figures: machine, date, commit, campaigns and what is not shown, made from files alone."""

import json
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from bench import kept, machine, page
from bench.__main__ import PARTS, main
from bench.report import Row, Section
from kentongan_sim import provenance
from kentongan_sim.chaos import campaign as chaos
from kentongan_sim.errors import SimError
from kentongan_sim.universe.campaign import MUST_HAPPEN, Campaign

MACHINE = {
    "processor": "A Processor",
    "cores": 2,
    "memory_gib": 23.5,
    "system": "Debian",
    "kernel": "6.1",
    "python": "3.11",
    "mosquitto": "mosquitto 2",
}
FAST = Section("The road", (Row("press → lamp", "ms", {"p99": 20}, {"p99": 200}),), "Through the proxy.")
SLOW = Section("The road", (Row("press → lamp", "ms", {"p99": 300}, {"p99": 200}),))


@pytest.fixture(autouse=True)
def _machine(monkeypatch):
    monkeypatch.setattr(machine, "describe", lambda: MACHINE)


@pytest.fixture
def results(tmp_path):
    keep_run(tmp_path, "2026-11-22", FAST)
    return tmp_path


def keep_run(folder, date, section):
    kept_run = page.content(f"{date} 12:00 UTC", "abc1234", MACHINE, [section])
    (folder / f"{date}.json").write_text(json.dumps(kept_run), encoding="utf-8")


def keep_schedules(folder, *, failed=()):
    campaign = Campaign(0, 99_999, 100_000, Counter(dict.fromkeys(MUST_HAPPEN, 1_234)), list(failed))
    campaign.virtual_ms, campaign.cpu_s = 3_600_000_000, 2_000.0
    (folder / kept.SIMULATOR).write_text(json.dumps(campaign.as_json()), encoding="utf-8")


def keep_chaos(folder, *, redone=(), **wrong):
    plan, told = chaos.Plan(10_000, 7), []
    for number in range(len(plan.rounds())):
        counted = dict.fromkeys(chaos.COUNTS, 0) | {"presses": 250, "alarms": 250, "lamp_transitions": 600} | wrong
        maps = {
            "faults": {"gateway killed": 3},
            "faults_meeting_a_press": {"gateway killed": 2},
            "newest_transactions": {},
        }
        judged = {"problems": ["a press was lost"] if wrong else [], "ok": not wrong}
        told.append({"seed": 7 + number, **counted, **maps, **judged, "press_to_received_lamp": {"max": 90.0}})
    origin = {"date": "2026-11-23 09:00 UTC", "machine": "Another Processor", "commit": "def5678"}
    kept_run = {**origin, "plan": asdict(plan), "totals": chaos.totals(told), "redone": list(redone), "rounds": told}
    (folder / kept.CHAOS).write_text(json.dumps(kept_run), encoding="utf-8")


def shown(results):
    page.write(results)
    return (results / page.PAGE).read_text(encoding="utf-8")


def test_the_page_says_when_where_and_of_what(results):
    text = shown(results)
    for told in ("2026-11-22 12:00 UTC", "`abc1234`", "A Processor, 2 cores", "mosquitto 2", "(2026-11-22.json)"):
        assert told in text
    assert "Every number was reached." in text
    assert "| press → lamp | p99 20 | ms | ≤ 200 (p99) | reached |" in text
    assert "Through the proxy." in text
    assert "## What these figures do not show" in text


def test_the_newest_run_is_shown_and_what_it_missed_stands_at_the_top(results):
    keep_run(results, "2026-12-01", SLOW)
    text = shown(results)
    assert "Missed: press → lamp." in text.split("## ")[0]
    assert "2026-12-01.json" in text
    assert "2026-11-22.json" not in text


def test_campaigns_are_on_the_page_when_their_files_are_there(results):
    assert "Simulated schedules" not in shown(results)
    assert "Chaos" not in shown(results)
    keep_schedules(results)
    keep_chaos(results)
    text = shown(results)
    assert "| simulated schedules | 100,000 |  | ≥ 100,000 | reached |" in text
    for counted in ("presses", "alarms", "crashes of centre and gateways", "power cuts of buttons", "SMS used"):
        assert f"| {counted} | " in text
    assert "| crashes of centre and gateways | 2,468 |" in text  # two totals, added up
    assert "Failed seeds: none." in text
    assert "gateway-lies 1,234" in text
    assert "| presses while everything breaks | 10,000 |  | ≥ 10,000 | reached |" in text
    met = f"faults that met a press on its way | {2 * 40}"
    for counted in ("faults | 120", met, "lost | 0", "doubled | 0", "lying lamps | 0"):
        assert f"| {counted} |" in text
    assert "gateway killed 120" in text
    assert "at commit `def5678`, 2026-11-23 09:00 UTC (Another Processor)" in text
    assert "Rounds in which anything was wrong: none." in text
    assert "Every number was reached." in text


def test_a_failed_seed_is_named_and_missed(results):
    keep_schedules(results, failed=[(4_711, "a press was lost")])
    text = shown(results)
    assert "Failed seeds: 4711." in text
    assert text.count("**missed**") == 1


def test_a_total_that_is_not_counted_any_more_is_no_zero(results):
    keep_schedules(results)
    told = json.loads((results / kept.SIMULATOR).read_text())
    del told["totals"]["gateway kills"]
    (results / kept.SIMULATOR).write_text(json.dumps(told))
    assert "| crashes of centre and gateways | - |" in shown(results)


@pytest.mark.parametrize("wrong", ["lost", "duplicates", "unexplained", "lamp_lies"])
def test_one_wrong_thing_in_a_round_of_chaos_is_missed(results, wrong):
    keep_chaos(results, **{wrong: 1})
    assert "| lost, doubled, without a press, lying lamps | 40 |  | ≤ 0 | **missed** |" in shown(results)
    assert "| rounds in which anything was wrong | 40 |  | ≤ 0 | **missed** |" in shown(results)


def test_a_round_of_chaos_that_went_wrong_and_was_done_again_stays_told(results):
    keep_chaos(results, redone=[{"seed": 9, "problems": ["a lamp lied"]}])
    text = shown(results)
    assert "| rounds in which anything was wrong | 1 |  | ≤ 0 | **missed** |" in text
    assert "seed 9: a lamp lied" in text


def test_the_page_alone_measures_nothing_and_judges_all_that_is_on_it(results, capsys):
    assert main(["--page"], results) == 0
    keep_schedules(results, failed=[(1, "bad")])
    assert main(["--page"], results) == 1
    assert "missed: schedules with a broken invariant" in capsys.readouterr().out


def test_what_was_not_measured_is_named_at_the_top(results):
    main(["--page"], results)
    top = (results / "README.md").read_text().split("## ")[0]
    absent = re.search(r"Not measured yet: (.*)\.\*\*", top)
    assert absent
    assert absent[1].split("; ")[-2:] == [kept.SCHEDULES_TITLE, kept.CHAOS_TITLE]


def test_without_a_run_there_is_no_page(tmp_path, capsys):
    assert main(["--page"], tmp_path) == 1
    assert "run it without --page first" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_reliability_page_names_sections_that_this_page_has():
    document = (Path(__file__).resolve().parents[3] / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`bench/results/README\.md`, \*(.+?)\*", document))
    assert named == {part.title for part in PARTS.values()} | {kept.SCHEDULES_TITLE, kept.CHAOS_TITLE}


def test_chosen_parts_are_measured_alone_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(PARTS, "road", FakePart("The road", [Row("a", "ms", {"max": 1}, {"max": 2})]))
    monkeypatch.setitem(PARTS, "detection", FakePart("Faults", [Row("b", "s", {"max": 91}, {"max": 90})]))
    assert main(["--only", "road"], tmp_path) == 0
    assert main(["--only", "road", "detection"], tmp_path) == 1
    assert "| b | max 91 | s | ≤ 90 (max) | **missed** |" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_whole_run_is_kept_and_shown_with_campaigns(tmp_path, monkeypatch):
    for name in PARTS:
        monkeypatch.setitem(PARTS, name, FakePart(f"Part {name}", [Row(name, "ms", {"max": 1}, {"max": 2})]))
    keep_chaos(tmp_path)
    assert main([], tmp_path) == 0
    text = (tmp_path / page.PAGE).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("## Part ")] == [f"## Part {name}" for name in PARTS]
    assert "## Chaos" in text
    assert f"at commit `{provenance.commit()}`" in text


def test_a_part_that_breaks_down_is_missed_and_the_others_are_measured(tmp_path, monkeypatch, capsys):
    for name in PARTS:
        monkeypatch.setitem(PARTS, name, FakePart(f"Part {name}", [Row(name, "ms", {"max": 1}, {"max": 2})]))
    monkeypatch.setitem(PARTS, "detection", FakePart("Faults", SimError("nobody told of it\nand a long log")))
    assert main([], tmp_path) == 1
    text = (tmp_path / page.PAGE).read_text(encoding="utf-8")
    assert "Missed: measured to the end." in text
    assert "- **measured to the end**: SimError: nobody told of it" in text
    assert "## Part centre" in text
    assert "and a long log" in capsys.readouterr().err


class FakePart:
    about = ""

    def __init__(self, title, outcome):
        self.title = title
        self._outcome = outcome

    def measure(self, chosen):
        del chosen
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome
