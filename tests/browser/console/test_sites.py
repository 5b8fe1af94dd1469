"""The register of sites: facts, plan picture, people to call, pass-phrase, action plans; and what an incident shows."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.console.conftest import COOPERATIVE
from tests.browser.console.test_axe import LOOKS, findings, in_look
from tests.browser.support.screen import Screen
from tests.support.pictures import png

PICTURE = png(800, 500)
STEP = {"key": "lihat", "id": "Lihat kamera", "en": "Look at the camera", "mandatory": True}


@pytest.fixture
def code(head):
    """A site that nobody else has."""
    code = f"toko-{secrets.token_hex(3)}"
    head.put(f"sites/{code}", {"name": "Toko Contoh", "address": "Jl. Lama 1", "zone": "Asia/Jakarta", "place": None})
    return code


@pytest.fixture
def sites(centre, head, context):
    """The list, open before an admin."""
    context.add_cookies(head.cookies)
    screen = Screen(context, centre.url)
    screen.go("sites")
    screen.page.locator("[data-site=coop]").wait_for()
    return screen


@pytest.fixture
def site(sites, code):
    """The page of the site."""
    return opened(sites, code)


@pytest.fixture
def pictured(head):
    """A site with posts has a picture, which is taken away afterwards."""
    head.put_picture("coop", PICTURE)
    yield
    head.remove_picture("coop")


@pytest.fixture
def fitted(sites, pictured):
    """Its page."""
    return opened(sites, "coop")


def opened(screen: Screen, code: str) -> Screen:
    screen.go(f"sites/{code}")
    part(screen, "facts").wait_for()
    return screen


def part(screen: Screen, name: str) -> Locator:
    return screen.page.locator(f"[data-part={name}]")


def saved(screen: Screen) -> None:
    expect(screen.page.locator(".notice").last).to_contain_text("ersimpan")


# --- the list, and what is known --------------------------------------------------------------------


def test_a_site_is_added_and_its_page_opens(sites, head):
    code = f"baru-{secrets.token_hex(3)}"
    page = sites.page
    page.locator("input[name=code]").fill(code)
    page.locator("input[name=name]").fill("Koperasi Baru")
    page.locator("input[name=address]").fill("Jl. Baru 3")
    page.get_by_role("button", name="Tambah lokasi").click()

    expect(page.get_by_role("heading", name="Koperasi Baru")).to_be_visible()
    assert (head.site(code)["address"], head.site(code)["zone"]) == ("Jl. Baru 3", "Asia/Jakarta")
    page.get_by_role("link", name="Semua lokasi").click()
    expect(page.locator(f"[data-site={code}]")).to_contain_text("tanpa denah")


def test_a_code_that_is_taken_changes_no_other_site(sites, head):
    sites.page.locator("input[name=code]").fill("coop")
    sites.page.locator("input[name=name]").fill("Lain")
    sites.page.get_by_role("button", name="Tambah lokasi").click()
    expect(sites.page.get_by_role("alert")).to_contain_text("Sudah ada lokasi")
    assert head.site("coop")["name"] == COOPERATIVE


def test_name_address_and_place_are_changed(site, head, code):
    facts = part(site, "facts")
    facts.locator("input[name=address]").fill("Jl. Baru 9")
    facts.locator("input[name=latitude]").fill("-7.25")
    facts.get_by_role("button", name="Simpan").click()
    expect(facts.get_by_role("alert")).to_contain_text("lintang dan bujur")

    facts.locator("input[name=longitude]").fill("112.75")
    facts.get_by_role("button", name="Simpan").click()

    saved(site)
    known = head.site(code)
    assert (known["address"], known["place"]) == ("Jl. Baru 9", {"latitude": -7.25, "longitude": 112.75})


def test_people_to_call_are_written_ordered_and_read_back(site, head, code):
    people = part(site, "people")
    for number, (name, hours) in enumerate([("Budi", "Sen-Sel 08:00-17:00"), ("Sari", "")], 1):
        people.get_by_role("button", name="Tambah kontak").click()
        row = people.locator(f"[data-contact='{number}']")
        row.locator("input[name=name]").fill(name)
        row.locator("input[name=number]").fill(f"+62812000000{number}")
        row.locator("input[name=hours]").fill(hours)
    people.get_by_role("button", name="Naikkan Sari").click()
    people.get_by_role("button", name="Simpan").click()

    saved(site)
    found = [(one["name"], one["hours"]) for one in head.site(code)["people"]]
    assert found == [("Sari", None), ("Budi", [[1, 480, 1020], [2, 480, 1020]])]
    site.page.reload()
    expect(people.locator("[data-contact='1'] input[name=name]")).to_have_value("Sari")


def test_hours_that_are_none_are_told_and_nothing_is_saved(site, head, code):
    people = part(site, "people")
    people.get_by_role("button", name="Tambah kontak").click()
    people.locator("input[name=name]").fill("Budi")
    people.locator("input[name=number]").fill("+628120000001")
    people.locator("input[name=hours]").fill("kapan saja")
    people.get_by_role("button", name="Simpan").click()
    expect(people.get_by_role("alert")).to_contain_text("Jam Budi tidak terbaca")
    assert head.site(code)["people"] == []


def test_a_pass_phrase_is_set_and_never_shown_again(site, head, code):
    phrase = part(site, "phrase")
    phrase.locator("input[name=phrase]").fill("bulan di atas sawah")
    phrase.locator("input[name=duress]").fill("hujan di pasar lama")
    phrase.get_by_role("button", name="Tetapkan").click()

    expect(phrase).to_contain_text("Ada kata paksaan")
    expect(phrase.locator("input[name=phrase]")).to_have_value("")
    assert head.site(code)["pass_phrase"]["has_duress"]
    site.page.reload()
    expect(phrase).to_contain_text("Ada kata paksaan")
    assert "sawah" not in site.page.content()


# --- action plans -----------------------------------------------------------------------------------


def step(plans: Locator, number: int) -> Locator:
    return plans.locator(f"[data-step='{number}']")


def test_a_plan_is_made_and_changed_as_a_new_version(site, head, code):
    plans = part(site, "plans")
    plans.get_by_role("button", name="Buat rencana").click()
    plans.get_by_role("button", name="Tambah langkah").click()
    step(plans, 1).locator("textarea[name=id]").fill("Telepon lokasi")
    step(plans, 1).locator("textarea[name=en]").fill("Call the site")
    step(plans, 1).get_by_role("checkbox").check()
    plans.get_by_role("button", name="Simpan sebagai versi baru").click()

    expect(plans.locator("[data-plan='']")).to_contain_text("Versi 1")
    plans.locator("summary").click()
    plans.get_by_role("button", name="Ubah rencana").click()
    plans.get_by_role("button", name="Tambah langkah").click()
    step(plans, 2).locator("textarea[name=id]").fill("Kirim unit")
    step(plans, 2).locator("textarea[name=en]").fill("Send a unit")
    step(plans, 2).get_by_role("button", name="Naikkan").click()
    plans.get_by_role("button", name="Simpan sebagai versi baru").click()

    expect(plans.locator("[data-plan='']")).to_contain_text("Versi 2")
    [plan] = head.site(code)["plans"]
    found = [(one["key"], one["mandatory"]) for one in plan["steps"]]
    assert found == [("send-a-unit", False), ("call-the-site", True)]


@pytest.fixture
def raced(site, head, code):
    """Somebody has saved a second version while the first one was being changed here."""
    head.put(f"sites/{code}/plans", {"category": "", "version": 0, "steps": [STEP]})
    site.page.reload()
    plans = part(site, "plans")
    plans.locator("summary").click()
    plans.get_by_role("button", name="Ubah rencana").click()
    step(plans, 1).locator("textarea[name=id]").fill("Tulisan saya")
    theirs = STEP | {"id": "Tulisan orang lain"}
    head.put(f"sites/{code}/plans", {"category": "", "version": 1, "steps": [theirs]})
    plans.get_by_role("button", name="Simpan sebagai versi baru").click()
    expect(plans.get_by_role("alert")).to_contain_text("orang lain menyimpan versi 2")
    return plans


def test_a_newer_version_is_told_and_ones_own_words_can_follow_it(raced, head, code):
    expect(step(raced, 1).locator("textarea[name=id]")).to_have_value("Tulisan saya")
    assert head.site(code)["plans"][0]["steps"][0]["id"] == "Tulisan orang lain"

    raced.get_by_role("button", name="Simpan tulisan saya").click()

    expect(raced.locator("[data-plan='']")).to_contain_text("Versi 3")
    assert head.site(code)["plans"][0]["steps"][0]["id"] == "Tulisan saya"


def test_a_newer_version_can_be_taken_instead(raced):
    raced.get_by_role("button", name="Buang tulisan saya").click()
    expect(step(raced, 1).locator("textarea[name=id]")).to_have_value("Tulisan orang lain")
    expect(raced.get_by_role("alert")).to_have_count(0)


def test_a_plan_without_steps_is_withdrawn(site, head, code):
    head.put(f"sites/{code}/plans", {"category": "", "version": 0, "steps": [STEP]})
    site.page.reload()
    plans = part(site, "plans")
    plans.locator("summary").click()
    plans.get_by_role("button", name="Ubah rencana").click()
    step(plans, 1).get_by_role("button", name="Hapus").click()
    plans.get_by_role("button", name="Cabut rencana ini").click()
    expect(plans.locator("[data-plan='']")).to_contain_text("Versi 2")
    plans.locator("summary").click()
    expect(plans).to_contain_text("Dicabut")


# --- the plan picture -------------------------------------------------------------------------------


def test_a_picture_is_uploaded_and_a_post_put_on_it_by_keys(sites, head):
    screen = opened(sites, "coop")
    picture = part(screen, "picture")
    file = FilePayload(name="denah.png", mimeType="image/png", buffer=PICTURE)
    picture.locator("input[type=file]").set_input_files(file)
    expect(picture.locator("svg")).to_be_visible()

    picture.get_by_role("button", name="Taruh Pos jaga di denah").press("Enter")
    mark = picture.locator("[data-post='Pos jaga']")
    mark.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowUp"):
        screen.page.keyboard.press(key)
    expect(mark).to_be_focused()
    expect(mark).to_have_attribute("aria-label", "Pos jaga: 555 ‰ dari kiri, 495 ‰ dari atas")
    picture.get_by_role("button", name="Simpan letak pos").click()

    saved(screen)
    expect(picture.locator("[data-listed='Pos jaga']")).to_contain_text("555 ‰ dari kiri")
    put = {"Pos jaga": {"x": 555, "y": 495}, "Meja kasir": None}
    screen.until(lambda: {post["name"]: post["spot"] for post in head.site("coop")["fitted"]} == put)
    picture.get_by_role("button", name="Hapus denah").click()
    expect(picture).to_contain_text("Belum ada denah")


def test_a_post_is_dragged(fitted):
    picture = part(fitted, "picture")
    picture.get_by_role("button", name="Taruh Meja kasir di denah").click()
    mark = picture.locator("[data-post='Meja kasir']")
    frame = picture.locator("svg image").bounding_box()  # narrower than the frame that it stands in
    assert frame is not None
    mark.locator("circle").hover()
    fitted.page.mouse.down()
    fitted.page.mouse.move(frame["x"] + frame["width"] / 4, frame["y"] + frame["height"] / 4, steps=3)
    fitted.page.mouse.up()
    fitted.page.mouse.move(0, 0)
    expect(mark).to_have_attribute("aria-label", "Meja kasir: 250 ‰ dari kiri, 250 ‰ dari atas")


def test_what_is_no_picture_is_told(fitted):
    picture = part(fitted, "picture")
    file = FilePayload(name="denah.png", mimeType="image/png", buffer=b"no picture at all")
    picture.locator("input[type=file]").set_input_files(file)
    expect(picture.get_by_role("alert")).to_be_visible()
    expect(picture.locator("svg")).to_be_visible()


@pytest.mark.usefixtures("pictured")
def test_an_incident_shows_where_in_the_building_it_rings(screen, head, cooperative):
    spots = [{"post": "Meja kasir", "x": 200, "y": 300}, {"post": "Pos jaga", "x": 700, "y": 600}]
    head.put("sites/coop/spots", {"spots": spots})
    cooperative.press("Meja kasir")
    plan = part(screen, "site-plan")
    expect(plan.locator("[data-post='Meja kasir']")).to_have_attribute("data-look", "ringing")
    expect(plan.locator("[data-post='Meja kasir']")).to_contain_text("BERBUNYI")
    expect(plan.locator("[data-post='Pos jaga']")).to_have_attribute("data-look", "post")

    screen.read()
    screen.key("a")

    expect(plan.locator("[data-post='Meja kasir']")).to_have_attribute("data-look", "pressed")


# --- who may ----------------------------------------------------------------------------------------


def test_an_operator_reads_a_site_and_changes_nothing(signed_in, code):
    screen = opened(signed_in, code)
    expect(part(screen, "facts").locator("input[name=address]")).to_have_value("Jl. Lama 1")
    expect(screen.page.locator("main button:not(.map button)")).to_have_count(0)
    expect(screen.page.locator("main input:not([readonly])")).to_have_count(0)


def test_agencies_are_added_and_changed(sites, head):
    sites.go("agencies")
    page = sites.page
    page.locator("input[name=code]").fill("damkar")
    page.locator("input[name=name]").fill("Damkar Contoh")
    page.locator("select[name=kind]").select_option("fire")
    page.get_by_role("button", name="Simpan").click()
    row = page.locator("[data-agency=damkar]")
    expect(row).to_contain_text("Pemadam kebakaran")
    row.get_by_role("button").click()
    page.locator("input[name=name]").fill("Pemadam Contoh")
    page.get_by_role("button", name="Simpan").click()
    expect(row).to_contain_text("Pemadam Contoh")


# --- accessible in every look -------------------------------------------------------------------------


def test_axe_finds_nothing_on_the_register(browser, centre, head, code):
    head.put(f"sites/{code}/plans", {"category": "", "version": 0, "steps": [STEP]})
    person = {"name": "Budi", "role": "Kepala", "number": "+628120000001", "hours": None}
    head.put("sites/coop/contacts", {"contacts": [person]})
    head.put_picture("coop", PICTURE)
    head.put("sites/coop/spots", {"spots": [{"post": "Pos jaga", "x": 500, "y": 500}]})
    for language, scheme in LOOKS:
        context = in_look(browser, language, scheme)
        context.add_cookies(head.cookies)
        screen = Screen(context, centre.url)
        for name in ("sites", "plans", "agencies"):
            screen.go(name)
            screen.page.locator("[data-site], [data-part=plans], form").first.wait_for()
            assert findings(screen.page) == "", (language, scheme, name)
        opened(screen, "coop").page.locator("[data-post='Pos jaga']").wait_for()
        assert findings(screen.page) == "", (language, scheme, "coop")
        plans = part(opened(screen, code), "plans")
        plans.locator("summary").click()
        plans.locator("details button").click()
        step(plans, 1).wait_for()
        assert findings(screen.page) == "", (language, scheme, "plan")
        context.close()
    head.remove_picture("coop")
    head.put("sites/coop/contacts", {"contacts": []})
