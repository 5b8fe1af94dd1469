"""A failing schedule made small: which few of its events are enough to fail."""

from __future__ import annotations

from collections.abc import Callable

from kentongan_sim.universe.plan import Plan, draw_plan
from kentongan_sim.universe.world import World

TRIALS_MAX = 400  # runs spent on one schedule: some tens of seconds


def shrink(plan: Plan, budget: int = TRIALS_MAX) -> tuple[int, ...]:
    """Numbers of events that still fail together, found by leaving out halves, quarters … single ones."""

    def fails(kept: tuple[int, ...]) -> bool:
        return World(plan, frozenset(kept)).run().problem is not None

    return minimal(tuple(event.number for event in plan.events), fails, budget)


def minimal(numbers: tuple[int, ...], fails: Callable[[tuple[int, ...]], bool], budget: int) -> tuple[int, ...]:
    """Delta debugging: the smallest failing subset that the budget of trials finds."""
    parts = 2
    while len(numbers) > 1 and budget > 0:
        size = max(1, -(-len(numbers) // parts))
        for at in range(0, len(numbers), size):
            rest = numbers[:at] + numbers[at + size :]
            budget -= 1
            if fails(rest):
                numbers, parts = rest, max(2, parts - 1)
                break
            if budget <= 0:
                return numbers
        else:
            if size == 1:
                return numbers
            parts *= 2
    return numbers


def describe(seed: int, kept: tuple[int, ...]) -> list[str]:
    """The kept events, for people."""
    return [f"{event.at_ms:>9} ms  {event}" for event in draw_plan(seed).events if event.number in kept]
