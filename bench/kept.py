"""Totals of the long campaigns, from the files that `kentongan chaos` and `kentongan simulate` keep here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.report import Row

CHAOS = "chaos.json"
SIMULATOR = "simulate.json"
CHAOS_PRESSES = 10_000  # NUMBERS.md: lost alarms and doubled incidents, 0 in so many presses
SCHEDULES = 100_000  # NUMBERS.md: simulated schedules in a release's result file


def measure(results: Path) -> list[Row]:
    """The rows of the campaigns that are kept there; none of one that is not."""
    rows = []
    for name, told in ((CHAOS, _chaos), (SIMULATOR, _simulator)):
        path = results / name
        if path.exists():
            rows += told(json.loads(path.read_text(encoding="utf-8")))
    return rows


def _chaos(kept: dict[str, Any]) -> list[Row]:
    total = kept["totals"]
    wrong = total["lost"] + total["duplicates"] + total["unexplained"] + total["lamp_lies"]
    note = (
        f"{CHAOS}: {total['faults_in_all']:,} faults of {len(total['faults'])} kinds, {total['alarms_by_sms']:,} of "
        f"{total['alarms']:,} alarms by SMS, {total['lamp_transitions']:,} lamp changes. Real processes on one "
        "machine; what each fault is and is not: docs/simulator.md."
    )
    return [
        Row("chaos: presses while everything breaks", "", {"value": total["presses"]}, {">value": CHAOS_PRESSES}, note),
        Row("chaos: lost, doubled, without a press, lying lamps", "", {"value": wrong}, {"value": 0}),
        Row("chaos: rounds in which anything was wrong", "", {"value": _wrong(kept["rounds"])}, {"value": 0}),
    ]


def _wrong(rounds: list[dict[str, Any]]) -> int:
    return sum(not one["ok"] for one in rounds)


def _simulator(kept: dict[str, Any]) -> list[Row]:
    happened = ", ".join(f"{name} {count:,}" for name, count in kept["totals"].items())
    seeds = f"seeds {kept['seeds'][0]}-{kept['done'] - 1}"
    note = f"{SIMULATOR}: {seeds}, {kept['virtual_hours']:,} virtual hours: {happened}."
    failed = len(kept["failed"]) + len(kept["vacuous"])
    return [
        Row("simulator: schedules", "", {"value": kept["schedules"]}, {">value": SCHEDULES}, note),
        Row("simulator: schedules with a broken invariant", "", {"value": failed}, {"value": 0}),
        Row("simulator: schedules a second a core", "1/s", {"value": kept["schedules_per_cpu_s"]}, {">value": 20}),
    ]
