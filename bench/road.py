"""The main road, press by press: decision, broker, both stores, the lamp, and the row in a real browser."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from bench.report import Row
from kentongan_sim.city import City
from kentongan_sim.console_client import ConsoleClient
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Identity, StreamSeen, now_ms
from kentongan_sim.figures import figure
from kentongan_sim.plan import OPERATOR
from kentongan_sim.virtual_button import Trace, VirtualButton
from kentongan_sim.witness import identity_of

CHROMIUM = os.environ.get("KENTONGAN_CHROMIUM") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
CHROMIUM_FLAGS += ["--disable-background-networking", "--disable-component-update"]
STEP_S = 15.0  # bounds each step of one press; a lost one ends the bench
SPACING_S = 1.05  # the button takes presses that are closer than 1 s as one
RECEIVED, ACKNOWLEDGED = 1, 2
ABOUT = """\
One press after the other, each to its closed incident; everything is committed before it is answered. The button's link
goes through the link proxy, and so does the gateway's. All but the first begin at the button's decision."""

# Notes when each incident's row first rings, on the clock of Unix time, with microseconds.
WATCH_ROWS = """() => {
  const seen = new Set();
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    for (const row of document.querySelectorAll('[data-incident][data-ringing="yes"]')) {
      if (!seen.has(row.dataset.incident)) window.noteRinging(Number(row.dataset.incident), at);
      seen.add(row.dataset.incident);
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
  look();
}"""


class Marks:
    """When what happened to each press, ms of the bench's monotonic clock."""

    def __init__(self) -> None:
        self.of: defaultdict[Identity, dict[str, float]] = defaultdict(dict)
        self.heaps: list[tuple[int, int]] = []  # bytes: free, and what the fakes of the chip's modules take
        self.worst_gap_ms: list[float] = []
        self._waiting: dict[tuple[Identity, str], asyncio.Event] = {}

    def note(self, button: VirtualButton, trace: Trace) -> None:
        """A trace of a button."""
        if trace.name == "memory":
            self.heaps.append((trace.values["free"], trace.values["fakes"]))
        elif trace.name == "loop":
            self.worst_gap_ms.append(trace.values["worst_gap"])
        elif trace.name in {"pressed", "puback", "stored", "lamp"}:
            name = trace.name if trace.name != "lamp" else f"lamp {trace.values['level']}"
            self.mark(identity_of(button, trace), name, trace.at_ms - trace.values.get("after", 0))

    def mark(self, identity: Identity, name: str, at_ms: float) -> None:
        """The first time that this happened."""
        self.of[identity].setdefault(name, at_ms)
        self._event(identity, name).set()

    async def reached(self, identity: Identity, name: str) -> None:
        """Wait for a mark.

        Raises:
            TimeoutError: it did not come within `STEP_S`.
        """
        async with asyncio.timeout(STEP_S):
            await self._event(identity, name).wait()

    def spans(self, start: str, end: str) -> list[float]:
        """From one mark to another, of all presses that have both."""
        return [marks[end] - marks[start] for marks in self.of.values() if start in marks and end in marks]

    def _event(self, identity: Identity, name: str) -> asyncio.Event:
        return self._waiting.setdefault((identity, name), asyncio.Event())


class Desk:
    """The operator's stream: knows which incident a press became, and answers it."""

    def __init__(self, console: ConsoleClient, marks: Marks) -> None:
        self._console = console
        self._marks = marks
        self.incident: dict[Identity, tuple[int, int]] = {}
        self._shown: dict[int, int] = {}  # incident → the feed position at which it was as shown
        self._rows: dict[int, float] = {}  # incident → when its row rang, should the browser be the first to know

    def see(self, seen: StreamSeen) -> None:
        """One event of the stream."""
        if seen.event != "incident":
            return
        incident = seen.data["incident"]
        self._shown[incident["id"]] = incident["version"]
        for alarm in incident["alarms"]:
            identity = (int(alarm["device"], 16), alarm["sequence"], alarm["nonce"])
            self.incident[identity] = (incident["id"], alarm["id"])
            self._marks.mark(identity, "stream", seen.at_ms)
            if incident["id"] in self._rows:
                self._marks.mark(identity, "row", self._rows[incident["id"]])

    def see_row(self, incident: int, unix_ms: float) -> None:
        """A row began to ring in the browser, which tells Unix time; everything else here is monotonic."""
        at_ms = unix_ms - (time.time() * 1000 - now_ms())
        self._rows[incident] = at_ms
        for identity, (known, _) in self.incident.items():
            if known == incident:
                self._marks.mark(identity, "row", at_ms)

    async def answer(self, identity: Identity) -> None:
        """Acknowledge, wait for the lamp, do what the plan demands, close: the next press opens a new row."""
        incident, _ = self.incident[identity]
        self._marks.mark(identity, "answered", now_ms())
        await self._console.acknowledge(incident, self._shown[incident])
        await self._marks.reached(identity, f"lamp {ACKNOWLEDGED}")
        shown = await self._console.finish_plan(incident)
        await self._console.close(incident, shown["version"], "test", "announced")


@asynccontextmanager
async def console_page(url: str, password: str, on_ringing: Callable[[int, float], None]) -> AsyncIterator[None]:
    """The console in Chromium, signed in and armed, noting when rows ring."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = await browser.new_page(viewport={"width": 1366, "height": 768})
        await page.expose_function("noteRinging", on_ringing)
        await page.goto(url)
        await page.locator("input[name=name]").fill(OPERATOR)
        await page.locator("input[name=password]").fill(password)
        await page.keyboard.press("Enter")
        await page.locator(".button--arm").click()
        await page.evaluate(WATCH_ROWS)
        yield
        await browser.close()


async def press_once(button: VirtualButton, marks: Marks, desk: Desk) -> Identity:
    """One press from the contact to the closed incident."""
    decided = button.expect(lambda trace: trace.name == "pressed")
    contact_ms = await button.push()
    identity = identity_of(button, await asyncio.wait_for(decided, STEP_S))
    marks.mark(identity, "contact", contact_ms)
    await marks.reached(identity, f"lamp {RECEIVED}")
    await marks.reached(identity, "stream")
    await marks.reached(identity, "row")
    await desk.answer(identity)
    return identity


async def drive(city: City, marks: Marks, presses: int) -> None:
    """Press the buttons in turn, one press at a time, each to its end."""
    async with AsyncExitStack() as stack:
        console = await stack.enter_async_context(ConsoleClient(city.console_url, OPERATOR, city.enrolled.password))
        desk = Desk(console, marks)
        await stack.enter_async_context(console_page(city.console_url, city.enrolled.password, desk.see_row))
        console.streamed_to, _ = await console.incidents("open")
        following = asyncio.create_task(console.follow(desk.see))
        free_at = dict.fromkeys((button.device for button in city.buttons), 0.0)
        try:
            for number in range(presses):
                button = city.buttons[number % len(city.buttons)]
                await asyncio.sleep(max(0.0, free_at[button.device] - time.monotonic()))
                await press_once(button, marks, desk)
                free_at[button.device] = time.monotonic() + SPACING_S
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def run(presses: int) -> tuple[Marks, int]:
    """A city of its own, pressed so many times; returns the marks and the size of the firmware in bytes.

    Raises:
        SimError: a part of the city failed.
    """
    marks = Marks()
    failures: list[SimError] = []
    with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as folder:
        city = City(Path(folder) / "city", seed=1, on_trace=marks.note, on_failure=failures.append)
        try:
            await city.build()
            await city.start()
            await drive(city, marks, presses)
            size = sum(path.stat().st_size for path in (city.state / "firmware").rglob("*.mpy"))
        finally:
            await city.stop()
    if failures:
        raise failures[0]
    return marks, size


def heap_row(heaps: Sequence[tuple[int, int]]) -> Row:
    """The least that was free, with what only this machine's virtual board takes."""
    together, free = min((free + fakes, free) for free, fakes in heaps)
    values: dict[str, float | int | None] = {"free": free, "fakes": together - free, "together": together}
    note = (
        "64-bit interpreter; stands for about 100 kB on the device. TLS lives outside this heap. The fakes of the "
        "chip's own modules lie in this heap and are C code in a chip's flash: the number is held against the sum."
    )
    return Row("heap of 160 kB, least after connecting", "bytes", values, {">together": 40 * 1024}, note)


def measure(presses: int) -> list[Row]:
    """The rows of the road."""
    marks, size = asyncio.run(run(presses))

    def span(name: str, start: str, end: str, limits: dict[str, float], note: str = "") -> Row:
        values: dict[str, Any] = dict(figure(marks.spans(start, end)).as_json())
        return Row(name, "ms", values, {**limits, ">n": float(presses)} if limits else {}, note)

    return [
        span(
            "contact → decision “pressed”",
            "contact",
            "pressed",
            {"max": 60},
            "That it takes at most 60 ms holds for any schedule of samples (tests/property/firmware/test_closures.py); "
            "here the machine's scheduler adds its own.",
        ),
        span("press → PUBACK of the site's broker", "pressed", "puback", {"p50": 10, "p99": 25}),
        span("press → *stored* of the gateway, verified", "pressed", "stored", {}),
        span("press → *received* lamp", "pressed", f"lamp {RECEIVED}", {"p50": 60, "p99": 200}),
        span("press → event on the console's stream", "pressed", "stream", {}),
        span(
            "press → ringing row in Chromium",
            "pressed",
            "row",
            {"p50": 60, "p99": 200},
            "The moment at which the row is in the page's DOM; the sound starts in the same update.",
        ),
        span("acknowledge → *acknowledged* lamp", "answered", f"lamp {ACKNOWLEDGED}", {}),
        Row(
            "longest gap between two samples of a button, worst of each 5 s",
            "ms",
            dict(figure(marks.worst_gap_ms).as_json()),
            {"max": 50},
            "The whole event loop of a button, with what the scheduler of this machine adds.",
        ),
        Row("firmware as .mpy, wire included", "bytes", {"value": size}, {"value": 40 * 1024}),
        heap_row(marks.heaps),
    ]
