"""Closing wants an outcome, and nothing that rings is closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK


@pytest.fixture
def in_hand(screen, desk, bank):
    """An acknowledged incident."""
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    desk.finish_plan(desk.incidents()[0])
    return screen


def test_closing_without_an_outcome_is_refused(in_hand, desk):
    in_hand.key("c")
    dialog = in_hand.page.locator("dialog[open]")
    dialog.get_by_role("button", name="Tutup kejadian", exact=True).click()

    expect(dialog.get_by_role("alert")).to_contain_text("Pilih hasilnya dulu")
    assert in_hand.focused()["tag"] == "INPUT"
    assert desk.incidents()[0]["state"] == "acknowledged"


def test_closing_with_an_outcome_moves_it_to_the_closed_ones(in_hand, desk):
    in_hand.key("c")
    dialog = in_hand.page.locator("dialog[open]")
    dialog.get_by_label("Alarm palsu").check()
    dialog.get_by_role("button", name="Tutup kejadian", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Pilih sebabnya dulu")
    assert in_hand.focused()["tag"] == "SELECT"
    dialog.get_by_label("Sebab").select_option("pressed-by-mistake")
    dialog.get_by_label("Catatan").fill("Tersenggol saat membersihkan meja.")
    dialog.get_by_role("button", name="Tutup kejadian", exact=True).click()

    expect(dialog).to_have_count(0)
    expect(in_hand.rows).to_have_count(0)
    in_hand.go("closed")
    expect(in_hand.rows.first).to_contain_text(BANK)
    expect(in_hand.rows.first).to_contain_text("Alarm palsu")
    pane = in_hand.page.locator("#incident")
    expect(pane).to_contain_text("Tersenggol saat membersihkan meja.")
    expect(pane.locator('.timeline__one[data-what="closed"]')).to_contain_text("operator-1")
    expect(pane).to_contain_text("Salah tekan")
    newest = desk.incidents("closed")[0]
    assert (newest["outcome"], newest["cause"]) == ("false", "pressed-by-mistake")


def test_a_ringing_incident_cannot_be_closed(screen, bank):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)

    screen.key("c")

    expect(screen.page.locator(".notice--bad")).to_contain_text("Jawab dulu")
    expect(screen.page.locator("dialog")).to_have_count(0)


def test_a_press_while_the_dialog_is_open_shows_in_it_and_forbids_closing(in_hand, bank):
    in_hand.key("c")
    dialog = in_hand.page.locator("dialog[open]")
    dialog.get_by_label("Nyata").check()
    dialog.get_by_label("Sebab").select_option("threat")

    bank.press("Meja teller")

    expect(dialog.locator("[data-strip]")).to_contain_text("BELUM DIJAWAB")
    in_hand.expect_sounding(True)
    dialog.get_by_role("button", name="Tutup kejadian", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Tombol ditekan lagi")
    in_hand.read()
    dialog.locator(".button--answer").click()
    in_hand.expect_sounding(False)
