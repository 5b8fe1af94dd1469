"""What happened in a universe, counted: a run in which nothing happened must be visible."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kentongan_sim.universe.at_modem import AtCard

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
    totals["endings by SMS"] += bool(world.plan.ending)
    totals["sentences"] += world.sms.sentences
    _count_modems(world, totals)
    totals["forged"] += world.adversary.forged
    totals["replayed"] += world.adversary.replayed
    totals["receipts"] += world.oracle.receipts
    totals["lamps"] += world.oracle.lamps
    totals["alarms"] += len(world.oracle.history.alarms)
    totals["acknowledgements"] += len(world.oracle.history.acts)
    totals["rejected"] += world.oracle.history.forged_of().total()


def _count_modems(world: World, totals: Counter[str]) -> None:
    """Of schedules in which they are played down to their bytes."""
    models = [card.model for card in world.sms.cards.values() if isinstance(card, AtCard)]
    totals["AT schedules"] += bool(models)
    totals["AT modems"] += len(models)
    totals["AT commands"] += sum(model.counts.commands for model in models)
    totals["AT texts sent"] += sum(model.counts.sent for model in models)
    totals["AT texts received"] += sum(model.counts.received for model in models)
    totals["AT storage full"] += sum(model.counts.refused_full for model in models)
    totals["AT boots"] += sum(model.counts.boots for model in models)
    totals["AT power keys"] += sum(len(model.counts.keys) for model in models)
    totals["AT wrong PINs"] += sum(model.counts.wrong_pins for model in models)
    totals["AT odd sends"] += world.sms.odd_sends
