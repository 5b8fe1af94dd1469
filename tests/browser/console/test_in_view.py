"""Rows that are scrolled away: not drawn for each press on them, but never wrong about whose they are."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK

CALLS = 40  # several screens of them
SKIPPED = "(row) => !row.firstElementChild.checkVisibility({ contentVisibilityAuto: true })"  # of what is in it


@pytest.fixture
def far_down(screen, bank, desk):
    """A bank that rings, and the operator at the other end of a long queue."""
    for number in range(CALLS):
        desk.call(f"08120000{number:04d}")
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    expect(screen.page.locator(".queue [data-incident]")).to_have_count(CALLS + 1)
    screen.page.locator(".queue [data-incident]").last.scroll_into_view_if_needed()
    top = screen.row(BANK)
    screen.until(lambda: top.evaluate(SKIPPED))
    return screen


def test_a_row_that_comes_back_into_view_says_what_happened_meanwhile(far_down, bank, desk):
    top = far_down.row(BANK)

    bank.press("Meja teller")
    desk.until(2)
    expect(far_down.page.locator("#incident")).to_contain_text("Alarm (2)")
    shown = top.text_content()
    top.scroll_into_view_if_needed()

    expect(top).to_contain_text("2\u00d7 ditekan")
    assert "2\u00d7 ditekan" not in shown, "it was drawn for nobody"


def test_a_row_out_of_view_tells_who_has_it(far_down, colleague):
    """Who hears the page read aloud has no view: the list must be true from end to end."""
    top = far_down.row(BANK)
    (incident,) = [one for one in colleague.incidents() if one["ringing"]]
    colleague.acknowledge(incident)
    expect(top).to_have_attribute("data-state", "acknowledged")
    far_down.page.locator(".queue [data-incident]").last.scroll_into_view_if_needed()
    far_down.until(lambda: top.evaluate(SKIPPED))

    (incident,) = [one for one in colleague.incidents() if one["id"] == incident["id"]]
    colleague.dispatch(incident, "Patroli 3")

    expect(top).to_have_attribute("data-state", "dispatched")
    assert top.evaluate(SKIPPED)
