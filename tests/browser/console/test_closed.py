"""Closed incidents of any time are found by site and day."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK, GOLD
from tests.browser.console.test_axe import findings


@pytest.fixture
def archive(screen, desk, bank, gold):
    """The page of closed incidents with its search open; at least one of each of two sites is over."""
    bank.press("Meja teller")
    gold.press("Pos jaga")
    desk.until(2)
    desk.calm()
    screen.go("closed")
    screen.page.locator(".closed-search summary").click()
    return screen


def test_a_search_by_site_shows_that_one_alone_and_can_be_left(archive, desk):
    search = archive.page.locator(".closed-search")
    search.get_by_label("Lokasi").select_option("gold")
    search.get_by_role("button", name="Cari", exact=True).click()
    expect(archive.rows.filter(has_text=BANK)).to_have_count(0)
    expect(archive.rows.first).to_contain_text(GOLD)
    of_gold = [one for one in desk.incidents("closed") if one["site"] and one["site"]["code"] == "gold"]
    expect(archive.rows).to_have_count(len(of_gold))
    expect(archive.page.locator("#incident h2").first).to_contain_text(GOLD)
    assert findings(archive.page) == ""

    search.get_by_role("button", name="Kembali ke yang terbaru").click()
    expect(archive.rows.filter(has_text=BANK).first).to_be_visible()
    expect(search.get_by_label("Lokasi")).to_have_value("")


def test_a_search_by_day_finds_nothing_where_nothing_was(archive):
    search = archive.page.locator(".closed-search")
    search.get_by_label("Ditutup dari").fill("2020-01-01")
    search.get_by_label("Sampai dengan").fill("2020-12-31")
    search.get_by_role("button", name="Cari", exact=True).click()
    expect(archive.page.locator(".queue .page__empty")).to_have_text("Tidak ada yang cocok.")
    expect(archive.rows).to_have_count(0)

    search.get_by_label("Sampai dengan").fill("2099-12-31")
    search.get_by_role("button", name="Cari", exact=True).click()
    expect(archive.rows.filter(has_text=BANK).first).to_be_visible()
