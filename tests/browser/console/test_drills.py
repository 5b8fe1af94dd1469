"""A drill: started by whoever supervises, it rings like real with a banner over it, and its end closes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console.conftest import BANK, GOLD
from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.screen import Screen

TELLER = f"{BANK} · Meja teller"
GUARD = f"{GOLD} · Pos jaga"


@pytest.fixture
def no_drill(supervisor):
    """Nothing is left of a drill after the test."""
    yield
    supervisor.end_drills()


def at_drills(browser_context, centre, who):
    """The page of drills, as `who` sees it."""
    browser_context.add_cookies(who.cookies)
    screen = Screen(browser_context, centre.url)
    screen.go("drills")
    screen.page.locator("h1").wait_for()
    return screen


@pytest.fixture
def chief(browser, centre, supervisor, no_drill):
    """The computer of whoever supervises."""
    context = in_look(browser, "id", "light")
    yield at_drills(context, centre, supervisor)
    context.close()


def line(screen, number):
    return screen.page.locator("[data-line]").nth(number)


def plan(screen, name, post=TELLER, after="0"):
    screen.page.locator("input[name=drill]").fill(name)
    line(screen, 0).locator("select[name=device]").select_option(label=post)
    line(screen, 0).locator("select[name=kind]").select_option("fire")
    line(screen, 0).locator("input[name=after]").fill(after)


def test_it_rings_with_a_banner_until_it_is_answered_and_its_end_closes_it(screen, chief, desk):
    plan(chief, "Kebakaran hari Jumat")
    chief.page.get_by_role("button", name="Tambah pos").click()
    line(chief, 1).locator("select[name=device]").select_option(label=GUARD)
    line(chief, 1).locator("input[name=after]").fill("14")
    chief.page.get_by_role("button", name="Mulai sekarang").click()
    running = chief.page.locator("[data-drill-running]")
    expect(running).to_contain_text("Kebakaran hari Jumat")
    expect(running).to_contain_text("1 dari 2 sudah berbunyi")

    expect(screen.ringing).to_have_count(1)
    expect(screen.row(BANK)).to_contain_text("Kebakaran")
    expect(screen.page.locator(".drill")).to_contain_text("LATIHAN")
    expect(screen.page.locator(".steps__guard")).to_contain_text("tombol tidak diberi tahu apa pun")
    expect(screen.page.locator(".steps__one")).to_have_count(0)
    screen.expect_sounding(True)
    screen.read()
    screen.key("Enter")
    expect(screen.ringing).to_have_count(0)
    screen.expect_sounding(False)
    (incident,) = desk.incidents()
    assert (incident["drill"] != 0, incident["owner"]) == (True, "operator-1")

    running.get_by_role("button", name="Akhiri latihan").click()
    expect(running.get_by_role("button", name="Lanjutkan latihan")).to_be_focused()
    running.get_by_role("button", name="Ya, akhiri").click()
    expect(running).to_have_count(0)
    over = chief.page.locator("[data-drill-over]").first
    expect(over).to_contain_text("diakhiri supervisor-1")
    expect(over.locator('[data-rung="no"]')).to_contain_text(f"{GUARD} · Perampokan: tidak berbunyi")
    expect(screen.rows).to_have_count(0)
    expect(screen.page.locator(".drill")).to_have_count(0)
    assert desk.incidents() == []
    assert desk.incidents("closed")[0]["outcome"] == "drill"


def test_a_real_press_at_the_same_site_is_no_part_of_the_drill(screen, supervisor, no_drill, bank, desk):
    supervisor.start_drill("Uji", bank.button("Meja teller").name)
    expect(screen.ringing).to_have_count(1)

    bank.press("Pos jaga")

    expect(screen.ringing).to_have_count(2)
    supervisor.end_drills()
    expect(screen.rows).to_have_count(1)
    expect(screen.ringing).to_have_count(1)
    expect(screen.page.locator(".drill")).to_have_count(0)
    screen.expect_sounding(True)
    assert [incident["drill"] for incident in desk.incidents()] == [0]


def test_what_is_missing_is_said_and_nothing_begins(chief, supervisor):
    before = len(supervisor.listing("drills"))
    chief.page.get_by_role("button", name="Mulai sekarang").click()
    expect(chief.page.get_by_role("alert")).to_contain_text("Isi nama")
    plan(chief, "Terlambat", after="15")
    chief.page.get_by_role("button", name="Mulai sekarang").click()
    expect(chief.page.get_by_role("alert")).to_contain_text("sebelum latihan berakhir")
    assert len(supervisor.listing("drills")) == before


def test_an_operator_sees_it_and_cannot_end_it(screen, supervisor, no_drill, bank):
    supervisor.start_drill("Uji meja", bank.button("Meja teller").name, in_s=1_800)
    screen.page.get_by_role("link", name="Giliran").click()
    screen.page.get_by_role("link", name="Latihan").click()
    expect(screen.page.locator("[data-drill-running]")).to_contain_text("Uji meja")
    expect(screen.page.locator("[data-drill-running] button")).to_have_count(0)
    expect(screen.page.locator("input[name=drill]")).to_have_count(0)


def test_its_begin_and_end_come_by_the_stream(screen, supervisor, no_drill, bank):
    screen.go("drills")
    expect(screen.page.locator("main")).to_contain_text("Tidak ada latihan yang berjalan")
    screen.route("**/api/drills", lambda route: route.abort())

    supervisor.start_drill("Uji siaran", bank.button("Meja teller").name, in_s=1_800)

    running = screen.page.locator("[data-drill-running]")
    expect(running).to_contain_text("Uji siaran")
    supervisor.end_drills()
    expect(running).to_have_count(0)
    expect(screen.page.locator("[data-drill-over]").first).to_contain_text("Uji siaran")


@pytest.mark.parametrize("look", LOOKS, ids=["-".join(look) for look in LOOKS])
def test_axe_finds_nothing(browser, centre, desk, supervisor, no_drill, bank, look):
    desk.calm()
    context = in_look(browser, *look)
    screen = at_drills(context, centre, supervisor)
    screen.page.locator("input[name=drill]").wait_for()
    assert findings(screen.page) == "", "calm"
    supervisor.start_drill("Uji", bank.button("Meja teller").name)
    screen.page.locator('[data-drill-running] [data-rung="yes"]').wait_for()
    screen.page.locator(".drill").wait_for()
    screen.page.locator(".strip .button--answer").wait_for()
    screen.page.locator("form button[type=submit]").click()
    screen.page.get_by_role("alert").first.wait_for()
    screen.page.locator(".drills__end button").click()
    assert findings(screen.page) == "", "running"
    supervisor.end_drills()
    screen.page.locator("[data-drill-running]").wait_for(state="detached")
    assert findings(screen.page) == "", "over"
    context.close()
