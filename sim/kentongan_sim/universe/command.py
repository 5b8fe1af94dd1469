"""`kentongan simulate`: seeds in, a verdict out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kentongan_sim.errors import SimError
from kentongan_sim.universe.campaign import Campaign, run_range
from kentongan_sim.universe.plan import draw_plan
from kentongan_sim.universe.shrink import describe, shrink
from kentongan_sim.universe.world import Verdict, World

EXIT_OK, EXIT_FAILED = 0, 1
SEEDS = "0-99"
SHRUNK_MAX = 3  # failing seeds of a campaign that are made small; more say little more


def simulate(argv: list[str]) -> int:
    """Runs the real cores under a virtual clock and seeded faults, and judges them at every step.

    Returns:
        0 when no invariant was broken, 1 when one was, or when nothing was really tried.
    """
    arguments = _parser().parse_args(argv)
    try:
        if arguments.replay is not None:
            return _replay(arguments)
        first, last = _range(arguments.seeds)
        campaign = run_range(first, last, arguments.jobs, arguments.json, _tell)
    except SimError as error:
        print(f"kentongan simulate: {error}", file=sys.stderr)
        return EXIT_FAILED
    return _report(campaign, quick=arguments.no_shrink)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kentongan simulate", description=simulate.__doc__)
    parser.add_argument("--seeds", default=SEEDS, metavar="A-B", help=f"schedules to run (default {SEEDS})")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="result file; a campaign goes on where it was left")
    parser.add_argument("--no-shrink", action="store_true", help="do not make failing schedules small")
    parser.add_argument("--replay", type=int, metavar="SEED", help="run this one alone")
    parser.add_argument("--only", metavar="N,N,…", help="with --replay: only these events of its plan")
    parser.add_argument("--trace", action="store_true", help="with --replay: print every step")
    return parser


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    try:
        found = int(first), int(last or first)
    except ValueError as error:
        raise SimError(f"--seeds {text}: expected A-B with two numbers.") from error
    if found[0] > found[1]:
        raise SimError(f"--seeds {text}: expected the smaller number first.")
    return found


def _replay(arguments: argparse.Namespace) -> int:
    only = None
    if arguments.only is not None:
        try:
            only = frozenset(int(number) for number in arguments.only.split(",") if number)
        except ValueError as error:
            raise SimError(f"--only {arguments.only}: expected numbers of events.") from error
    plan = draw_plan(arguments.replay)
    verdict = World(plan, only, print if arguments.trace else None).run()
    print(f"seed {verdict.seed}: {verdict.problem or 'all was right'}")
    print(f"trace {verdict.digest}, {verdict.virtual_ms / 1000:.0f} s of virtual time")
    for name, count in sorted(verdict.totals.items()):
        print(f"  {name:<44}{count:>8}")
    return EXIT_FAILED if verdict.problem else EXIT_OK


def _tell(verdict: Verdict) -> None:
    if verdict.problem is not None:
        print(f"seed {verdict.seed} FAILED: {verdict.problem}", flush=True)


def _report(campaign: Campaign, *, quick: bool) -> int:
    print(f"{campaign.schedules} schedules, {campaign.virtual_ms / 3_600_000:.1f} virtual hours")
    for name, count in sorted(campaign.totals.items()):
        print(f"  {name:<44}{count:>10}")
    if campaign.cpu_s:
        print(f"{campaign.schedules / campaign.cpu_s:.1f} schedules a second of one core")
    for name in campaign.vacuous():
        print(f"VACUOUS: {name}: never happened in {campaign.schedules} schedules")
    for seed, problem in [] if quick else campaign.failed[:SHRUNK_MAX]:
        plan = draw_plan(seed)
        kept = shrink(plan)
        print(f"seed {seed}: {problem}\n  {len(kept)} of its {len(plan.events)} events are enough:")
        print("\n".join(f"    {line}" for line in describe(seed, kept)))
        only = ",".join(map(str, kept))
        print(f"  kentongan simulate --replay {seed} --only {only} --trace")
    print("FAILED" if campaign.failed or campaign.vacuous() else "no invariant was broken")
    return EXIT_FAILED if campaign.failed or campaign.vacuous() else EXIT_OK
