"""The 112 desk: a call is an incident in seconds, and nothing that was typed is ever lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK, GOLD
from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.screen import Screen

BANK_PLACE = {"latitude": -7.7543, "longitude": 113.2159}
GOLD_PLACE = {"latitude": -7.7601, "longitude": 113.2231}


@pytest.fixture
def mapped(supervisor):
    """Two sites have their places on the map for this test."""

    supervisor.place("bank", BANK_PLACE)
    supervisor.place("gold", GOLD_PLACE)
    yield
    supervisor.place("bank", None)
    supervisor.place("gold", None)


def field(screen, name):
    return screen.page.locator(f".call [name={name}]")


def opened(screen):
    """The desk, by its key."""
    screen.key("F2")
    expect(screen.page.locator("[data-category]").first).to_be_focused()
    return screen


def test_a_call_is_an_incident_by_keys_alone(screen, desk):
    opened(screen)
    screen.key("3")
    expect(field(screen, "number")).to_be_focused()
    screen.page.keyboard.type("0812 3456 7890")
    screen.key("Tab")
    expect(screen.page.locator("[data-known=here]")).to_contain_text("belum pernah menelepon")
    screen.page.keyboard.type("Bu Siti")
    screen.key("Tab")
    screen.page.keyboard.type("Asap dari atap")
    screen.key("Tab")
    screen.page.keyboard.type("Jl. Contoh Melati, depan pasar")
    screen.key("Control+Enter")

    pane = screen.page.locator("#incident")
    expect(pane).to_contain_text("Asap dari atap")
    expect(pane).to_contain_text("+6281234567890")
    expect(pane).to_contain_text("Jl. Contoh Melati, depan pasar")
    (incident,) = desk.incidents()
    assert (incident["source"], incident["category"], incident["owner"]) == ("call", "fire", "operator-1")
    opened(screen)
    expect(field(screen, "words")).to_have_value("")


def test_the_key_opens_it_while_somebody_types_but_not_from_the_wall(screen):
    screen.go("wall")
    screen.key("F2")
    expect(screen.page.locator(".wall")).to_be_visible()
    screen.go("closed")
    opened(screen)
    field(screen, "caller").click()
    screen.page.keyboard.type("1a2")
    screen.key("F2")
    expect(screen.page.locator("[data-category]").first).to_be_focused()
    expect(field(screen, "caller")).to_have_value("1a2")
    expect(screen.page.locator('[data-category][aria-pressed="true"]')).to_have_count(0)


def test_who_called_before_is_shown_and_can_be_marked(screen, desk):
    incident = desk.call("081299990001")
    desk.calm()
    opened(screen)
    field(screen, "number").fill("+62 812-9999-0001")
    screen.key("Tab")
    card = screen.page.locator("[data-known=here]")
    expect(card).to_contain_text("1 panggilan sebelumnya")
    expect(card).to_contain_text(f"Kejadian {incident['id']}")
    card.get_by_role("button", name="Tandai iseng").click()
    expect(card).to_contain_text("ditandai iseng")
    card.get_by_role("button", name="Cabut satu tanda").click()
    expect(card.locator(".caller__pranks")).to_have_count(0)
    field(screen, "number").fill("12")
    screen.key("Tab")
    expect(screen.page.locator("[data-known=unreadable]")).to_contain_text("tidak terbaca")


def test_nothing_is_lost_when_an_alarm_rings_meanwhile(screen, desk, bank):
    opened(screen)
    screen.key("1")
    field(screen, "words").fill("Orang pingsan")
    bank.press("Meja teller")
    strip = screen.page.locator(".strip")
    expect(strip).to_contain_text(BANK)
    screen.page.keyboard.type(" di pasar")
    expect(field(screen, "words")).to_have_value("Orang pingsan di pasar")
    screen.read()
    strip.locator(".button--answer").click()
    expect(strip).to_have_count(0)
    screen.go("queue")
    expect(screen.page.locator(".tabs__one", has_text="112").locator(".badge")).to_be_visible()
    screen.key("F2")
    expect(field(screen, "words")).to_have_value("Orang pingsan di pasar")
    screen.key("Control+Enter")
    expect(screen.page.locator("#incident")).to_contain_text("Orang pingsan di pasar")
    assert len(desk.incidents()) == 2


def test_without_the_centre_it_says_so_keeps_all_and_saves_later(screen, desk):
    opened(screen)
    screen.key("2")
    field(screen, "words").fill("Dua motor bertabrakan")
    screen.route("**/api/calls", lambda route: route.abort())
    screen.key("Control+Enter")
    expect(screen.page.get_by_role("alert")).to_contain_text("BELUM TERSIMPAN")
    expect(field(screen, "words")).to_have_value("Dua motor bertabrakan")
    assert desk.incidents() == []

    screen.page.unroute("**/api/calls")
    screen.page.get_by_role("button", name="Coba simpan lagi").click()
    expect(screen.page.locator("#incident")).to_contain_text("Dua motor bertabrakan")
    assert len(desk.incidents()) == 1


def test_an_answer_that_was_lost_makes_no_second_incident(screen, desk):
    def swallow(route):
        route.fetch()
        route.abort()

    opened(screen)
    screen.key("9")
    field(screen, "words").fill("Suami mengancam")
    screen.route("**/api/calls", swallow)
    screen.key("Control+Enter")
    expect(screen.page.get_by_role("alert")).to_contain_text("BELUM TERSIMPAN")
    assert len(desk.incidents()) == 1
    screen.page.unroute("**/api/calls")
    screen.key("Control+Enter")
    expect(screen.page.locator("#incident")).to_contain_text("Suami mengancam")
    assert len(desk.incidents()) == 1


def test_a_lost_session_keeps_the_call_for_the_same_person(centre, desk, browser):
    who = centre.add_operator("operator-calls")
    desk.calm()
    context = browser.new_context()
    screen = Screen(context, centre.url)
    screen.sign_in(who)
    opened(screen)
    screen.key("4")
    field(screen, "words").fill("Tiga orang bermasker")
    context.clear_cookies()
    screen.key("Control+Enter")
    screen.page.locator("input[name=password]").wait_for()
    screen.page.locator("input[name=name]").fill(who.name)
    screen.page.locator("input[name=password]").fill(who.password)
    screen.key("Enter")
    expect(field(screen, "words")).to_have_value("Tiga orang bermasker")
    context.close()


def test_a_category_is_asked_for(screen, desk):
    opened(screen)
    field(screen, "words").fill("Halo")
    screen.key("Control+Enter")
    expect(screen.page.get_by_role("alert")).to_contain_text("Pilih jenisnya dulu")
    assert desk.incidents() == []
    screen.key("F2")
    screen.key("0")
    expect(screen.page.get_by_role("alert")).to_have_count(0)


def test_a_click_on_the_map_is_the_place(mapped, screen, desk):
    opened(screen)
    screen.key("5")
    mark = screen.page.locator('.call-map [data-mark="site gold"] circle').first
    mark.click()
    spot = screen.page.locator("[data-spot]")
    expect(spot).to_contain_text("Titik di peta")
    screen.key("Control+Enter")
    expect(screen.page.locator("#incident")).to_contain_text("Pencurian")
    (incident,) = desk.incidents()
    assert incident["place"]["latitude"] == pytest.approx(GOLD_PLACE["latitude"], abs=2e-4)
    assert incident["place"]["longitude"] == pytest.approx(GOLD_PLACE["longitude"], abs=2e-4)


def test_a_registered_site_can_be_the_place(screen, desk):
    opened(screen)
    screen.key("7")
    field(screen, "site").select_option(label=GOLD)
    screen.key("Control+Enter")
    expect(screen.row(GOLD)).to_be_visible()
    assert desk.incidents()[0]["site"]["code"] == "gold"


def test_one_more_call_goes_to_the_incident_that_is_open(screen, desk):
    incident = desk.call("081299990002")
    opened(screen)
    field(screen, "into").select_option(str(incident["id"]))
    expect(screen.page.locator("[data-category]")).to_have_count(0)
    field(screen, "words").fill("Apinya makin besar")
    screen.key("Control+Enter")
    expect(screen.page.locator("[data-call]")).to_have_count(2)
    assert len(desk.incidents()) == 1


def test_it_is_emptied_only_after_a_question(screen):
    opened(screen)
    field(screen, "words").fill("Salah sambung")
    screen.page.get_by_role("button", name="Kosongkan").click()
    screen.page.get_by_role("button", name="Jangan hapus").click()
    expect(field(screen, "words")).to_have_value("Salah sambung")
    screen.page.get_by_role("button", name="Kosongkan").click()
    screen.page.get_by_role("button", name="Ya, hapus").click()
    expect(field(screen, "words")).to_have_value("")


@pytest.mark.parametrize("look", LOOKS, ids=["-".join(look) for look in LOOKS])
def test_axe_finds_nothing(browser, centre, desk, mapped, look):
    desk.calm()
    desk.call("081299990003")
    context = in_look(browser, *look)
    context.add_cookies(desk.cookies)
    screen = Screen(context, centre.url)
    screen.page.goto(centre.url)
    screen.expect_link("live")
    opened(screen)
    assert findings(screen.page) == ""
    screen.key("3")
    field(screen, "number").fill("081299990003")
    screen.key("Tab")
    screen.page.locator("[data-known=here]").get_by_role("button").first.click()
    screen.page.locator(".caller__pranks").wait_for()
    screen.page.locator('[data-mark="site gold"] circle').first.click()
    screen.route("**/api/calls", lambda route: route.abort())
    screen.key("Control+Enter")
    screen.page.get_by_role("alert").wait_for()
    assert findings(screen.page) == ""
    context.close()
