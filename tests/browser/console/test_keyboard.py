"""Everything without a mouse, with the focus always visible and never lost."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.console.conftest import BANK, GOLD
from tests.browser.support.screen import Screen

UPDATES = 200


def test_from_login_to_a_closed_incident_with_keys_alone(context, centre, desk, operator, bank):
    desk.calm()
    screen = Screen(context, centre.url)
    screen.page.goto(centre.url)
    expect(screen.page.locator("input[name=name]")).to_be_focused()
    screen.page.keyboard.type(operator.name)
    screen.key("Tab")
    screen.page.keyboard.type(operator.password)
    screen.key("Enter")
    screen.expect_link("live")
    screen.key("s")
    expect(screen.page.locator(".band")).to_have_count(0)

    bank.press("Meja teller")
    screen.expect_sounding(True)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    steps = screen.page.locator("[data-step]")
    expect(steps.first).to_be_visible()
    for number in range(steps.count()):
        screen.key("g")
        expect(steps.nth(number).locator("input")).to_be_focused()
        screen.key("Space")
        expect(steps.nth(number)).to_have_attribute("data-over", "yes")
    screen.key("c")
    expect(screen.page.locator("dialog[open] input").first).to_be_focused()
    screen.key("Enter")
    expect(screen.page.locator("dialog[open] [role=alert]")).to_contain_text("Pilih hasilnya dulu")
    expect(screen.page.locator("dialog[open] input").first).to_be_focused()
    assert desk.incidents()[0]["state"] == "acknowledged"
    screen.key("Space")
    screen.key("Tab")
    screen.page.keyboard.type("Ancaman")
    screen.key("Tab")
    screen.page.keyboard.type("Unit sudah di tempat.")
    screen.key("Tab")
    screen.key("Tab")
    screen.key("Enter")

    expect(screen.page.locator("dialog")).to_have_count(0)
    expect(screen.rows).to_have_count(0)
    closed = desk.incidents("closed")
    newest = max(closed, key=lambda incident: incident["id"])
    assert (newest["outcome"], newest["cause"], newest["note"]) == ("real", "threat", "Unit sudah di tempat.")


def test_every_stop_of_the_tab_key_is_outlined(screen, bank):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    seen = []
    for _ in range(30):
        screen.key("Tab")
        seen.append(screen.focused())

    stops = [one for one in seen if one["tag"] != "BODY"]
    assert len({one["text"] for one in stops}) > 12
    unmarked = [one for one in stops if not one["outlined"] or one["outline"] < 2]
    assert unmarked == []


def test_arrows_choose_a_row_and_the_focus_stays_on_it_while_others_change(screen, colleague, bank, gold):
    for site, post in ((bank, "Meja teller"), (gold, "Pos jaga")):
        site.press(post)
        expect(screen.ringing).to_have_count(1)
        screen.read()
        screen.key("Enter")
        expect(screen.ringing).to_have_count(0)
    screen.key("ArrowDown")
    screen.key("ArrowDown")
    chosen = screen.focused()["row"]
    assert chosen is not None

    # Another operator closes the other one: this row moves up and keeps the focus.
    other = next(row for row in screen.rows.all() if row.get_attribute("data-incident") != chosen)
    number = other.get_attribute("data-incident")
    colleague.finish_plan({"id": number})
    colleague.close(colleague.incident(int(number)))
    expect(screen.rows).to_have_count(1)
    screen.until(lambda: screen.focused()["row"] == chosen)


def test_the_focus_stays_while_two_hundred_updates_arrive(screen, colleague, bank, gold):
    for site, post in ((bank, "Meja teller"), (gold, "Pos jaga")):
        site.press(post)
        expect(screen.ringing).to_have_count(1)
        screen.read()
        screen.key("Enter")
        expect(screen.ringing).to_have_count(0)
    screen.key("ArrowDown")
    screen.key("ArrowDown")
    chosen = screen.focused()["row"]
    assert chosen is not None
    screen.page.evaluate(
        """() => {
            window.lost = 0;
            addEventListener("focusout", () => (window.lost += 1), { capture: true });
        }"""
    )

    for incident in (int(chosen), next(one["id"] for one in colleague.incidents() if one["id"] != int(chosen))):
        for number in range(UPDATES // 2):
            colleague.note(incident, f"Catatan {number}")

    expect(screen.page.locator('.timeline__one[data-what="noted"]')).to_have_count(UPDATES // 2)
    assert screen.focused()["row"] == chosen
    assert screen.page.evaluate("window.lost") == 0


def test_a_new_alarm_takes_the_selection_and_the_focus_of_the_queue(screen, bank, gold):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    screen.key("ArrowUp")
    assert screen.focused()["row"] is not None

    gold.press("Pos jaga")

    expect(screen.ringing).to_have_count(1)
    expect(screen.row(GOLD).locator("[aria-current]")).to_be_focused()


def test_a_new_alarm_does_not_take_the_focus_from_what_somebody_types(screen, bank, gold):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    screen.key("c")
    note = screen.page.locator("dialog[open] textarea")
    note.focus()

    gold.press("Pos jaga")

    expect(screen.page.locator("dialog[open] [data-strip]")).to_contain_text(GOLD)
    expect(note).to_be_focused()
    screen.page.keyboard.type("jaga")
    expect(note).to_have_value("jaga")


def test_enter_answers_the_row_that_shows_the_key(screen, bank, gold):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    gold.press("Pos jaga")
    expect(screen.ringing).to_have_count(1)
    screen.row(BANK).locator("button").first.click()
    expect(screen.page.locator("#incident")).to_contain_text(BANK)
    screen.read()

    expect(screen.row(GOLD).locator("kbd")).to_have_text("Enter")
    screen.key("Enter")

    expect(screen.ringing).to_have_count(0)


def test_a_answers_from_any_page(screen, bank):
    screen.key("5")
    expect(screen.page.get_by_role("heading", name="Perangkat")).to_be_visible()
    bank.press("Meja teller")
    expect(screen.page.locator("[data-strip]")).to_contain_text(BANK)
    screen.read()

    screen.key("a")

    expect(screen.page.locator("[data-strip]")).to_have_count(0)
    screen.expect_sounding(False)


def test_a_key_held_down_answers_once(screen, bank, gold):
    bank.press("Meja teller")
    gold.press("Pos jaga")
    expect(screen.ringing).to_have_count(2)
    screen.read()

    screen.page.keyboard.down("Enter")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    for _ in range(5):
        screen.page.keyboard.down("Enter")
    screen.page.keyboard.up("Enter")

    expect(screen.ringing).to_have_count(1)


def test_letters_can_be_switched_off_and_enter_still_answers(screen, bank):
    screen.key("?")
    screen.page.get_by_label("Pakai tombol satu huruf").uncheck()
    screen.key("Escape")
    expect(screen.page.locator("dialog")).to_have_count(0)
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()

    for letter in "ac5?":
        screen.key(letter)
    expect(screen.ringing).to_have_count(1)
    expect(screen.page.locator("dialog")).to_have_count(0)

    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)


def test_in_a_dialog_what_rings_is_answered_by_its_letter_and_by_the_first_enter(screen, bank, gold):
    bank.press("Meja teller")
    gold.press("Pos jaga")
    expect(screen.ringing).to_have_count(2)
    screen.read()
    screen.key("?")
    dialog = screen.page.locator("dialog[open]")
    expect(dialog.locator("[data-strip]")).to_contain_text("dan 1 lagi")
    expect(dialog.locator("[data-strip] a")).to_have_count(0)
    expect(dialog.locator("[data-strip] button")).to_be_focused()
    expect(dialog.locator('[data-strip] [data-answerable="all"]')).to_be_visible()

    screen.key("Enter")

    expect(screen.ringing).to_have_count(1)
    expect(dialog.locator('[data-strip] [data-answerable="all"]')).to_be_visible()
    screen.key("a")
    expect(screen.ringing).to_have_count(0)
    expect(dialog).to_be_visible()
