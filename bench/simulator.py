"""How many schedules of the simulator one core runs in a second: what decides how many every test run can have."""

from __future__ import annotations

import argparse

from bench.report import Row
from kentongan_sim.universe.campaign import run_range

SCHEDULES = 400  # some 20 s
WARM = 20  # before them: empty stores are made and modules loaded once
FIRST = 1_000_000  # seeds that no campaign runs
SCHEDULES_PER_S = 20  # of one core, at least; what keeps 1,000 schedules in every test run affordable
ABOUT = """\
One process, nothing beside it, in processor time. How many a campaign runs at once, and what it found, stands below."""


def rows(schedules: int, cpu_s: float) -> list[Row]:
    """The row of so many schedules."""
    rate = round(schedules / cpu_s, 1)
    return [Row("schedules a second of one core", "1/s", {"value": rate, "n": schedules}, {">value": SCHEDULES_PER_S})]


def measure(chosen: argparse.Namespace) -> list[Row]:
    """The rows of the simulator's speed."""
    run_range(FIRST, FIRST + WARM - 1)
    first = FIRST + WARM
    campaign = run_range(first, first + chosen.schedules - 1)
    return rows(campaign.schedules, campaign.cpu_s)
