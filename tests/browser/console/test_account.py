"""One's own account: the first log-in with a one-time password, the password, sessions, passkeys, other ways in."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, Route, expect

from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.centre import Centre, Desk, Operator
from tests.browser.support.head import Head
from tests.browser.support.screen import Screen

NEW = "kentongan bambu di pos jaga"


@pytest.fixture(params=LOOKS, ids=["-".join(look) for look in LOOKS])
def look(request, browser):
    context = in_look(browser, *request.param)
    yield context
    context.close()


@pytest.fixture
def newcomer(head):
    """Somebody who has only a one-time password."""
    return head.add_newcomer("admin")


def log_in(page: Page, url: str, operator: Operator) -> None:
    page.goto(url)
    page.locator("input[name=name]").fill(operator.name)
    page.locator("input[name=password]").fill(operator.password)
    page.keyboard.press("Enter")


def change(page: Page, old: str, fresh: str, again: str | None = None) -> None:
    page.locator("input[name=old]").fill(old)
    page.locator("input[name=fresh]").fill(fresh)
    page.locator("input[name=again]").fill(fresh if again is None else again)
    page.keyboard.press("Enter")


def test_a_one_time_password_leads_to_a_page_that_changes_it_and_then_to_the_desk(context, centre, newcomer):
    page = context.new_page()
    log_in(page, centre.url, newcomer)
    expect(page.get_by_role("heading", name="Buat kata sandi Anda sendiri")).to_be_visible()

    change(page, newcomer.password, "pendek")
    expect(page.get_by_role("alert")).to_contain_text("terlalu pendek")
    change(page, newcomer.password, NEW, "lain sama sekali")
    expect(page.get_by_role("alert")).to_contain_text("tidak sama")
    change(page, "bukan yang ini", NEW)
    expect(page.get_by_role("alert")).to_contain_text("lama tidak cocok")
    page.reload()
    change(page, newcomer.password, NEW)

    Screen(context, centre.url, page).expect_link("live")
    expect(page.get_by_role("navigation", name="Halaman")).to_be_visible()
    page.reload()
    Screen(context, centre.url, page).expect_link("live")
    context.clear_cookies()
    log_in(page, centre.url, Operator(newcomer.name, NEW, "admin"))
    Screen(context, centre.url, page).expect_link("live")


def test_nothing_is_asked_of_the_centre_before_the_password_is_changed(context, centre, newcomer):
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(centre.url)))
    log_in(page, centre.url, newcomer)
    page.locator("input[name=fresh]").wait_for()

    assert {path for path in asked if path.startswith("/api/")} <= {"/api/me", "/api/login"}
    page.get_by_role("button", name="Keluar tanpa mengganti").click()
    expect(page.locator("input[name=name]")).to_be_visible()


def test_a_changed_password_ends_the_other_sessions(context, centre):
    person = centre.add_operator("ganti")
    other = Head(centre, person)
    screen = Screen(context, centre.url)
    screen.sign_in(person)
    screen.page.get_by_role("link", name=person.name).click()
    rows = screen.page.locator("[data-session]")
    expect(rows).to_have_count(2)

    change(screen.page, person.password, NEW)

    expect(screen.page.locator(".notice")).to_contain_text("sudah diganti")
    screen.page.reload()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("sesi ini")
    assert other.status("me") == 401
    other.shut()


def test_one_of_ones_own_sessions_is_ended(context, centre):
    person = centre.add_operator("sesi")
    other = Head(centre, person)
    screen = Screen(context, centre.url)
    screen.sign_in(person)
    screen.go("account")
    rows = screen.page.locator("[data-session]")
    expect(rows).to_have_count(2)

    rows.filter(has_not_text="sesi ini").get_by_role("button").click()
    expect(rows).to_have_count(1)

    assert other.status("me") == 401
    rows.get_by_role("button").click()
    expect(screen.page.locator("input[name=name]")).to_be_visible()
    other.shut()


# --- passkeys ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """A centre that has an address, to which passkeys are bound."""
    centre = Centre(tmp_path_factory.mktemp("keyed"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KENTONGAN_HTTP__ORIGIN", keyed_url(centre))
        with centre:
            yield centre


def keyed_url(centre: Centre) -> str:
    return f"http://localhost:{centre.http_port}"


@pytest.fixture
def authenticator(context):
    """A page whose machine has a fingerprint reader."""
    page = context.new_page()
    session: CDPSession = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_a_passkey_is_made_named_used_to_log_in_and_removed(context, keyed, authenticator):
    person = keyed.add_operator("sari")
    screen = Screen(context, keyed_url(keyed), authenticator)
    page = screen.page
    screen.sign_in(person)
    screen.go("account")
    page.locator("input[name=label]").fill("Komputer meja 3")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    row = page.locator("[data-passkey]")
    expect(row).to_contain_text("Komputer meja 3")
    expect(row).to_contain_text("belum pernah")

    page.locator("input[name=label]").fill("Sekali lagi")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    expect(page.get_by_role("alert")).to_contain_text("sudah punya")

    page.get_by_role("button", name="Keluar", exact=True).click()
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    screen.expect_link("live")
    expect(page.locator("[data-session]").filter(has_text="sesi ini")).to_contain_text("Kunci sandi")
    expect(row).not_to_contain_text("belum pernah")

    row.get_by_role("button").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Keluar", exact=True).click()
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("input[name=name]")).to_be_visible()


def test_a_shift_is_signed_for_with_the_passkey_of_whoever_takes_it(context, keyed, authenticator):
    leaves, comes = keyed.add_operator("pergi"), keyed.add_operator("datang")
    screen = Screen(context, keyed_url(keyed), authenticator)
    page = screen.page
    screen.sign_in(comes)
    screen.go("account")
    page.locator("input[name=label]").fill("Komputer meja 3")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    expect(page.locator("[data-passkey]")).to_contain_text("Komputer meja 3")
    page.get_by_role("button", name="Keluar", exact=True).click()
    page.locator("input[name=name]").wait_for()
    screen.sign_in(leaves)
    desk = Desk(keyed, leaves)
    made = desk.call("081234567890")
    screen.go("hand-over")
    by_key = page.get_by_role("button", name="Pengganti menandatangani dengan kunci sandi")
    expect(page.locator(f'[data-mine="{made["id"]}"]')).to_be_visible()
    expect(by_key).to_have_count(0)

    page.locator(".shift-form [name=to]").fill(comes.name)
    page.locator(".shift-form [name=note]").fill("Kunci mobil di laci")
    by_key.click()

    row = page.locator("[data-hand-over]").first
    expect(row).to_contain_text("Kunci mobil di laci")
    expect(row).to_contain_text(comes.name)
    expect(page.locator("[data-mine]")).to_have_count(0)
    assert desk.incident(made["id"])["owner"] == comes.name
    desk.shut()


def test_a_log_in_of_long_ago_is_asked_for_the_password(context, keyed, authenticator):
    person = keyed.add_operator("rini")
    screen = Screen(context, keyed_url(keyed), authenticator)
    page = screen.page
    screen.sign_in(person)
    screen.go("account")
    stale = {"error": {"code": "not-fresh", "message": "you logged in a while ago."}}
    page.route("**/api/passkeys/begin", lambda route: route.fulfill(status=403, json=stale), times=1)
    page.locator("input[name=label]").fill("HP Rini")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    expect(page.get_by_role("alert")).to_contain_text("sudah lama masuk")

    page.locator("[data-part=passkeys] input[name=password]").fill(person.password)
    page.get_by_role("button", name="Tambah kunci sandi").click()

    expect(page.locator("[data-passkey]")).to_contain_text("HP Rini")


def test_a_centre_without_passkeys_offers_none(signed_in, context, centre):
    signed_in.go("account")
    expect(signed_in.page.get_by_text("belum disiapkan untuk kunci sandi")).to_be_visible()
    expect(signed_in.page.locator("input[name=label]")).to_have_count(0)
    context.clear_cookies()
    with signed_in.page.expect_response("**/api/login"):
        signed_in.page.reload()
    expect(signed_in.page.locator("input[name=name]")).to_be_visible()
    expect(signed_in.page.get_by_role("button", name=re.compile("kunci sandi"))).to_have_count(0)


# --- the city's own log-in --------------------------------------------------------------------------


def with_issuer(context: BrowserContext, centre: Centre) -> None:
    ways = {"passkeys": True, "oidc": "Akun Kota Contoh"}
    context.route(
        "**/api/login", lambda route: route.fulfill(json=ways) if route.request.method == "GET" else route.continue_()
    )
    there = {"location": f"{centre.url}/healthz"}
    context.route("**/api/oidc/begin", lambda route: route.fulfill(json=there))


def test_the_citys_own_log_in_is_offered_and_gone_to(context, centre):
    with_issuer(context, centre)
    page = context.new_page()
    page.goto(centre.url)

    page.get_by_role("button", name="Masuk lewat Akun Kota Contoh").click()

    page.wait_for_url(f"{centre.url}/healthz")


@pytest.mark.parametrize(
    ("word", "told"), [("not-enrolled", "belum terdaftar"), ("again", "Coba sekali lagi"), ("issuer", "tidak menjawab")]
)
def test_whom_the_city_could_not_let_in_is_told_why(context, centre, word, told):
    page = context.new_page()
    page.goto(f"{centre.url}/#/login/oidc-{word}")
    expect(page.get_by_role("alert")).to_contain_text(told)


# --- accessible in every look ------------------------------------------------------------------------


def test_axe_finds_nothing_on_the_ways_in(look, centre, head):
    with_issuer(look, centre)
    page = look.new_page()
    page.goto(f"{centre.url}/#/login/oidc-issuer")
    page.locator(".ways-in .button").first.wait_for()
    assert findings(page) == ""
    newcomer = head.add_newcomer()
    log_in(page, centre.url, newcomer)
    page.locator("input[name=fresh]").wait_for()
    change(page, newcomer.password, "pendek")
    page.get_by_role("alert").wait_for()
    assert findings(page) == ""


def test_axe_finds_nothing_on_the_account(browser, keyed):
    person = keyed.add_operator("axe")
    for language, scheme in LOOKS:
        context = in_look(browser, language, scheme)
        screen = Screen(context, keyed_url(keyed))
        screen.sign_in(person)
        keys = [{"id": 1, "label": "Kunci USB biru", "made_at_ms": 1_700_000_000_000, "used_at_ms": None}]
        context.route("**/api/passkeys", partial(Route.fulfill, json={"passkeys": keys}))
        screen.go("account")
        screen.page.locator("[data-session]").first.wait_for()
        screen.page.locator("[data-passkey]").wait_for()
        screen.page.locator("input[name=label]").wait_for()
        assert findings(screen.page) == "", (language, scheme)
        context.close()
