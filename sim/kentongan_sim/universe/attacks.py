"""What the adversary does, and when a gateway lies."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from kentongan_sim.universe.adversary import LyingGateway
from kentongan_sim.universe.plan import Event
from kentongan_wire.press import PressIdentity
from kentongan_wire.topics import ALARM, BEAT, REPORT, button_up, gateway_down, gateway_up

if TYPE_CHECKING:
    from kentongan_sim.universe.button import SimButton
    from kentongan_sim.universe.world import World


class Attacks:
    """The adversary's acts of a plan."""

    def __init__(self, world: World, draw: random.Random) -> None:
        self._world = world
        self._loop = world.loop
        self._draw = draw

    def _button(self, event: Event) -> SimButton:
        return self._world.buttons[event.at % len(self._world.buttons)]

    def _at(self, event: Event) -> int:
        return event.at % self._world.plan.sites

    def forge(self, event: Event) -> None:
        """Frames that nobody signed: at the site's broker, and at the centre's as a stolen gateway."""
        world, at = self._world, self._at(event)
        gateway = world.gateways[at].identity.device
        device = self._button(event).device
        for _ in range(event.amount):
            if self._draw.randrange(2):
                world.at_site_broker(
                    at, button_up(world.gateways[at].identity.site, device, ALARM), world.adversary.press(device)
                )
            else:
                raw = world.adversary.envelope(gateway, device)
                world.forged_bytes.add(raw)
                world.to_centre(at, ALARM, gateway_up(gateway, ALARM), raw, lambda: None)

    def replay(self, event: Event) -> None:
        """What was heard before, at any place where it fits."""
        world, at = self._world, self._at(event)
        gateway = world.gateways[at].identity
        for _ in range(event.amount):
            road = self._draw.randrange(6)
            if road < 2:
                raw = world.adversary.recorded("up/alarm", "up/beat")
                lane = self._draw.choice((ALARM, BEAT))
                if raw is not None:
                    world.at_site_broker(at, button_up(gateway.site, self._button(event).device, lane), raw)
            elif road < 4:
                kind = self._draw.choice((ALARM, REPORT))
                raw = world.adversary.recorded(f"to-centre/{kind}")
                if raw is not None:
                    world.to_centre(at, kind, gateway_up(gateway.device, kind), raw, lambda: None)
            elif road == 4:
                raw = world.adversary.recorded("down")
                if raw is not None:
                    world.to_button(at, self._button(event).device, raw, forged=True)
            else:
                kind = self._draw.choice((ALARM, REPORT))
                raw = world.adversary.recorded(f"from-centre/{kind}")
                if raw is not None:
                    world.gateways[at].from_centre(kind, gateway_down(gateway.device, kind), raw)

    def forge_down(self, event: Event) -> None:
        """Receipts and answers that no centre signed."""
        world, button = self._world, self._button(event)
        site = 0 if button.device >> 28 == 0xA else 1
        pressed: PressIdentity | None = None
        if button.body is not None:
            pressed = button.body.delivery.newest_press
        for _ in range(event.amount):
            make = (
                world.adversary.receipt(button.device, pressed)
                if self._draw.randrange(3)
                else world.adversary.answer(button.device)
            )
            world.to_button(site, button.device, make, forged=True)

    def gateway_lies(self, event: Event, later: Callable[..., None]) -> None:
        """Somebody has taken the gateway over for a while."""
        at, world = self._at(event), self._world
        gateway = world.gateways[at].identity.device

        def forward(kind: str, topic: str, raw: bytes, confirm: Callable[[], None]) -> None:
            world.to_centre(at, kind, topic, raw, confirm)

        liar = LyingGateway(
            gateway,
            event.amount,
            self._draw,
            forward,
            lambda device, raw: world.to_button(at, device, raw, forged=True),
        )
        world.liars[at] = liar
        later(event.for_ms, self._honest, at, liar)

    def _honest(self, at: int, liar: LyingGateway) -> None:
        liar.release()
        if self._world.liars[at] is liar:
            self._world.liars[at] = None
