"""What an operator sees and does, on a page of a real browser."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Request, Route, ViewportSize, expect

from tests.browser.support.centre import Operator

CHROMIUM = os.environ.get("KENTONGAN_CHROMIUM") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Headless lets pages make sounds unasked; an operator's browser does not.
    "--autoplay-policy=document-user-activation-required",
    # What beats sixty times a second, drawn by the processor, takes it from whatever is awaited.
    "--force-prefers-reduced-motion",
]
WITH_WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]  # drawn by the processor
WITHOUT_WEBGL = ["--disable-3d-apis"]
LOOK_MS = 20
SIZE: ViewportSize = {"width": 1366, "height": 768}


def launch(playwright: Playwright, flags: Sequence[str] = FLAGS) -> Browser:
    """Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=flags)


class Held(list[Route]):
    """Requests that go no further until the test lets them; Playwright wants a method that it can mark."""

    def take(self, route: Route) -> None:
        self.append(route)


class Screen:
    """One tab of one operator."""

    def __init__(self, context: BrowserContext, url: str, page: Page | None = None) -> None:
        self.context = context
        self.page = page or context.new_page()
        self.url = url
        self.asked: list[Request] = []  # for whoever listens to what the page asks for, and what it says
        self.said: list[str] = []

    def listen(self) -> None:
        """Keeps what the page asks for and what it says."""
        self.context.on("request", self._hear)
        self.page.on("console", lambda said: self.said.append(said.text))

    def _hear(self, request: Request) -> None:
        self.asked.append(request)

    def sign_in(self, operator: Operator) -> None:
        self.page.goto(self.url)
        self.page.locator("input[name=name]").fill(operator.name)
        self.page.locator("input[name=password]").fill(operator.password)
        self.page.keyboard.press("Enter")
        self.expect_link("live")

    def start_shift(self) -> None:
        self.page.locator(".button--arm").click()
        expect(self.page.locator(".button--arm")).to_have_count(0)

    def go(self, name: str) -> None:
        self.page.goto(f"{self.url}/#/{name}")

    # --- what is there --------------------------------------------------------------------------

    @property
    def rows(self) -> Locator:
        return self.page.locator(".queue [data-incident]")

    @property
    def ringing(self) -> Locator:
        return self.page.locator('.queue [data-ringing="yes"]')

    def row(self, site: str) -> Locator:
        return self.rows.filter(has_text=site)

    def expect_link(self, view: str) -> None:
        expect(self.page.locator(f'[data-link="{view}"]')).to_be_visible()

    def expect_sounding(self, sounding: bool) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-sounding", "yes" if sounding else "no")

    def route(self, pattern: str, handler: Callable[[Route], object]) -> None:
        """As the page's own, and in force when this returns: a key may reach the page sooner than Chromium's word."""
        self.page.route("**/?in-force", lambda route: route.fulfill(status=204))
        self.page.route(pattern, handler)
        self.until(lambda: self.page.evaluate("() => fetch('/?in-force').then((answer) => answer.status)") == 204)

    def until(self, condition: Callable[[], object], within_s: float = 90.0) -> None:
        """Lets the browser's events in until the test itself has seen what it waits for."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"the browser did not do it in time; it shows:\n{self.page.inner_text('body')}")
            self.page.wait_for_timeout(LOOK_MS)

    def focused(self) -> dict[str, Any]:
        """The focused element's row, text and outline."""
        found: dict[str, Any] = self.page.evaluate(
            """() => {
                const element = document.activeElement;
                const style = getComputedStyle(element);
                return { tag: element.tagName, row: element.dataset.row ?? null, id: element.id,
                         text: element.innerText ?? "", outline: parseFloat(style.outlineWidth),
                         outlined: style.outlineStyle !== "none" };
            }"""
        )
        return found

    # --- what is done ---------------------------------------------------------------------------

    def read(self) -> None:
        """Waits until a person can have read what rings (SEEN_AFTER_MS of the console)."""
        expect(self.page.locator(".button--answer").first).to_be_visible()
        expect(self.page.locator('.button--answer:not([data-answerable="all"])')).to_have_count(0)

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)
