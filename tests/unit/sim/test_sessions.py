"""What the simulator's buttons take for their connection: a deadline ends the one that it was set on, and no other."""

from __future__ import annotations

from itertools import pairwise

from kentongan_sim.universe.button import PUBACK_MS
from kentongan_sim.universe.links import Profile
from kentongan_sim.universe.plan import Event, Plan
from kentongan_sim.universe.world import World


def test_a_new_connection_gets_its_own_five_seconds():
    plan = Plan(
        1, 1, 1, ends_ms=90_000, look_every_ms=0, think_ms=0, closes=0, events=[Event(0, 4_000, "press", 0, 200)]
    )
    world = World(plan, record=True)
    button = world.buttons[0]
    button.wifi.profile = Profile(loss=1_000)  # the access point takes everything, and nothing comes of it
    verdict = world.run()
    assert verdict.problem is None
    assert button.log is not None
    connected_ms = [int(str(what[1])) for what in button.log if what[0] == "link_up"]
    assert len(connected_ms) > 5
    apart_ms = [after - before for before, after in pairwise(connected_ms)]
    assert min(apart_ms) > PUBACK_MS
