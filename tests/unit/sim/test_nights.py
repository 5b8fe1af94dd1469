"""The simulator's nights: nobody has power, not even whoever just lost it in another way."""

from __future__ import annotations

from kentongan_sim.universe.plan import Event, Plan
from kentongan_sim.universe.world import World

CUT_MS, NIGHT_AT_MS, NIGHT_MS = 6_000, 6_010, 3_600_000


def test_a_button_cut_in_a_write_does_not_come_back_in_the_night():
    """It would talk for hours to a site that is not there, and be taken for one that spins."""
    events = [
        Event(0, CUT_MS - 1_000, "button-cut-in-write"),
        Event(1, CUT_MS, "press", for_ms=200),
        Event(2, NIGHT_AT_MS, "night", for_ms=NIGHT_MS, amount=NIGHT_MS + 5_000),
    ]
    lines: list[str] = []
    plan = Plan(1, 1, 1, ends_ms=NIGHT_AT_MS + NIGHT_MS, look_every_ms=0, think_ms=0, closes=0, events=events)
    world = World(plan, say=lines.append)
    verdict = world.run()
    assert verdict.problem is None
    assert world.buttons[0].power_cuts == 1
    assert world.buttons[0].boots == 2
    said = [int(line.split()[0]) for line in lines if line.split()[1:2] == [world.buttons[0].name]]
    assert not [at_ms for at_ms in said if NIGHT_AT_MS <= at_ms < NIGHT_AT_MS + NIGHT_MS]
    assert max(said) > NIGHT_AT_MS + NIGHT_MS
