"""Totals of the long campaigns, from the files that `kentongan chaos` and `kentongan simulate` keep here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report import Row, Section, cell

CHAOS = "chaos.json"
SIMULATOR = "simulate.json"
CHAOS_PRESSES = 10_000  # NUMBERS.md: lost alarms and doubled incidents, 0 in so many presses
SCHEDULES = 100_000  # NUMBERS.md: simulated schedules in a release's result file
SCHEDULES_TITLE, CHAOS_TITLE = "Simulated schedules", "Chaos"  # of their sections on the page
FAULT = "fault "  # so begin the totals of the simulator that count events of the plans

# What people ask for first: words → totals of the simulator that are added up.
SIMULATED: Mapping[str, tuple[str, ...]] = {
    "presses": ("presses",),
    "more presses of the same latch": ("repeats",),
    "alarms": ("alarms",),
    "crashes of centre and gateways": ("centre kills", "gateway kills"),
    "power cuts of buttons": ("power cuts",),
    "torn flash writes": ("torn writes",),
    "SMS used": ("SMS used",),
    "SMS delivered": ("SMS delivered",),
    "frames forged": ("forged",),
    "frames replayed": ("replayed",),
    "messages lost on links": ("messages lost",),
}

# The same of the chaos run.
BROKEN: Mapping[str, str] = {
    "presses": "presses",
    "alarms": "alarms",
    "of them by SMS": "alarms_by_sms",
    "faults": "faults_in_all",
    "lost": "lost",
    "doubled": "duplicates",
    "alarms without a press": "unexplained",
    "lying lamps": "lamp_lies",
    "changes of lamps that were looked at": "lamp_transitions",
    "SMS used": "sms_sent",
    "SMS delivered": "sms_delivered",
    "sentences and other texts to people": "sms_to_people",
}


def sections(results: Path) -> list[Section]:
    """Of the campaigns that are kept there; none of one that is not."""
    found = []
    for name, told in ((SIMULATOR, _simulator), (CHAOS, _chaos)):
        path = results / name
        if path.exists():
            found.append(told(json.loads(path.read_text(encoding="utf-8"))))
    return found


def _simulator(kept: Mapping[str, Any]) -> Section:
    totals = kept["totals"]
    counts: dict[str, int | None] = {
        words: sum(totals[name] for name in names) if all(name in totals for name in names) else None
        for words, names in SIMULATED.items()
    }
    faults = {name.removeprefix(FAULT): count for name, count in totals.items() if name.startswith(FAULT)}
    others = {name: count for name, count in totals.items() if not name.startswith(FAULT)}
    failed = [str(seed) for seed, _ in kept["failed"]]
    whence = (
        f"Seeds {kept['seeds'][0]} to {kept['done'] - 1} of `kentongan simulate`, at commit `{kept['commit']}`, "
        f"{kept['date']} ({kept['machine']}): [{SIMULATOR}]({SIMULATOR}), {cell(kept['virtual_hours'])} virtual hours. "
        "Real cores, played links, disks and modems: what is not modelled stands in docs/simulator.md."
    )
    rare = (
        f"Failed seeds: {', '.join(failed) or 'none'}. "
        f"What should have happened and never did: {', '.join(kept['vacuous']) or 'nothing'}."
    )
    about = [
        whence,
        _counts(counts),
        rare,
        f"Everything that was counted: {_listed(others)}.",
        f"Events of the plans, faults and hands: {_listed(faults)}.",
    ]
    rows = (
        Row("simulated schedules", "", {"value": kept["schedules"]}, {">value": SCHEDULES}),
        Row(
            "schedules with a broken invariant, or kinds of events that never happened",
            "",
            {"value": len(failed) + len(kept["vacuous"])},
            {"value": 0},
        ),
        Row(
            "schedules for one second of processor time",
            "1/s",
            {"value": kept["schedules_per_cpu_s"]},
            note="On both cores, beside whatever else ran; alone it is faster, see above.",
        ),
    )
    return Section(SCHEDULES_TITLE, rows, "\n\n".join(about))


def _chaos(kept: Mapping[str, Any]) -> Section:
    totals = kept["totals"]
    wrong = sum(totals[name] for name in ("lost", "duplicates", "unexplained", "lamp_lies"))
    # A round that went wrong is done again when the campaign goes on; that makes it no right one.
    redone = kept.get("redone", [])
    bad = [f"seed {one['seed']}: {'; '.join(one['problems'])}" for one in (*redone, *kept["rounds"]) if one["problems"]]
    counts = {words: totals[name] for words, name in BROKEN.items()}
    if "faults_meeting_a_press" in totals:
        counts["faults that met a press on its way"] = sum(totals["faults_meeting_a_press"].values())
    whence = (
        f"{cell(totals['rounds'])} rounds of `kentongan chaos`, from seed {kept['plan']['seed']} on, at commit "
        f"`{kept.get('commit', 'unknown')}`, {kept.get('date', 'no date')} ({kept.get('machine', 'unknown machine')}): "
        f"[{CHAOS}]({CHAOS}). Real processes on one machine; what each fault is and is not stands in docs/simulator.md."
    )
    about = [
        whence,
        _counts(counts),
        f"Rounds in which anything was wrong: {', '.join(bad) or 'none'}.",
        f"Faults: {_listed(totals['faults'])}.",
    ]
    rows = (
        Row("presses while everything breaks", "", {"value": totals["presses"]}, {">value": CHAOS_PRESSES}),
        Row("lost, doubled, without a press, lying lamps", "", {"value": wrong}, {"value": 0}),
        Row("rounds in which anything was wrong", "", {"value": len(bad)}, {"value": 0}),
    )
    return Section(CHAOS_TITLE, rows, "\n\n".join(about))


def _counts(counts: Mapping[str, float | None]) -> str:
    lines = ["| counted | |", "|---|---|", *(f"| {words} | {cell(count)} |" for words, count in counts.items())]
    return "\n".join(lines)


def _listed(counts: Mapping[str, int]) -> str:
    return "; ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
