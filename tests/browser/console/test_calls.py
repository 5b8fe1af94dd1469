"""The 112 desk: a call is an incident in seconds, and nothing that was typed is ever lost."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.console.conftest import BANK


def field(screen, name):
    return screen.page.locator(f".call [name={name}]")


def opened(screen):
    """The desk, by its key."""
    screen.key("F2")
    expect(screen.page.locator("[data-category]").first).to_be_focused()
    return screen


def call(desk, number, words="Ada asap", category="fire"):
    """A call that somebody took down before; its incident."""
    answer = desk._http.post("/api/calls", json={"category": category, "number": number, "words": words})
    answer.raise_for_status()
    return answer.json()


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
    incident = call(desk, "081299990001")
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
    screen.page.route("**/api/calls", lambda route: route.abort())
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
    screen.page.route("**/api/calls", swallow)
    screen.key("Control+Enter")
    expect(screen.page.get_by_role("alert")).to_contain_text("BELUM TERSIMPAN")
    assert len(desk.incidents()) == 1
    screen.page.unroute("**/api/calls")
    screen.key("Control+Enter")
    expect(screen.page.locator("#incident")).to_contain_text("Suami mengancam")
    assert len(desk.incidents()) == 1
