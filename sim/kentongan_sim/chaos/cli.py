"""`kentongan chaos`: presses while everything breaks, and a verdict."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from kentongan_sim.chaos.campaign import LONGEST_S, Plan, Record, RoundChaos, run_options, totals
from kentongan_sim.cli import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, unsupported
from kentongan_sim.demo import Demo, DemoOptions, Interrupted
from kentongan_sim.errors import SimError

PRESSES = 250  # one round, some minutes
ABOUT = (
    "Presses the buttons of a small city while its processes are killed and frozen, its links cut and slowed, its "
    "disks full and its power gone, several at a time and drawn from a seed; then judges whether every press is one "
    "alarm and no lamp lied. A fault that never happened fails the run, too."
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
        record = Record(arguments.json, plan)
        for number in range(len(record.rounds), len(plan.rounds())):
            result = _round(plan, number)
            record.add(result)
            _tell(number, len(plan.rounds()), result)
            if not result["ok"]:
                break
    except SimError as error:
        return _complain(str(error))
    except Interrupted:
        return EXIT_INTERRUPTED
    return _summarise(totals(record.rounds))


def _round(plan: Plan, number: int) -> dict[str, Any]:
    """One round in a city of its own, whose folder is kept when something was wrong."""
    state = Path(tempfile.mkdtemp(prefix="kentongan-chaos-"))
    options = run_options(plan, number)
    havoc = RoundChaos(plan, options.seed)
    right = False
    started = time.monotonic()
    try:
        outcome = asyncio.run(Demo(DemoOptions(state, options.seed), say=_silent).run(options, havoc.unleash))
        assert outcome is not None
        result = havoc.result(outcome)
        right = result["ok"]
        return {**result, "took_s": round(time.monotonic() - started)}
    except Interrupted:
        right = True
        raise
    finally:
        if right:
            shutil.rmtree(state, ignore_errors=True)
        else:
            print(f"State and logs are in {state}")


def _tell(number: int, rounds: int, result: dict[str, Any]) -> None:
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
        print(f"  {count:6}  {fault}")
    shapes = ", ".join(f"{count} {shape}" for shape, count in total["newest_transactions"].items())
    print(f"newest transactions of gateways without power: {shapes or 'none'}")
    return EXIT_OK if total["ok"] else EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kentongan chaos", description=ABOUT)
    parser.add_argument("--presses", type=int, default=PRESSES, metavar="N", help="in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of all chance (default: %(default)s)")
    parser.add_argument(
        "--longest", type=float, default=LONGEST_S, metavar="SECONDS", help="of one fault (default: %(default)s)"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="keep the result there after each round; with the same plan go on"
    )
    return parser


def _silent(_line: str) -> None:
    """A campaign tells its rounds, not how each city starts."""


def _complain(message: str) -> int:
    print(f"kentongan chaos: {message}", file=sys.stderr)
    return EXIT_FAILED
