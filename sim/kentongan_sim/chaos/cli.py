"""`kentongan chaos`: presses while everything breaks, and a verdict."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from kentongan_sim import provenance
from kentongan_sim.chaos.campaign import LONGEST_S, Plan, Record
from kentongan_sim.chaos.crew import Crew
from kentongan_sim.cli import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, unsupported
from kentongan_sim.demo import Interrupted
from kentongan_sim.errors import SimError

PRESSES = 250  # one round, some minutes
JOBS = 3  # cities at a time: each takes about a quarter of a core, the rest of its time it waits
ABOUT = (
    "Presses the buttons of a small city while its processes are killed and frozen, its links cut and slowed, its "
    "disks full and its power gone, several at a time and drawn from a seed; then judges whether every press is one "
    "alarm and no lamp lied. A fault that never met a press in flight fails the run, too."
)


def chaos(argv: list[str]) -> int:
    """Runs a campaign of chaos on this machine.

    Returns:
        0 when all was right, 1 when something was not, 130 when it was interrupted.
    """
    arguments = _parser().parse_args(argv)
    if complaint := unsupported():
        return _complain(complaint)
    plan = Plan(arguments.presses, arguments.seed, arguments.longest)
    try:
        record = Record(arguments.json, plan, provenance.describe())
        asyncio.run(Crew(plan, record, arguments.jobs, lambda *told: _tell(len(plan.rounds()), *told)).run())
    except SimError as error:
        return _complain(str(error))
    except Interrupted:
        return EXIT_INTERRUPTED
    return _summarise(record.totals())


def _tell(rounds: int, number: int, result: dict[str, Any]) -> None:
    print(
        f"round {number + 1} of {rounds}, seed {result['seed']}: {result['presses']} presses, "
        f"{sum(result['faults'].values())} faults, {result['took_s']} s, {'right' if result['ok'] else 'WRONG'}",
        flush=True,
    )
    for problem in result["problems"]:
        print(f"  WRONG  {problem}", file=sys.stderr)


def _summarise(total: dict[str, Any]) -> int:
    print(
        "{presses} presses, {alarms} alarms; lost {lost}, doubled {duplicates}, lying lamps {lamp_lies} "
        "of {lamp_transitions} lamp changes".format(**total)
    )
    for fault, count in total["faults"].items():
        print(f"  {count:6}  {fault}, {total['faults_meeting_a_press'][fault]} of them with a press in flight")
    shapes = ", ".join(f"{count} {shape}" for shape, count in total["newest_transactions"].items())
    print(f"newest transactions of gateways without power: {shapes or 'none'}")
    print("{duration_s} s, {presses_per_minute} presses a minute".format(**total))
    if total["redone"]:
        print("{redone} rounds went wrong and were done again: they are in the file".format(**total))
    return EXIT_OK if total["ok"] else EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kentongan chaos", description=ABOUT)
    parser.add_argument("--presses", type=int, default=PRESSES, metavar="N", help="in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of all chance (default: %(default)s)")
    parser.add_argument(
        "--longest", type=float, default=LONGEST_S, metavar="SECONDS", help="of one fault (default: %(default)s)"
    )
    parser.add_argument("--jobs", type=_jobs, default=JOBS, metavar="N", help="cities at a time (default: %(default)s)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="keep the result there after each round; with the same plan go on"
    )
    return parser


def _jobs(text: str) -> int:
    jobs = int(text)
    if jobs < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {jobs}")
    return jobs


def _complain(message: str) -> int:
    print(f"kentongan chaos: {message}", file=sys.stderr)
    return EXIT_FAILED
