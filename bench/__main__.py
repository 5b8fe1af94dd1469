"""`make bench`: measure everything in one run, print it, write bench/results/."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import centre, contention, detection, kept, machine, report, road, second_path

RESULTS = Path(__file__).parent / "results"
PRESSES = 220  # at least 200 for a 99th percentile that is no maximum
ALARMS = 200  # beside each load, for a 99th percentile that is no maximum
TEXTS = 40  # presses by SMS: a 95th percentile that is no maximum
ROUNDS = 3  # of breaking everything, five buttons beside each other
FRAMES = 20_000  # presses for the centre: a few seconds of its full load


def main() -> int:
    """Exit code 0 when every number is reached, 1 when one is missed."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Measures both paths, supervision and the centre in one run."
    )
    parser.add_argument("--presses", type=int, default=PRESSES)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--alarms", type=int, default=ALARMS)
    parser.add_argument("--texts", type=int, default=TEXTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--only",
        choices=("road", "second-path", "centre", "detection", "contention", "kept"),
        help="a part; nothing is written then",
    )
    arguments = parser.parse_args()
    sections: dict[str, Callable[[], list[report.Row]]] = {
        "road": lambda: road.measure(arguments.presses),
        "second-path": lambda: second_path.measure(arguments.texts),
        "centre": lambda: centre.measure(arguments.frames),
        "detection": lambda: detection.measure(arguments.rounds),
        "contention": lambda: contention.measure(arguments.alarms),
        "kept": lambda: kept.measure(RESULTS),
    }
    rows: list[report.Row] = []
    for name, measure in sections.items():
        if arguments.only in (None, name):
            print(f"measuring the {name} …", flush=True)
            rows += measure()
    print(report.table(rows))
    if arguments.only is None:
        now = datetime.now(UTC)
        described = machine.describe()
        file = f"{now:%Y-%m-%d}.json"
        content = {"date": f"{now:%Y-%m-%d %H:%M} UTC", "machine": described, "rows": [row.as_json() for row in rows]}
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / file).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        (RESULTS / "README.md").write_text(report.page(f"{now:%Y-%m-%d}", described, rows, file))
        print(f"written: {RESULTS.relative_to(Path.cwd())}/{file}")
    return 0 if all(row.meets for row in rows if row.limits) else 1


if __name__ == "__main__":
    sys.exit(main())
