"""Two tabs of one browser have one cookie: a log-in in one of them is a log-in in both."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.console.conftest import BANK
from tests.browser.support.screen import Screen


def log_in_beside(screen: Screen, name: str, password: str) -> None:
    """Somebody comes in by the log-in's own request, as a second tab does whose page was open before."""
    other = Screen(screen.context, screen.url)
    other.page.goto(screen.url)
    other.expect_link("live")
    status = other.page.evaluate(
        """async ([name, password]) => {
            const headers = { "Content-Type": "application/json" };
            const body = JSON.stringify({ name, password });
            const answer = await fetch("/api/login", { method: "POST", headers, body });
            return answer.status;
        }""",
        [name, password],
    )
    assert status == 200


def test_who_comes_in_again_in_another_tab_goes_on_in_the_first(context, centre, operator, desk, bank):
    desk.calm()
    screen = Screen(context, centre.url)
    screen.sign_in(operator)
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    log_in_beside(screen, operator.name, operator.password)
    screen.read()

    screen.key("Enter")

    expect(screen.ringing).to_have_count(0)
    expect(screen.row(BANK)).to_have_attribute("data-state", "acknowledged")


def test_nobody_answers_in_the_name_of_who_came_in_in_another_tab(context, centre, operator, desk, bank):
    colleague = centre.add_operator("operator-in-other-tab")
    desk.calm()
    screen = Screen(context, centre.url)
    screen.sign_in(operator)
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    log_in_beside(screen, colleague.name, colleague.password)
    screen.read()

    screen.key("Enter")

    expect(screen.page.locator("input[name=password]")).to_be_visible()
    assert desk.incidents()[0]["ringing"]
