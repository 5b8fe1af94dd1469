"""The other pages: what was refused, which devices are alive, both languages, light and dark."""

from __future__ import annotations

import random
import re

from playwright.sync_api import expect

from kentongan_sim.forger import Forger, StolenGateway
from kentongan_wire.press import KIND_MEDICAL
from tests.browser.support.screen import Screen


def test_refused_frames_are_listed_with_reason_count_and_claimed_device(screen, gold):
    thief = StolenGateway(gold.gateway_device, 1, gold.code, gold.gateway_root)
    forger = Forger(random.Random(7), [gold.button("Pos jaga").device], thief)
    before = screen.page.locator("[data-rejection]")
    screen.go("rejections")
    for frame in forger.for_centre(9):
        gold.publish(frame)

    expect(before.filter(has_text="Tanda tangan salah").first).to_be_visible()
    expect(before.filter(has_text=gold.button("Pos jaga").name).first).to_be_visible()
    expect(before.filter(has_text="Bentuk pesan salah").first).to_be_visible()
    expect(screen.ringing).to_have_count(0)
    expect(screen.page.get_by_role("link", name=re.compile("Ditolak"))).to_contain_text(re.compile(r"\d"))


def test_every_device_is_listed_and_an_operator_cannot_ask_it_for_a_report(screen, centre):
    screen.go("devices")

    count = sum(len(site.buttons) + 1 for site in centre.sites.values())
    expect(screen.page.locator("[data-device]")).to_have_count(count)
    expect(screen.page.get_by_role("button", name=re.compile("Minta kabar"))).to_have_count(0)


def test_an_admin_can_ask_a_button_for_a_report(context, centre, desk, admin, bank):
    desk.calm()
    screen = Screen(context, centre.url)
    screen.sign_in(admin)
    screen.go("devices")

    with screen.page.expect_response("**/report-now"):
        screen.page.get_by_role("button", name=f"Minta kabar: {bank.button('Pos jaga').name}").click()

    expect(screen.page.locator(".notice")).to_be_visible()


def test_the_language_changes_at_once_and_stays(screen, bank):
    bank.press("Meja teller")
    expect(screen.ringing).to_contain_text("BELUM DIJAWAB")
    expect(screen.page.locator("html")).to_have_attribute("lang", "id")

    screen.page.get_by_role("button", name="EN: English").click()

    expect(screen.ringing).to_contain_text("UNANSWERED")
    expect(screen.ringing).to_contain_text("Hold-up")
    expect(screen.page.locator("html")).to_have_attribute("lang", "en")
    expect(screen.page).to_have_title(re.compile("UNANSWERED|ALARM"))
    screen.page.reload()
    expect(screen.ringing).to_contain_text("UNANSWERED")


def test_light_and_dark_follow_the_system_unless_chosen(screen):
    def ground() -> str:
        return screen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    screen.page.emulate_media(color_scheme="light")
    light = ground()
    screen.page.emulate_media(color_scheme="dark")
    dark = ground()
    assert light != dark

    screen.page.get_by_role("button", name="Terang").click()
    assert ground() == light
    screen.page.reload()
    screen.expect_link("live")
    assert ground() == light


def test_a_wrong_password_is_told_in_words(context, centre, operator):
    page = context.new_page()
    page.goto(centre.url)
    page.locator("input[name=name]").fill(operator.name)
    page.locator("input[name=password]").fill("salah")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("tidak cocok")


def test_from_log_in_to_an_alarm_nothing_is_asked_of_anybody_else_and_the_policy_is_never_broken(
    context, centre, desk, operator, bank
):
    desk.calm()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    screen = Screen(context, centre.url)
    said: list[str] = []
    screen.page.on("console", lambda message: said.append(message.text))
    screen.page.on("pageerror", lambda error: said.append(str(error)))
    screen.page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective))"
    )
    screen.sign_in(operator)
    screen.start_shift()
    bank.press("Meja teller")
    screen.expect_sounding(True)
    screen.key("?")

    assert asked
    assert [url for url in asked if not url.startswith(centre.url)] == []
    # The one line that Chromium writes by itself: nobody was signed in at the first look.
    assert [text for text in said if "401" not in text] == []
    policy = context.request.get(centre.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert screen.page.locator("[style]").count() == 0


def test_what_the_centre_left_off_the_queue_is_told_until_it_is_there(signed_in, bank):
    cut = {"left_off": 37}

    def shorten(route):
        answer = route.fetch()
        route.fulfill(json=answer.json() | cut)

    signed_in.page.route("**/api/incidents?state=open", shorten)
    bank.press("Meja teller")
    expect(signed_in.ringing).to_have_count(1)
    signed_in.page.reload()
    expect(signed_in.page.locator("[data-cut]")).to_contain_text("dan 37 lagi tidak ditampilkan")
    expect(signed_in.ringing).to_have_count(1)
    signed_in.go("wall")
    expect(signed_in.page.locator(".wall__counts")).to_contain_text("38 terbuka")

    cut.clear()

    expect(signed_in.page.locator(".wall__counts")).to_contain_text("1 terbuka")
    expect(signed_in.page.locator("[data-cut]")).to_have_count(0)
    signed_in.page.unroute_all(behavior="ignoreErrors")  # a list may just be read


def test_the_priority_is_told_by_a_word_and_a_shape_where_there_are_no_colours(screen, bank, cooperative):
    screen.page.emulate_media(forced_colors="active")
    cooperative.press("Pos jaga", kind=KIND_MEDICAL)
    expect(screen.ringing).to_have_count(1)
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(2)

    marks = screen.ringing.locator("[data-priority]")
    words = marks.all_inner_texts()
    assert words[0].strip() == "Utama"
    assert words[1].strip() not in {"", "Utama"}
    full = [mark.locator(".priority__full").count() for mark in marks.all()]
    assert full[0] > full[1]
    # The same with the names that a screen reader says.
    names = [row.inner_text() for row in screen.ringing.all()]
    assert all(word.strip() in name for word, name in zip(words, names, strict=True))


def test_moving_shapes_stand_still_for_who_asks_for_it(screen, bank):
    bank.press("Meja teller")
    expect(screen.ringing).to_have_count(1)
    icon = screen.ringing.locator(".row__icon")
    screen.page.emulate_media(reduced_motion="no-preference")
    expect(icon).to_have_css("animation-name", "strike")

    screen.page.emulate_media(reduced_motion="reduce")

    expect(icon).to_have_css("animation-name", "none")


def test_what_the_centre_left_off_a_long_incident_is_told(signed_in, bank):
    def lengthen(route):
        route.fulfill(json=route.fetch().json() | {"left_off": {"alarms": 1_200, "timeline": 3_400}})

    signed_in.page.route(re.compile(r"/api/incidents/\d+$"), lengthen)
    bank.press("Meja teller")

    pane = signed_in.page.locator("#incident")
    expect(pane.locator(".pane__time")).to_contain_text("3400 baris lebih lama ada di putar ulang")
    expect(pane).to_contain_text("Alarm (1201)")
    expect(pane).to_contain_text("1200 alarm lebih lama ada di putar ulang")
    signed_in.page.unroute_all(behavior="ignoreErrors")
