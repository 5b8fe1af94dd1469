"""The console with 500 cases open and 200 changes a second: how soon a key is answered, and that no row is lost."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from playwright.async_api import Page, async_playwright

from bench import machine
from bench.lane import Lane
from bench.open_centre import SUPERVISOR, OpenCentre, open_centre
from bench.report import Row
from bench.road import CHROMIUM, CHROMIUM_FLAGS
from kentongan_server.application.enrol import NewDevice
from kentongan_sim import process_table
from kentongan_sim.figures import figure, percentile
from kentongan_sim.ports import HOST
from kentongan_wire import frame, topics
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.press import CLOCK_UNSET, CONTACT_A, KIND_HOLD_UP, PATH_MQTT, Press, PressBody, PressSending

SITES, EACH = 500, 1  # buttons of one site that are pressed together are one case, and one row
OPEN = SITES * EACH  # NUMBERS.md: 500 live rows
RATE = 200  # NUMBERS.md: updates a second
DELAY_MS = 100.0  # NUMBERS.md: input delay
KEY_PACE_S = 0.1
READY_S = 300.0  # bounds the coming of all rows on a busy machine
LOOK_S = 0.2
REPEATS_MAX = 200  # of one press: what the wire can tell
BOOT = 1
ABOUT = """\
500 buttons have pressed and are pressed again, 200 times a second, through broker, verification and commit; the page
runs in headless Chromium without a graphics card. A key's delay is from the time stamp of the press, which the
browser's own process sets, to the moment after the next frame was drawn. First browser, centre, broker and buttons
share the cores; then centre and broker give way to the browser, for an operator's computer carries neither, and
changes come as fast as before. The eight tabs are another operator's browser at another centre, with one case."""

# Of each key: its time stamp, until a task runs that was queued in the next frame, after its drawing.
WATCH_KEYS = """() => {
  window.keyDelays = [];
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => window.keyDelays.push(performance.now() - waiting.shift());
  addEventListener("keydown", (event) => requestAnimationFrame(() => {
    waiting.push(event.timeStamp);
    channel.port2.postMessage(0);
  }), true);
}"""
ROWS = ".queue [data-incident]"


class Crowd:
    """Buttons that were pressed once and are pressed again and again, behind one gateway."""

    def __init__(self, centre: OpenCentre, buttons: Sequence[NewDevice]) -> None:
        self._gateway = centre.city.sites[0].gateway
        root, role, name = self._gateway.root, ROLE_GATEWAY, self._gateway.site
        self._signing = DeviceKeys(root, role, self._gateway.device, self._gateway.key_id, name).up_link
        self._buttons = [
            (one, DeviceKeys(one.root, ROLE_BUTTON, one.device, one.key_id, one.site).up_link, os.urandom(8))
            for one in buttons
        ]
        self._repeats = [-1] * len(self._buttons)
        self._next = 0

    def envelope(self) -> bytes:
        """The next button's: first a press, later that it was pressed once more."""
        number, self._next = self._next, (self._next + 1) % len(self._buttons)
        button, key, nonce = self._buttons[number]
        self._repeats[number] = min(self._repeats[number] + 1, REPEATS_MAX)
        repeats = self._repeats[number]
        body = PressBody(1, nonce, KIND_HOLD_UP, CONTACT_A, BOOT, 10_000, 0, CLOCK_UNSET)
        press = Press(body, PressSending(11_000 + repeats, BOOT, repeats + 1, repeats, PATH_MQTT, 3_700, -60, 0, 0))
        inner = frame.seal(press, button.device, button.key_id, key)
        envelope = Envelope(0, ENVELOPE_IN_CUSTODY, inner)
        return frame.seal(envelope, self._gateway.device, self._gateway.key_id, self._signing)

    async def press(self, lane: Lane, rate: float) -> None:
        """So many a second, until it is cancelled."""
        due = time.monotonic()
        while True:
            lane.send(self.envelope())
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def open_page(page: Page, centre: OpenCentre) -> None:
    """Logged in, with all rows."""
    await page.goto(centre.url)
    await page.locator("input[name=name]").fill(SUPERVISOR)
    await page.locator("input[name=password]").fill(centre.password)
    await page.keyboard.press("Enter")
    await page.locator(".button--arm").click(timeout=READY_S * 1000)
    await rows_are(page, OPEN)
    await page.evaluate(WATCH_KEYS)


async def rows_are(page: Page, count: int) -> None:
    """Returns when the queue has so many rows."""
    async with asyncio.timeout(READY_S):
        while await page.locator(ROWS).count() != count:  # noqa: ASYNC110 - another process draws them
            await asyncio.sleep(LOOK_S)


@dataclass(frozen=True)
class Hour:
    """Keys while changes come: the delay of each, ms, and the changes a second that were told meanwhile."""

    delays: list[float]
    told: float


async def run(keys: int) -> tuple[Hour, Hour, int]:
    """So many keys on shared cores, so many while the centre gives way, rows at the end."""
    buttons: list[NewDevice] = []
    async with open_centre(lambda one: buttons.extend(one.add_posts(SITES, EACH))) as centre:
        serving = await centre.start()
        gateway = centre.city.sites[0].gateway
        lane = Lane(gateway.folder, gateway.device, topics.ALARM, lambda _: None)
        await asyncio.to_thread(lane.open, HOST, centre.broker_port)
        crowd = Crowd(centre, buttons)
        for _ in range(OPEN):
            lane.send(crowd.envelope())
        async with centre.browser() as browser, async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
            page = await chromium.new_page(viewport={"width": 1366, "height": 768})
            await open_page(page, centre)
            pressing = asyncio.create_task(crowd.press(lane, RATE))
            shared = await press_keys(page, browser, keys)
            for pid in (serving.pid, *process_table.children(serving.pid, "mosquitto")):
                machine.give_way(pid)
            alone = await press_keys(page, browser, keys)
            pressing.cancel()
            count = await page.locator(ROWS).count()
            await chromium.close()
        lane.close()
    return shared, alone, count


async def press_keys(page: Page, browser: httpx.AsyncClient, keys: int) -> Hour:
    """So many keys, and what was told meanwhile."""
    before, began = await position(browser), time.monotonic()
    for _ in range(keys):
        await page.keyboard.press("ArrowDown")
        await asyncio.sleep(KEY_PACE_S)
    told = (await position(browser) - before) / (time.monotonic() - began)
    return Hour(await page.evaluate("() => window.keyDelays.splice(0)"), told)


async def position(browser: httpx.AsyncClient) -> int:
    """How far the history has come."""
    found: int = (await browser.get("/api/rejections")).json()["position"]
    return found


def rows(shared: Hour, alone: Hour, count: int) -> list[Row]:
    """What was measured, as rows."""
    return [
        key_row("key → next frame drawn, the centre giving way", alone, {"p99": DELAY_MS}),
        key_row("key → next frame drawn, the centre on the same two cores", shared, {"p99": DELAY_MS}),
        Row("changes a second meanwhile, the slower of both", "1/s", {"value": round(min(shared.told, alone.told))},
            {">value": 0.9 * RATE}),
        Row("rows in the queue afterwards", "", {"value": count}, {">value": OPEN, "value": OPEN}),
    ]  # fmt: skip


def key_row(name: str, hour: Hour, limits: dict[str, float]) -> Row:
    """The delays of one hour's keys."""
    told = figure(hour.delays)
    p95 = round(percentile(sorted(hour.delays), 95), 1) if hour.delays else None
    values = {"n": told.n, "p50": told.p50, "p95": p95, "p99": told.p99, "max": told.max}
    return Row(name, "ms", values, limits, f"{hour.told:,.0f} lines of history a second meanwhile.")


def measure(keys: int) -> list[Row]:
    """The rows of a busy console."""
    return rows(*asyncio.run(run(keys)))
