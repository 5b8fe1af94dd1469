"""Every page as it is at work, on the city's own map: what axe says of it, and whom it asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect, sync_playwright

from kentongan_wire.supervision import BUTTON_BATTERY_LOW
from tests.browser.console.conftest import PATIENCE_MS
from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.screen import FLAGS, WITH_WEBGL, Screen, launch
from tests.support.vector_tiles import city

MAP = "city.pmtiles"  # where the centre keeps it
CITY = "[data-map=city] canvas"
PLACES = {
    "bank": {"latitude": -7.27, "longitude": 112.74},
    "gold": {"latitude": -7.25, "longitude": 112.77},
    "coop": {"latitude": -7.3, "longitude": 112.71},
}
# Each page by its address, and what stands on it once it holds something.
PAGES = {
    "queue": f"{CITY}, .map__mark-unit",
    "wall": '.wall [data-ringing="yes"]',
    "troubles": "[data-trouble]",
    "rejections": "[data-rejection]",
    "devices": "[data-device]",
    "hand-over": "[data-hand-over]",
    "drills": "[data-drill-over]",
    "sites": "[data-site]",
    "sites/bank": "[data-part=people] [data-contact]",
    "plans": "[data-plan]",
    "agencies": "[data-agency]",
    "users": "[data-user]",
    "account": "[data-session]",
}


@pytest.fixture(scope="module")
def browser():
    """One that can draw in three dimensions, in software."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = launch(playwright, [*FLAGS, *WITH_WEBGL])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def town(centre, head):
    """The centre knows its city and where its sites are, whom to call and whom to send."""
    (centre.state / MAP).write_bytes(city())
    for code, place in PLACES.items():
        head.place(code, place)
    head.put("agencies/polres", {"name": "Polres Contoh", "kind": "police"})
    contact = {"name": "Kepala cabang", "role": "Kepala", "number": "+628110000101", "hours": None}
    head.put("sites/bank/contacts", {"contacts": [contact]})
    yield
    (centre.state / MAP).unlink()
    for code in PLACES:
        head.place(code, None)


@pytest.fixture
def story(town, centre, desk, colleague, supervisor, operator_2, bank, gold, cooperative):
    """A shift: an incident that is over (its number), one in hand with a unit, one that rings; a drill, a trouble."""
    desk.calm()
    bank.press("Meja teller")
    (incident,) = desk.until(1)
    number = incident["id"]
    desk.acknowledge(incident)
    desk.dispatch(desk.incident(number), "Patroli 12")
    desk.arrive(desk.incident(number))
    desk.finish_plan(incident)
    desk.close(desk.incident(number), "real", "robbery", "Pelaku lari.")
    desk.hand_over(operator_2, "Tenang.")
    supervisor.start_drill("Latihan", gold.button("Pos jaga").name, in_s=1_800)
    supervisor.end_drills()
    bank.button("Pos jaga").state = BUTTON_BATTERY_LOW
    bank.report()
    desk.trouble(bank.button("Pos jaga").name, "battery-low")
    gold.publish(b"bukan pesan")
    gold.press("Meja pemilik")
    (second,) = desk.until(1)
    desk.acknowledge(second)
    desk.dispatch(desk.incident(second["id"]), "Patroli 3")
    cooperative.press("Meja kasir")
    desk.until(2)
    yield number
    bank.button("Pos jaga").state = 0
    bank.report()
    desk.calm()


@pytest.fixture(scope="module")
def operator_2(centre):
    """Whoever takes the shift over."""
    return centre.add_operator("operator-relief")


def everywhere(screen: Screen, number: int) -> Iterator[str]:
    """Goes through every page of the console; each is named once it holds something."""
    for name, seen in PAGES.items():
        screen.go(name)
        screen.page.locator(seen).first.wait_for()
        yield name
    screen.go(f"replay/{number}")
    screen.page.locator(".replay__step").first.wait_for()
    yield "replay"
    screen.go("calls")
    screen.page.locator(f".call {CITY}, {CITY}").first.wait_for()
    screen.page.locator("[data-category]").first.click()
    yield "calls"
    yield from _searched(screen, number)
    yield from _reported(screen)


def _searched(screen: Screen, number: int) -> Iterator[str]:
    screen.go("closed")
    screen.page.locator(".closed-search summary").click()
    screen.page.locator(".closed-search select").select_option("bank")
    screen.page.locator(".closed-search button[type=submit]").click()
    screen.page.locator(f'.queue [data-incident="{number}"]').wait_for()
    yield "closed"


def _reported(screen: Screen) -> Iterator[str]:
    today = datetime.now(ZoneInfo("Asia/Jakarta")).date()
    first, last = str(today - timedelta(days=1)), str(today)
    screen.go("reports")
    days = screen.page.locator(".report-form input[type=date]")
    days.nth(1).fill(last)
    days.nth(0).fill(first)
    screen.page.locator(".report-form button[type=submit]").click()
    screen.page.locator(f'[data-period="{first} {last}"]').wait_for()
    screen.page.locator("svg.plot").first.wait_for()
    yield "reports"


@pytest.mark.parametrize("look", LOOKS, ids=["-".join(look) for look in LOOKS])
def test_axe_finds_nothing_on_any_page_that_holds_something(browser, centre, head, story, look):
    context = in_look(browser, *look)
    context.add_cookies(head.cookies)
    screen = Screen(context, centre.url)
    for name in everywhere(screen, story):
        assert findings(screen.page) == "", name
    # The same places where there is no map of the city.
    screen.page.route("**/map/city.pmtiles", lambda route: route.abort())
    screen.go("queue")
    screen.page.reload()
    screen.page.locator("[data-map=drawn] .map__unit").first.wait_for()
    assert findings(screen.page) == "", "drawn map"
    context.close()


def test_no_page_asks_anybody_but_the_centre_or_breaks_the_policy(browser, centre, admin, story):
    context = in_look(browser, "id", "light")
    screen = Screen(context, centre.url)
    screen.listen()
    broken: list[str] = []
    screen.page.on("pageerror", lambda error: broken.append(str(error)))
    screen.page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective))"
    )
    screen.sign_in(admin)
    screen.start_shift()

    seen = list(everywhere(screen, story))

    assert len(seen) == len(PAGES) + 4
    parts = {request.url for request in screen.asked if request.url.endswith(".pmtiles")}
    assert parts == {f"{centre.url}/map/{MAP}"}
    own = (f"{centre.url}/", f"blob:{centre.url}/")
    assert [request.url for request in screen.asked if not request.url.startswith(own)] == []
    assert broken == []
    # The one line that Chromium writes by itself: nobody was signed in at the first look.
    assert [text for text in screen.said if "401" not in text and "WebGL" not in text] == []
    context.close()
