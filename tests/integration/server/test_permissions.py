"""Who may do what: the table walked, each role on each route, also with what is another agency's or site's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from kentongan_server.adapters import register
from kentongan_server.api.permissions import FILTERED, GUARDED, PERMISSIONS, PUBLIC
from kentongan_server.application.troubles import raise_trouble
from kentongan_server.domain.roles import Reach, Role
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.service import CentreService
from tests.support.centre_rig import CentreRig, SmallSite, now_ms
from tests.support.operators import log_in
from tests.support.people import add_agency, add_incident, browser_of, change_incident

BOUND: dict[Role, dict[str, Any]] = {
    Role.AGENCY_DESK: {"agency": "polres"},
    Role.UNIT: {"agency": "polres"},
    Role.PARTNER: {"sites": ("bank",)},
}
NOWHERE = {
    "incident": "999", "trouble": "999", "device": "00000001", "user": "999", "session_id": "none", "passkey": "999",
    "code": "nowhere", "agency": "nowhere", "hand_over": "999", "drill": "999",
}  # fmt: skip
# What a route takes for the same number, and whoever looks up by digits might let through.
SPELLED = ("+{}", "%20{}", "{}.0", "0000000000000000000{}")
# They have tests of their own: a stream never ends, a log-out ends the walk.
LAST = {("GET", "/api/stream"), ("POST", "/api/logout")}


def routes_of(centre: CentreService) -> set[tuple[str, str]]:
    """(method, path template) of every route, however deep it was included."""

    def walk(routes: Any) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for route in routes:
            if isinstance(route, APIRoute | Route):
                found |= {(method, route.path) for method in (route.methods or set()) - {"HEAD"}}
            elif hasattr(route, "original_router"):
                found |= walk(route.original_router.routes)
            else:
                assert isinstance(route, Mount)
                assert (route.path, route.name) == ("", "console")
        return found

    return walk(centre.app().routes)


@pytest.fixture
def agencies(rig: CentreRig) -> None:
    add_agency(rig, "polres")
    add_agency(rig, "damkar")


async def status(client: httpx.AsyncClient, method: str, path: str, **names: str) -> int:
    answer = await client.request(method, path.format(**NOWHERE | names), json=None if method == "GET" else {})
    return answer.status_code


async def test_every_route_is_in_the_table_and_nothing_else(centre: CentreService) -> None:
    assert routes_of(centre) == set(PERMISSIONS)


def test_whoever_does_not_see_everything_is_held_to_it_on_every_route() -> None:
    """By an object in the path, by the route's own filter, or because it is only about themselves."""
    for (method, path), rule in PERMISSIONS.items():
        narrow = {far for far in rule.values() if far not in (Reach.ALL, Reach.OWN)}
        guarded = any(f"{{{name}}}" in path for name in GUARDED)
        assert not narrow or guarded or (method, path) in FILTERED, (method, path)


async def test_without_a_session_only_the_public_routes_answer(
    anybody: httpx.AsyncClient, centre: CentreService
) -> None:
    for (method, path), rule in sorted(PERMISSIONS.items()):
        found = await status(anybody, method, path)
        assert (found not in {401, 403}) == (rule is PUBLIC) or path.endswith("/login"), (method, path, found)


@pytest.mark.parametrize("path", ["/metrics", "/api/stream", "/api/map", "/map/city.pmtiles", "/api/users"])
@pytest.mark.parametrize("host", ["centre/healthz?", "centre/api/login#", "centre/api/me?"])
async def test_no_host_header_makes_a_route_another(anybody: httpx.AsyncClient, path: str, host: str) -> None:
    """The address of a request as a URL is made of it, and would begin with the path of a public route."""
    async with anybody.stream("GET", path, headers={"Host": host}) as answer:
        assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/api/stream", "/api/map", "/api/users"])
async def test_a_one_time_password_opens_nothing_by_a_host_header(
    address: str, anybody: httpx.AsyncClient, rig: CentreRig, path: str
) -> None:
    await log_in(anybody, "admin", rig.admin_password)
    async with anybody.stream("GET", path, headers={"Host": "centre/api/me?"}) as answer:
        assert answer.status_code == 403


@pytest.mark.parametrize("role", Role)
async def test_each_role_reaches_exactly_what_the_table_says(
    address: str, rig: CentreRig, agencies: None, role: Role
) -> None:
    async with browser_of(rig, address, "somebody", role, **BOUND.get(role, {})) as browser:
        for (method, path), rule in sorted(PERMISSIONS.items()):
            if rule is PUBLIC or (method, path) in LAST:
                continue
            found = await status(browser, method, path)
            assert found != 401, (method, path)
            assert (found != 403) == (role in rule), (method, path, found)
        assert await status(browser, "POST", "/api/logout") == 204
        assert await status(browser, "GET", "/api/me") == 401


@pytest.fixture
async def desks(address: str, rig: CentreRig, agencies: None) -> AsyncIterator[dict[Role, httpx.AsyncClient]]:
    async with AsyncExitStack() as stack:
        yield {
            role: await stack.enter_async_context(browser_of(rig, address, f"one {role}", role, **bound))
            for role, bound in BOUND.items()
        }


def narrow_routes(role: Role, name: str) -> list[tuple[str, str]]:
    """The routes with this name in the path where this role sees a part."""
    return [
        (method, path)
        for (method, path), rule in sorted(PERMISSIONS.items())
        if f"{{{name}}}" in path and rule.get(role, Reach.ALL) is not Reach.ALL
    ]


@pytest.mark.both_engines
async def test_what_is_anothers_looks_like_what_is_not_there(
    desks: dict[Role, httpx.AsyncClient], rig: CentreRig, bank: SmallSite
) -> None:
    rig.add_site("shop", buttons=0)
    theirs = {
        Role.AGENCY_DESK: add_incident(rig, "bank", agency="damkar"),
        Role.PARTNER: add_incident(rig, "shop", "closed", outcome="real"),
        Role.UNIT: add_incident(rig, "bank", agency="polres"),
    }
    for role, incident in theirs.items():
        routes = narrow_routes(role, "incident")
        assert routes, role
        for method, path in routes:
            told = []
            for one in (incident, 424242, *(spelled.format(incident) for spelled in SPELLED)):
                answer = await desks[role].request(method, path.format(incident=one), json={})
                told.append((answer.status_code, answer.text.replace(unquote(str(one)), "N")))
            assert set(told) == {told[0]}, (role, method, path)
            assert told[0][0] == 404, (role, method, path)


@pytest.mark.both_engines
async def test_an_agency_desk_has_its_own_incidents_and_those_it_is_sent_to(
    desks: dict[Role, httpx.AsyncClient], rig: CentreRig, bank: SmallSite
) -> None:
    desk = desks[Role.AGENCY_DESK]
    own = add_incident(rig, "bank", agency="polres")
    sent = add_incident(rig, "bank", "dispatched", agency="damkar", dispatched_to="polres")
    add_incident(rig, "bank", agency="damkar")
    add_incident(rig, "bank")
    listed = (await desk.get("/api/incidents")).json()
    assert [one["id"] for one in listed["incidents"]] == [own, sent]
    assert listed["position"] == 0
    for incident in (own, sent):
        assert (await desk.get(f"/api/incidents/{incident}")).json()["id"] == incident
        for method, path in narrow_routes(Role.AGENCY_DESK, "incident"):
            assert await status(desk, method, path, incident=str(incident)) != 404, path
    assert (await desk.get("/api/sites/bank")).status_code == 200
    change_incident(rig, own, state="closed", outcome="real")
    change_incident(rig, sent, dispatched_to=None)
    assert (await desk.get("/api/sites/bank")).status_code == 404, "nobody needs them there any more"


@pytest.mark.both_engines
async def test_a_partner_learns_that_there_was_one_when_it_is_over_and_nothing_before(
    desks: dict[Role, httpx.AsyncClient], rig: CentreRig, bank: SmallSite
) -> None:
    partner = desks[Role.PARTNER]
    live = {state: add_incident(rig, "bank", state) for state in ("new", "acknowledged", "on-scene", "reopened")}
    live["parked"] = add_incident(rig, "bank", "parked", parked_until_ms=now_ms() + 60_000)
    goes_on = add_incident(rig, "bank", "closed", outcome="merged", merged_into=live["acknowledged"])
    over = add_incident(
        rig, "bank", "closed", outcome="real", cause="robbery", owner="sari", note="Dua orang.", closed_at_ms=now_ms()
    )
    assert (await partner.get("/api/incidents")).json() == {"position": 0, "incidents": []}
    closed = (await partner.get("/api/incidents", params={"state": "closed"})).json()
    assert closed["position"] == 0
    (told,) = closed["incidents"]
    assert (told["id"], told["outcome"], told["cause"]) == (over, "real", "robbery")
    assert (told["owner"], told["note"], told["alarms"], told["calls"]) == (None, None, [], [])
    alone = (await partner.get(f"/api/incidents/{over}")).json()
    assert (alone["timeline"], alone["note"], alone["owner"]) == ([], None, None)
    for incident in (*live.values(), goes_on):
        assert (await partner.get(f"/api/incidents/{incident}")).status_code == 404


@pytest.mark.both_engines
async def test_a_partner_has_its_own_devices_and_troubles_and_none_that_tells_of_a_press(
    desks: dict[Role, httpx.AsyncClient], rig: CentreRig, bank: SmallSite
) -> None:
    shop = rig.add_site("shop", buttons=1)
    with register.writing(rig.state.database) as book:
        for device, kind in (
            (bank.buttons[0].device, TroubleKind.TAMPER),
            (bank.buttons[0].device, TroubleKind.CHATTERING),
            (shop.buttons[0].device, TroubleKind.TAMPER),
            (0, TroubleKind.DISK_LOW),
        ):
            raise_trouble(book, device, kind, now_ms())
    partner = desks[Role.PARTNER]
    troubles = (await partner.get("/api/troubles")).json()
    assert [(one["kind"], one["site"]["code"]) for one in troubles["troubles"]] == [("tamper", "bank")]
    devices = (await partner.get("/api/devices")).json()
    assert {one["site"]["code"] for one in devices["devices"]} == {"bank"}
    assert {one["undelivered"] for one in devices["devices"]} == {None}
    assert (troubles["position"], devices["position"]) == (0, 0)


@pytest.mark.both_engines
async def test_a_technician_has_all_troubles_and_no_incident(address: str, rig: CentreRig, bank: SmallSite) -> None:
    incident = add_incident(rig, "bank")
    with register.writing(rig.state.database) as book:
        trouble = raise_trouble(book, bank.buttons[0].device, TroubleKind.CHATTERING, now_ms())
    async with browser_of(rig, address, "tono", "technician") as technician:
        assert len((await technician.get("/api/troubles")).json()["troubles"]) == 1
        assert (await technician.post(f"/api/troubles/{trouble}/take", json={})).json()["owner"] == "tono"
        assert (await technician.get("/api/incidents")).status_code == 403
        assert (await technician.get(f"/api/incidents/{incident}")).status_code == 403


async def test_an_auditor_changes_nothing(address: str, rig: CentreRig, agencies: None) -> None:
    own = {"/api/logout", "/api/password", "/api/passkeys", "/api/passkeys/begin"}
    own |= {"/api/passkeys/{passkey}/remove", "/api/sessions/{session_id}/end"}
    changing = {
        path
        for (method, path), rule in PERMISSIONS.items()
        if method != "GET" and rule is not PUBLIC and Role.AUDITOR in rule
    }
    assert changing <= own
