"""The oracle's clock of silence: who cannot have been heard since when, by its own knowledge of what was cut.

It knows wires, power and processes, and asks the centre's tables what became of it: a device without a
path is a trouble within 90 s, its own or its gateway's, and a site that lost all paths is a suspected
attack within 20 s. Where something may still have been heard (a liar, a message withheld on its way), or
the centre could not hear or write, the clock begins again, however short that was. A gateway is owed a
word within 20 s once the centre has heard it since: its counter in the centre's table tells.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from kentongan_sim.universe.links import Link, Profile
from kentongan_sim.universe.oracle import Violation

if TYPE_CHECKING:
    from kentongan_sim.universe.button import SimButton
    from kentongan_sim.universe.gateway import VirtualGateway
    from kentongan_sim.universe.world import World

TROUBLE_MS = 90_000  # NUMBERS: a path or button lost is shown within 90 s
ATTACK_MS = 20_000  # NUMBERS: a site that lost all paths is an alarm within 20 s
CLEAN = Profile()
_TROUBLE = """
SELECT 1 FROM trouble WHERE closed_at_ms IS NULL
AND (kind = 'outage' OR (device = ? AND kind IN ('silent', 'path-lost')) OR (device = ? AND kind = 'site-broker-down'))
"""
_HEARD = "SELECT counter FROM device_state WHERE device = ?"
_KNOWN = "SELECT 1 FROM device_state WHERE device = ?"
_ACCUSED = "SELECT count(*), coalesce(sum(repeats), 0) FROM alarm WHERE device = ? AND kind >= 128"


class Silence:
    """Looks every second; the first broken promise ends the universe."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: tuple[object, ...] = ()  # what, when it has changed, begins all clocks again
        self._roads: dict[str, tuple[object, int]] = {}  # the same for one device: cuts, starts; how often it opened
        self._since: dict[str, int] = {}  # who cannot be heard → since when
        self._judged: set[str] = set()
        self._well: dict[str, int] = {}  # gateways on a clean road → their counter at the centre when that began
        self._heard: set[str] = set()  # of those, who has been heard since, by this run of the centre
        self._cut: dict[str, tuple[int, tuple[int, int]]] = {}  # sites that just lost their road → when, alarms before

    def look(self) -> None:
        """What was lost for too long without a word of it?"""
        world, now_ms = self._world, self._world.loop.now_ms
        centre, disk = world.centre, world.centre_disk
        bounces = world.faults.happened["centre-broker-bounce"]
        # A replayed message may be new to the centre; a restart may be over before the next look.
        before, self._before = self._before, (centre.process, bounces, world.adversary.replayed)
        able = centre.process.alive and world.centre_broker_up and not disk.full and not disk.slow
        if not able or before != self._before:
            for known in (self._since, self._well, self._cut, self._heard, self._judged):
                known.clear()
            return
        for at, gateway in enumerate(world.gateways):
            self._look_at_gateway(at, gateway, now_ms)
        for button in world.buttons:
            self._look_at_button(button, now_ms)

    # --- the gateway's road ----------------------------------------------------------------------

    def _look_at_gateway(self, at: int, gateway: VirtualGateway, now_ms: int) -> None:
        world, name, uplink = self._world, gateway.name, self._world.uplinks[at]
        if world.liars[at] is not None or _holds_back(uplink):
            self._forget(name)
            return
        changed = self._has_changed(name, (gateway.process, uplink.cuts), gateway.openings)
        if gateway.process.alive and uplink.up:
            well = uplink.profile == CLEAN and not changed
            self._forget(name, well=well)
            if well:
                self._listen(name, gateway.identity.device)
            return
        if name in self._heard:
            self._cut[name] = (now_ms, self._accused(gateway))
        self._heard.discard(name)
        self._well.pop(name, None)
        self._since.setdefault(name, now_ms)
        self._judge_silence(name, gateway.identity.device, gateway.identity.device, now_ms)
        if name in self._cut:
            self._judge_attack(gateway, now_ms)

    def _listen(self, name: str, device: int) -> None:
        """Has the centre heard it since its road is clean?"""
        if name not in self._heard:
            row = self._connection.execute(_HEARD, (device,)).fetchone()
            counter = row[0] if row else 0
            if counter > self._well.setdefault(name, counter):
                self._heard.add(name)

    def _judge_attack(self, gateway: VirtualGateway, now_ms: int) -> None:
        cut_ms, before = self._cut[gateway.name]
        if now_ms - cut_ms < ATTACK_MS:
            return
        del self._cut[gateway.name]
        self._world.totals["lost sites judged"] += 1
        device = gateway.identity.device
        if self._accused(gateway) == before and not self._ask(_TROUBLE, device, device):
            raise Violation(6, f"{gateway.name} has no road for {ATTACK_MS // 1000} s, and nobody is alarmed")

    # --- the button's road -------------------------------------------------------------------------

    def _look_at_button(self, button: SimButton, now_ms: int) -> None:
        world = self._world
        at = 0 if button.device >> 28 == 0xA else 1
        gateway, uplink = world.gateways[at], world.uplinks[at]
        self._has_changed(button.name, (button.wifi.cuts, gateway.process, uplink.cuts), button.openings)
        carried = gateway.name in self._heard and gateway.process.alive and uplink.up
        heard = button.on and button.wifi.up and world.site_up[at]
        if heard or not carried or button.relaxed or _holds_back(button.wifi):
            self._forget(button.name)
            return
        self._since.setdefault(button.name, now_ms)
        self._judge_silence(button.name, button.device, gateway.identity.device, now_ms)

    # --- both --------------------------------------------------------------------------------------

    def _has_changed(self, name: str, road: object, openings: int) -> bool:
        """Whether its road is another one than at the last look, also there and back.

        Its clock begins again then, and when the road was open for a moment in between: mended, and ended by
        another fault (its power) than the one before, all within the second.
        """
        now = (road, openings)
        was, self._roads[name] = self._roads.get(name, now), now
        if was != now:
            self._since.pop(name, None)
            self._judged.discard(name)
            self._cut.pop(name, None)
        return was[0] != road

    def _judge_silence(self, name: str, device: int, gateway: int, now_ms: int) -> None:
        if name in self._judged or now_ms - self._since[name] < TROUBLE_MS or not self._ask(_KNOWN, device):
            return
        self._judged.add(name)
        self._world.totals["silences judged"] += 1
        if not self._ask(_TROUBLE, device, gateway):
            raise Violation(6, f"{name} cannot be heard for {TROUBLE_MS // 1000} s, and it is no trouble")

    def _forget(self, name: str, *, well: bool = False) -> None:
        self._since.pop(name, None)
        self._judged.discard(name)
        self._cut.pop(name, None)
        if not well:
            self._well.pop(name, None)
            self._heard.discard(name)

    def _accused(self, gateway: VirtualGateway) -> tuple[int, int]:
        row = self._connection.execute(_ACCUSED, (gateway.identity.device,)).fetchone()
        return int(row[0]), int(row[1])

    def _ask(self, query: str, *values: int) -> bool:
        return self._connection.execute(query, values).fetchone() is not None

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._world.centre_disk.connection


def _holds_back(link: Link) -> bool:
    """Whether what was sent before a cut may still arrive after it."""
    return bool(link.profile.withhold_ms)
