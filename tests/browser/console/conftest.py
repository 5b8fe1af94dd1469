"""One centre for all tests here and one browser a file; every test gets a calm centre and a page of its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.support.air import Air
from tests.browser.support.centre import Centre, Desk
from tests.browser.support.door import Door
from tests.browser.support.head import Head
from tests.browser.support.screen import SIZE, Screen, launch

# Bounds every wait for the page unless a test names a tighter limit that it is about.
PATIENCE_MS = 90_000

BANK = "Bank Contoh Cabang Pahlawan"
GOLD = "Toko Emas Contoh"
COOPERATIVE = "Koperasi Contoh Sejahtera"


def pressed(times: int) -> str:
    """How a row says that a button was pressed several times."""
    return f"{times}\N{MULTIPLICATION SIGN} ditekan"


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def air(tmp_path_factory):
    """The mobile network with the modems of `centre`."""
    with Air(tmp_path_factory.mktemp("air") / "ports") as air:
        yield air


@pytest.fixture(scope="session")
def centre(tmp_path_factory, air):
    centre = Centre(tmp_path_factory.mktemp("centre"), air)
    posts = {"Pos jaga": "guard-post", "Meja teller": "desk", "Meja kepala": "desk"}
    centre.add_site("bank", BANK, "Jl. Contoh Pahlawan No. 1", posts)
    centre.add_site("gold", GOLD, "Jl. Contoh Pasar No. 7", {"Pos jaga": "guard-post", "Meja pemilik": "desk"})
    centre.add_site("coop", COOPERATIVE, "Jl. Contoh Raya No. 12", {"Meja kasir": "desk", "Pos jaga": "guard-post"})
    with centre:
        yield centre


@pytest.fixture(scope="session")
def restored_centre(tmp_path_factory):
    """One whose store was put back from a backup: it lacks an alarm that it confirmed meanwhile."""
    centre = Centre(tmp_path_factory.mktemp("restored"))
    bank = centre.add_site("bank", BANK, "Jl. Contoh Pahlawan No. 1", {"Meja kepala": "desk", "Pos jaga": "guard-post"})
    operator = centre.add_operator("operator-1")
    centre.back_up()
    with centre:
        bank.press("Meja kepala")
        desk = Desk(centre, operator)
        desk.until(1)
        desk.shut()
    centre.restore()
    with centre:
        yield centre


@pytest.fixture(scope="session")
def restored_desk(restored_centre):
    desk = Desk(restored_centre, restored_centre.add_operator("operator-2"))
    yield desk
    desk.shut()


@pytest.fixture
def restored_screen(restored_centre, restored_desk, context):
    """An operator on duty at the restored centre, which is calm."""
    restored_desk.calm()
    context.add_cookies(restored_desk.cookies)
    screen = Screen(context, restored_centre.url)
    screen.page.goto(restored_centre.url)
    screen.expect_link("live")
    screen.start_shift()
    return screen


@pytest.fixture(scope="session")
def operator(centre):
    return centre.add_operator("operator-1")


@pytest.fixture(scope="session")
def admin(centre):
    return centre.add_operator("admin-1", "admin")


@pytest.fixture(scope="session")
def head(centre, admin):
    """An admin without a browser."""
    head = Head(centre, admin)
    yield head
    head.shut()


@pytest.fixture(scope="session")
def desk(centre, operator):
    desk = Desk(centre, operator)
    yield desk
    desk.shut()


@pytest.fixture(scope="session")
def colleague(centre):
    desk = Desk(centre, centre.add_operator("operator-2"))
    yield desk
    desk.shut()


@pytest.fixture(scope="session")
def supervisor(centre):
    """Whoever supervises, without a browser."""
    desk = Desk(centre, centre.add_operator("supervisor-1", "supervisor"))
    yield desk
    desk.shut()


@pytest.fixture
def cooperative(centre):
    return centre.sites["coop"]


@pytest.fixture
def bank(centre):
    return centre.sites["bank"]


@pytest.fixture
def gold(centre):
    return centre.sites["gold"]


@pytest.fixture(scope="module")
def browser():
    # Not for longer: Playwright's loop stands in the way of the asynchronous tests of other folders.
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def signed_in(centre, desk, context):
    """An operator at a calm centre, by the session that `desk` began; sound not yet armed."""
    desk.calm()
    context.add_cookies(desk.cookies)
    screen = Screen(context, centre.url)
    screen.page.goto(centre.url)
    screen.expect_link("live")
    return screen


@pytest.fixture
def screen(signed_in):
    """The same, on duty: the shift is started."""
    signed_in.start_shift()
    return signed_in


@pytest.fixture
def door(centre):
    with Door(centre.http_port) as door:
        yield door
