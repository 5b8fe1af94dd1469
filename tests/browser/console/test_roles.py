"""Who has no desk sees what there is for them, live, and no page that asks for more."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kentongan_wire.supervision import BUTTON_BATTERY_LOW
from tests.browser.console.test_axe import in_look
from tests.browser.support.screen import Screen

# Whether everything in it shares a line, and is in view.
ONE_LINE = """header => {
    const boxes = [...header.children].map(child => child.getBoundingClientRect());
    return Math.max(...boxes.map(box => box.top)) < Math.min(...boxes.map(box => box.bottom))
        && Math.max(...boxes.map(box => box.right)) <= innerWidth;
}"""


@pytest.fixture(scope="session")
def person(centre):
    return centre.add_operator("teknisi", "technician")


@pytest.fixture
def technician(centre, person, context):
    """Somebody who mends what is broken, at the console."""
    screen = Screen(context, centre.url)
    screen.sign_in(person)
    return screen


def test_a_technician_begins_at_the_troubles_and_hears_of_a_new_one(technician, bank, desk):
    expect(technician.page).to_have_url(f"{technician.url}/#/troubles")
    expect(technician.page.locator(".tabs [aria-current=page]")).to_contain_text("Gangguan")  # and how many there are
    for page in ("Antrean", "Selesai", "Laporan", "Dinding", "Serah terima"):
        expect(technician.page.locator(".tabs").get_by_text(page)).to_have_count(0)
    expect(technician.page.locator(".button--arm")).to_have_count(0)

    button = bank.button("Meja kepala")
    button.state = BUTTON_BATTERY_LOW
    bank.report()

    number = desk.trouble(button.name, "battery-low")["id"]
    row = technician.page.locator(f"[data-trouble='{number}']")
    row.get_by_role("button").click()
    expect(row).to_contain_text("teknisi")
    button.state = 0
    bank.report()
    expect(row).to_have_count(0)


@pytest.mark.parametrize("page", ["closed", "wall", "reports", "calls", "users"])
def test_a_page_for_others_is_told_and_asks_nothing(technician, page):
    asked: list[str] = []
    technician.page.on("response", lambda answer: asked.append(answer.url) if answer.status == 403 else None)
    technician.go(page)
    expect(technician.page.locator("#main")).to_contain_text("peran")
    assert asked == []


@pytest.fixture(scope="session")
def supervisor(centre):
    return centre.add_operator("pengawas-1", "supervisor")


@pytest.mark.parametrize("language", ["id", "en"])
def test_all_tabs_of_a_supervisor_stand_on_one_line(browser, centre, supervisor, bank, desk, language):
    desk.calm()
    bank.press("Meja teller")
    desk.until(1)
    context = in_look(browser, language, "light")
    screen = Screen(context, centre.url)
    screen.sign_in(supervisor)
    expect(screen.page.locator(".tabs .badge--loud")).to_have_text("1")
    assert screen.page.locator(".header").evaluate(ONE_LINE)
    context.close()
    desk.calm()
