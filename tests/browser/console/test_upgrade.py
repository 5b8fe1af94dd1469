"""After an upgrade of the centre an open page offers to load itself again, and never does so unasked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

PAGES_OF_A_SHIFT = "**/assets/hand-over-pages-*.js"
ANOTHER = "the page was not loaded again"


@pytest.fixture
def old(screen):
    """An open page whose centre has got another console meanwhile."""
    page = screen.page
    root = f"{screen.url}/"
    html = page.request.get(root).text()
    newer = re.sub(r"/assets/main-[^.]+\.js", "/assets/main-NEWER.js", html)
    assert newer != html
    page.route(PAGES_OF_A_SHIFT, lambda route: route.fulfill(status=404))
    page.route(root, lambda route: route.fulfill(body=newer, content_type="text/html"))
    page.evaluate("mark => (window.mark = mark)", ANOTHER)
    yield screen
    page.unroute_all(behavior="wait")


def band(screen):
    return screen.page.locator("[data-upgrade]")


def marked(screen) -> bool:
    return screen.page.evaluate("window.mark") == ANOTHER


def upgraded(screen) -> None:
    """What the page asks for next is the newer console's."""
    screen.page.unroute_all(behavior="wait")


def test_a_part_that_is_gone_is_told_and_the_page_is_loaded_again_when_asked(old):
    expect(band(old)).to_have_count(0)
    old.page.get_by_role("link", name="Giliran").click()
    expect(old.page.get_by_role("alert")).to_contain_text("tidak terkirim dari pusat")
    expect(band(old)).to_contain_text("Pusat sudah diperbarui")
    upgraded(old)

    band(old).get_by_role("button", name="Muat ulang").click()

    expect(old.page.locator(".shift-form")).to_be_visible()
    old.expect_link("live")
    assert not marked(old)
    expect(band(old)).to_have_count(0)


def test_it_waits_while_something_rings(old, bank, desk):
    old.page.get_by_role("link", name="Giliran").click()
    button = band(old).get_by_role("button")
    expect(button).to_be_visible()
    bank.press("Meja teller")
    expect(old.ringing.or_(old.page.locator(".strip"))).to_have_count(1)

    expect(band(old)).to_contain_text("Jawab dulu")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.dispatch_event("click")

    assert marked(old)
    old.expect_link("live")
    old.read()
    old.page.locator(".strip .button--answer").click()
    expect(button).not_to_have_attribute("aria-disabled", "true")
    assert marked(old)


def test_what_is_typed_is_not_lost_by_one_click(old):
    old.page.get_by_role("link", name="Giliran").click()
    button = band(old).get_by_role("button")
    expect(button).to_be_visible()
    old.key("F2")
    said = old.page.locator(".call [name=words]")
    said.fill("Tabrakan di depan pasar")

    button.click()

    expect(band(old)).to_contain_text("belum disimpan")
    expect(said).to_have_value("Tabrakan di depan pasar")
    assert marked(old)
    upgraded(old)
    button.click()
    expect(band(old)).to_have_count(0)
    old.expect_link("live")
    assert not marked(old)


def test_a_part_that_did_not_come_of_the_same_console_is_asked_for_again(screen):
    screen.page.route(PAGES_OF_A_SHIFT, lambda route: route.abort())
    with screen.page.expect_response(f"{screen.url}/"):
        screen.page.get_by_role("link", name="Giliran").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("tidak terkirim dari pusat")
    expect(band(screen)).to_have_count(0)
    screen.page.unroute_all(behavior="wait")
