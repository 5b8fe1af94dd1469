"""The people of the centre: adding, changing, a new password, taking out, ending their sessions."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.centre import START_S
from tests.browser.support.head import Head
from tests.browser.support.screen import Screen


@pytest.fixture(scope="module")
def police(head):
    """An agency to choose."""
    head.put("agencies/polisi", {"name": "Polres Contoh", "kind": "police"})


@pytest.fixture
def users(centre, head, police, context):
    """The page, open before an admin."""
    context.add_cookies(head.cookies)
    screen = Screen(context, centre.url)
    screen.go("users")
    screen.page.locator("[data-user]").first.wait_for()
    return screen


def row(screen: Screen, name: str) -> Locator:
    return screen.page.locator(f'[data-user="{name}"]')


def opened(screen: Screen, name: str) -> Locator:
    row(screen, name).get_by_role("button").click()
    dialog = screen.page.locator("dialog[open]")
    expect(dialog).to_contain_text(name)
    return dialog


def test_an_agencys_desk_is_enrolled_and_its_password_is_shown_once(users, head, centre):
    page = users.page
    page.get_by_role("button", name="Tambah pengguna").click()
    page.locator("dialog input[name=name]").fill("wulan")
    page.locator("dialog input[name=full_name]").fill("Wulan Contoh")
    page.locator("dialog select[name=role]").select_option("agency-desk")
    page.locator("dialog select[name=agency]").select_option("polisi")
    page.locator("dialog button[type=submit]").click()
    shown = page.locator("[data-once]")
    expect(shown).to_be_visible()
    password = shown.inner_text()

    page.get_by_role("button", name="Sudah saya serahkan").click()

    expect(shown).to_have_count(0)
    expect(row(users, "wulan")).to_contain_text("Wulan Contoh")
    expect(row(users, "wulan")).to_contain_text("Meja instansi")
    expect(row(users, "wulan")).to_contain_text("Polres Contoh")
    expect(row(users, "wulan")).to_contain_text("Belum mengganti")
    body = {"name": "wulan", "password": password}
    assert httpx.post(f"{centre.url}/api/login", json=body, trust_env=False, timeout=START_S).json()["must_change"]


def test_a_taken_name_is_told_in_words_and_the_form_stays(users, operator):
    page = users.page
    page.get_by_role("button", name="Tambah pengguna").click()
    page.locator("dialog input[name=name]").fill(operator.name)
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog").get_by_role("alert")).to_contain_text("sudah dipakai")
    expect(page.locator("dialog input[name=name]")).to_have_value(operator.name)


def test_a_role_its_sites_and_an_address_are_changed_and_what_was_not_touched_stays(users, head):
    newcomer = head.add_newcomer(full_name="Dewi Contoh")
    users.page.reload()
    dialog = opened(users, newcomer.name)
    dialog.locator("select[name=role]").select_option("partner")
    dialog.get_by_role("checkbox", name="Toko Emas Contoh").check()
    dialog.locator("input[name=email]").fill("dewi@kota.example")
    dialog.locator("button[type=submit]").click()

    expect(row(users, newcomer.name)).to_contain_text("Mitra")
    expect(row(users, newcomer.name)).to_contain_text("Toko Emas Contoh")
    known = head.user(newcomer.name)
    assert (known["full_name"], known["sites"], known["email"]) == ("Dewi Contoh", ["gold"], "dewi@kota.example")


def test_a_reset_is_asked_twice_and_ends_the_sessions(users, head, centre):
    person = centre.add_operator("lupa")
    there = Head(centre, person)
    users.page.reload()
    dialog = opened(users, "lupa")
    dialog.get_by_role("button", name="Buat kata sandi baru").click()
    assert there.status("me") == 200
    dialog.get_by_role("button", name="Ya, buat kata sandi baru").click()

    expect(users.page.locator("[data-once]")).to_be_visible()
    assert there.status("me") == 401
    there.shut()


def test_somebody_is_disabled_and_enabled_again(users, head, centre):
    person = centre.add_operator("pergi")
    there = Head(centre, person)
    users.page.reload()
    dialog = opened(users, "pergi")
    dialog.get_by_role("button", name="Nonaktifkan", exact=True).click()
    dialog.get_by_role("button", name="Ya, nonaktifkan").click()
    expect(row(users, "pergi")).to_contain_text("Dinonaktifkan")
    assert there.status("me") == 401
    there.shut()

    opened(users, "pergi").get_by_role("button", name="Aktifkan lagi").click()
    expect(row(users, "pergi")).to_contain_text("Aktif")


def test_the_last_admin_is_not_taken_out(users, admin):
    told = {"error": {"code": "conflict", "message": "nobody would be left to manage users."}}
    users.route("**/api/users/*", lambda route: route.fulfill(status=409, json=told))
    dialog = opened(users, admin.name)
    dialog.get_by_role("button", name="Nonaktifkan", exact=True).click()
    dialog.get_by_role("button", name="Ya, nonaktifkan").click()
    expect(dialog.get_by_role("alert")).to_contain_text("paling sedikit satu admin")


def test_somebodys_session_is_ended(users, head, centre):
    person = centre.add_operator("jauh")
    there = Head(centre, person)
    users.page.reload()
    dialog = opened(users, "jauh")
    dialog.get_by_text("Sesi", exact=True).click()
    dialog.locator("[data-session]").get_by_role("button").click()
    expect(dialog.locator("[data-session]")).to_have_count(0)
    assert there.status("me") == 401
    there.shut()


def test_an_operator_sees_no_such_page(signed_in):
    signed_in.page.get_by_role("link", name="Kelola").click()
    expect(signed_in.page.get_by_role("link", name="Rencana kota")).to_be_visible()
    expect(signed_in.page.get_by_role("link", name="Pengguna")).to_have_count(0)
    signed_in.go("users")
    expect(signed_in.page.locator("#main")).to_contain_text("peran")
    expect(signed_in.page.locator("[data-user]")).to_have_count(0)


def test_axe_finds_nothing_on_the_people(browser, centre, head):
    for language, scheme in LOOKS:
        context = in_look(browser, language, scheme)
        context.add_cookies(head.cookies)
        screen = Screen(context, centre.url)
        screen.go("users")
        screen.page.locator("[data-user]").first.wait_for()
        assert findings(screen.page) == "", (language, scheme)
        screen.page.locator("[data-user=operator-1] button").click()
        screen.page.locator("dialog .manage__more > .button").last.click()
        screen.page.locator("dialog select[name=role]").select_option("partner")
        screen.page.locator("dialog summary").click()
        screen.page.locator("dialog .table, dialog .page__empty").wait_for()
        assert findings(screen.page) == "", (language, scheme)
        context.close()
