"""Sound wants a person's act: until then the screen says so, and so it does after a reload."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.console.conftest import BANK
from tests.browser.support.screen import CHROMIUM, FLAGS, SIZE, Screen

# As whoever sets a desk up can allow it; the last flag of a name holds.
SOUND_UNASKED = "--autoplay-policy=no-user-gesture-required"


def test_until_the_shift_is_started_a_band_warns(signed_in):
    band = signed_in.page.locator(".band")
    expect(band).to_contain_text("Suara alarm belum menyala")

    signed_in.page.get_by_role("button", name="Mulai jaga").click()

    expect(band).to_have_count(0)
    expect(signed_in.page.locator(".status__sound")).to_contain_text("Suara siap")


def test_an_alarm_without_sound_calls_for_it_loudly(signed_in, bank):
    bank.press("Meja teller")

    expect(signed_in.ringing).to_have_count(1)
    expect(signed_in.page.locator(".band--loud")).to_contain_text("TANPA SUARA")
    signed_in.expect_sounding(False)

    signed_in.page.get_by_role("button", name="Nyalakan suara").click()

    signed_in.expect_sounding(True)
    expect(signed_in.page.locator(".band")).to_have_count(0)


def test_after_a_reload_the_unanswered_alarm_is_there_and_the_first_key_brings_the_sound_back(screen, bank):
    bank.press("Meja teller")
    screen.expect_sounding(True)

    screen.page.reload()

    expect(screen.ringing).to_contain_text(BANK)
    expect(screen.page.locator(".band--loud")).to_be_visible()
    expect(screen.page).to_have_title(f"(1) ALARM: {BANK}")
    screen.expect_sounding(False)

    screen.key("j")

    screen.expect_sounding(True)
    expect(screen.page.locator(".band")).to_have_count(0)


def test_a_browser_that_may_sound_unasked_does_so_after_a_reload_by_itself(browser, desk, centre, bank):
    desk.calm()
    with browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, SOUND_UNASKED]) as allowed:
        context = allowed.new_context(viewport=SIZE)
        context.add_cookies(desk.cookies)
        screen = Screen(context, centre.url)
        screen.page.goto(centre.url)
        screen.start_shift()
        bank.press("Meja teller")
        screen.expect_sounding(True)

        screen.page.reload()

        expect(screen.ringing).to_contain_text(BANK)
        screen.expect_sounding(True)
        expect(screen.page.locator(".band")).to_have_count(0)


def test_the_sound_goes_on_until_the_last_incident_is_answered(screen, bank, gold):
    bank.press("Meja teller")
    gold.press("Pos jaga")
    expect(screen.ringing).to_have_count(2)
    screen.read()
    screen.key("Enter")

    expect(screen.ringing).to_have_count(1)
    screen.expect_sounding(True)
    screen.read()
    screen.key("Enter")

    expect(screen.ringing).to_have_count(0)
    screen.expect_sounding(False)


def test_signing_out_ends_the_shift(context, centre, operator):
    screen = Screen(context, centre.url)
    screen.sign_in(operator)
    screen.start_shift()

    screen.page.get_by_role("button", name="Keluar", exact=True).click()

    expect(screen.page.locator("input[name=name]")).to_be_visible()
    assert screen.page.evaluate("sessionStorage.length") == 0


def test_what_rang_when_the_session_ended_goes_on_ringing_on_the_login_page(screen, bank):
    bank.press("Meja kepala")
    expect(screen.ringing).to_have_count(1)
    screen.expect_sounding(True)
    screen.read()
    screen.context.clear_cookies()

    screen.key("Enter")

    expect(screen.page.locator("input[name=password]")).to_be_visible()
    expect(screen.page.get_by_role("alert")).to_contain_text("alarm sedang berbunyi dan belum dijawab")
    screen.expect_sounding(True)
