"""The link bar tells the truth, and what happened while it was red is caught up without a gap or a double."""

from __future__ import annotations

import time

from playwright.sync_api import Route, expect

from tests.browser.console.conftest import BANK, GOLD, PATIENCE_MS, pressed
from tests.browser.support.screen import SIZE, Screen

FROZEN_S = 8.0
# NUMBERS: 5 s. The page's own limits add up to 4.5 s at most (web: test/link.test.ts holds them); the rest is room
# for a loaded machine.
RED_MS = 20_000


def test_a_frozen_centre_turns_the_bar_red_and_it_catches_up(screen, centre, bank, gold, desk):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)

    with centre.frozen():
        screen.expect_link("stale")
        bar = screen.page.locator("[data-link]")
        expect(bar).to_contain_text("TERPUTUS DARI PUSAT")
        expect(bar).to_contain_text("tidak ada kabar sejak")
        # The broker is a process of its own: these wait there for the centre.
        bank.press("Meja teller")
        gold.press("Pos jaga")
        gold.press("Pos jaga")

    screen.expect_link("live")
    expect(screen.ringing).to_have_count(2)
    expect(screen.row(BANK)).to_contain_text(pressed(2))
    expect(screen.row(GOLD)).to_contain_text(pressed(2))
    desk.until(4)


def test_eight_seconds_of_a_frozen_centre_are_red_soon_and_then_made_up_for(screen, centre, bank, desk):
    screen.page.evaluate(
        """() => {
            const link = () => document.querySelector("[data-link]")?.dataset.link;
            window.linkAt = {};
            const links = { subtree: true, childList: true, attributes: true, attributeFilter: ["data-link"] };
            new MutationObserver(() => (window.linkAt[link()] ??= performance.now())).observe(document.body, links);
        }"""
    )
    with centre.frozen():
        thawed = time.monotonic() + FROZEN_S
        frozen_at = screen.page.evaluate("performance.now()")
        screen.expect_link("stale")
        red_at = screen.page.evaluate("window.linkAt.stale")
        bank.press("Meja teller")
        bank.press("Pos jaga")
        screen.until(lambda: time.monotonic() > thawed)

    assert red_at - frozen_at < RED_MS
    screen.expect_link("live")
    expect(screen.page.locator("[data-alarm]")).to_have_count(2)
    assert [incident["count"] for incident in desk.until(2)] == [2]
    expect(screen.row(BANK)).to_contain_text(pressed(2))


def test_a_centre_that_was_restarted_is_joined_again_where_the_stream_ended(screen, centre, bank, desk):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)

    centre.stop()
    screen.expect_link("stale")
    centre.start()
    centre.sites["bank"].press("Meja teller")

    screen.expect_link("live")
    expect(screen.row(BANK)).to_contain_text(pressed(2))
    expect(screen.page.locator("[data-alarm]")).to_have_count(2)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)


def test_answers_of_503_do_not_end_the_stream_for_good(context, centre, desk, operator, door, bank):
    desk.calm()
    screen = Screen(context, door.url)
    screen.sign_in(operator)

    door.shut()
    door.wait_until_refused("/api/stream", times=4, within_s=PATIENCE_MS / 1_000)
    screen.expect_link("stale")
    expect(screen.page.locator("[data-link]")).to_contain_text("503")
    bank.press("Meja kepala")
    desk.until(1)
    door.open()

    screen.expect_link("live")
    expect(screen.ringing).to_have_count(1)
    expect(screen.page.locator("[data-alarm]")).to_have_count(1)


def test_a_connection_that_died_without_a_word_is_replaced(context, desk, door, bank, centre):
    desk.calm()
    context.add_cookies(desk.cookies)
    screen = Screen(context, door.url)
    lists: list[str] = []
    screen.page.on("request", lambda request: lists.append(request.url))
    screen.page.goto(door.url)
    screen.expect_link("live")
    lists.clear()

    door.stall()
    bank.press("Meja teller")

    expect(screen.ringing).to_have_count(1)
    screen.expect_link("live")
    # By the stream's own watch; had the page given its worker up, it would have read the lists again.
    assert [url for url in lists if "state=open" in url] == []


def test_the_acknowledge_is_not_stuck_behind_the_streams_of_many_tabs(screen, context, centre, bank, head):
    tabs = [Screen(context, centre.url) for _ in range(7)]
    for tab in tabs:
        tab.page.goto(centre.url)
        tab.expect_link("live")

    bank.press("Meja teller")
    for tab in tabs:
        expect(tab.ringing).to_have_count(1)
    screen.page.bring_to_front()
    screen.read()
    screen.key("Enter")

    for tab in [screen, *tabs]:
        expect(tab.ringing).to_have_count(0)
    # All eight share the one stream of the SharedWorker.
    assert head.streams() == 1


def test_a_tab_that_joins_while_presses_come_misses_none_of_them(screen, context, centre, bank, gold):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    late = Screen(context, centre.url)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()  # a page that has waited for long asks again
        else:
            held.append(route)

    # Its list is true for now, but reaches it only after the stream that it has joined brought more.
    late.page.route("**/api/incidents?state=open", hold)
    late.page.goto(centre.url)
    late.until(lambda: held)
    listed = held[0].fetch()
    for _ in range(3):
        gold.press("Pos jaga")
    expect(screen.row(GOLD)).to_contain_text(pressed(3))
    held[0].fulfill(response=listed)

    expect(late.row(BANK)).to_have_count(1)
    expect(late.row(GOLD)).to_contain_text(pressed(3))


def test_a_session_that_ended_leads_to_the_login_page_and_says_what_that_means(screen, context, bank):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    context.clear_cookies()

    screen.key("Enter")

    expect(screen.page.get_by_role("alert")).to_contain_text("alarm tidak tampil")
    expect(screen.page).to_have_title("TERPUTUS · Kentongan")


def test_the_clock_is_the_centres_even_when_the_computers_is_wrong(browser, centre, desk, operator, bank):
    desk.calm()
    context = browser.new_context(viewport=SIZE)
    screen = Screen(context, centre.url)
    screen.page.clock.install(time=time.time() - 7_200)
    screen.sign_in(operator)

    bank.press("Meja teller")

    expect(screen.ringing).to_have_count(1)
    shown = screen.page.locator(".header__time").inner_text()
    minutes = [int(part) for part in shown.split(":")[:2]]
    now = time.gmtime(time.time() + 7 * 3_600)
    difference = (minutes[0] * 60 + minutes[1] - now.tm_hour * 60 - now.tm_min) % 1_440
    assert difference in {0, 1_439}
    context.close()
