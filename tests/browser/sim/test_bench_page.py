"""The bench page in a real browser, over the real demo: press, see the lamp, feel the pulse, cut what can be cut."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.browser.support.screen import SIZE, launch
from tests.support.demo import interactive

pytestmark = [pytest.mark.browser, pytest.mark.micropython, pytest.mark.slow]

PATIENCE_MS = 90_000  # bounds what the whole chain does, on a loaded machine
SMS_MS = 240_000  # bounds a modem's boot (16 s) and several texts with their retries, on a loaded machine
HELD_MS = 1_500  # ten times the way of a press: what has not happened by then does not happen
# A blink is 60 ms: too short to be looked for, so the page tells when it has seen one begin and end.
BLINK = """lamp => new Promise((resolve) => {
  let lit = false;
  new MutationObserver(() => {
    if (lamp.classList.contains("lit")) lit = true;
    else if (lit) resolve(true);
  }).observe(lamp, { attributes: true });
})"""
AXE = Path(__file__).parents[3] / "server/kentongan_server/web/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def bench_url(tmp_path_factory):
    with interactive(tmp_path_factory.mktemp("bench")) as (_, _, said):
        yield re.findall(r"http://127\.0\.0\.1:\d+/", said)[0]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, bench_url):
    """The page, connected, in Indonesian; nothing on its console but what the test expects."""
    context = browser.new_context(viewport=SIZE, locale="id-ID")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(bench_url)
    for number in range(5):
        expect(page.locator(".unit .badge").nth(number)).to_have_attribute("data-state", "linkUp")
    yield page
    context.close()
    assert complaints == []


def unit(page: Page, name: str) -> Locator:
    return page.locator(".unit").filter(has=page.get_by_role("heading", name=name, exact=True))


def step(box: Locator, number: int) -> Locator:
    """A step of the newest press: 0 pressed, 1 stored, 2 received, 3 acknowledged."""
    return box.locator(".trail li").nth(number)


def turn_key(box: Locator) -> None:
    """Turns the key and waits until it is back and the contacts rest."""
    box.locator('[data-act="turn"]').click()
    expect(box).to_have_class(re.compile("turned"))
    expect(box).not_to_have_class(re.compile("turned"))


def test_shows_both_sites_and_their_five_buttons(page):
    assert page.get_by_role("heading", level=2).all_text_contents() == [
        "Bank Contoh Cabang Pahlawan",
        "Toko Emas Contoh",
        "Jaringan SMS",
    ]
    expect(page.locator(".unit")).to_have_count(5)
    expect(unit(page, "Pos Satpam").locator(".dome")).to_have_count(2)
    expect(unit(page, "Meja Teller 1").locator(".dome")).to_have_count(1)


def test_both_buttons_of_the_guard_post_ring_and_its_blink_tells(page):
    box = unit(page, "Pos Satpam")
    box.get_by_role("button", name="Tekan kedua tombol").click()
    expect(step(box, 2)).to_have_class("done")
    expect(box.locator(".sense")).to_have_attribute("data-level", "1")
    expect(box.locator(".sense")).to_contain_text("pusat sudah menerima")
    assert box.locator(".lamp").evaluate(BLINK)


def test_one_button_of_two_rings_nothing(page):
    box = unit(page, "Pos Depan")
    for name in ("Tombol A Pos Depan", "Tombol B Pos Depan"):
        box.get_by_role("button", name=name).click(delay=250)
    with pytest.raises(AssertionError):
        expect(step(box, 0)).to_have_class("done", timeout=HELD_MS)


def test_the_keyboard_presses_a_desk_button_and_the_pulse_is_felt(page):
    box = unit(page, "Meja Teller 1")
    box.locator(".dome").focus()
    page.keyboard.down(" ")
    expect(box.locator(".dome")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(200)
    page.keyboard.up(" ")
    expect(box.locator(".dome")).to_have_attribute("aria-pressed", "false")
    expect(step(box, 2)).to_have_class("done")
    expect(box.locator(".felt")).to_have_text(re.compile(r"bergetar \d+ ms"))
    expect(box.locator(".felt")).to_be_visible()


def test_a_digit_presses_the_unit_of_that_number(page):
    box = unit(page, "Meja Kasir")
    page.keyboard.press("5")
    expect(step(box, 2)).to_have_class("done")


def test_without_wifi_the_lamp_waits_and_catches_up(page):
    box = unit(page, "Meja Pimpinan")
    box.get_by_role("button", name="Putus Wi-Fi").click()
    expect(box.locator(".badge")).to_have_attribute("data-state", "noWifi")
    box.get_by_role("button", name="Tekan").click()
    expect(step(box, 0)).to_have_class("done")
    with pytest.raises(AssertionError):
        expect(step(box, 1)).to_have_class("done", timeout=HELD_MS)
    box.get_by_role("button", name="Putus Wi-Fi").click()
    expect(step(box, 2)).to_have_class("done")


def test_without_internet_the_gateway_stores_and_the_lamp_stays_calm(page):
    site = page.locator(".site").filter(has_text="Toko Emas Contoh")
    internet = site.get_by_role("button", name="Putus internet gateway")
    internet.click()
    expect(internet).to_have_attribute("aria-pressed", "true")
    box = unit(page, "Pos Depan")
    turn_key(box)
    box.get_by_role("button", name="Tekan kedua tombol").click()
    expect(step(box, 1)).to_have_class("done")
    with pytest.raises(AssertionError):
        expect(step(box, 2)).to_have_class("done", timeout=HELD_MS)
    expect(box.locator(".sense")).to_have_attribute("data-level", "0")
    internet.click()
    expect(step(box, 2)).to_have_class("done")


def test_without_wifi_the_press_arrives_by_sms_and_the_page_says_so(page):
    box = unit(page, "Meja Teller 1")
    turn_key(box)
    box.get_by_role("button", name="Putus Wi-Fi").click()
    expect(box.locator(".badge")).to_have_attribute("data-state", "noWifi")
    box.get_by_role("button", name="Tekan").click()
    expect(step(box, 2)).to_have_class("done", timeout=SMS_MS)
    expect(step(box, 2)).to_contain_text("lewat SMS")
    expect(page.locator("#sms")).to_contain_text(re.compile(r"[1-9]\d* terkirim"))
    box.get_by_role("button", name="Putus Wi-Fi").click()
    expect(box.locator(".badge")).to_have_attribute("data-state", "linkUp")


def test_an_operator_can_be_switched_off_and_on(page):
    operator = page.get_by_role("button", name="Matikan Operator Contoh A")
    operator.click()
    expect(operator).to_have_attribute("aria-pressed", "true")
    operator.click()
    expect(operator).to_have_attribute("aria-pressed", "false")


def test_a_button_without_power_is_dead_and_comes_back_latched(page):
    box = unit(page, "Meja Kasir")
    box.get_by_role("button", name="Putus listrik").click()
    expect(box.locator(".badge")).to_have_attribute("data-state", "noPower")
    expect(box.locator(".sense")).to_contain_text("Mati")
    box.get_by_role("button", name="Putus listrik").click()
    expect(box.locator(".badge")).to_have_attribute("data-state", "linkUp")
    # It remembers its press, and what the centre said about it.
    expect(box.locator(".sense")).to_have_attribute("data-level", "1")
    turn_key(box)
    expect(box.locator(".sense")).to_have_attribute("data-level", "0")


def test_the_lid_can_be_opened_and_closed(page):
    box = unit(page, "Pos Depan")
    lid = box.get_by_role("button", name="Buka penutup")
    lid.click()
    expect(lid).to_have_attribute("aria-pressed", "true")
    lid.click()
    expect(lid).to_have_attribute("aria-pressed", "false")


def test_speaks_english_when_asked_and_remembers(page):
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Test bench")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Test bench")
    page.get_by_role("button", name="Bahasa Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Meja uji")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert [
        (one["id"], one["help"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]
    ] == [], json.dumps(found["violations"], indent=1)[:3000]
