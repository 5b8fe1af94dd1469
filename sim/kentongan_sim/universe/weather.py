"""What befalls texts and modems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from kentongan_sim.universe.at_modem import ODDITIES, AtCard
from kentongan_sim.universe.links import Profile
from kentongan_sim.universe.people import CENTRE_NUMBERS
from kentongan_sim.universe.plan import Event
from kentongan_sim.universe.sim_cards import SimCard

if TYPE_CHECKING:
    from kentongan_sim.universe.world import World

BAD_SMS = (
    (Profile(loss=300, double=200, delay_ms=(800, 60_000)), 100, 300),
    (Profile(double=400, corrupt=200, delay_ms=(800, 20_000)), 0, 600),
    (Profile(loss=100, delay_ms=(5_000, 120_000)), 400, 100),
)


class Weather:
    """Of the SMS network, and of everybody's modem.

    Args:
        later: does something after so many ms, unless the faults have stopped by then.
        happened: counts.
    """

    def __init__(self, world: World, later: Callable[..., None], happened: Counter[str]) -> None:
        self._world = world
        self._later = later
        self._happened = happened

    def bad(self, event: Event) -> None:
        """Late, lost, doubled, corrupted; not taken, or nobody knows whether it was."""
        sms = self._world.sms
        sms.profile, sms.refused, sms.unknown = BAD_SMS[event.amount]
        self._later(event.for_ms, sms.mend)

    def out(self, event: Event) -> None:
        self._world.sms.out = True
        self._later(event.for_ms, setattr, self._world.sms, "out", False)

    def dead(self, event: Event) -> None:
        """A gateway's, a button's, or one of the centre's; what it has stored stays on its SIM."""
        card = self._card(event)
        card.dead = True
        self._later(event.for_ms, card.repair)

    def _card(self, event: Event) -> SimCard:
        world = self._world
        cards = [gateway.card for gateway in world.gateways] + world.centre.cards
        cards += [button.card for button in world.buttons if button.card is not None]
        return cards[(event.amount + event.at) % len(cards)]

    def odd(self, event: Event) -> None:
        """It hangs, babbles, reboots, wants another PIN; where no bytes are played it is just dead."""
        card = self._card(event)
        if isinstance(card, AtCard):
            how = ODDITIES[event.amount]
            self._happened[f"modem {how}"] += 1
            card.behave_oddly(how)
        else:
            card.dead = True
        self._later(event.for_ms, card.repair)

    def junk(self, event: Event) -> None:
        """Advertisements, to one of the centre's numbers: a SIM has little room."""
        number = CENTRE_NUMBERS[event.at % 2]
        for at in range(event.amount):
            self._later(at * 100, self._world.sms.deliver, "+6281234", number, f"PROMO {at}: pulsa gratis! OK")
