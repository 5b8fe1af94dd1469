"""A centre with a long past: from its start to an alarm, the size of its store, how long lists take."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bench import past
from bench.centre import presses
from bench.lane import Lane
from bench.open_centre import OpenCentre, open_centre
from bench.report import Row
from kentongan_server.adapters.database import Database
from kentongan_server.centre_state import now_ms
from kentongan_sim.figures import figure
from kentongan_sim.ports import HOST
from kentongan_wire import frame, topics
from kentongan_wire.receipts import Receipt

LIMIT_MS = 5_000.0  # NUMBERS.md: restart to receiving with 1,000,000 past incidents
STARTS = 5
SITES, EACH = 100, 10  # of the buttons of the past
AGAIN_S = 0.02  # between two tries of the gateway; a real one tries every 2 s, and connects in its own time
START_S = 300.0  # bounds one start on a busy machine
ASKED = 20  # times for each list
ABOUT = """\
The cases are written into the store at once, each with its press and three chained lines of history, over three years;
then the centre is started, its files in the machine's memory. From the start of the process to the signed receipt of
one alarm, by a gateway that tries every 20 ms; a gateway in the field tries every 2 s, which adds up to that."""


def month_before(today: datetime) -> tuple[str, str]:
    """The whole calendar month before `today`: its first day, and the first day after it."""
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return f"{before:%Y-%m-%d}", f"{first:%Y-%m-%d}"


def first_receipt(kit: Path, device: int, port: int, envelope: bytes) -> float:
    """Sends an alarm until its receipt is there; when that was, by the monotonic clock.

    Raises:
        TimeoutError: no receipt within `START_S`.
    """
    answered = threading.Event()
    at: list[float] = []

    def take(raw: bytes) -> None:
        if frame.parse_header(raw)[::2] == (Receipt.TYPE, device):
            at.append(time.monotonic())
            answered.set()

    until = time.monotonic() + START_S
    lane = Lane(kit, device, topics.ALARM, take)
    while True:
        with contextlib.suppress(OSError):
            lane.open(HOST, port)
            break
        if time.monotonic() > until:
            raise TimeoutError("the broker does not come up")
        time.sleep(AGAIN_S)
    while not answered.wait(AGAIN_S):
        lane.send(envelope)
        if time.monotonic() > until:
            raise TimeoutError("the alarm was not received")
    lane.close()
    return at[0]


async def start_ms(centre: OpenCentre, envelope: bytes) -> float:
    """One start, from the process to the receipt."""
    gateway = centre.city.sites[0].gateway
    began = time.monotonic()
    waiting = asyncio.create_task(
        asyncio.to_thread(first_receipt, gateway.folder, gateway.device, centre.broker_port, envelope)
    )
    await centre.start(wait=False)
    return (await waiting - began) * 1000


async def timed(browser: httpx.AsyncClient, path: str) -> float:
    """One request, ms."""
    began = time.monotonic()
    (await browser.get(path)).raise_for_status()
    return (time.monotonic() - began) * 1000


def lists(today: datetime) -> dict[str, str]:
    """What is asked for, by name."""
    first, end = month_before(today)
    return {
        "the queue": "/api/incidents?state=open",
        "the newest 200 closed cases": "/api/incidents?state=closed",
        "one case with its time line": "/api/incidents/1",
        "the report of one month": f"/api/reports/summary?from={first}&to={end}",
        "crimes of all years": "/api/reports/crimes",
    }


def filled(cases: int) -> Callable[[OpenCentre], None]:
    """Fills a store with so many cases."""

    def fill(centre: OpenCentre) -> None:
        buttons = [past.Fitted(one.device, one.site) for one in centre.add_posts(SITES, EACH)]
        past.write(Database.of(centre.city.database), buttons, cases, now_ms())

    return fill


async def run(cases: int) -> tuple[list[float], dict[str, list[float]], int]:
    """ms of each start, ms of each list, bytes of the store."""
    async with open_centre(filled(cases)) as centre:
        await centre.start()  # what only a first start does is done now
        await centre.stop()
        size = centre.city.database.stat().st_size
        starts = []
        for envelope in presses(centre.city, STARTS):
            starts.append(await start_ms(centre, envelope))
            await centre.stop()
        await centre.start()
        async with centre.browser() as browser:
            took = {
                name: [await timed(browser, path) for _ in range(ASKED)]
                for name, path in lists(datetime.now(UTC)).items()
            }
    return starts, took, size


def rows(cases: int, starts: list[float], took: dict[str, list[float]], size: int) -> list[Row]:
    """The rows of a centre with so many past cases."""
    found = [
        Row(f"start → first alarm received, {cases:,} past cases", "ms", dict(figure(starts).as_json()),
            {"max": LIMIT_MS}, "Not a boot of the machine: its files are in memory."),
        Row("its database", "MB", {"value": round(size / 1e6)}),
        Row("its database, bytes for one case", "bytes", {"value": round(size / cases)}),
    ]  # fmt: skip
    return found + [Row(f"answered: {name}", "ms", dict(figure(some).as_json())) for name, some in took.items()]


def measure(cases: int) -> list[Row]:
    """The rows of a restart."""
    return rows(cases, *asyncio.run(run(cases)))
