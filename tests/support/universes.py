"""Blocks of simulated schedules, shared by the files that pytest's workers share among each other."""

from __future__ import annotations

from kentongan_sim.universe.campaign import Campaign, run_range


def all_right(first: int, last: int) -> Campaign:
    """Runs the seeds; fails with the first ones that break an invariant, or when nothing was really tried."""
    campaign = run_range(first, last)
    told = [f"seed {seed}: {problem} (kentongan simulate --replay {seed} --trace)" for seed, problem in campaign.failed]
    assert not told, "\n".join(told[:5])
    assert not campaign.vacuous()
    assert campaign.schedules == last - first + 1
    return campaign
