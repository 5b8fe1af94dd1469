"""How soon a fault is told: each thing is broken for real in a running city, and the console's stream is watched."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.faults import Fault, Watch, of_button, of_centre, of_site
from bench.report import Row
from kentongan_sim.city import City
from kentongan_sim.console_client import ConsoleClient
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import now_ms
from kentongan_sim.figures import figure
from kentongan_sim.plan import OPERATOR, SITES

TOLD_S = 150.0  # a fault that is not told by then, or whose end is not, ends the bench
CALM_S = 3.0  # after everything is told to be whole, before the next fault
LOOK_S = 0.5  # how often the list of devices is looked at
PHASE_S = 15.0  # at most so much longer, drawn: faults keep no step with heartbeats (8 s) or looks at modems (15 s)
SEED = 1
HEARD_S = 45.0  # a centre that has just started accuses nobody for 40 s
ABOUT = """\
From the moment at which something is really broken to the event on the console's stream; *restore* is the same for
its mending, with boot and connection where it needs them. 90 s is the bound for a trouble and 45 s the target, 20 s
the bound for a site without any path. One fault at a device at a time, five buttons beside each other; many at once
are in the chaos run. A modem *dead* takes bytes and says nothing, the internet *cut* lets connections stand and
nothing pass. A modem that dies in the middle of a text is missed when the text's 40 s are over; the centre's own is
a trouble after 60 s out of use, so that its restart is none. Mains, battery and case are moved at the pins and
files that board and kernel read; circuits that sense them are not here. A button takes its time from the centre's
answers alone, so nothing here makes it wrong; the gateway's clock is 7 h off in what its process reads."""


@dataclass
class Seen:
    """How long one fault took to be told, and its end, ms each, for every time that it was caused.

    Attributes:
        limit_ms: of `told_ms`; what a restore takes has none.
    """

    limit_ms: int
    told_ms: list[float] = field(default_factory=list)
    healed_ms: list[float] = field(default_factory=list)


async def broken(fault: Fault, watch: Watch, bound_s: float = TOLD_S) -> tuple[float, float]:
    """Break, wait until it is told, mend, wait until that is told.

    Returns:
        From the beginning of the cut to the first, and from the beginning of the mending to the second, ms.

    Raises:
        SimError: nobody told of one of them.
    """
    told, healed = watch.expect(fault.told), watch.expect(fault.healed)
    times = []
    for act, future, what in ((fault.cut, told, "of it"), (fault.mend, healed, "that it is whole again")):
        began_ms = now_ms()
        await act()
        try:
            async with asyncio.timeout(bound_s):
                seen = await future
        except TimeoutError:
            raise SimError(f"{fault.name}: nobody told {what} within {bound_s:g} s") from None
        times.append(seen.at_ms - began_ms)
    return times[0], times[1]


async def all_alive(console: ConsoleClient, site: str) -> None:
    """Wait until everything of a site is heard again."""
    async with asyncio.timeout(TOLD_S):
        while True:
            devices = (await console.list("devices"))["devices"]
            ours = [one for one in devices if one["site"] is not None and one["site"]["code"] == site]
            if all(one["state"] in {"alive", "never-heard"} for one in ours):
                return
            await asyncio.sleep(LOOK_S)


async def answer(console: ConsoleClient, site: str) -> None:
    """Acknowledge what rings at a site, do what its plan demands, close; a loss that comes meanwhile only counts."""
    _, incidents = await console.incidents("open")
    for one in incidents:
        if one["site"] is not None and one["site"]["code"] == site:
            await console.acknowledge(one["id"], one["version"])
            shown = await console.finish_plan(one["id"])
            await console.close(one["id"], shown["version"], "test", "announced")


async def drive(city: City, rounds: int) -> dict[str, Seen]:
    """Break everything, buttons and the centre's modems beside each other, then gateways; what each took."""
    took: dict[str, Seen] = {}
    watch = Watch()
    fate = random.Random(SEED)

    async def lane(console: ConsoleClient, faults: Sequence[Fault], site: str | None = None) -> None:
        for fault in faults:
            await asyncio.sleep(CALM_S + fate.uniform(0, PHASE_S))
            told_ms, healed_ms = await broken(fault, watch)
            print(f"    {fault.name}: told after {told_ms / 1000:.1f} s", flush=True)
            seen = took.setdefault(fault.name, Seen(fault.limit_ms))
            seen.told_ms.append(told_ms)
            seen.healed_ms.append(healed_ms)
            if site is not None:
                await all_alive(console, site)
                await answer(console, site)

    async with ConsoleClient(city.console_url, OPERATOR, city.enrolled.password) as console:
        console.streamed_to, _ = await console.incidents("open")
        following = asyncio.create_task(console.follow(watch.see))
        try:
            for number in range(rounds):
                print(f"  … round {number + 1} of {rounds}", flush=True)
                buttons = [lane(console, of_button(city, button)) for button in city.buttons]
                await asyncio.gather(*buttons, lane(console, of_centre(city)))
                await asyncio.gather(*(lane(console, of_site(city, site.code, watch), site.code) for site in SITES))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    return took


async def run(rounds: int) -> dict[str, Seen]:
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


def rows(took: dict[str, Seen]) -> list[Row]:
    """A row for each fault."""
    found = []
    for name, seen in took.items():
        told = figure([sample / 1000 for sample in seen.told_ms])
        healed = figure([sample / 1000 for sample in seen.healed_ms])
        values = {"n": told.n, "p50": told.p50, "max": told.max, "restore p50": healed.p50, "restore max": healed.max}
        found.append(Row(f"{name} → told on the console", "s", values, {"max": seen.limit_ms / 1000}))
    return found


def measure(rounds: int) -> list[Row]:
    """The rows of supervision."""
    return rows(asyncio.run(run(rounds)))
