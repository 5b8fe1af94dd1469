"""Eight tabs of one operator open: how soon an acknowledgement shows, where it was given and in all the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from playwright.async_api import BrowserContext, Page, async_playwright

from bench.busy_console import Crowd
from bench.lane import Lane
from bench.open_centre import SUPERVISOR, OpenCentre, open_centre
from bench.report import Row
from bench.road import CHROMIUM, CHROMIUM_FLAGS
from kentongan_server.application.enrol import NewDevice
from kentongan_sim.figures import figure
from kentongan_sim.ports import HOST
from kentongan_wire import topics

TABS = 8  # two more than the connections a browser keeps to one host: without the shared stream the answer waits
TRIES = 20
SHOWN_MS = 1_000.0  # an operator who sees nothing for a second presses again
STEP_S = 60.0  # bounds each step on a busy machine

# When each key was pressed, and when what rang no longer did, both on the clock of Unix time that all tabs share.
WATCH = """() => {
  window.pressed = [];
  window.answered = [];
  let rang = false;
  addEventListener("keydown", (event) => window.pressed.push(performance.timeOrigin + event.timeStamp), true);
  const look = () => {
    const rings = document.querySelector('.queue [data-ringing="yes"]') !== null;
    if (rang && !rings) window.answered.push(performance.timeOrigin + performance.now());
    rang = rings;
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
  look();
}"""
RINGING = '.queue [data-ringing="yes"]'
READ = '.button--answer[data-answerable="all"]'  # it has stood there long enough to have been read


async def open_tabs(context: BrowserContext, centre: OpenCentre) -> list[Page]:
    """All of them, logged in once; the first is in front and has its sound."""
    front = await context.new_page()
    await front.goto(centre.url)
    await front.locator("input[name=name]").fill(SUPERVISOR)
    await front.locator("input[name=password]").fill(centre.password)
    await front.keyboard.press("Enter")
    await front.locator(".button--arm").click(timeout=STEP_S * 1000)
    tabs = [front]
    for _ in range(TABS - 1):
        tabs.append(await context.new_page())
        await tabs[-1].goto(centre.url)
    for tab in tabs:
        await tab.locator('[data-link="live"]').wait_for(timeout=STEP_S * 1000)
        await tab.evaluate(WATCH)
    await front.bring_to_front()
    return tabs


async def answer_once(tabs: Sequence[Page]) -> tuple[float, float]:
    """What rings is answered by a key: ms until the tab of the key shows it, and until the last tab does."""
    for tab in tabs:
        await tab.locator(RINGING).first.wait_for(timeout=STEP_S * 1000)
    front = tabs[0]
    await front.locator(READ).first.wait_for(timeout=STEP_S * 1000)
    await front.keyboard.press("Enter")
    for tab in tabs:
        await tab.locator(RINGING).wait_for(state="detached", timeout=STEP_S * 1000)
    pressed = await front.evaluate("() => window.pressed.at(-1)")
    shown = [await tab.evaluate("() => window.answered.at(-1)") for tab in tabs]
    return shown[0] - pressed, max(shown) - pressed


def _add_buttons(into: list[NewDevice], count: int, centre: OpenCentre) -> None:
    into.extend(centre.add_posts(1, count))


async def run(tries: int) -> tuple[list[float], list[float]]:
    """ms until the key's own tab shows it, and until all do, of each try."""
    own: list[float] = []
    last: list[float] = []
    buttons: list[NewDevice] = []  # a try each: who presses the same one all the time does not ring all the time
    fill = partial(_add_buttons, buttons, tries)
    async with open_centre(fill) as centre, async_playwright() as playwright:
        await centre.start()
        gateway = centre.city.sites[0].gateway
        lane = Lane(gateway.folder, gateway.device, topics.ALARM, lambda _: None)
        await asyncio.to_thread(lane.open, HOST, centre.broker_port)
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        context = await chromium.new_context(viewport={"width": 1366, "height": 768})
        tabs = await open_tabs(context, centre)
        crowd = Crowd(centre, buttons)
        for _ in range(tries):
            lane.send(crowd.envelope())
            first, all_of_them = await answer_once(tabs)
            own.append(first)
            last.append(all_of_them)
        await chromium.close()
        lane.close()
    return own, last


def rows(own: Sequence[float], last: Sequence[float]) -> list[Row]:
    """What was measured, as rows."""
    return [
        Row(f"{TABS} tabs open: acknowledge, key → the case shown as acknowledged", "ms",
            dict(figure(own).as_json()), {"max": SHOWN_MS}, "By the centre's commit and the shared stream."),
        Row("the same, until the last of them shows it", "ms", dict(figure(last).as_json()), {"max": SHOWN_MS}),
    ]  # fmt: skip


def measure(tries: int = TRIES) -> list[Row]:
    """The rows of many tabs."""
    return rows(*asyncio.run(run(tries)))
