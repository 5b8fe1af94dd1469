"""Carrying out the plan: hands, faults, operators, and the repair of everything at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from kentongan_sim.universe.attacks import Attacks
from kentongan_sim.universe.desk import Desk
from kentongan_sim.universe.links import Link, Profile
from kentongan_sim.universe.people import custody_image
from kentongan_sim.universe.plan import Event
from kentongan_sim.universe.weather import Weather

if TYPE_CHECKING:
    from kentongan_sim.universe.button import SimButton
    from kentongan_sim.universe.history import History
    from kentongan_sim.universe.world import World

BAD = (
    Profile(loss=300, double=200, delay_ms=(5, 900)),
    Profile(loss=50, double=500, corrupt=200, delay_ms=(1, 4_000)),
    Profile(loss=700, delay_ms=(200, 12_000)),
)
GATEWAY_POINTS = (
    "gateway.after_commit_before_stored",
    "gateway.before_forward",
    "gateway.after_receipt_before_clear",
)
CENTRE_POINTS = (
    "centre.before_commit",
    "centre.after_commit_before_receipt",
    "centre.after_acknowledge_before_receipt",
)


class Faults:
    """What happens to a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._loop = world.loop
        self._draw = world.draw()
        self._armed: dict[str, tuple[int, int]] = {}  # fail point → (gateway or 0, restart after ms)
        self._incarnation = 1
        self.desk = Desk(world, world.draw())
        self._attacks = Attacks(world, world.draw())
        self.happened: Counter[str] = Counter()
        self._weather = Weather(world, self._later, self.happened)
        self._does: dict[str, Callable[[Event], None]] = {
            "press": lambda event: self._button(event).press(event.for_ms),
            "key": lambda event: self._button(event).turn_key(event.for_ms),
            "wifi-cut": lambda event: self._cut(self._button(event).wifi, event),
            "wifi-bad": lambda event: self._spoil(self._button(event).wifi, BAD[event.amount], event),
            "uplink-cut": lambda event: self._cut(self._uplink(event), event),
            "uplink-bad": lambda event: self._spoil(self._uplink(event), BAD[event.amount], event),
            "uplink-withheld": self._withhold,
            "button-off": self._button_off,
            "button-cut-in-write": self._cut_in_write,
            "brown-out": self._brown_out,
            "gateway-kill": self._gateway_kill,
            "gateway-kill-at": lambda event: self._arm(GATEWAY_POINTS[event.amount], event),
            "gateway-off": self._gateway_off,
            "gateway-disk-full": self._gateway_disk_full,
            "gateway-disk-lost": self._gateway_disk_lost,
            "site-broker-bounce": self._site_broker_bounce,
            "centre-kill": lambda event: self._centre_kill(event.for_ms),
            "centre-kill-at": lambda event: self._arm(CENTRE_POINTS[event.amount], event),
            "centre-broker-bounce": self._centre_broker_bounce,
            "centre-disk-full": self._centre_disk_full,
            "centre-disk-slow": self._centre_disk_slow,
            "centre-restored": self._plan_restore,
            "centre-clock": self._centre_clock,
            "gateway-clock": self._gateway_clock,
            "flash-worn": self._flash_worn,
            "forge": self._attacks.forge,
            "replay": self._attacks.replay,
            "forge-down": self._attacks.forge_down,
            "gateway-lies": lambda event: self._attacks.gateway_lies(event, self._later),
            "button-reflashed": self._reflash,
            "button-cloned": self._clone,
            "button-smashed": self._smash,
            "sms-bad": self._weather.bad,
            "sms-out": self._weather.out,
            "modem-dead": self._weather.dead,
            "modem-odd": self._weather.odd,
            "junk": self._weather.junk,
            "night": self._night,
        }

    def happen(self, event: Event) -> None:
        """Its time has come."""
        self.happened[event.kind] += 1
        self._world.trace("world", str(event))
        self._does[event.kind](event)

    # --- who ----------------------------------------------------------------------------------

    def _button(self, event: Event) -> SimButton:
        return self._world.buttons[event.at % len(self._world.buttons)]

    def _at(self, event: Event) -> int:
        return event.at % self._world.plan.sites

    def _uplink(self, event: Event) -> Link:
        return self._world.uplinks[self._at(event)]

    def links(self) -> list[Link]:
        """All of them."""
        return [*self._world.uplinks, *(button.wifi for button in self._world.buttons)]

    def _later(self, wait_ms: int, act: Callable[..., object], *args: object) -> None:
        """Nature does it, unless the faults have stopped by then."""

        def unless_over() -> None:
            if self._world.over:
                return
            if self._loop.now_ms < self.desk.dark_until_ms:  # nobody comes in the night
                self._later(self.desk.dark_until_ms - self._loop.now_ms, act, *args)
            else:
                act(*args)

        self._loop.after(wait_ms, self._loop.nature, unless_over)

    # --- links --------------------------------------------------------------------------------

    def _cut(self, link: Link, event: Event) -> None:
        link.set_up(False)
        self._later(event.for_ms, link.set_up, True)

    def _spoil(self, link: Link, profile: Profile, event: Event) -> None:
        link.profile = profile
        self._later(event.for_ms, self._mend, link)

    @staticmethod
    def _mend(link: Link) -> None:
        link.profile = Profile()

    def _withhold(self, event: Event) -> None:
        self._spoil(self._uplink(event), Profile(double=100, withhold_ms=event.amount), event)

    # --- buttons ------------------------------------------------------------------------------

    def _button_off(self, event: Event) -> None:
        button = self._button(event)
        button.power_off()
        self._later(event.for_ms, button.power_on)

    def _cut_in_write(self, event: Event) -> None:
        self._button(event).flash.cut_in = event.amount

    def _brown_out(self, event: Event) -> None:
        """Power comes and goes."""
        button, times = self._button(event), 1 + event.for_ms // 1_500
        for at in range(times):
            self._later(at * (event.amount + 100), button.power_off)
            self._later(at * (event.amount + 100) + 100, button.power_on)

    def _flash_worn(self, event: Event) -> None:
        flash = self._button(event).flash
        flash.worn = True
        # Numbers go on although none can be reserved: after a restart they may come again, and ring all the same.
        self._world.oracle.rewound.add(self._button(event).device)
        self._later(event.for_ms, setattr, flash, "worn", False)

    def _reflash(self, event: Event) -> None:
        """Another program was flashed over it: journal and counters are gone, the keys are the same."""
        button = self._button(event)
        if button.smashed:
            return
        button.power_off()
        button.flash.wipe()
        button.relaxed = True
        self._world.oracle.rewound.add(button.device)
        self._world.oracle.journals.pop(button.name, None)
        self._later(event.for_ms, button.power_on)

    def _clone(self, event: Event) -> None:
        """Somebody copied the flash onto a second board."""
        world, button = self._world, self._button(event)
        if button.smashed or len(world.buttons) >= 6:
            return
        site = 0 if button.device >> 28 == 0xA else 1
        twin = world.add_button(
            f"{button.device:08x}-twin{len(world.buttons)}", button.device, site, button.flash.copy()
        )
        twin.relaxed = button.relaxed = True
        world.oracle.rewound.add(button.device)
        twin.power_on()

    def _smash(self, event: Event) -> None:
        """The robber's boot: what only its flash knew is gone."""
        button = self._button(event)
        button.power_off()
        button.smashed = True

    # --- gateways -----------------------------------------------------------------------------

    def _gateway_kill(self, event: Event) -> None:
        gateway = self._world.gateways[self._at(event)]
        gateway.kill()
        self._later(event.for_ms, self._gateway_start, self._at(event))

    def _gateway_start(self, at: int) -> None:
        gateway = self._world.gateways[at]
        if not gateway.process.alive and gateway.powered:
            gateway.start()

    def _gateway_off(self, event: Event) -> None:
        """The box loses its power, its broker with it."""
        at = self._at(event)
        self._site_down(at)
        gateway = self._world.gateways[at]
        gateway.reboot()
        gateway.powered = False
        self._later(event.for_ms, self._gateway_on, at)

    def _gateway_on(self, at: int) -> None:
        self._world.gateways[at].powered = True
        self._site_back(at)
        self._gateway_start(at)

    def _gateway_disk_full(self, event: Event) -> None:
        disk = self._world.gateways[self._at(event)].disk
        disk.full = True
        self._later(event.for_ms, setattr, disk, "full", False)

    def _gateway_disk_lost(self, event: Event) -> None:
        """The box was replaced: custody is gone, its buttons still have what the centre has not confirmed."""
        gateway = self._world.gateways[self._at(event)]
        gateway.reboot()
        gateway.disk.replace(custody_image())
        self._world.oracle.custody.pop(gateway.identity.device, None)
        self._later(500, self._gateway_start, self._at(event))

    def _gateway_clock(self, event: Event) -> None:
        self._world.gateways[self._at(event)].machine.wall_off_ms += event.amount

    def _site_broker_bounce(self, event: Event) -> None:
        self._site_down(self._at(event))
        self._later(event.for_ms, self._site_back, self._at(event))

    def _site_down(self, at: int) -> None:
        self._world.site_up[at] = False
        self._tell_buttons()

    def _site_back(self, at: int) -> None:
        if self._world.gateways[at].powered:
            self._world.site_up[at] = True
            self._tell_buttons()

    def _tell_buttons(self) -> None:
        for button in self._world.buttons:
            button.link_changed()

    # --- the centre ---------------------------------------------------------------------------

    def _centre_kill(self, for_ms: int) -> None:
        self._world.centre.kill()
        self._later(for_ms, self._centre_start)

    def _centre_start(self) -> None:
        if not self._world.centre.process.alive:
            self._world.centre.start()

    def _centre_broker_bounce(self, event: Event) -> None:
        self._set_centre_broker(False)
        self._later(event.for_ms, self._set_centre_broker, True)

    def _set_centre_broker(self, up: bool) -> None:  # noqa: FBT001 - a switch
        self._world.centre_broker_up = up
        for gateway in self._world.gateways:
            gateway.link_changed()

    def _centre_disk_full(self, event: Event) -> None:
        disk = self._world.centre_disk
        disk.full = True
        self._later(event.for_ms, setattr, disk, "full", False)

    def _centre_disk_slow(self, event: Event) -> None:
        disk = self._world.centre_disk
        disk.slow = True
        self._later(event.for_ms, setattr, disk, "slow", False)

    def _centre_clock(self, event: Event) -> None:
        self._world.centre.clock.off_ms += event.amount

    def _plan_restore(self, event: Event) -> None:
        """A backup now; later the centre burns down and is restored from it."""
        world = self._world
        backup = (world.centre_disk.image(), world.oracle.backed_up())
        self._later(event.amount, self._restore, *backup, event.for_ms)

    def _restore(self, image: bytes, backup: History, for_ms: int) -> None:
        world = self._world
        world.centre.kill()
        self._incarnation += 1
        self.happened["restores"] += 1
        world.centre.restore(image, self._incarnation)
        world.oracle.restored(backup, self._incarnation)
        self._later(for_ms, self._centre_start)

    def _arm(self, point: str, event: Event) -> None:
        self._armed[point] = (self._at(event), event.for_ms)

    def pass_by(self, point: str) -> None:
        """A program is at a fail point: if it is armed, this was its last step."""
        if point not in self._armed:
            return
        at, for_ms = self._armed[point]
        world = self._world
        if point in CENTRE_POINTS:
            del self._armed[point]
            self._centre_kill(for_ms)
        elif self._loop.process is world.gateways[at].process:
            del self._armed[point]
            world.gateways[at].kill()
            self._later(for_ms, self._gateway_start, at)
        self.happened[f"killed {point}"] += 1

    # --- all at once ----------------------------------------------------------------------------

    def _night(self, event: Event) -> None:
        """Hours without power anywhere; an adversary may give what was on the way back in the morning."""
        world = self._world
        self.desk.dark_until_ms = self._loop.now_ms + event.for_ms
        for link in self.links():
            if event.amount:
                link.profile = Profile(withhold_ms=event.amount)
        for button in world.buttons:
            button.power_off()
            button.dark_until_ms = self.desk.dark_until_ms
            self._later(event.for_ms, button.power_on)
        for at, gateway in enumerate(world.gateways):
            gateway.reboot()
            self._later(event.for_ms + 500, self._gateway_start, at)
        self._centre_kill(event.for_ms + 200)
        for link in self.links():
            self._later(event.for_ms, self._mend, link)

    def stop(self) -> None:
        """No fault any more: whatever is broken is repaired, whoever is off is switched on."""
        world = self._world
        world.over = True
        self._armed.clear()
        for at, liar in enumerate(world.liars):
            if liar is not None:
                liar.release()
                world.liars[at] = None
        world.sms.mend()
        for disk in (world.centre_disk, *(gateway.disk for gateway in world.gateways)):
            disk.full = disk.slow = False
        for link in self.links():
            link.profile = Profile()
        world.centre_broker_up = True
        if not world.centre.process.alive:
            world.centre.start()
        for at, gateway in enumerate(world.gateways):
            gateway.powered = world.site_up[at] = True
            self._gateway_start(at)
        ending = world.plan.ending
        for link in world.uplinks:
            link.set_up(ending not in {"uplink", "both"})
        for button in world.buttons:
            button.wifi.set_up(ending not in {"wifi", "both"})
        for gateway in world.gateways:
            gateway.link_changed()
        for button in world.buttons:
            button.flash.worn, button.flash.cut_in = False, None
            button.power_on()
            button.link_changed()
