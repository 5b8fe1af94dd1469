"""A replay: an incident step by step, with how it stood after each of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK
from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.screen import Screen


@pytest.fixture
def over(desk, bank):
    """An incident that was answered, to which a unit went, and which is closed; its number."""
    desk.calm()
    bank.press("Meja teller")
    (incident,) = desk.until(1)
    number = incident["id"]
    desk.acknowledge(incident)
    desk.finish_plan(incident)
    desk.dispatch(desk.incident(number), "Patroli 12")
    desk.note(number, "Pintu belakang terbuka")
    desk.close(desk.incident(number), "real", "robbery")
    return number


def stood(screen, name):
    """What the page says of this side of the incident at that moment."""
    return screen.page.locator(".replay__fact").filter(has=screen.page.get_by_text(name, exact=True)).locator("dd")


def expect_state(screen, state):
    expect(screen.page.locator("[data-stood]")).to_have_attribute("data-stood", state)


def shown(screen):
    """The number of the step on the screen."""
    return screen.page.locator("[data-replay-step]")


def test_it_is_opened_by_a_key_and_goes_step_by_step(screen, over, desk):
    screen.go("closed")
    screen.page.locator(f'[data-row="{over}"]').click()
    screen.key("v")

    slider = screen.page.get_by_role("slider", name="Langkah")
    expect(slider).to_be_focused()
    expect(shown(screen)).to_have_attribute("data-replay-step", "1")
    expect_state(screen, "new")
    expect(stood(screen, "Pemilik")).to_have_text("belum ada")
    expect(stood(screen, "Bunyi")).to_contain_text("1 alarm belum dijawab")
    steps = screen.page.locator(".replay__step")
    count = steps.count()
    assert count >= len(["opened", "acknowledged", "dispatched", "noted", "closed"])

    screen.key("ArrowRight")
    expect(shown(screen)).to_have_attribute("data-replay-step", "2")
    expect(stood(screen, "Pemilik")).to_have_text("operator-1")
    expect(stood(screen, "Bunyi")).to_have_text("tidak berbunyi")
    screen.key("ArrowLeft")
    expect(shown(screen)).to_have_attribute("data-replay-step", "1")
    screen.key("End")
    expect(shown(screen)).to_have_attribute("data-replay-step", str(count))
    expect_state(screen, "closed")
    expect(stood(screen, "Hasil")).to_contain_text("Nyata")
    screen.key("PageDown")  # less, as at every slider; all of it happened within a minute
    expect(shown(screen)).to_have_attribute("data-replay-step", "1")
    screen.key("PageUp")
    expect(shown(screen)).to_have_attribute("data-replay-step", str(count))


def test_a_step_can_be_chosen_and_tells_who_did_what(screen, over):
    screen.go(f"replay/{over}")
    steps = screen.page.locator(".replay__step")
    steps.filter(has_text="Unit dikirim").click()
    expect_state(screen, "dispatched")
    expect(stood(screen, "Unit")).to_have_text("Patroli 12")
    expect(stood(screen, "Pemilik")).to_have_text("operator-1")
    expect(stood(screen, "Bunyi")).to_have_text("tidak berbunyi")
    steps.filter(has_text="Catatan").click()
    expect(shown(screen)).to_contain_text("Pintu belakang terbuka")
    expect(shown(screen)).to_contain_text("operator-1")
    expect(steps.filter(has_text="Catatan")).to_have_attribute("aria-current", "step")
    screen.page.get_by_role("button", name="Akhir", exact=True).click()
    expect_state(screen, "closed")
    screen.page.get_by_role("button", name="Langkah mundur").click()
    expect(shown(screen)).to_have_attribute("data-replay-step", str(steps.count() - 1))
    screen.page.get_by_role("button", name="Awal", exact=True).click()
    expect_state(screen, "new")


def test_it_leads_back_to_the_incident(screen, over):
    screen.go(f"replay/{over}")
    screen.page.get_by_role("link", name="Kembali ke kejadian").click()
    expect(screen.page.locator("#incident")).to_contain_text(BANK)
    expect(screen.page.locator("#incident")).to_contain_text("Pintu belakang terbuka")


def test_without_an_incident_or_with_an_unknown_one_it_says_so(screen):
    screen.go("replay")
    expect(screen.page.locator("main")).to_contain_text("Buka kejadian yang selesai")
    screen.go("replay/999999")
    expect(screen.page.locator("main")).to_contain_text("tidak terbaca")


@pytest.mark.parametrize("look", LOOKS, ids=["-".join(look) for look in LOOKS])
def test_axe_finds_nothing(browser, centre, desk, over, look):
    context = in_look(browser, *look)
    context.add_cookies(desk.cookies)
    screen = Screen(context, centre.url)
    screen.go(f"replay/{over}")
    screen.page.locator(".replay__stood--rings").wait_for()
    assert findings(screen.page) == "", "ringing"
    screen.key("ArrowRight")
    screen.page.locator('[data-replay-step="2"]').wait_for()
    assert findings(screen.page) == "", "answered"
    screen.key("End")
    screen.page.locator("[data-stood=closed]").wait_for()
    assert findings(screen.page) == "", "closed"
    context.close()


def test_a_step_of_the_plan_has_its_words(screen, over):
    screen.go(f"replay/{over}")
    step = screen.page.locator(".replay__step").filter(has_text="Langkah").first
    step.click()

    expect(screen.page.locator(".replay__what .fact")).to_contain_text("JANGAN menelepon lokasi")
