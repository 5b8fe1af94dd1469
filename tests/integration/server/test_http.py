"""The HTTP interface over a real socket: log-in, permissions, CSRF, headers, operating, and what the pages list."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from kentongan_server.adapters.store import reader
from kentongan_server.api import protection, sites
from kentongan_server.api.access import COOKIE, CSRF_HEADER
from kentongan_server.api.bodies import ID_MAX
from kentongan_server.api.pages import IMMUTABLE
from kentongan_server.api.protection import BODY_MAX, HEADERS
from kentongan_server.domain.trouble import DEADLINE_MS, TroubleKind
from kentongan_server.service import CentreService
from kentongan_wire.supervision import BUTTON_TAMPER
from tests.support.centre_http import http_client, until_health
from tests.support.centre_rig import PASSWORD, PATIENCE_S, CentreRig, SmallGateway, SmallSite, until
from tests.support.operators import code_of, finish_plan, log_in, seen_of
from tests.support.presses import spoilt

pytestmark = pytest.mark.both_engines

SEEN = {"version": 1}
FALSE = {"outcome": "false", "cause": "pressed-by-mistake"}

# --- who may what: test_permissions.py walks the table ------------------------------------------


@pytest.mark.parametrize("path", ["/api/stream", "/api/stream?after=0"])
async def test_the_stream_is_for_those_who_are_logged_in(anybody: httpx.AsyncClient, path: str) -> None:
    answer = await anybody.get(path)
    assert (answer.status_code, code_of(answer)) == (401, "login-required")


async def test_a_change_needs_the_sessions_own_token(operator: httpx.AsyncClient, address: str) -> None:
    async with http_client(address) as other:
        foreign = (await log_in(other, "budi")).json()["csrf"]
    for headers in ({CSRF_HEADER: ""}, {CSRF_HEADER: foreign}, {CSRF_HEADER: "x" * 5_000}):
        answer = await operator.post("/api/incidents/1/acknowledge", json=SEEN, headers=headers)
        assert (answer.status_code, code_of(answer)) == (403, "csrf")
    assert (await operator.post("/api/incidents/1/acknowledge", json=SEEN)).status_code == 404


FROM_ANOTHER_SITE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
)


async def test_a_request_from_another_site_changes_nothing(
    operator: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    for headers in FROM_ANOTHER_SITE:
        answer = await operator.post("/api/logout", headers=headers)
        assert (answer.status_code, code_of(answer)) == (403, "csrf"), headers
        assert (await operator.get("/api/me")).is_success
        body = {"name": "sari", "password": PASSWORD}
        answer = await anybody.post("/api/login", json=body, headers=headers)
        told = (answer.status_code, code_of(answer))
        assert told == (403, "csrf"), f"nobody is logged in as somebody else, either: {headers}"


async def test_a_request_from_our_own_page_is_let_through(operator: httpx.AsyncClient, address: str) -> None:
    for headers in ({"Origin": address}, {"Sec-Fetch-Site": "same-origin", "Origin": address}):
        assert (await operator.post("/api/incidents/1/acknowledge", json=SEEN, headers=headers)).status_code == 404


# --- operating ------------------------------------------------------------------------------------


async def ring(gateway: SmallGateway, bank: SmallSite) -> None:
    body = bank.buttons[0].body()
    await gateway.carry(bank.buttons[0].attempt(body))
    await gateway.receipt(bank.buttons[0], body)


async def test_from_ringing_to_closed(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite, rig: CentreRig
) -> None:
    await ring(gateway, bank)
    await rig.history_is_placed()
    listed = (await operator.get("/api/incidents", params={"state": "open"})).json()
    (incident,) = listed["incidents"]
    assert listed["position"] > 0
    assert incident["site"] == {"code": "bank", "name": "Site bank", "address": "Jl. Panglima Sudirman 1"}
    (alarm,) = incident["alarms"]
    assert (alarm["post"], alarm["kind"], alarm["level"]) == (
        {"name": "Desk 1", "variant": "desk"},
        "hold-up",
        "received",
    )

    refused = await operator.post(f"/api/incidents/{incident['id']}/close", json=seen_of(incident) | FALSE)
    assert (refused.status_code, code_of(refused)) == (409, "ringing")
    taken = await operator.post(f"/api/incidents/{incident['id']}/acknowledge", json=seen_of(incident))
    assert (taken.json()["state"], taken.json()["owner"], taken.json()["ringing"]) == ("acknowledged", "sari", False)
    await finish_plan(operator, incident["id"])
    real = seen_of(incident) | {"outcome": "real", "cause": "robbery", "note": "Dua orang ditangkap."}
    closed = await operator.post(f"/api/incidents/{incident['id']}/close", json=real)
    assert (closed.json()["state"], closed.json()["note"]) == ("closed", "Dua orang ditangkap.")
    again = await operator.post(f"/api/incidents/{incident['id']}/close", json=real)
    assert (again.status_code, code_of(again)) == (409, "conflict")

    assert (await operator.get("/api/incidents")).json()["incidents"] == []
    (done,) = (await operator.get("/api/incidents", params={"state": "closed"})).json()["incidents"]
    assert (done["outcome"], done["alarms"][0]["level"]) == ("real", "closed")
    await rig.history_is_placed()
    alone = (await operator.get(f"/api/incidents/{incident['id']}")).json()
    assert [(one["what"], one["who"], one["detail"]) for one in alone["timeline"] if one["what"] != "step"] == [
        ("opened", None, None),
        ("acknowledged", "sari", None),
        ("closed", "sari", "real"),
    ]


async def test_the_time_line_says_how_many_alarms_an_answer_left(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite, rig: CentreRig
) -> None:
    await ring(gateway, bank)
    (seen,) = (await operator.get("/api/incidents")).json()["incidents"]
    await ring(gateway, bank)
    taken = (await operator.post(f"/api/incidents/{seen['id']}/acknowledge", json=seen_of(seen))).json()
    assert taken["ringing"]
    await rig.history_is_placed()
    alone = (await operator.get(f"/api/incidents/{seen['id']}")).json()
    assert [one["detail"] for one in alone["timeline"] if one["what"] == "acknowledged"] == ["1"]


NO_SENSE: tuple[tuple[str, Any], ...] = (
    ("acknowledge", {}),
    ("acknowledge", {"version": "all"}),
    ("acknowledge", {"version": 2**31}),
    ("acknowledge", {"version": 2**63}),
    ("acknowledge", {"version": 1, "as": "root"}),
    ("close", {}),
    ("close", SEEN | {"outcome": "boring", "cause": "boring"}),
    ("close", SEEN | {"outcome": "real"}),
    ("close", SEEN | {"outcome": "real", "cause": "robbery", "note": "x" * 4_001}),
    ("note", {"text": ""}),
    ("park", SEEN | {"until_ms": "later"}),
    ("split", SEEN | {"device": "nobody"}),
)


async def test_bodies_that_make_no_sense_are_told(operator: httpx.AsyncClient) -> None:
    for path, body in NO_SENSE:
        answer = await operator.post(f"/api/incidents/1/{path}", json=body)
        assert (answer.status_code, code_of(answer)) == (422, "invalid"), (path, body)


async def test_a_number_that_a_store_cannot_hold_is_refused_in_words(operator: httpx.AsyncClient) -> None:
    for number in (ID_MAX + 1, 2**63, 2**64, -1):
        answer = await operator.get(f"/api/incidents/{number}")
        assert (answer.status_code, code_of(answer)) == (422, "invalid"), number
        merged = await operator.post("/api/incidents/1/merge", json=SEEN | {"into": number})
        assert (merged.status_code, code_of(merged)) == (422, "invalid"), number
    assert (await operator.get(f"/api/incidents/{ID_MAX}")).status_code == 404


async def test_closed_incidents_are_found_by_site_and_time(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite
) -> None:
    await ring(gateway, bank)
    (incident,) = (await operator.get("/api/incidents")).json()["incidents"]
    await operator.post(f"/api/incidents/{incident['id']}/acknowledge", json=seen_of(incident))
    await finish_plan(operator, incident["id"])
    closed = await operator.post(f"/api/incidents/{incident['id']}/close", json=seen_of(incident) | FALSE)
    at_ms = closed.json()["closed_at_ms"]

    async def found(**which: Any) -> int:
        answer = await operator.get("/api/incidents", params={"state": "closed", **which})
        return len(answer.json()["incidents"])

    assert [await found(), await found(site="bank"), await found(from_ms=at_ms)] == [1, 1, 1]
    assert [await found(site="toko"), await found(to_ms=at_ms), await found(before=incident["id"])] == [0, 0, 0]
    unknown = await operator.get("/api/incidents", params={"state": "closed", "before": incident["id"] + 1})
    assert (unknown.status_code, code_of(unknown)) == (404, "not-found")
    for wrong in (f"before={incident['id']}", f"state=closed&before={ID_MAX + 1}", "site=bank"):
        answer = await operator.get(f"/api/incidents?{wrong}")
        assert (answer.status_code, code_of(answer)) == (422, "invalid"), wrong


async def test_what_is_not_there_is_told(operator: httpx.AsyncClient) -> None:
    for path in ("/api/incidents/12345", "/api/nothing", "/assets/nothing.js", "/../centre.toml"):
        answer = await operator.get(path)
        assert (answer.status_code, code_of(answer)) == (404, "not-found")
    wrong = await operator.delete("/api/incidents")
    assert (wrong.status_code, code_of(wrong)) == (405, "method-not-allowed")


async def test_lists_have_their_documented_shape(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    await gateway.report(button.heartbeat(state=0x0002))
    await gateway.carry(spoilt(button.press()))

    async def told() -> bool:
        counts = (
            len((await centre.views.troubles())["troubles"]),
            len((await centre.views.rejections())["rejections"]),
        )
        return counts == (1, 1)

    await until(centre, told)
    await centre.supervise.save()
    (trouble,) = (await operator.get("/api/troubles")).json()["troubles"]
    assert trouble.keys() == {
        "id", "kind", "subject", "device", "site", "post", "opened_at_ms", "closed_at_ms", "count", "detail",
        "owner", "taken_at_ms", "deadline_at_ms",
    }  # fmt: skip
    assert (trouble["kind"], trouble["site"]["code"], trouble["post"]["name"]) == ("tamper", "bank", "Desk 1")
    (rejection,) = (await operator.get("/api/rejections")).json()["rejections"]
    assert rejection.keys() >= {
        "id", "reason", "claimed_device", "source", "count", "first_at_ms", "last_at_ms", "detail",
    }  # fmt: skip
    devices = (await operator.get("/api/devices")).json()["devices"]
    assert {one["device"]: one["state"] for one in devices}[button.name] == "alive"
    assert sorted(one["role"] for one in devices) == ["button", "button", "gateway"]


async def test_a_trouble_is_taken_once_and_taken_over_only_when_that_is_meant(
    operator: httpx.AsyncClient, address: str, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    await gateway.report(bank.buttons[0].heartbeat(state=BUTTON_TAMPER))

    async def raised() -> bool:
        return len((await centre.views.troubles())["troubles"]) == 1

    await until(centre, raised)
    (trouble,) = (await operator.get("/api/troubles")).json()["troubles"]
    assert (trouble["owner"], trouble["taken_at_ms"]) == (None, None)
    assert trouble["deadline_at_ms"] == trouble["opened_at_ms"] + DEADLINE_MS[TroubleKind.TAMPER]
    take = f"/api/troubles/{trouble['id']}/take"
    mine = (await operator.post(take, json={})).json()
    assert mine["owner"] == "sari"
    assert mine["taken_at_ms"] >= trouble["opened_at_ms"]
    assert (await operator.post(take, json={})).status_code == 200, "it is theirs already"
    async with http_client(address) as other:
        await log_in(other, "budi")
        refused = await other.post(take, json={})
        assert (refused.status_code, code_of(refused)) == (409, "conflict")
        assert (await other.post(take, json={"over": True})).json()["owner"] == "budi"
        assert (await other.post("/api/troubles/999/take", json={})).status_code == 404
        await gateway.report(bank.buttons[0].heartbeat())

        async def restored() -> bool:
            return (await centre.views.troubles())["troubles"][0]["closed_at_ms"] is not None

        await until(centre, restored)
        assert (await other.post(take, json={"over": True})).status_code == 409, "it has ended"


async def test_a_button_is_asked_by_admins_only_and_only_when_it_was_heard(
    anybody: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite
) -> None:
    await log_in(anybody, "budi")
    button = bank.buttons[0]
    unheard = await anybody.post(f"/api/devices/{button.name}/report-now")
    assert (unheard.status_code, code_of(unheard)) == (409, "not-heard")
    assert (await anybody.post("/api/devices/xyz/report-now")).status_code == 422


# --- browsers -------------------------------------------------------------------------------------


async def test_every_answer_carries_the_protecting_headers(anybody: httpx.AsyncClient) -> None:
    for path in ("/", "/healthz", "/api/me", "/nothing", "/api/openapi.json"):
        answer = await anybody.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, path
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert (await anybody.get("/api/me")).headers["cache-control"] == "no-store"


async def test_without_built_pages_the_command_is_told(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/")
    assert answer.status_code == 503
    assert "make setup-demo" in answer.text


async def test_built_pages_are_served_and_names_with_a_hash_are_kept(
    anybody: httpx.AsyncClient, rig: CentreRig
) -> None:
    web = rig.state.directory / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>console</title>")
    (web / "assets" / "main-ABC.js").write_text("1")
    page = await anybody.get("/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    script = await anybody.get("/assets/main-ABC.js")
    assert (script.status_code, script.headers["cache-control"]) == (200, IMMUTABLE)
    for path in ("/%2e%2e/centre.toml", "/assets/..%2f..%2fseal.key", "/..%5cseal.key"):
        assert (await anybody.get(path)).status_code == 404


async def test_large_bodies_are_refused_unread(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/api/login", content=b"x" * (BODY_MAX + 1))
    assert (answer.status_code, code_of(answer)) == (413, "too-large")


async def test_a_body_that_never_ends_is_given_up(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would hold a file descriptor of the process that takes alarms in."""
    monkeypatch.setattr(protection, "BODY_S", 0.05)
    url = httpx.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /api/login HTTP/1.1\r\nHost: centre\r\nContent-Length: 10\r\n\r\n{")
    async with asyncio.timeout(PATIENCE_S):
        told = await reader.read()  # until the centre closes the connection
    assert told.startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_picture_that_never_ends_is_given_up(
    anybody: httpx.AsyncClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "PICTURE_S", 0.05)
    assert (await log_in(anybody, "budi")).is_success
    url = httpx.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    cookies = "; ".join(f"{name}={value}" for name, value in anybody.cookies.items())
    headers = f"Host: {url.netloc.decode()}\r\nCookie: {cookies}\r\n{CSRF_HEADER}: {anybody.headers[CSRF_HEADER]}\r\n"
    writer.write(f"PUT /api/sites/bank/picture HTTP/1.1\r\n{headers}Content-Length: 10\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE_S):
        told = await reader.read()  # until the centre closes the connection
    assert told.startswith(b"HTTP/1.1 408 ")
    assert b"too-slow" in told
    writer.close()


async def test_health_says_what_works(anybody: httpx.AsyncClient) -> None:
    await until_health(anybody, ok=True, broker=True, store=True, moving=True)


async def test_metrics_count_for_admins_only(
    anybody: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite
) -> None:
    await ring(gateway, bank)
    assert (await anybody.get("/metrics")).status_code == 401, "a count of alarms tells that a button was pressed"
    await log_in(anybody, "sari")
    assert (await anybody.get("/metrics")).status_code == 403, "an operator is no admin"
    await log_in(anybody, "budi")
    text = (await anybody.get("/metrics")).text
    assert "kentongan_alarms_total 1.0" in text
    assert "kentongan_broker_up 1.0" in text
    assert "kentongan_store_seconds_bucket" in text


async def test_lists_of_a_store_that_cannot_be_read_say_so(
    operator: httpx.AsyncClient, centre: CentreService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(centre.views, "_engine", reader(tmp_path / "away.db"))
    answer = await operator.get("/api/incidents")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store")
    assert "cannot be read" in answer.json()["error"]["message"]


async def test_the_interface_describes_itself(anybody: httpx.AsyncClient) -> None:
    described = (await anybody.get("/api/openapi.json")).json()
    assert "/api/incidents/{incident}/acknowledge" in described["paths"]
    assert "IncidentWithTimeline" in described["components"]["schemas"]


async def test_no_secret_is_logged(
    anybody: httpx.AsyncClient, capfd: pytest.CaptureFixture[str], gateway: SmallGateway, bank: SmallSite
) -> None:
    await log_in(anybody, "sari", "a wrong password of sari")
    await log_in(anybody)
    await ring(gateway, bank)
    told = capfd.readouterr()
    for secret in ("a wrong password of sari", PASSWORD, anybody.cookies[COOKIE], anybody.headers[CSRF_HEADER]):
        assert secret not in told.out + told.err


async def test_heartbeats_are_answered_only_while_both_lanes_stand(centre: CentreService) -> None:
    may_answer = centre.supervise._may_answer
    assert may_answer()
    lanes, centre.lanes.by_kind = centre.lanes.by_kind, {}
    assert not may_answer(), "a path on which no alarm could come is not proven"
    centre.lanes.by_kind = lanes
