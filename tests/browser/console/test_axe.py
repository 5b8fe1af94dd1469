"""axe finds nothing: every page, both languages, light and dark, calm, ringing and cut off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kentongan_wire.press import SENDING_OFFERED_AGAIN
from kentongan_wire.supervision import BUTTON_BATTERY_LOW
from tests.browser.console.conftest import PATIENCE_MS
from tests.browser.support.screen import SIZE, Screen

AXE = Path(__file__).parents[3] / "server/kentongan_server/web/node_modules/axe-core/axe.min.js"
SCHEMES = ("light", "dark")
NIGHT = ("id", "dim")  # the console's own look for a dark room
LOOKS = [*((language, scheme) for language in ("id", "en") for scheme in SCHEMES), NIGHT]


def findings(page: Page) -> str:
    """What axe objects to, readable; empty when it finds nothing. Colours are judged at rest."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return "\n".join(
        f"{violation['id']}: {violation['help']}: {json.dumps([node['html'][:160] for node in violation['nodes']])}"
        + "".join(f"\n  {node['failureSummary']}" for node in violation["nodes"][:2])
        for violation in result["violations"]
    )


def in_look(browser: Browser, language: str, scheme: str) -> BrowserContext:
    """A browser profile of somebody who chose this language and has this system, or the look for the night."""
    context = browser.new_context(viewport=SIZE, color_scheme="light" if scheme == "light" else "dark")
    context.set_default_timeout(PATIENCE_MS)
    if scheme == NIGHT[1]:
        context.add_init_script("localStorage.setItem('kentongan.theme', 'dim')")
    context.add_init_script(f"localStorage.setItem('kentongan.language', '{language}')")
    return context


@pytest.fixture(params=LOOKS, ids=["-".join(look) for look in LOOKS])
def look(request, browser):
    context = in_look(browser, *request.param)
    yield context
    context.close()


def test_the_login_page(look, centre):
    page = look.new_page()
    page.goto(centre.url)
    page.locator("input[name=name]").wait_for()
    assert findings(page) == ""
    page.locator("input[name=name]").fill("siapa")
    page.locator("input[name=password]").fill("salah")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert findings(page) == ""


def test_every_page_calm_and_ringing(look, centre, desk, admin, bank, gold):
    desk.calm()
    screen = Screen(look, centre.url)
    screen.sign_in(admin)
    assert findings(screen.page) == ""

    gold.press("Pos jaga", age_ms=3 * 24 * 3_600_000)
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(2)
    assert findings(screen.page) == ""
    bank.button("Pos jaga").state = BUTTON_BATTERY_LOW
    bank.report()
    screen.start_shift()
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(1)
    for name in ("queue", "closed", "troubles", "rejections", "devices"):
        screen.go(name)
        screen.page.locator(f'.tabs__one[href="#/{name}"][aria-current]').wait_for()
        screen.page.locator("tbody tr, [data-incident], .page__empty").first.wait_for()
        assert findings(screen.page) == "", name
    screen.go("wall")
    screen.page.locator('.wall [data-ringing="yes"]').wait_for()
    assert findings(screen.page) == "", "wall"


def test_the_wall_that_is_silent(look, centre, desk, bank):
    desk.calm()
    look.add_cookies(desk.cookies)
    screen = Screen(look, centre.url)
    screen.go("wall")
    screen.page.locator(".band").wait_for()
    assert findings(screen.page) == ""
    bank.press("Meja teller")
    screen.page.locator(".band--loud").wait_for()
    assert findings(screen.page) == ""


def test_the_lane_for_review(look, restored_centre, restored_desk):
    restored_desk.calm()
    look.add_cookies(restored_desk.cookies)
    screen = Screen(look, restored_centre.url)
    screen.page.goto(restored_centre.url)
    restored_centre.sites["bank"].press("Meja kepala", age_ms=3 * 24 * 3_600_000, flags=SENDING_OFFERED_AGAIN)
    screen.page.locator(".review .button--review").wait_for()
    assert findings(screen.page) == ""


def test_the_question_before_a_trouble_is_taken_over_and_an_overdue_one(look, centre, desk, colleague, bank):
    desk.calm()
    button = bank.button("Meja teller")
    button.state = BUTTON_BATTERY_LOW
    bank.report()
    trouble = desk.trouble(button.name, "battery-low")
    colleague.take(trouble, over=True)
    look.add_cookies(desk.cookies)
    screen = Screen(look, centre.url)
    overdue = {**trouble, "owner": "operator-2", "deadline_at_ms": trouble["opened_at_ms"]}
    restored = {**trouble, "id": 0, "closed_at_ms": trouble["opened_at_ms"] + 1}
    listing = {"position": 2**40, "troubles": [overdue, restored]}
    look.route("**/api/troubles", lambda route: route.fulfill(json=listing))
    screen.go("troubles")
    screen.page.locator('[data-overdue="yes"]').wait_for()
    screen.page.locator(".folded summary").click()
    assert findings(screen.page) == ""
    screen.page.locator("[data-trouble] button").click()
    screen.page.locator("dialog[open]").wait_for()
    assert findings(screen.page) == ""


def test_a_sick_centre(look, centre, desk):
    desk.calm()
    look.add_cookies(desk.cookies)
    modem = {"name": "a", "operator": "Telkomsel", "state": "no-sim", "signal_dbm": None, "balance": 9_000}
    modem |= {"valid_until": "2026-01-01", "sent_last_minute": 0, "received_last_minute": 0}
    state = {"modems": [modem], "disk_free_bytes": 5_000_000, "store_ms": 900.0, "ok": False}
    look.route("**/api/centre", lambda route: route.fulfill(json=state))
    screen = Screen(look, centre.url)
    screen.go("devices")
    screen.page.locator("[data-modem]").wait_for()
    assert findings(screen.page) == ""


def test_the_dialogs(look, centre, desk, operator, bank):
    desk.calm()
    screen = Screen(look, centre.url)
    screen.sign_in(operator)
    screen.key("?")
    screen.page.locator("dialog[open]").wait_for()
    assert findings(screen.page) == ""
    screen.key("Escape")
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    screen.key("c")
    screen.page.locator("dialog[open] button[type=submit]").click()
    screen.page.locator("dialog[open] [role=alert]").wait_for()
    assert findings(screen.page) == ""
    screen.key("Escape")
    for key in "dpn":  # a unit, the timer, a note: the forms of an act
        screen.key(key)
        screen.page.locator("dialog[open]").wait_for()
        assert findings(screen.page) == "", key
        screen.key("Escape")
        screen.page.locator("dialog[open]").wait_for(state="detached")


def test_the_red_bar(browser, centre, desk):
    desk.calm()
    screens = []
    for language, scheme in LOOKS:
        context = in_look(browser, language, scheme)
        context.add_cookies(desk.cookies)
        screens.append(Screen(context, centre.url))
        screens[-1].page.goto(centre.url)
        screens[-1].expect_link("live")
    with centre.frozen():
        for screen in screens:
            screen.expect_link("stale")
            assert findings(screen.page) == ""
    for screen in screens:
        screen.expect_link("live")
        screen.context.close()
