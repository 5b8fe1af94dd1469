"""What happened in a universe, counted: a run in which nothing happened must be visible."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kentongan_sim.universe.world import World


def count(world: World, totals: Counter[str]) -> None:
    """Adds what happened in a world."""
    faults = world.faults
    for kind, times in sorted(faults.happened.items()):
        totals[f"fault {kind}"] += times
    totals["centre kills"] += world.centre.crashes
    totals["gateway kills"] += sum(gateway.crashes for gateway in world.gateways)
    totals["power cuts"] += sum(button.power_cuts for button in world.buttons)
    totals["torn writes"] += sum(button.flash.torn for button in world.buttons)
    totals["flash writes"] += sum(button.flash.writes for button in world.buttons)
    totals["messages lost"] += sum(link.lost for link in faults.links())
    totals["messages carried"] += sum(link.carried for link in faults.links())
    totals["SMS used"] += world.sms.taken
    totals["SMS delivered"] += world.sms.delivered
    totals["sentences"] += world.sms.sentences
    totals["forged"] += world.adversary.forged
    totals["replayed"] += world.adversary.replayed
    totals["receipts"] += world.oracle.receipts
    totals["lamps"] += world.oracle.lamps
    totals["alarms"] += len(world.oracle.history.alarms)
    totals["acknowledgements"] += len(world.oracle.history.acts)
    totals["rejected"] += world.oracle.history.forged
