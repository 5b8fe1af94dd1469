"""`make bench`: measure everything in one run, print it, write bench/results/."""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    busy_console,
    centre,
    contention,
    detection,
    eight_tabs,
    kept,
    machine,
    page,
    restart,
    road,
    second_path,
    simulator,
    streams,
    weights,
)
from bench.report import Row, Section, told
from kentongan_sim import provenance

RESULTS = Path(__file__).parent / "results"
PRESSES = 220  # at least 200 for a 99th percentile that is no maximum
ALARMS = 200  # beside each load, for a 99th percentile that is no maximum
TEXTS = 40  # presses by SMS: a 95th percentile that is no maximum
ROUNDS = 3  # of breaking everything, five buttons beside each other
FRAMES = 20_000  # presses for the centre: a few seconds of its full load
KEYS = 300  # presses of a key in the busy console: a 99th percentile that is no maximum
TOLD = 50  # alarms that 200 streams are told
PAST = 1_000_000  # cases in store, as NUMBERS.md has them
CAMPAIGNS = "campaigns"


@dataclass(frozen=True)
class Part:
    """What can be measured by itself.

    Attributes:
        title: of its section on the page.
        measure: makes its rows.
        about: what is said below them.
    """

    title: str
    measure: Callable[[argparse.Namespace], list[Row]]
    about: str = ""


PARTS: Mapping[str, Part] = {
    "road": Part("From the press to the screen and back", lambda chosen: road.measure(chosen.presses), road.ABOUT),
    "second-path": Part("By SMS", lambda chosen: second_path.measure(chosen.texts), second_path.ABOUT),
    "detection": Part("How soon a fault is told", lambda chosen: detection.measure(chosen.rounds), detection.ABOUT),
    "contention": Part("An alarm beside a load", lambda chosen: contention.measure(chosen.alarms), contention.ABOUT),
    "centre": Part("How much the centre takes", lambda chosen: centre.measure(chosen.frames)),
    "console": Part(
        "The console in a bad hour",
        lambda chosen: [*busy_console.measure(chosen.keys), *eight_tabs.measure()],
        busy_console.ABOUT,
    ),
    "streams": Part("200 consoles at once", lambda chosen: streams.measure(chosen.told), streams.ABOUT),
    "restart": Part("A centre with a long past", lambda chosen: restart.measure(chosen.past), restart.ABOUT),
    "weights": Part("What a browser loads", lambda _: weights.measure(), weights.ABOUT),
    "simulator": Part("How fast the simulator is", simulator.measure, simulator.ABOUT),
}


def parser() -> argparse.ArgumentParser:
    """Of the command line."""
    made = argparse.ArgumentParser(
        prog="bench", description="Measures both paths, supervision and the centre in one run (half an hour)."
    )
    made.add_argument("--presses", type=int, default=PRESSES, help=f"on the main road (default {PRESSES})")
    made.add_argument("--texts", type=int, default=TEXTS, help=f"presses by SMS (default {TEXTS})")
    made.add_argument("--rounds", type=int, default=ROUNDS, help=f"of every fault (default {ROUNDS})")
    made.add_argument("--alarms", type=int, default=ALARMS, help=f"beside each load (default {ALARMS})")
    made.add_argument("--frames", type=int, default=FRAMES, help=f"for the centre (default {FRAMES})")
    made.add_argument("--keys", type=int, default=KEYS, help=f"pressed in the busy console (default {KEYS})")
    made.add_argument("--told", type=int, default=TOLD, help=f"alarms to 200 streams (default {TOLD})")
    made.add_argument("--past", type=int, default=PAST, help=f"closed cases before a restart (default {PAST})")
    made.add_argument(
        "--schedules",
        type=int,
        default=simulator.SCHEDULES,
        help=f"for the simulator's speed (default {simulator.SCHEDULES})",
    )
    made.add_argument(
        "--only",
        nargs="+",
        choices=(*PARTS, CAMPAIGNS),
        metavar="PART",
        help=f"measure these parts and write nothing: {', '.join((*PARTS, CAMPAIGNS))}",
    )
    made.add_argument("--page", action="store_true", help="measure nothing, make bench/results/README.md anew")
    return made


def rows_of(part: Part, chosen: argparse.Namespace) -> tuple[Row, ...]:
    """What a part measures; when it breaks down, one row that says so and is missed: the others are measured anyhow."""
    try:
        return tuple(part.measure(chosen))
    except Exception as error:  # noqa: BLE001 - whatever it was, it is shown whole, and the row is missed
        traceback.print_exception(error)
        why = " ".join(str(error).splitlines()[:1])
        return (Row("measured to the end", "", {"value": 0}, {">value": 1}, f"{type(error).__name__}: {why}"),)


def measured(chosen: argparse.Namespace, names: Sequence[str]) -> list[Section]:
    """The sections of these parts."""
    found = []
    for name, part in PARTS.items():
        if name in names:
            print(f"measuring the {name} …", flush=True)
            found.append(Section(part.title, rows_of(part, chosen), part.about))
            print(told(found[-1]), flush=True)
    return found


def whole_run(chosen: argparse.Namespace, results: Path) -> None:
    """Measure everything and keep it."""
    commit, where = provenance.commit(), machine.describe()  # of what is measured, whatever is edited meanwhile
    found = measured(chosen, tuple(PARTS))
    now = datetime.now(UTC)
    content = page.content(f"{now:%Y-%m-%d %H:%M} UTC", commit, where, found)
    results.mkdir(exist_ok=True)
    file = results / f"{now:%Y-%m-%d}.json"
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written: {file}")


def main(argv: Sequence[str] | None = None, results: Path = RESULTS) -> int:
    """Exit code 0 when every number is reached, 1 when one is missed."""
    chosen = parser().parse_args(argv)
    if chosen.only and not chosen.page:
        found = measured(chosen, chosen.only)
        if CAMPAIGNS in chosen.only:
            campaigns = kept.sections(results)
            print("\n\n".join(told(section) for section in campaigns) or f"no campaign is kept in {results}")
            found += campaigns
    else:
        if not chosen.page:
            whole_run(chosen, results)
        titles = (*(part.title for part in PARTS.values()), kept.SCHEDULES_TITLE, kept.CHAOS_TITLE)
        on_page = page.write(results, titles)
        if on_page is None:
            print(f"bench: no run is kept in {results}: run it without --page first", file=sys.stderr)
            return 1
        found = on_page
    missed = page.missed(found)
    for row in missed:
        print(f"missed: {row.name}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
