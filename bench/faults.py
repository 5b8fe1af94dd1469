"""What the bench breaks for real in a running city, and by which words of the console's stream it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kentongan_sim.city import City, gateway_name
from kentongan_sim.evidence import StreamSeen
from kentongan_sim.panel import BATTERY_FULL_MV
from kentongan_sim.plan import MODEMS
from kentongan_sim.virtual_button import VirtualButton

TROUBLE_MS = 90_000  # NUMBERS.md: one path or button lost → trouble shown
ATTACK_MS = 20_000  # NUMBERS.md: a site loses all its paths → suspected attack
BATTERY_LOW_MV = 3_300  # an almost empty cell: below the 3.5 V from which on the button tells it
CLOCK_OFF_MS = 7 * 3_600_000  # a clock that was set to local time (UTC+7) by somebody who took it for UTC

Act = Callable[[], Awaitable[object]]
Wanted = Callable[[StreamSeen], bool]


@dataclass(frozen=True)
class Fault:
    """Something to break.

    Attributes:
        name: for the table.
        cut: breaks it.
        mend: makes it whole.
        told: whether an event of the stream tells of it, as news.
        healed: whether one tells that it is whole again.
        limit_ms: from the cut to `told`.
    """

    name: str
    cut: Act
    mend: Act
    told: Wanted
    healed: Wanted
    limit_ms: int = TROUBLE_MS


class Watch:
    """The console's stream: futures of what it tells.

    Attributes:
        alarms: ids of all alarms that it has shown before the event that is being looked at.
    """

    def __init__(self) -> None:
        self.alarms: set[int] = set()
        self._waiting: list[tuple[Wanted, asyncio.Future[StreamSeen]]] = []

    def see(self, seen: StreamSeen) -> None:
        """One event."""
        for wanted, future in list(self._waiting):
            if future.done():
                self._waiting.remove((wanted, future))
            elif wanted(seen):
                self._waiting.remove((wanted, future))
                future.set_result(seen)
        if seen.event == "incident":
            self.alarms.update(alarm["id"] for alarm in seen.data["incident"]["alarms"])

    def expect(self, wanted: Wanted) -> asyncio.Future[StreamSeen]:
        """A future of the next event that is wanted."""
        future: asyncio.Future[StreamSeen] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        return future


# --- what the stream says ----------------------------------------------------------------------


def trouble(kind: str, device: int | None, *, subject: str | None = None, closed: bool = False) -> Wanted:
    """Whether an event tells that this trouble of this device (None: the centre) began, or ended."""

    def wanted(seen: StreamSeen) -> bool:
        if seen.event != "trouble":
            return False
        told = seen.data["trouble"]
        ours = told["subject"] == subject if device is None else told["device"] == f"{device:08x}"
        return bool(told["kind"] == kind and ours and (told["closed_at_ms"] is not None) == closed)

    return wanted


def suspected_attack(site: str, watch: Watch) -> Wanted:
    """Whether an event tells, as news, that all paths of this site are gone."""

    def wanted(seen: StreamSeen) -> bool:
        if seen.event != "incident" or seen.data["incident"]["site"]["code"] != site:
            return False
        alarms = seen.data["incident"]["alarms"]
        return any(alarm["kind"] == "suspected-attack" and alarm["id"] not in watch.alarms for alarm in alarms)

    return wanted


def site_back(site: str) -> Wanted:
    """Whether an event tells that the main path of a site whose alarm is open is back."""

    def wanted(seen: StreamSeen) -> bool:
        incident = seen.event == "incident" and seen.data["what"] == "site-back"
        return incident and bool(seen.data["incident"]["site"]["code"] == site)

    return wanted


# --- what can be broken ------------------------------------------------------------------------


def lever(act: Callable[[], None]) -> Act:
    """Something that happens at once."""

    async def pull() -> None:
        act()

    return pull


def modem_dies(city: City, name: str) -> tuple[Act, Act]:
    """A modem says nothing more, whatever one does, and works again."""
    faults = city.telephones.bank.modems[name].faults

    def set_dead(dead: bool) -> None:  # noqa: FBT001 - one of two states
        faults.dead = dead

    return lever(lambda: set_dead(True)), lever(lambda: set_dead(False))


def of_button(city: City, button: VirtualButton) -> list[Fault]:
    """What can be broken at a button."""
    dies, revives = modem_dies(city, button.name)

    def fault(name: str, kind: str, cut: Act, mend: Act) -> Fault:
        return Fault(name, cut, mend, trouble(kind, button.device), trouble(kind, button.device, closed=True))

    return [
        fault("a button without power", "silent", button.cut_power, button.power_on),
        fault("a button's Wi-Fi lost", "silent", lambda: button.set_wifi(up=False), lambda: button.set_wifi(up=True)),
        fault("a button's modem dead", "sms-down", dies, revives),
        fault(
            "a button without mains",
            "mains-lost",
            lever(lambda: button.set_mains(lost=True)),
            lever(lambda: button.set_mains(lost=False)),
        ),
        fault(
            "a button's battery low",
            "battery-low",
            lever(lambda: button.set_battery(BATTERY_LOW_MV)),
            lever(lambda: button.set_battery(BATTERY_FULL_MV)),
        ),
        fault(
            "a button's housing opened",
            "tamper",
            lever(lambda: button.set_lid(opened=True)),
            lever(lambda: button.set_lid(opened=False)),
        ),
    ]


def of_site(city: City, site: str, watch: Watch) -> list[Fault]:
    """What can be broken at a gateway; the last one starts it anew, with a whole allowance of texts about its path."""
    gateway = next(one.gateway.device for one in city.enrolled.sites if one.plan.code == site)
    uplink, supply = city.uplinks[site], city.supplies[site]
    dies, revives = modem_dies(city, site)

    def fault(name: str, kind: str, cut: Act, mend: Act) -> Fault:
        return Fault(name, cut, mend, trouble(kind, gateway), trouble(kind, gateway, closed=True))

    async def kill() -> None:
        child = city.manager[gateway_name(site)]
        child.kill()
        await asyncio.wait({child.ended})

    async def start_with_clock(off_ms: int) -> None:
        await kill()
        await city.start_gateway(site, clock_off_ms=off_ms)

    return [
        fault("a site's internet cut, its SMS alive", "path-lost", uplink.silence, uplink.restore),
        fault("a gateway's modem dead", "sms-down", dies, revives),
        fault(
            "a gateway without mains",
            "mains-lost",
            lever(lambda: supply.set_mains(lost=True)),
            lever(lambda: supply.set_mains(lost=False)),
        ),
        fault(
            "a gateway's battery low",
            "battery-low",
            lever(lambda: supply.set_battery(low=True)),
            lever(lambda: supply.set_battery(low=False)),
        ),
        fault(
            "a gateway's case opened",
            "tamper",
            lever(lambda: supply.set_lid(opened=True)),
            lever(lambda: supply.set_lid(opened=False)),
        ),
        fault(
            "a gateway restarted with a wrong clock",
            "clock",
            lambda: start_with_clock(CLOCK_OFF_MS),
            lambda: start_with_clock(0),
        ),
        Fault(
            "a gateway killed: its site has no path left",
            kill,
            lambda: city.start_gateway(site),
            suspected_attack(site, watch),
            site_back(site),
            ATTACK_MS,
        ),
    ]


def of_centre(city: City) -> list[Fault]:
    """What can be broken at the centre while its console goes on telling."""
    found = []
    for modem in MODEMS:
        told = trouble("centre-modem-down", None, subject=modem.name)
        healed = trouble("centre-modem-down", None, subject=modem.name, closed=True)
        found.append(Fault("one of the centre's modems dead", *modem_dies(city, modem.name), told, healed))
    return found
