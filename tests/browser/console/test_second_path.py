"""What is no press by Wi-Fi: a restored centre, chattering buttons, sites that are cut off, how the centre does."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from kentongan_wire.armour_dense import sms_text
from kentongan_wire.press import PATH_SMS, SENDING_OFFERED_AGAIN
from tests.browser.console.conftest import BANK, COOPERATIVE, GOLD, pressed
from tests.browser.support.air import FIELD

THREE_DAYS_MS = 3 * 24 * 3_600_000
# NUMBERS: 20 s from the cut to the alarm. Right after its start the centre gives every site 40 s more; the rest is
# room for a loaded machine. How soon it is there is measured elsewhere (`make bench`).
CUT_OFF_WITHIN_MS = 120_000
MODEM_WITHIN_MS = 150_000  # a modem is asked every few seconds, a trouble waits until it lasts; the rest is room
DOT = "\N{MIDDLE DOT}"
CHATTER = 24  # presses; the centre doubts a button from 20 in a minute on


@pytest.fixture
def silenced(centre):
    """Cuts all paths of sites; they are whole again after the test."""
    cut = []

    def silence(*sites):
        for site in sites:
            cut.append(site)
            site.falls_silent()

    yield silence
    for site in cut:
        site.lives()


def test_a_press_by_sms_rings_and_says_by_which_way_it_came_also_when_the_other_way_follows(screen, bank, air):
    frame = bank.button("Meja teller").press(path=PATH_SMS)
    air.text("one", sms_text(frame))

    expect(screen.ringing).to_have_count(1)
    expect(screen.ringing).to_contain_text(f"SMS {DOT} Telkomsel")
    screen.expect_sounding(True)
    expect(screen.page.locator("#incident .path__hop")).to_have_count(3)
    expect(screen.page.locator("#incident .path__hop").nth(1)).to_contain_text("Telkomsel")

    bank.carry(frame)

    expect(screen.ringing).to_contain_text("juga Wi-Fi")
    expect(screen.page.locator("[data-alarm]")).to_have_count(1)


def test_a_text_without_a_frame_is_refused_with_its_modem_and_a_masked_number(screen, air):
    screen.go("rejections")
    air.text("two", "Selamat! Anda mendapat hadiah")

    row = screen.page.locator("[data-rejection]").filter(has_text="SMS tanpa isi yang dikenal")
    expect(row.first).to_contain_text(f"SMS {DOT} Indosat")
    expect(row.first).not_to_contain_text(FIELD)
    expect(screen.ringing).to_have_count(0)


def offered_again(centre):
    """A press that the restored centre had confirmed before its store was put back: its site offers it again."""
    return centre.sites["bank"].press("Meja kepala", age_ms=THREE_DAYS_MS, flags=SENDING_OFFERED_AGAIN)


def test_what_a_restored_centre_is_offered_again_waits_in_a_lane_of_its_own_without_a_sound(
    restored_screen, restored_centre, restored_desk
):
    screen = restored_screen
    offered_again(restored_centre)

    lane = screen.page.locator(".review")
    expect(lane.locator("[data-incident]")).to_have_count(1)
    expect(lane).to_contain_text(BANK)
    expect(lane).to_contain_text("dari cadangan")
    expect(lane).to_contain_text("Perlu ditinjau")
    expect(screen.ringing).to_have_count(0)
    expect(screen.page.locator("[data-quiet=yes]")).to_be_visible()
    expect(screen.page).to_have_title(re.compile("^Antrean"))
    expect(screen.page.locator(".state--ringing")).to_have_count(0)
    screen.expect_sounding(False)

    expect(lane.locator(".button--review")).to_have_attribute("data-answerable", "all")
    lane.locator(".button--review").click()

    expect(screen.page.locator(".notice--good")).to_contain_text(f"Ditinjau: {BANK}")
    expect(lane.locator(".button--review")).to_have_count(0)
    expect(lane).to_contain_text("Sudah ditinjau")
    (incident,) = restored_desk.incidents()
    assert (incident["owner"], incident["ringing"]) == ("operator-2", False)
    restored_desk.finish_plan(incident)
    screen.key("c")
    screen.page.locator("dialog[open] input").first.check()
    screen.page.locator("dialog[open] select").select_option(index=1)
    screen.page.locator("dialog[open] button[type=submit]").click()
    expect(lane).to_have_count(0)


def test_a_fresh_alarm_rings_above_the_lane_and_takes_the_keys(restored_screen, restored_centre):
    screen = restored_screen
    offered_again(restored_centre)
    expect(screen.page.locator(".review [data-incident]")).to_have_count(1)

    restored_centre.sites["bank"].press("Pos jaga")

    expect(screen.ringing).to_have_count(1)
    expect(screen.ringing).to_contain_text("Pos jaga")
    screen.expect_sounding(True)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    screen.expect_sounding(False)
    expect(screen.page.locator(".review")).to_contain_text("Perlu ditinjau")


def test_a_chattering_button_is_one_row_with_a_count_and_a_doubt_that_rings_on(screen, cooperative):
    for _ in range(CHATTER):
        button = cooperative.press("Meja kasir")

    expect(screen.ringing).to_have_count(1)
    expect(screen.ringing).to_contain_text(pressed(CHATTER))
    expect(screen.ringing).to_contain_text("tombol bermasalah?")
    screen.expect_sounding(True)
    screen.go("troubles")
    row = screen.page.locator("[data-trouble]").filter(has_text=button.name)
    expect(row.filter(has_text="Tombol tertekan terus-menerus")).to_have_count(1)


def test_a_site_that_loses_all_its_paths_is_a_suspected_attack(screen, cooperative, silenced):
    silenced(cooperative)

    row = screen.page.locator('.queue [data-kind="suspected-attack"]')
    expect(row).to_have_count(1, timeout=CUT_OFF_WITHIN_MS)
    expect(row).to_contain_text(COOPERATIVE)
    expect(row).to_contain_text("Dugaan serangan: semua jalur lokasi putus")
    expect(row).to_contain_text("dari pusat")
    expect(row).not_to_contain_text("ditekan")
    screen.expect_sounding(True)
    expect(screen.page.locator("#incident .cut-off")).to_contain_text("Jangan menelepon lokasi")
    expect(screen.page.locator("#incident .timeline")).to_contain_text("Kejadian dibuka")
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    screen.expect_sounding(False)

    cooperative.lives()

    expect(screen.page.locator("#incident .timeline")).to_contain_text("Lokasi tersambung lagi")


def test_many_sites_that_are_cut_off_together_are_one_outage_with_every_name(screen, bank, gold, cooperative, silenced):
    silenced(bank, gold, cooperative)

    row = screen.page.locator('.queue [data-kind="outage"]')
    expect(row).to_have_count(1, timeout=CUT_OFF_WITHIN_MS)
    expect(row).to_contain_text("Gangguan luas: 3 lokasi")
    expect(screen.ringing).to_have_count(1)
    for name in (BANK, GOLD, COOPERATIVE):
        expect(row).to_contain_text(name)
        expect(screen.page.locator("#incident .cut-off__sites")).to_contain_text(name)


def centre_says(context, **state):
    """What the browser is told of the centre from now on."""
    known = {"modems": [], "disk_free_bytes": 40_000_000_000, "store_ms": 2.0, "ok": True}
    context.route("**/api/centre", lambda route: route.fulfill(json=known | state))


def modem(name, operator, **changes):
    known = {"state": "ready", "signal_dbm": -71, "balance": 20_000, "valid_until": "2126-01-01"}
    return {"name": name, "operator": operator, "sent_last_minute": 0, "received_last_minute": 1} | known | changes


def test_a_centre_that_is_well_says_so_in_one_calm_line(context, signed_in):
    centre_says(context, modems=[modem("a", "Telkomsel"), modem("b", "Indosat", signal_dbm=-83)])
    line = signed_in.page.locator(".status__centre")

    expect(line.locator(".status__modem")).to_have_count(3)
    expect(line).to_have_attribute("data-centre", "good")
    expect(line).to_contain_text("Pusat sehat")
    expect(line).to_contain_text(re.compile("Indosat .83 dBm"))


def test_a_modem_that_cannot_receive_is_told_in_words_and_on_the_page_of_devices(context, signed_in):
    centre_says(context, modems=[modem("a", "Telkomsel", state="no-sim", signal_dbm=None), modem("b", "Indosat")])
    line = signed_in.page.locator(".status__centre")

    expect(line).to_have_attribute("data-centre", "bad")
    expect(line).to_contain_text("Pusat tidak dapat menerima SMS lewat Telkomsel")
    expect(line).not_to_contain_text("Indosat")
    line.get_by_role("link").click()
    expect(signed_in.page.locator('[data-modem="a"]')).to_contain_text("tanpa kartu SIM")
    expect(signed_in.page.locator('[data-modem="b"]')).to_contain_text("siap")


def test_a_centre_that_may_miss_alarms_says_what_to_do(context, signed_in):
    centre_says(context, ok=False)

    line = signed_in.page.locator(".status__centre")
    expect(line).to_contain_text("Alarm baru mungkin tidak masuk ke pusat")
    expect(line).to_contain_text("Pakai telepon")


def test_how_the_centre_does_is_unknown_while_it_does_not_answer_that(context, signed_in):
    context.route("**/api/centre", lambda route: route.abort())

    expect(signed_in.page.locator(".status__centre")).to_have_attribute("data-centre", "unknown")


def test_the_real_centre_says_when_one_of_its_modems_has_no_sim_and_when_it_has_one_again(screen, air):
    line = screen.page.locator(".status__centre")
    expect(line).to_have_attribute("data-centre", "good")
    expect(line).to_contain_text("Indosat")

    air.take_sim("two")

    expect(line).to_contain_text("Pusat tidak dapat menerima SMS lewat Indosat", timeout=MODEM_WITHIN_MS)
    screen.go("troubles")
    row = screen.page.locator("[data-trouble]").filter(has_text="Pusat tidak dapat memakai SMS")
    expect(row).to_contain_text(f"Pusat {DOT} Indosat", timeout=MODEM_WITHIN_MS)
    air.put_sim("two")
    expect(line).to_have_attribute("data-centre", "good", timeout=MODEM_WITHIN_MS)
