"""The end of a shift: whoever comes signs, the open incidents change hands, and a page of it is printed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK
from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.screen import Screen

NOTE = "Bank: menunggu kunci dari kepala cabang"


@pytest.fixture(scope="module")
def taker(centre):
    """Whoever comes for the next shift."""
    return centre.add_operator("operator-next")


@pytest.fixture
def mine(desk, bank):
    """An open incident of `desk`, who leaves; its number."""
    desk.calm()
    bank.press("Meja teller")
    (incident,) = desk.until(1)
    desk.acknowledge(incident)
    return incident["id"]


def field(screen, name):
    return screen.page.locator(f".shift-form [name={name}]")


def sign(screen, to, password):
    field(screen, "to").fill(to)
    field(screen, "password").fill(password)
    screen.page.get_by_role("button", name="Serahkan giliran").click()


def opened(screen):
    screen.page.get_by_role("link", name="Giliran").click()
    field(screen, "to").wait_for()
    return screen


def test_a_shift_is_signed_by_whoever_takes_it_and_printed(screen, mine, desk, taker):
    opened(screen)
    expect(screen.page.locator(f'[data-mine="{mine}"]')).to_contain_text(BANK)
    field(screen, "note").fill(NOTE)
    sign(screen, taker.name, "bukan kata sandinya")
    expect(screen.page.get_by_role("alert")).to_contain_text("BELUM diserahkan")
    expect(field(screen, "password")).to_have_value("")
    expect(field(screen, "note")).to_have_value(NOTE)
    assert desk.incident(mine)["owner"] == "operator-1"

    sign(screen, taker.name, taker.password)

    expect(screen.page.locator("[data-mine]")).to_have_count(0)
    expect(field(screen, "note")).to_have_value("")
    row = screen.page.locator("[data-hand-over]").first
    expect(row).to_contain_text(taker.name)
    expect(row).to_contain_text(NOTE)
    assert desk.incident(mine)["owner"] == taker.name
    with screen.context.expect_page() as sheet:
        row.get_by_role("link").click()
    page = sheet.value
    expect(page.locator("h1")).to_contain_text("Serah terima giliran")
    expect(page.locator("tbody").first).to_contain_text(BANK)
    expect(page.locator("dl")).to_contain_text(NOTE)
    expect(page.locator(".sign td")).to_have_text(["operator-1", taker.name])
    expect(page.locator(".head")).to_have_text(re.compile(r"\d+:[0-9a-f]{64}"))
    assert findings(page) == ""


def test_what_is_missing_is_asked_for_and_nobody_hands_over_to_themselves(screen, mine, desk):
    opened(screen)
    screen.page.get_by_role("button", name="Serahkan giliran").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("Isi nama pengganti")
    expect(field(screen, "to")).to_be_focused()
    field(screen, "to").fill("operator-9")
    screen.key("Enter")
    expect(field(screen, "password")).to_be_focused()
    sign(screen, "operator-1", "apa saja")
    expect(screen.page.get_by_role("alert")).to_contain_text("harus orang lain")
    assert desk.incident(mine)["owner"] == "operator-1"


def test_a_note_is_words_on_the_printed_page_whatever_it_holds(screen, desk, taker):
    opened(screen)
    field(screen, "note").fill("<script>document.title='x'</script>")
    sign(screen, taker.name, taker.password)
    row = screen.page.locator("[data-hand-over]").first
    expect(row).to_contain_text("<script>")
    with screen.context.expect_page() as sheet:
        row.get_by_role("link").click()
    expect(sheet.value.locator("dl")).to_contain_text("<script>document.title='x'</script>")
    expect(sheet.value).to_have_title(re.compile("Serah terima giliran"))


@pytest.mark.parametrize("look", LOOKS, ids=["-".join(look) for look in LOOKS])
def test_axe_finds_nothing(browser, centre, desk, mine, look):
    context = in_look(browser, *look)
    context.add_cookies(desk.cookies)
    screen = Screen(context, centre.url)
    screen.go("hand-over")
    screen.page.locator("[data-mine]").wait_for()
    assert findings(screen.page) == "", "calm"
    screen.page.locator(".shift-form__go").click()
    screen.page.get_by_role("alert").first.wait_for()
    assert findings(screen.page) == "", "refused"
    context.close()
