"""What is done to an incident with keys, what the map asks for, and a silence that ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK, GOLD
from tests.browser.support.screen import Held, Screen

LETTERS_OF_A_WALL = 34  # pixels on 3,840: as a desk's 14 on 1,366, from no farther away
MUTE_MS = 61_000  # the mute's minute and a second for its watch


@pytest.fixture
def in_hand(screen, bank):
    """An acknowledged incident."""
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    expect(screen.page.locator("[data-act=dispatch]")).to_be_visible()
    return screen


def done(screen, what):
    """The line of the history that tells of an act."""
    return screen.page.locator(f'.timeline__one[data-what="{what}"]')


def test_a_unit_is_sent_arrives_and_is_withdrawn_by_keys(in_hand, desk):
    in_hand.key("d")
    expect(in_hand.page.locator("dialog[open] input[name=value]")).to_be_focused()
    in_hand.page.keyboard.type("Patroli 12")
    in_hand.key("Enter")
    expect(done(in_hand, "dispatched")).to_contain_text("Patroli 12")
    expect(in_hand.row(BANK)).to_have_attribute("data-state", "dispatched")
    in_hand.key("r")
    expect(in_hand.row(BANK)).to_have_attribute("data-state", "on-scene")
    in_hand.key("w")
    in_hand.page.locator("dialog[open] textarea").fill("Salah alamat")
    in_hand.page.locator("dialog[open] button[type=submit]").click()
    expect(done(in_hand, "withdrawn")).to_contain_text("Salah alamat")
    expect(in_hand.row(BANK)).to_have_attribute("data-state", "acknowledged")


def test_sending_nobody_is_refused(in_hand, desk):
    in_hand.key("d")
    expect(in_hand.page.locator("dialog[open] input[name=value]")).to_be_focused()
    in_hand.key("Enter")
    expect(in_hand.page.locator("dialog[open]").get_by_role("alert")).to_contain_text("Isi dulu")
    assert desk.incidents()[0]["state"] == "acknowledged"


def test_a_parked_incident_says_so_and_goes_on(in_hand):
    in_hand.key("p")
    in_hand.page.locator("dialog[open] button[type=submit]").click()
    expect(in_hand.row(BANK)).to_have_attribute("data-state", "parked")
    expect(in_hand.page.locator("#incident")).to_contain_text("berbunyi lagi dalam")
    in_hand.key("u")
    expect(in_hand.row(BANK)).to_have_attribute("data-state", "acknowledged")


def test_nobody_is_called_before_the_plan_says_whom_not_to_call(screen, bank):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    screen.read()
    expect(screen.page.locator("#incident")).to_contain_text("muncul setelah alarm dijawab")
    expect(screen.page.locator("#contacts")).to_have_count(0)

    screen.key("Enter")

    expect(screen.page.locator("#contacts")).to_be_visible()
    expect(screen.page.locator("[data-step]").first).to_contain_text("JANGAN menelepon lokasi")


def test_steps_are_ticked_or_left_out_with_a_reason(in_hand, desk):
    steps = in_hand.page.locator("[data-step]")
    expect(steps.first).to_be_visible()
    in_hand.key("g")
    expect(steps.first.locator("input")).to_be_focused()
    in_hand.key("Space")
    expect(steps.nth(0)).to_have_attribute("data-over", "yes")
    steps.nth(1).get_by_role("button").click()
    in_hand.page.locator("dialog[open] textarea").fill("Unit sudah di sana")
    in_hand.page.locator("dialog[open] button[type=submit]").click()
    expect(steps.nth(1)).to_contain_text("Unit sudah di sana")
    in_hand.key("c")
    expect(in_hand.page.locator("dialog[open] input").first).to_be_focused()
    dialog = in_hand.page.locator("dialog[open]")
    dialog.get_by_label("Nyata").check()
    dialog.get_by_label("Sebab").select_option("threat")
    dialog.get_by_role("button", name="Tutup kejadian", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("langkah wajib")
    assert desk.incidents()[0]["state"] == "acknowledged"


def test_a_box_that_has_the_focus_takes_no_letters(in_hand):
    expect(in_hand.page.locator("[data-step]").first).to_be_visible()
    held = Held()
    in_hand.route("**/step", held.take)
    in_hand.key("g")
    in_hand.key("Space")
    in_hand.until(lambda: held)

    in_hand.key("n")

    expect(in_hand.page.locator("dialog[open] textarea")).to_be_focused()
    held[0].continue_()
    expect(in_hand.page.locator("[data-step]").first).to_have_attribute("data-over", "yes")


def test_a_tick_that_the_centre_did_not_get_does_not_stand(in_hand, desk):
    first = in_hand.page.locator("[data-step]").first
    expect(first).to_be_visible()
    in_hand.route("**/step", lambda route: route.abort())

    first.locator("input").click()

    expect(in_hand.page.locator(".notice--bad")).to_contain_text("Belum terlaksana")
    expect(first.locator("input")).not_to_be_checked()
    assert desk.incident(desk.incidents()[0]["id"])["plan"]["steps"][0]["done_by"] is None
    in_hand.page.unroute("**/step")
    first.locator("input").click()
    expect(first).to_have_attribute("data-over", "yes")
    expect(first.locator("input")).to_be_checked()


def test_two_quick_ticks_both_stand(in_hand):
    steps = in_hand.page.locator("[data-step]")
    expect(steps.nth(1)).to_be_visible()

    in_hand.page.evaluate(
        "[...document.querySelectorAll('[data-step] input')].slice(0, 2).forEach((box) => box.click())"
    )

    for at in (0, 1):
        expect(steps.nth(at)).to_have_attribute("data-over", "yes")


def test_a_mute_is_in_view_and_a_new_alarm_ends_it(screen, bank, gold):
    bank.press("Meja teller")
    screen.expect_sounding(True)
    screen.key("z")
    screen.expect_sounding(False)
    expect(screen.page.locator("[data-muted]")).to_contain_text("SUARA DISENYAPKAN")
    expect(screen.ringing).to_have_count(1)

    gold.press("Pos jaga")

    screen.expect_sounding(True)
    expect(screen.page.locator("[data-muted]")).to_have_count(0)


def test_a_mute_ends_by_itself_after_a_minute(screen, bank):
    screen.page.clock.install()
    bank.press("Meja teller")
    screen.expect_sounding(True)
    screen.key("z")
    screen.expect_sounding(False)

    screen.page.clock.fast_forward(MUTE_MS)

    screen.expect_sounding(True)
    expect(screen.page.locator("[data-muted]")).to_have_count(0)
    expect(screen.ringing).to_have_count(1)


def test_nothing_but_an_answer_or_the_mute_ends_the_sound(screen, bank):
    bank.press("Meja teller")
    screen.expect_sounding(True)
    screen.page.evaluate(
        """() => {
            window.fellSilent = 0;
            new MutationObserver(() => (window.fellSilent += document.body.dataset.sounding !== "yes"))
                .observe(document.body, { attributes: true, attributeFilter: ["data-sounding"] });
        }"""
    )
    for key in ("Escape", "ArrowDown", "c", "2", "3", "4", "5", "1", "?"):
        screen.key(key)
    # In the dialog the focus is on what answers: a key must not come before the next one has its place.
    expect(screen.page.locator("dialog[open]")).to_be_visible()
    screen.key("Escape")
    expect(screen.page.locator("dialog[open]")).to_have_count(0)
    for key in ("Space", "s"):
        screen.key(key)
    screen.go("wall")
    expect(screen.page.locator('.wall [data-ringing="yes"]')).to_have_count(1)
    screen.go("queue")
    expect(screen.ringing).to_have_count(1)
    screen.page.get_by_role("button", name="EN: English").click()
    expect(screen.ringing).to_contain_text("UNANSWERED")
    screen.expect_sounding(True)
    assert screen.page.evaluate("window.fellSilent") == 0
    screen.page.get_by_role("button", name="ID: Bahasa Indonesia").click()


def test_the_wall_says_that_it_is_silent_until_somebody_turns_its_sound_on(signed_in, bank):
    signed_in.go("wall")
    band = signed_in.page.locator(".band")
    expect(band).to_contain_text("Layar dinding ini bisu")
    bank.press("Meja teller")
    expect(band).to_contain_text("TANPA SUARA")
    signed_in.expect_sounding(False)

    signed_in.key("s")

    signed_in.expect_sounding(True)
    expect(band).to_have_count(0)


def test_the_wall_shows_what_rings_and_nothing_can_be_done_there(screen, bank, gold, desk):
    screen.go("wall")
    gold.press("Pos jaga")
    row = screen.page.locator('.wall [data-ringing="yes"]')
    expect(row).to_contain_text(GOLD)
    expect(row.locator('[data-priority="1"]')).to_contain_text("Utama")
    for key in ("Enter", "a", "c", "z"):
        screen.key(key)
    expect(screen.page.locator(".wall button").filter(has_text="Jawab")).to_have_count(0)
    expect(row).to_have_count(1)
    assert desk.incidents()[0]["ringing"]


def test_the_wall_does_not_say_that_all_is_calm_before_it_knows(signed_in, bank):
    signed_in.route("**/api/incidents?*", lambda route: route.abort())
    bank.press("Meja teller")
    signed_in.go("wall")
    signed_in.page.reload()

    expect(signed_in.page.locator(".wall .quiet")).to_contain_text("Antrean belum terbaca")
    expect(signed_in.page.locator(".wall")).not_to_contain_text("Tidak ada alarm")
    expect(signed_in.page.locator(".wall__counts")).not_to_contain_text("0")
    signed_in.page.unroute("**/api/incidents?*")
    expect(signed_in.page.locator('.wall [data-ringing="yes"]')).to_contain_text(BANK)


def test_across_a_room_everything_on_the_wall_can_be_read(screen, desk, bank):
    bank.press("Meja teller")
    screen.page.set_viewport_size({"width": 3840, "height": 2160})
    screen.go("wall")
    expect(screen.page.locator('.wall [data-ringing="yes"]')).to_be_visible()
    letters = screen.page.locator(".status, .wall__counts, .wall__row .row__site, .wall .map").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert len(letters) == 4
    assert min(letters) >= LETTERS_OF_A_WALL, letters
    desk.calm()


def test_a_call_that_was_merged_is_opened_again_by_whoever_supervises(context, centre, desk, supervisor):
    desk.calm()
    first = desk.call("08110000301", "Asap di atap")
    second = desk.call("08110000302", "Asap di sekolah")
    desk.merge(second, into=first)
    context.add_cookies(supervisor.cookies)
    screen = Screen(context, centre.url)
    screen.go("closed")
    screen.page.locator(f'[data-row="{second["id"]}"]').click()
    expect(screen.page.locator("[data-act=reopen]")).to_be_visible()

    screen.key("o")
    screen.page.locator("dialog[open] textarea").fill("Dua tempat yang berbeda")
    screen.page.locator("dialog[open] button[type=submit]").click()

    expect(screen.page.locator(".notice--good")).to_contain_text("Dibuka kembali")
    again = desk.incident(second["id"])
    assert (again["state"], again["merged_into"], len(again["calls"])) == ("reopened", None, 1)
    desk.calm()
