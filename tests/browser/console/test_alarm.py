"""An alarm cannot be missed, and one key answers it."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from kentongan_wire.press import KIND_MEDICAL
from tests.browser.console.conftest import BANK, GOLD, pressed


def test_a_press_shows_a_row_changes_the_title_and_sounds(screen, bank):
    screen.expect_sounding(False)

    bank.press("Meja teller")

    expect(screen.ringing).to_have_count(1)
    expect(screen.ringing).to_contain_text(BANK)
    expect(screen.ringing).to_contain_text("Meja teller")
    expect(screen.ringing).to_contain_text("Perampokan")
    expect(screen.ringing).to_contain_text("BELUM DIJAWAB")
    expect(screen.page).to_have_title(re.compile(r"^\(1\) "))
    screen.expect_sounding(True)


def test_an_alarm_comes_by_itself_while_another_page_is_in_view(screen, bank):
    """By the stream: nothing looks for it every so often. How soon that is, `make bench` measures (`road`)."""
    screen.go("devices")
    expect(screen.page.locator("[data-device]").first).to_be_visible()
    screen.listen()

    bank.press("Meja teller")

    expect(screen.page.locator("[data-strip]")).to_contain_text(BANK)
    expect(screen.page.get_by_role("link", name=re.compile("Antrean"))).to_contain_text("1")
    screen.expect_sounding(True)
    expect(screen.page).to_have_title(re.compile(r"^\(1\) "))
    assert [request.url for request in screen.asked if "/api/incidents?" in request.url] == []
    screen.go("queue")
    expect(screen.ringing).to_contain_text(BANK)


def test_the_title_takes_turns_and_the_tabs_icon_changes(screen, bank):
    icon = screen.page.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", re.compile("icon-quiet"))

    bank.press("Meja teller")

    expect(icon).to_have_attribute("href", re.compile("icon-ringing"))
    expect(screen.page).to_have_title(f"(1) ALARM: {BANK}")
    expect(screen.page).to_have_title("(1) BELUM DIJAWAB")
    expect(screen.page).to_have_title(f"(1) ALARM: {BANK}")


def test_enter_acknowledges_and_ends_the_sound(screen, bank, desk):
    bank.press("Meja teller")
    screen.expect_sounding(True)
    screen.read()

    screen.key("Enter")

    expect(screen.ringing).to_have_count(0)
    expect(screen.row(BANK)).to_have_attribute("data-state", "acknowledged")
    expect(screen.row(BANK)).to_contain_text("operator-1")
    screen.expect_sounding(False)
    expect(screen.page).to_have_title(re.compile(r"^Antrean"))
    (incident,) = desk.incidents()
    assert incident["owner"] == "operator-1"
    assert not incident["ringing"]


def test_a_press_after_the_acknowledgement_rings_again_and_wants_its_own(screen, bank, desk):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)

    bank.press("Meja teller")

    expect(screen.ringing).to_have_count(1)
    screen.expect_sounding(True)
    assert len(desk.incidents()) == 1
    screen.read()
    screen.key("a")
    expect(screen.ringing).to_have_count(0)
    screen.expect_sounding(False)


def test_presses_while_it_rings_join_with_a_count(screen, bank):
    for _ in range(3):
        bank.press("Meja teller")

    expect(screen.ringing).to_have_count(1)
    expect(screen.ringing).to_contain_text(pressed(3))
    expect(screen.page.locator("[data-alarm]")).to_have_count(3)


def test_an_alarm_that_came_after_the_key_was_pressed_keeps_ringing(screen, bank, desk):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    screen.route("**/acknowledge", hold)
    screen.key("Enter")
    expect(screen.row(BANK)).to_contain_text("Mengirim")
    screen.until(lambda: held)

    bank.press("Meja teller")
    desk.until(2)
    held[0].continue_()

    expect(screen.page.locator('[data-alarm]:has-text("operator-1")')).to_have_count(1)
    expect(screen.ringing).to_have_count(1)
    screen.expect_sounding(True)


def enter_in_the_moment_of(screen, selector):
    """The page itself presses Enter in the same moment in which this appears: sooner than anybody can read."""
    screen.page.evaluate(
        """(selector) => new MutationObserver((_, observer) => {
            if (!document.querySelector(selector)) return;
            observer.disconnect();
            dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        }).observe(document.body, { subtree: true, childList: true })""",
        selector,
    )


def test_a_key_that_comes_with_the_next_press_answers_only_what_was_read(screen, bank, desk):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    enter_in_the_moment_of(screen, ".row--ringing .fact--strong")

    bank.press("Meja teller")

    answered = screen.page.locator('[data-alarm]:has-text("operator-1")')
    expect(answered).to_have_count(1)
    expect(screen.ringing).to_have_count(1)
    assert [alarm["acknowledged_by"] for alarm in desk.incidents()[0]["alarms"]] == ["operator-1", None]


def test_a_key_that_comes_too_soon_answers_nothing(screen, bank, desk):
    enter_in_the_moment_of(screen, '[data-ringing="yes"]')

    bank.press("Meja teller")

    expect(screen.page.locator(".notice--bad")).to_contain_text("Baca dulu")
    expect(screen.ringing).to_have_count(1)
    assert desk.incidents()[0]["ringing"]


def test_a_failed_acknowledge_is_told_and_the_alarm_rings_on(screen, bank):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.route("**/acknowledge", lambda route: route.abort())

    screen.key("Enter")

    expect(screen.page.locator(".notice--bad")).to_contain_text("alarm tetap berbunyi")
    expect(screen.ringing).to_have_count(1)
    screen.expect_sounding(True)


def test_the_longest_waiting_hold_up_is_on_top_and_a_medical_call_below(screen, bank, gold, cooperative):
    cooperative.press("Pos jaga", kind=KIND_MEDICAL)
    expect(screen.ringing).to_have_count(1)
    gold.press("Meja pemilik")
    expect(screen.ringing).to_have_count(2)
    bank.press("Meja teller")

    expect(screen.ringing).to_have_count(3)
    expect(screen.ringing.nth(0)).to_contain_text(GOLD)
    expect(screen.ringing.nth(1)).to_contain_text("Meja teller")
    expect(screen.ringing.nth(2)).to_contain_text("Medis")
    expect(screen.page).to_have_title(re.compile(r"^\(3\) "))


def test_a_press_that_is_three_days_late_rings_with_words_for_it(screen, bank):
    bank.press("Meja kepala", age_ms=3 * 24 * 3_600_000)

    expect(screen.ringing).to_have_count(1)
    expect(screen.ringing).to_contain_text("terlambat")
    screen.expect_sounding(True)


def test_a_rewound_button_rings_with_a_trouble_beside_it(screen, gold):
    button = gold.press("Pos jaga")
    expect(screen.ringing).to_have_count(1)
    button.sequence -= 1
    gold.press("Pos jaga")

    expect(screen.page.locator("[data-alarm]")).to_have_count(2)
    expect(screen.ringing).to_contain_text("hitungan mundur")
    screen.go("troubles")
    row = screen.page.locator("[data-trouble]").filter(has_text=button.name)
    expect(row.filter(has_text="Nomor urut mundur")).to_have_count(1)


def test_the_incident_shows_who_where_and_the_path_it_took(screen, bank):
    button = bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)

    pane = screen.page.locator("#incident")
    expect(pane).to_contain_text("Jl. Contoh Pahlawan No. 1")
    expect(pane.locator(".path__hop")).to_have_count(3)
    expect(pane.locator(".path__hop").nth(0)).to_contain_text(button.name)
    expect(pane.locator(".path__hop").nth(0)).to_contain_text("tepat")
    expect(pane.locator(".path__hop").nth(1)).to_contain_text("12 ms")
    expect(pane.locator('[aria-current="step"]')).to_have_text("Diterima pusat")
    expect(pane.locator(".timeline__one").nth(0)).to_be_visible()


def test_what_the_guard_sees_is_told_once_the_button_says_so(screen, bank):
    button = bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    guard = screen.page.locator(".steps__guard")
    expect(guard).to_contain_text("belum mengabarkan")

    screen.until(button.shows_newest)
    bank.report()

    expect(guard).to_contain_text("Tombol sudah menunjukkan \N{LEFT DOUBLE QUOTATION MARK}Diterima pusat")


def test_a_new_alarm_is_spoken_at_once(screen, bank):
    bank.press("Meja teller")

    spoken = screen.page.locator("[aria-live=assertive]")
    expect(spoken).to_contain_text(f"Alarm baru: Perampokan, {BANK}, Meja teller. 1 belum dijawab.")
