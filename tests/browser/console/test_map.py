"""The city's map: real vector tiles out of one file, from our own origin; drawn by ourselves where that cannot be."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.console.conftest import BANK, PATIENCE_MS
from tests.browser.support.centre import ROOT, Centre, Desk
from tests.browser.support.screen import FLAGS, SIZE, WITH_WEBGL, WITHOUT_WEBGL, Screen, launch
from tests.support.vector_tiles import QUARTERS, city

MAP = "city.pmtiles"  # where the centre keeps it
PLACE = {"latitude": -7.27, "longitude": 112.74}
# What the map's own style gives to the land, the sea and the streets (web: map/style.ts), by day.
COLOURS = {"land": (239, 235, 226), "sea": (188, 211, 224), "street": (255, 255, 255)}
NEAR = 6  # of 255: what smoothing and the picture's own colours may change
ENOUGH = 200  # points of a colour; a street of the test's city alone is some 1,000 long


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A centre with one site whose place is known, and without a map."""
    centre = Centre(tmp_path_factory.mktemp("town"))
    centre.add_site("bank", BANK, "Jl. Contoh Pahlawan No. 1", {"Meja teller": "desk"})
    supervisor = centre.add_operator("supervisor-1", "supervisor")
    with centre:
        desk = Desk(centre, supervisor)
        desk.place("bank", PLACE)
        yield centre, desk
        desk.shut()


@pytest.fixture(scope="module")
def browsers():
    """One that can draw in three dimensions (in software), and one that cannot."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        pair = launch(playwright, [*FLAGS, *WITH_WEBGL]), launch(playwright, [*FLAGS, *WITHOUT_WEBGL])
        yield pair
        for browser in pair:
            browser.close()


@pytest.fixture
def looker(town):
    """Opens the queue at that centre in a browser; everything that the page asks for is in `asked`."""
    centre, desk = town
    opened = []

    def look(browser):
        context = browser.new_context(viewport=SIZE, color_scheme="light")
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        context.add_cookies(desk.cookies)
        screen = Screen(context, centre.url)
        screen.listen()
        return screen

    yield look
    for context in opened:
        context.close()


def use(centre: Centre, path) -> subprocess.CompletedProcess[str]:
    """`kentongan map use FILE` as somebody types it."""
    return subprocess.run(
        [sys.executable, "-m", "kentongan_tools", "map", "use", str(path), "--state", str(centre.state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_MS / 1_000,
    )


@pytest.fixture(scope="module")
def used(town, tmp_path_factory) -> bytes:
    """What the centre keeps of the test's city once somebody has said that it shall use it."""
    centre, _ = town
    path = tmp_path_factory.mktemp("city") / "kota.pmtiles"
    path.write_bytes(city())
    done = use(centre, path)
    assert done.returncode == 0, done.stderr
    assert "zoom 0 to 11" in done.stdout
    return (centre.state / MAP).read_bytes()


@pytest.fixture
def with_map(town, used):
    """The centre has the test's city; it has none again afterwards."""
    centre, _ = town
    (centre.state / MAP).write_bytes(used)
    yield centre
    (centre.state / MAP).unlink()


def drawn_colours(screen, painter) -> set[str]:
    """Which of the map's colours are really on the screen, by a page that takes pictures apart."""
    picture = b64encode(screen.page.locator(".map__canvas").screenshot()).decode()
    counts = painter.evaluate(
        """async ({ picture, colours, near }) => {
            const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
            const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
            canvas.drawImage(bitmap, 0, 0);
            const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
            const counts = Object.fromEntries(Object.keys(colours).map((name) => [name, 0]));
            for (let at = 0; at < data.length; at += 4)
                for (const [name, wanted] of Object.entries(colours))
                    counts[name] += wanted.every((part, index) => Math.abs(part - data[at + index]) <= near);
            return counts;
        }""",
        {"picture": picture, "colours": COLOURS, "near": NEAR},
    )
    return {name for name, count in counts.items() if count > ENOUGH}


def test_tiles_are_drawn_with_names_and_sites_and_only_our_own_origin_is_asked(looker, browsers, with_map):
    screen = looker(browsers[0])
    with screen.page.expect_response("**/map/city.pmtiles") as answer:
        screen.page.goto(screen.url)

    assert answer.value.status == 206
    pane = screen.page.locator("[data-map=city]")
    expect(pane.locator(".map__mark--site")).to_have_text(BANK)
    # Near the site the map knows only what is in sight.
    pane.get_by_role("button", name="Seluruh kota").click()
    for name in QUARTERS:
        expect(pane.locator(".map__mark--place").filter(has_text=name)).to_have_count(1)
    painter = screen.context.new_page()
    screen.until(lambda: drawn_colours(screen, painter) == set(COLOURS))
    parts = [request for request in screen.asked if request.url.endswith(".pmtiles")]
    assert len(parts) > 1
    assert all(request.headers["range"].startswith("bytes=") for request in parts)
    own = (f"{screen.url}/", f"blob:{screen.url}/")
    assert [request.url for request in screen.asked if not request.url.startswith(own)] == []
    assert [text for text in screen.said if "Content Security Policy" in text] == []


def test_an_alarm_is_on_the_city_where_it_happens(looker, browsers, with_map, town):
    centre, desk = town
    screen = looker(browsers[0])
    screen.page.goto(screen.url)
    expect(screen.page.locator(".map__mark--site")).to_have_text(BANK)

    centre.sites["bank"].press("Meja teller")

    ringing = screen.page.locator(".map__mark--ringing")
    expect(ringing).to_have_text(BANK)
    expect(ringing).to_be_in_viewport()
    desk.calm()


def sent(desk) -> dict:
    """An incident at the bank to which a unit is on its way."""
    (incident,) = desk.until(1)
    desk.acknowledge(incident)
    desk.dispatch(desk.incident(incident["id"]), "Patroli 3")
    return desk.incident(incident["id"])


def test_who_was_sent_stands_at_the_incident_on_the_city(looker, browsers, with_map, town):
    centre, desk = town
    screen = looker(browsers[0])
    screen.page.goto(screen.url)
    expect(screen.page.locator(".map__mark--site")).to_have_text(BANK)

    centre.sites["bank"].press("Meja teller")
    incident = sent(desk)
    unit = screen.page.locator(".map__mark--hand .map__mark-unit")
    expect(unit).to_have_text("Patroli 3 \N{RIGHTWARDS ARROW} menuju lokasi")
    desk.arrive(incident)

    expect(unit).to_have_text("Patroli 3 \N{MIDDLE DOT} sudah di lokasi")
    desk.calm()


def test_who_was_sent_stands_at_the_incident_on_the_drawn_map_until_withdrawn(looker, browsers, town):
    centre, desk = town
    screen = looker(browsers[0])
    screen.page.goto(screen.url)

    centre.sites["bank"].press("Meja teller")
    incident = sent(desk)
    mark = screen.page.locator(f'[data-mark="incident {incident["id"]}"]')
    expect(mark.locator(".map__unit")).to_have_text("Patroli 3 \N{RIGHTWARDS ARROW} menuju lokasi")
    desk.withdraw(incident, "Dipanggil ke tempat lain")

    expect(mark.locator(".map__unit")).to_have_count(0)
    expect(mark).to_contain_text(BANK)
    desk.calm()


def test_without_webgl_the_places_are_drawn_with_their_degrees(looker, browsers, with_map):
    screen = looker(browsers[1])
    screen.page.goto(screen.url)

    expect_drawn(screen)


def test_without_a_map_the_places_are_drawn_with_their_degrees(looker, browsers):
    screen = looker(browsers[0])
    screen.page.goto(screen.url)

    expect_drawn(screen)
    assert [request.url for request in screen.asked if "pmtiles" in request.url or "city-" in request.url] == []


def test_a_map_that_cannot_be_read_any_more_gives_way_to_the_drawn_one(looker, browsers, with_map):
    screen = looker(browsers[0])
    screen.page.route("**/map/city.pmtiles", lambda route: route.abort())
    screen.page.goto(screen.url)

    expect_drawn(screen)


def expect_drawn(screen) -> None:
    pane = screen.page.locator("[data-map=drawn]")
    expect(pane.locator("[data-mark]")).to_contain_text(BANK)
    expect(pane.locator(".map__degree").first).to_contain_text("\N{DEGREE SIGN}")
    expect(pane.locator(".map__note")).to_contain_text("hanya letak tempat")


def test_a_file_that_is_no_map_is_refused_in_words_and_the_old_one_stays(with_map, tmp_path):
    before = (with_map.state / MAP).read_bytes()
    wrong = tmp_path / "peta.pmtiles"
    wrong.write_bytes(b"<html>404 Not Found</html>" * 20)

    refused = use(with_map, wrong)

    assert refused.returncode == 1
    assert "expected a PMTiles file, found one that does not begin with PMTiles" in refused.stderr
    assert str(wrong) in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (with_map.state / MAP).read_bytes() == before
