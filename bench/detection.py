"""How soon a fault is told: each thing is broken for real in a running city, and the console's stream is watched."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.report import Row
from kentongan_sim.city import City, gateway_name
from kentongan_sim.console_client import ConsoleClient
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import StreamSeen, now_ms
from kentongan_sim.figures import figure
from kentongan_sim.plan import OPERATOR, SITES
from kentongan_sim.virtual_button import VirtualButton

TROUBLE_MS = 90_000  # NUMBERS.md: one path or button lost → trouble shown
ATTACK_MS = 20_000  # NUMBERS.md: a site loses all its paths → suspected attack
TOLD_S = 150.0  # a fault that is not told by then ends the bench
CALM_S = 3.0  # after everything is told to be whole, before the next fault
LOOK_S = 0.5  # how often the list of devices is looked at
NO_PATH = "its site has no path left"
HEARD_S = 45.0  # a centre that has just started accuses nobody for 40 s

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Fault:
    """Something to break.

    Attributes:
        name: for the table.
        cut: breaks it.
        mend: makes it whole.
        wanted: whether an event of the stream tells of it.
        healed: whether one tells that it is whole again; None when nothing tells.
    """

    name: str
    cut: Act
    mend: Act
    wanted: Callable[[StreamSeen], bool]
    healed: Callable[[StreamSeen], bool] | None = None


class Watch:
    """The console's stream: futures of what it tells.

    Attributes:
        alarms: ids of all alarms that it has shown before the event that is being looked at.
    """

    def __init__(self) -> None:
        self.alarms: set[int] = set()
        self._waiting: list[tuple[Callable[[StreamSeen], bool], asyncio.Future[StreamSeen]]] = []

    def see(self, seen: StreamSeen) -> None:
        """One event."""
        for wanted, future in list(self._waiting):
            if wanted(seen):
                self._waiting.remove((wanted, future))
                if not future.done():
                    future.set_result(seen)
        if seen.event == "incident":
            self.alarms.update(alarm["id"] for alarm in seen.data["incident"]["alarms"])

    def expect(self, wanted: Callable[[StreamSeen], bool]) -> asyncio.Future[StreamSeen]:
        """A future of the next event that is wanted."""
        future: asyncio.Future[StreamSeen] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        return future


def trouble(kind: str, device: int | None, *, closed: bool = False) -> Callable[[StreamSeen], bool]:
    """Whether an event tells that this trouble of this device began, or ended."""

    def wanted(seen: StreamSeen) -> bool:
        if seen.event != "trouble":
            return False
        told = seen.data["trouble"]
        ours = device is None or told["device"] == f"{device:08x}"
        return bool(told["kind"] == kind and ours and (told["closed_at_ms"] is not None) == closed)

    return wanted


def suspected_attack(site: str, watch: Watch) -> Callable[[StreamSeen], bool]:
    """Whether an event tells, as news, that all paths of this site are gone."""

    def wanted(seen: StreamSeen) -> bool:
        if seen.event != "incident" or seen.data["incident"]["site"]["code"] != site:
            return False
        alarms = seen.data["incident"]["alarms"]
        return any(alarm["kind"] == "suspected-attack" and alarm["id"] not in watch.alarms for alarm in alarms)

    return wanted


def of_button(button: VirtualButton) -> list[Fault]:
    """What can be broken at a button."""

    def both(kind: str) -> tuple[Callable[[StreamSeen], bool], Callable[[StreamSeen], bool]]:
        return trouble(kind, button.device), trouble(kind, button.device, closed=True)

    async def lid(*, opened: bool) -> None:
        button.set_lid(opened=opened)

    async def mains(*, lost: bool) -> None:
        button.set_mains(lost=lost)

    def fault(name: str, kind: str, cut: Act, mend: Act) -> Fault:
        return Fault(name, cut, mend, *both(kind))

    return [
        fault("a button without power", "silent", button.cut_power, button.power_on),
        fault("a button's housing opened", "tamper", lambda: lid(opened=True), lambda: lid(opened=False)),
        fault("a button without mains", "mains-lost", lambda: mains(lost=True), lambda: mains(lost=False)),
        fault("a button's Wi-Fi lost", "silent", lambda: button.set_wifi(up=False), lambda: button.set_wifi(up=True)),
    ]


def of_site(city: City, site: str, watch: Watch) -> list[Fault]:
    """What can be broken at a gateway."""
    name = gateway_name(site)

    async def kill() -> None:
        city.manager[name].kill()
        await asyncio.wait({city.manager[name].ended})

    attack = suspected_attack(site, watch)
    return [
        Fault(f"a gateway killed: {NO_PATH}", kill, lambda: city.start_gateway(site), attack),
    ]


async def broken(fault: Fault, watch: Watch) -> float:
    """Break, wait until it is told, mend, wait until that is told; how long the first took, ms.

    Raises:
        SimError: nobody told of it.
    """
    told = watch.expect(fault.wanted)
    healed = watch.expect(fault.healed) if fault.healed is not None else None
    began_ms = now_ms()
    await fault.cut()
    try:
        async with asyncio.timeout(TOLD_S):
            seen = await told
    except TimeoutError:
        raise SimError(f"{fault.name}: nobody told of it within {TOLD_S:g} s") from None
    await fault.mend()
    async with asyncio.timeout(TOLD_S):
        if healed is not None:
            await healed
    await asyncio.sleep(CALM_S)
    return seen.at_ms - began_ms


async def all_alive(console: ConsoleClient, site: str) -> None:
    """Wait until everything of a site is heard again."""
    async with asyncio.timeout(TOLD_S):
        while True:
            devices = (await console.list("devices"))["devices"]
            ours = [one for one in devices if one["site"]["code"] == site and one["state"] != "never-heard"]
            if all(one["state"] == "alive" for one in ours):
                return
            await asyncio.sleep(LOOK_S)


async def drive(city: City, rounds: int) -> dict[str, list[float]]:
    """Break everything, buttons beside each other, then gateways; what each took."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    watch = Watch()

    async def lane(faults: Sequence[Fault], site: str | None = None) -> None:
        for fault in faults:
            took[fault.name].append(await broken(fault, watch))
            if site is not None:
                await all_alive(console, site)

    async with ConsoleClient(city.console_url, OPERATOR, city.enrolled.password) as console:
        console.streamed_to, _ = await console.incidents("open")
        following = asyncio.create_task(console.follow(watch.see))
        try:
            for number in range(rounds):
                print(f"  … round {number + 1} of {rounds}", flush=True)
                await asyncio.gather(*(lane(of_button(button)) for button in city.buttons))
                await asyncio.gather(*(lane(of_site(city, site.code, watch), site.code) for site in SITES))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    return took


async def run(rounds: int) -> dict[str, list[float]]:
    """A city of its own.

    Raises:
        SimError: a part of it failed, or a fault was not told.
    """
    failures: list[SimError] = []
    with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as folder:
        city = City(Path(folder) / "city", seed=1, on_trace=lambda *_: None, on_failure=failures.append)
        try:
            await city.build()
            await city.start()
            await asyncio.sleep(HEARD_S)
            took = await drive(city, rounds)
        finally:
            await city.stop()
    if failures:
        raise failures[0]
    return took


def measure(rounds: int) -> list[Row]:
    """A row for each fault."""
    rows = []
    for name, samples in asyncio.run(run(rounds)).items():
        told = figure([sample / 1000 for sample in samples])
        limit = ATTACK_MS if name.endswith(NO_PATH) else TROUBLE_MS
        values = {"n": told.n, "p50": told.p50, "max": told.max}
        rows.append(Row(f"{name} → told on the console", "s", values, {"max": limit / 1000}))
    return rows
