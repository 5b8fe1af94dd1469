"""Two operators at two computers: one owner, and both know who."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK, PATIENCE_MS
from tests.browser.support.screen import SIZE, Held, Screen


@pytest.fixture
def other(browser, centre, colleague):
    """The second operator's computer."""
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(colleague.cookies)
    screen = Screen(context, centre.url)
    screen.page.goto(centre.url)
    screen.expect_link("live")
    yield screen
    context.close()


def test_two_who_answer_at_once_are_one_owner_and_the_other_sees_the_name(screen, other, bank, desk):
    bank.press("Meja teller")
    held = Held()
    for count, one in enumerate((screen, other), start=1):
        expect(one.ringing).to_have_count(1)
        one.read()
        one.route("**/acknowledge", held.take)
        one.key("Enter")
        one.until(lambda count=count: len(held) == count)

    for answer in reversed(held):  # the second one's comes first
        answer.continue_()

    for one in (screen, other):
        expect(one.ringing).to_have_count(0)
        expect(one.row(BANK)).to_contain_text("Ditangani operator-2")
        acts = one.page.locator('.timeline__one[data-what="acknowledged"]')
        expect(acts).to_have_count(1)
        expect(acts).to_contain_text("operator-2")
    assert [incident["owner"] for incident in desk.incidents()] == ["operator-2"]


def test_an_act_on_what_somebody_changed_meanwhile_is_refused_in_words(screen, other, bank, desk, colleague):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    incident = desk.incidents()[0]
    colleague.finish_plan(incident)
    held = Held()
    screen.route("**/close", held.take)
    screen.key("c")
    dialog = screen.page.locator("dialog[open]")
    dialog.get_by_label("Nyata").check()
    dialog.get_by_label("Sebab").select_option("threat")
    dialog.get_by_role("button", name="Tutup kejadian", exact=True).click()
    screen.until(lambda: held)

    bank.press("Meja teller")
    desk.until(2)
    held[0].continue_()

    expect(dialog.get_by_role("alert")).to_contain_text("Tombol ditekan lagi")
    assert desk.incidents()[0]["state"] != "closed"
