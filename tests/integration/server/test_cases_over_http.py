"""Plans, calls back, pass-phrases, pictures and the register over a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kentongan_server.domain.picture import BYTES_MAX
from kentongan_server.domain.shipped_plans import SHIPPED
from tests.support.centre_rig import CentreRig, SmallGateway, SmallSite
from tests.support.operators import code_of, log_in, seen_of
from tests.support.pictures import jpeg, png, webp

pytestmark = pytest.mark.both_engines

FALSE = {"outcome": "false", "cause": "pressed-by-mistake"}
PHRASE, DURESS = "Nasi goreng kampung", "Nasi goreng seafood"
ANI = {"name": "Ani", "role": "manajer", "number": "+6281234567890"}


async def ring(gateway: SmallGateway, bank: SmallSite, operator: httpx.AsyncClient) -> dict[str, Any]:
    body = bank.buttons[0].body()
    await gateway.carry(bank.buttons[0].attempt(body))
    await gateway.receipt(bank.buttons[0], body)
    (listed,) = (await operator.get("/api/incidents")).json()["incidents"]
    return await ok(operator.get(f"/api/incidents/{listed['id']}"))


async def ok(answer: Any) -> dict[str, Any]:
    found = await answer
    assert found.status_code == 200, found.text
    told: dict[str, Any] = found.json()
    return told


async def newest_line(rig: CentreRig, operator: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """Of a case's time line, when everything has its place in the history."""
    await rig.history_is_placed()
    line: dict[str, Any] = (await ok(operator.get(url)))["timeline"][-1]
    return line


async def as_admin(anybody: httpx.AsyncClient) -> httpx.AsyncClient:
    assert (await log_in(anybody, "budi")).is_success
    return anybody


async def test_from_the_plan_over_the_call_back_to_closed(
    operator: httpx.AsyncClient, anybody: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite, rig: CentreRig
) -> None:
    admin = await as_admin(anybody)
    night = {"name": "Edi", "number": "+6281234567891", "hours": [[day, 0, 1] for day in range(1, 8)]}
    await ok(admin.put("/api/sites/bank/contacts", json={"contacts": [night, ANI]}))
    await ok(admin.put("/api/sites/bank/pass-phrase", json={"phrase": PHRASE, "duress": DURESS}))
    incident = await ring(gateway, bank, operator)
    url = f"/api/incidents/{incident['id']}"
    assert incident["plan"] is None
    assert [one["name"] for one in incident["contacts"] if one["now"]][:1] in (["Ani"], ["Edi"])
    ani = next(one for one in incident["contacts"] if one["name"] == "Ani")
    assert (ani["now"], ani["hours"], ani["number"]) == (True, None, "+6281234567890")

    taken = await ok(operator.post(f"{url}/acknowledge", json=seen_of(incident)))
    steps = taken["plan"]["steps"]
    assert [one["key"] for one in steps] == [one.key for one in SHIPPED["hold-up"]]
    assert steps[0]["id"].startswith("JANGAN menelepon lokasi")
    assert steps[0]["done_by"] is None
    refused = await operator.post(f"{url}/close", json=seen_of(taken) | FALSE)
    assert (refused.status_code, code_of(refused)) == (409, "unfinished")

    for one in steps:
        body = {"step": one["key"]} | ({} if one["key"] == "send-unit" else {"left_out": "alarm salah"})
        shown = await ok(operator.post(f"{url}/step", json=body))
    done = {one["key"]: (one["done_by"], one["left_out"]) for one in shown["plan"]["steps"]}
    assert done["send-unit"] == ("sari", None)
    assert done["do-not-call-site"] == ("sari", "alarm salah")

    called = {"contact": ani["id"], "result": "reached", "text": "katanya salah tekan"}
    await ok(operator.post(f"{url}/called", json=called))
    line = await newest_line(rig, operator, url)
    assert (line["what"], line["who"], line["words"]) == ("called", "sari", "katanya salah tekan")
    assert line["facts"] == {"contact": ani["id"], "result": "reached"}
    checked = await ok(operator.post(f"{url}/pass-phrase", json={"said": " nasi GORENG kampung"}))
    assert checked["said"] == "right"
    assert (await newest_line(rig, operator, url))["facts"] == {"result": "right"}
    assert PHRASE not in str(checked)
    closed = await ok(operator.post(f"{url}/close", json=seen_of(checked) | FALSE))
    assert closed["state"] == "closed"
    late = await operator.post(f"{url}/step", json={"step": "send-unit"})
    assert (late.status_code, code_of(late)) == (409, "conflict")


async def test_duress_rings_and_goes_first(
    operator: httpx.AsyncClient, anybody: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite
) -> None:
    await ok((await as_admin(anybody)).put("/api/sites/bank/pass-phrase", json={"phrase": PHRASE, "duress": DURESS}))
    incident = await ring(gateway, bank, operator)
    url = f"/api/incidents/{incident['id']}"
    await ok(operator.post(f"{url}/acknowledge", json=seen_of(incident)))
    checked = await ok(operator.post(f"{url}/pass-phrase", json={"said": DURESS}))
    told = (checked["said"], checked["category"], checked["priority"], checked["ringing"], checked["reminding"])
    assert told == ("duress", "duress", 1, True, True)


async def test_what_is_not_there_is_told(operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite) -> None:
    incident = await ring(gateway, bank, operator)
    url = f"/api/incidents/{incident['id']}"
    nothing = {"step": {"step": "x"}, "called": {"contact": 9, "result": "reached"}, "pass-phrase": {"said": "x"}}
    for path, body in nothing.items():
        answer = await operator.post(f"{url}/{path}", json=body)
        assert (answer.status_code, code_of(answer)) == (404, "not-found"), path
    for path, body in (("step", {"step": "x", "left_out": ""}), ("called", {"contact": 9, "result": "perhaps"})):
        answer = await operator.post(f"{url}/{path}", json=body)
        assert (answer.status_code, code_of(answer)) == (422, "invalid"), path


async def test_a_site_is_enrolled_changed_and_shown_without_its_phrase(
    anybody: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    admin = await as_admin(anybody)
    site = {"name": 'Toko "Emas" 💍', "zone": "Asia/Jakarta", "place": {"latitude": -7.75, "longitude": 113.21}}
    made = await ok(admin.put("/api/sites/toko", json=site))
    assert (made["place"], made["address"], made["pass_phrase"]) == (site["place"], "", None)
    await ok(admin.put("/api/sites/toko/pass-phrase", json={"phrase": PHRASE}))
    shown = await ok(operator.get("/api/sites/toko"))
    assert shown["pass_phrase"]["changed_by"] == "budi"
    assert not shown["pass_phrase"]["has_duress"]
    assert PHRASE not in str(shown)
    changed = await ok(admin.put("/api/sites/toko", json=site | {"place": None, "address": "Jl. 1"}))
    assert (changed["place"], changed["address"], changed["has_pass_phrase"]) == (None, "Jl. 1", True)
    listed = await ok(operator.get("/api/sites"))
    assert [(one["code"], one["posts"]) for one in listed["sites"]] == [("bank", 2), ("toko", 0)]
    for wrong, told in (({"zone": "Nowhere"}, "time zone"), ({"place": {"latitude": 91, "longitude": 0}}, "latitude")):
        answer = await admin.put("/api/sites/toko", json=site | wrong)
        assert (answer.status_code, told in answer.text) == (422, True)
    assert (await operator.get("/api/sites/nowhere")).status_code == 404


async def test_operators_change_nothing_of_the_register(operator: httpx.AsyncClient) -> None:
    for path, body in (("sites/bank", {"name": "x", "zone": "UTC"}), ("plans", {"version": 0, "steps": []})):
        answer = await operator.put(f"/api/{path}", json=body)
        assert (answer.status_code, code_of(answer)) == (403, "forbidden")


async def test_plans_have_versions_and_a_stale_screen_is_told(anybody: httpx.AsyncClient) -> None:
    admin = await as_admin(anybody)
    step = {"key": "look", "id": "Lihat.", "en": "Look.", "mandatory": True}
    first = await ok(admin.put("/api/sites/bank/plans", json={"category": "fire", "version": 0, "steps": [step]}))
    assert [(one["category"], one["version"]) for one in first["plans"]] == [("fire", 1)]
    stale = await admin.put("/api/sites/bank/plans", json={"category": "fire", "version": 0, "steps": []})
    assert (stale.status_code, code_of(stale)) == (409, "stale")
    gone = await ok(admin.put("/api/sites/bank/plans", json={"category": "fire", "version": 1, "steps": []}))
    assert (gone["plans"][0]["version"], gone["plans"][0]["steps"]) == (2, [])
    city = await ok(admin.get("/api/plans"))
    assert {one["category"] for one in city["plans"]} == set(map(str, SHIPPED))
    wrong = {"category": "flood", "version": 0, "steps": [step]}
    assert (await admin.put("/api/plans", json=wrong)).status_code == 422
    again = {"category": "fire", "version": 2, "steps": [step, step]}
    assert "already" in (await admin.put("/api/sites/bank/plans", json=again)).text


PICTURES = {"png": png(30, 20), "jpeg": jpeg(30, 20), "webp": webp(b"VP8X", 30, 20)}


@pytest.mark.parametrize("kind", PICTURES)
async def test_a_picture_is_served_as_what_it_is(
    anybody: httpx.AsyncClient, operator: httpx.AsyncClient, kind: str
) -> None:
    admin, data = await as_admin(anybody), PICTURES[kind]
    claimed = {"Content-Type": "text/html"}
    shown = await ok(admin.put("/api/sites/bank/picture", content=data, headers=claimed))
    told = shown["picture"]
    assert (told["media_type"], told["width"], told["height"]) == (f"image/{kind}", 30, 20)
    served = await operator.get("/api/sites/bank/picture")
    assert served.content == data
    assert served.headers["content-type"] == f"image/{kind}"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["cache-control"] == "private, no-cache"
    tag = served.headers["etag"]
    assert (await operator.get("/api/sites/bank/picture", headers={"If-None-Match": tag})).status_code == 304
    await ok(admin.put("/api/sites/bank/picture", content=png(2, 2)))
    assert (await operator.get("/api/sites/bank/picture", headers={"If-None-Match": tag})).status_code == 200
    await ok(admin.delete("/api/sites/bank/picture"))
    assert (await operator.get("/api/sites/bank/picture")).status_code == 404


async def test_what_is_no_picture_or_too_large_is_not_kept(
    anybody: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    refused = await operator.put("/api/sites/bank/picture", content=png())
    assert (refused.status_code, code_of(refused)) == (403, "forbidden")
    admin = await as_admin(anybody)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    for data in (svg, b"", png(5_000, 1)):
        answer = await admin.put("/api/sites/bank/picture", content=data)
        assert (answer.status_code, code_of(answer)) == (422, "invalid")
    answer = await admin.put("/api/sites/bank/picture", content=png() + bytes(BYTES_MAX))
    assert (answer.status_code, code_of(answer)) == (413, "too-large")
    await ok(admin.put("/api/sites/bank/picture", content=png() + bytes(BYTES_MAX - len(png()))))
    assert (await admin.put("/api/sites/nowhere/picture", content=png())).status_code == 404


async def test_posts_have_their_spots_on_the_picture(anybody: httpx.AsyncClient) -> None:
    admin = await as_admin(anybody)
    spots = {"spots": [{"post": "Desk 1", "x": 0, "y": 1000}]}
    shown = await ok(admin.put("/api/sites/bank/spots", json=spots))
    found = {one["name"]: one["spot"] for one in shown["fitted"]}
    assert found == {"Desk 1": {"x": 0, "y": 1000}, "Desk 2": None}
    shown = await ok(admin.put("/api/sites/bank/spots", json={"spots": []}))
    assert [one["spot"] for one in shown["fitted"]] == [None, None]
    answer = await admin.put("/api/sites/bank/spots", json={"spots": [{"post": "Attic", "x": 1, "y": 1}]})
    assert answer.status_code == 404


async def test_agencies(anybody: httpx.AsyncClient) -> None:
    admin = await as_admin(anybody)
    made = await ok(admin.put("/api/agencies/bpbd", json={"name": "BPBD", "kind": "disaster"}))
    assert made == {"agencies": [{"code": "bpbd", "name": "BPBD", "kind": "disaster"}]}
    assert (await admin.put("/api/agencies/B P", json={"name": "x", "kind": "fire"})).status_code == 422
    assert (await admin.put("/api/agencies/x", json={"name": "x", "kind": "navy"})).status_code == 422
