"""What the console says of an answer is what the centre wrote down, also when somebody pressed again meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from kentongan_wire.frame import parse, seal
from kentongan_wire.press import Press
from tests.browser.console.conftest import BANK, pressed


def pressed_again(button, frame):
    """The same press a moment later, with one more push merged into it."""
    press = parse(frame, (Press,)).payload
    assert isinstance(press, Press)
    press.sending.repeats += 1
    press.sending.attempt += 1
    return seal(press, button.device, button.key_id, button.keys.up_link)


@pytest.fixture
def in_flight(screen):
    """An operator presses Enter; the answer is on its way until the test lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def press_enter():
        screen.route("**/acknowledge", hold)
        screen.read()
        screen.key("Enter")
        screen.until(lambda: held)
        return held[0]

    return press_enter


def test_an_alarm_that_was_pressed_again_before_the_answer_came_is_not_called_answered(screen, bank, desk, in_flight):
    button = bank.button("Meja teller")
    frame = button.press()
    bank.carry(frame)
    expect(screen.ringing).to_have_count(1)
    answer = in_flight()

    bank.carry(pressed_again(button, frame))
    expect(screen.ringing).to_contain_text(pressed(2))
    answer.continue_()

    notice = screen.page.locator(".notice--bad")
    expect(notice).to_contain_text(f"BELUM dijawab: {BANK} masuk lagi")
    expect(screen.page.locator(".notice--good")).to_have_count(0)
    expect(screen.ringing).to_contain_text("BELUM DIJAWAB")
    expect(screen.page.locator('.timeline__one[data-what="acknowledged"]')).to_have_count(0)
    screen.expect_sounding(True)
    (incident,) = desk.incidents()
    assert incident["ringing"]
    assert incident["owner"] is None


def test_an_answer_says_that_it_does_not_cover_the_press_after_it(screen, bank, desk, in_flight):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    answer = in_flight()

    bank.press("Meja teller")
    expect(screen.ringing).to_contain_text(pressed(2))
    answer.continue_()

    expect(screen.page.locator(".notice--bad")).to_contain_text("Dijawab sampai yang tadi Anda lihat")
    expect(screen.page.locator(".notice--good")).to_have_count(0)
    expect(screen.ringing).to_contain_text("BELUM DIJAWAB")
    entry = screen.page.locator('.timeline__one[data-what="acknowledged"]')
    expect(entry).to_contain_text("(1 alarm masih belum dijawab)")
    screen.expect_sounding(True)


def test_an_answer_that_covers_all_says_so(screen, bank, in_flight):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    in_flight().continue_()

    expect(screen.page.locator(".notice--good")).to_contain_text(f"Dijawab: {BANK}")
    expect(screen.ringing).to_have_count(0)
    expect(screen.page.locator('.timeline__one[data-what="acknowledged"]')).not_to_contain_text("belum")
