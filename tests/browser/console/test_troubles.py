"""The board of troubles: who looks after what, until when, and never mixed with alarms."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from kentongan_wire.supervision import BUTTON_BATTERY_LOW
from tests.browser.console.conftest import BANK
from tests.browser.support.screen import Screen

MINUTE_MS = 60_000
KIND = "Baterai hampir habis"


@pytest.fixture
def button(bank, desk):
    """One whose battery is low until the test is over, and known to be well again before the next one begins."""
    button = bank.button("Meja kepala")
    button.state = BUTTON_BATTERY_LOW
    bank.report()
    yield button
    button.state = 0
    bank.report()
    desk.until_restored(button.name, "battery-low")


@pytest.fixture
def trouble(button, desk):
    """Its trouble, which nobody has."""
    found = desk.trouble(button.name, "battery-low")
    assert found["owner"] is None
    return found


@pytest.fixture
def board(screen, trouble):
    """An operator who looks at the board."""
    screen.go("troubles")
    expect(row_of(screen, trouble)).to_be_visible()
    return screen


def row_of(screen, trouble):
    return screen.page.locator(f'[data-trouble="{trouble["id"]}"]')


def take_button(screen, trouble):
    return row_of(screen, trouble).get_by_role("button")


def edited(context, trouble: dict[str, Any], **changes: object) -> None:
    """From now on the list that the browser reads has this trouble changed."""

    def handle(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for row in body["troubles"]:
            if row["id"] == trouble["id"]:
                row.update(changes)
        route.fulfill(status=answer.status, headers=answer.headers, body=json.dumps(body))

    context.route("**/api/troubles", handle)


def test_a_trouble_tells_what_where_since_when_and_until_when_and_makes_no_alarm(board, trouble, button):
    row = row_of(board, trouble)

    expect(row).to_contain_text(KIND)
    expect(row).to_contain_text(f"{BANK} \N{MIDDLE DOT} Meja kepala")
    expect(row).to_contain_text(button.name)
    expect(row).to_contain_text("belum ada")
    expect(row).to_contain_text(re.compile(r"sisa (23:|1 hari)"))
    expect(row).to_have_attribute("data-overdue", "no")
    board.expect_sounding(False)
    board.go("queue")
    expect(board.page.locator(".queue")).to_contain_text("Tidak ada alarm")
    expect(board.page.locator(".queue")).not_to_contain_text(KIND)


def test_taking_it_makes_it_ones_own_for_everybody_and_keeps_the_focus_on_its_row(board, trouble, desk):
    take_button(board, trouble).focus()
    board.key("Enter")

    expect(row_of(board, trouble)).to_contain_text("Anda (operator-1)")
    expect(take_button(board, trouble)).to_have_count(0)
    expect(row_of(board, trouble)).to_be_focused()
    owners = {row["id"]: row["owner"] for row in desk.listing("troubles")}
    assert owners[trouble["id"]] == "operator-1"


def test_anothers_is_taken_over_only_after_a_question(board, trouble, colleague, desk):
    colleague.take(trouble)
    expect(row_of(board, trouble)).to_contain_text("operator-2")

    take_button(board, trouble).click()
    dialog = board.page.locator("dialog[open]")
    expect(dialog).to_contain_text("Sedang ditangani operator-2")
    board.key("Escape")

    expect(dialog).to_have_count(0)
    expect(row_of(board, trouble)).to_contain_text("operator-2")
    take_button(board, trouble).click()
    dialog.get_by_role("button", name="Ya, ambil alih").click()
    expect(row_of(board, trouble)).to_contain_text("Anda (operator-1)")
    expect(dialog).to_have_count(0)


def test_when_somebody_was_faster_it_says_who_and_asks(board, trouble, colleague):
    held: list[Route] = []

    def hold(route: Route) -> None:
        if not held:
            held.append(route)
            colleague.take(trouble)
        route.continue_()

    board.route("**/take", hold)
    take_button(board, trouble).click()

    dialog = board.page.locator("dialog[open]")
    expect(dialog).to_contain_text("Sedang ditangani operator-2")
    dialog.get_by_role("button", name="Tidak jadi").click()
    expect(row_of(board, trouble)).to_contain_text("operator-2")


def test_what_is_overdue_says_so_in_words_and_stands_on_top(context, centre, desk, trouble):
    edited(context, trouble, deadline_at_ms=trouble["opened_at_ms"] - 12 * MINUTE_MS)
    desk.calm()
    context.add_cookies(desk.cookies)
    screen = Screen(context, centre.url)
    screen.go("troubles")

    row = row_of(screen, trouble)
    expect(row).to_have_attribute("data-overdue", "yes")
    expect(row).to_contain_text("LEWAT TENGGAT")
    expect(row).to_contain_text(re.compile(r"lewat \d+:\d\d"))
    expect(screen.page.locator("[data-trouble]").first).to_have_attribute("data-overdue", "yes")
    expect(screen.page.locator(".page__subtitle").first).to_contain_text("lewat tenggat")


def test_what_is_restored_goes_below_and_is_folded(board, trouble, button, bank):
    button.state = 0
    bank.report()

    expect(row_of(board, trouble)).to_have_count(0)
    restored = board.page.locator(f'[data-restored="{trouble["id"]}"]')
    expect(restored).to_be_hidden()
    board.page.locator(".folded summary").click()
    expect(restored).to_be_visible()
    expect(restored).to_contain_text(KIND)


def test_an_alarm_shows_above_the_board_and_rings(board, gold, trouble):
    gold.press("Pos jaga")

    expect(board.page.locator("[data-strip]")).to_be_visible()
    board.expect_sounding(True)
    expect(row_of(board, trouble)).to_be_visible()


def test_the_board_fits_a_small_screen_and_is_larger_on_a_wall(board, trouble):
    def height_of_row() -> float:
        return row_of(board, trouble).locator("td").first.bounding_box()["height"]

    assert not board.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    table = board.page.locator(".scroll").first
    assert not table.evaluate("(element) => element.scrollWidth > element.clientWidth")
    small = height_of_row()
    board.page.set_viewport_size({"width": 3840, "height": 2160})
    assert height_of_row() > 1.2 * small
