"""People of the centre: enrolled, changed, taken out; one-time passwords, sessions and their ends."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kentongan_server import cli
from kentongan_server.adapters import passwords, register
from kentongan_server.api.access import COOKIE
from kentongan_server.application import people, users
from kentongan_server.application.people import SEEN_EVERY_MS
from kentongan_server.domain.roles import IDLE_MS, Role
from kentongan_server.service import CentreService
from tests.support.centre_http import http_client
from tests.support.centre_rig import LOOK_S, PASSWORD, PATIENCE_S, CentreRig, now_ms
from tests.support.operators import code_of, log_in
from tests.support.people import access_log, add_agency, browser_of, enrol, token_of

pytestmark = pytest.mark.both_engines

NEW = "a password of their own"


@pytest.fixture
async def admin(address: str, rig: CentreRig) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(rig, address, "budi", "admin") as browser:
        yield browser


async def user_id(admin: httpx.AsyncClient, name: str) -> int:
    users = (await admin.get("/api/users")).json()["users"]
    return next(one["id"] for one in users if one["name"] == name)


def told(rig: CentreRig) -> list[str]:
    return [what for what, _, _ in access_log(rig)]


# --- enrolling ------------------------------------------------------------------------------------


async def test_a_new_user_must_change_the_password_that_was_shown_once(
    admin: httpx.AsyncClient, anybody: httpx.AsyncClient, rig: CentreRig
) -> None:
    body = {"name": "rini", "role": "operator", "full_name": "Rini Wulandari"}
    answer = await admin.post("/api/users", json=body)
    assert answer.status_code == 201
    made, password = answer.json()["user"], answer.json()["password"]
    assert (made["name"], made["full_name"], made["must_change"]) == ("rini", "Rini Wulandari", True)
    assert password not in (await admin.get("/api/users")).text

    assert (await log_in(anybody, "rini", password)).json()["must_change"] is True
    assert (await anybody.get("/api/me")).json()["must_change"] is True
    for method, path in (("GET", "/api/incidents"), ("GET", "/api/sessions"), ("POST", "/api/passkeys/begin")):
        refused = await anybody.request(method, path, json={})
        assert (refused.status_code, code_of(refused)) == (403, "must-change"), path
    short = await anybody.post("/api/password", json={"old": password, "new": "short"})
    assert (short.status_code, code_of(short)) == (422, "invalid")
    same = await anybody.post("/api/password", json={"old": password, "new": password})
    assert same.status_code == 422
    wrong = await anybody.post("/api/password", json={"old": "not this one", "new": NEW})
    assert (wrong.status_code, code_of(wrong)) == (403, "wrong-password")
    assert (await anybody.post("/api/password", json={"old": password, "new": NEW})).status_code == 204
    assert (await anybody.get("/api/incidents")).status_code == 200
    assert (await log_in(anybody, "rini", NEW)).json()["must_change"] is False
    assert password not in json.dumps(access_log(rig))


async def test_the_first_admin_must_change_the_password_that_was_printed(
    anybody: httpx.AsyncClient, rig: CentreRig
) -> None:
    assert (await log_in(anybody, "admin", rig.admin_password)).json()["must_change"] is True
    assert (await anybody.get("/api/users")).status_code == 403


NOBODY: tuple[dict[str, Any], ...] = (
    {"name": "", "role": "operator"},
    {"name": " rini", "role": "operator"},
    {"name": "rini\n", "role": "operator"},
    {"name": "rini", "role": "boss"},
    {"name": "rini", "role": "agency-desk"},
    {"name": "rini", "role": "agency-desk", "agency": "nowhere"},
    {"name": "rini", "role": "operator", "agency": "polres"},
    {"name": "rini", "role": "partner"},
    {"name": "rini", "role": "partner", "sites": ["nowhere"]},
    {"name": "rini", "role": "partner", "sites": ["bank", "bank"]},
    {"name": "rini", "role": "operator", "sites": ["bank"]},
    {"name": "rini", "role": "operator", "full_name": "x" * 201},
    {"name": "rini", "role": "operator", "password": "chosen by the admin"},
)


async def test_who_cannot_be_enrolled_is_told(admin: httpx.AsyncClient, rig: CentreRig) -> None:
    add_agency(rig, "polres")
    for body in NOBODY:
        answer = await admin.post("/api/users", json=body)
        assert (answer.status_code, code_of(answer)) == (422, "invalid"), body
    assert "rini" not in (await admin.get("/api/users")).text


async def test_a_name_is_taken_once(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/users", json={"name": "sari", "role": "operator"})
    assert (answer.status_code, code_of(answer)) == (409, "exists")


# --- changing -------------------------------------------------------------------------------------


async def test_another_role_ends_the_sessions_and_is_told(
    admin: httpx.AsyncClient, address: str, rig: CentreRig
) -> None:
    async with browser_of(rig, address, "sari", "operator") as sari:
        user = await user_id(admin, "sari")
        named = await admin.patch(f"/api/users/{user}", json={"full_name": "Sari 🌾 \u0645"})
        assert named.json()["full_name"] == "Sari 🌾 \u0645"
        assert (await sari.get("/api/me")).status_code == 200, "another name is no reason to log in again"
        partner = await admin.patch(f"/api/users/{user}", json={"role": "partner", "sites": ["bank"]})
        assert (partner.json()["role"], partner.json()["sites"]) == ("partner", ["bank"])
        assert (await sari.get("/api/me")).status_code == 401
    back = await admin.patch(f"/api/users/{user}", json={"role": "operator"})
    assert (back.json()["role"], back.json()["sites"]) == ("operator", [])
    changed = [facts for what, facts, _ in access_log(rig) if what == "role-changed"]
    assert [json.loads(facts)["role"] for facts in changed] == ["partner", "operator"]
    assert [json.loads(personal)["by"] for what, _, personal in access_log(rig) if what == "role-changed"] == [
        "budi", "budi",
    ]  # fmt: skip


async def test_who_is_disabled_is_out_at_once(
    admin: httpx.AsyncClient, anybody: httpx.AsyncClient, address: str, rig: CentreRig, centre: CentreService
) -> None:
    async with browser_of(rig, address, "sari", "operator") as sari, sari.stream("GET", "/api/stream") as stream:
        token = sari.cookies[COOKIE]
        chunks = stream.aiter_bytes()
        assert await anext(chunks)
        user = await user_id(admin, "sari")
        assert (await admin.patch(f"/api/users/{user}", json={"disabled": True})).json()["disabled_at_ms"]
        async for _ in chunks:
            pass  # the stream ends by itself
        assert (await sari.get("/api/me")).status_code == 401
    assert (await log_in(anybody, "sari")).status_code == 401
    await admin.patch(f"/api/users/{user}", json={"disabled": False})
    assert centre.people.session(token) is None, "what was ended does not begin again"
    assert (await log_in(anybody, "sari")).status_code == 200
    assert [what for what in told(rig) if what.startswith("user-")] == ["user-disabled", "user-enabled"]


async def test_the_last_admin_stays(admin: httpx.AsyncClient) -> None:
    first, budi = await user_id(admin, "admin"), await user_id(admin, "budi")
    assert (await admin.patch(f"/api/users/{first}", json={"disabled": True})).status_code == 200
    for change in ({"disabled": True}, {"role": "operator"}):
        refused = await admin.patch(f"/api/users/{budi}", json=change)
        assert (refused.status_code, code_of(refused)) == (409, "conflict")
    assert (await admin.get("/api/users")).status_code == 200


async def test_an_admin_who_has_no_way_to_come_in_is_none(admin: httpx.AsyncClient, rig: CentreRig) -> None:
    first, budi = await user_id(admin, "admin"), await user_id(admin, "budi")
    assert (await admin.patch(f"/api/users/{first}", json={"disabled": True})).status_code == 200
    enrol(rig, "dewi", "admin")
    refused = await admin.patch(f"/api/users/{budi}", json={"disabled": True})
    assert (refused.status_code, code_of(refused)) == (409, "conflict")
    assert (await admin.post(f"/api/users/{await user_id(admin, 'dewi')}/reset")).is_success
    assert (await admin.patch(f"/api/users/{budi}", json={"disabled": True})).status_code == 200


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
async def test_nobody_makes_themselves_more_than_they_are(address: str, rig: CentreRig, role: Role) -> None:
    add_agency(rig, "polres")
    bound: dict[str, Any] = {"agency-desk": {"agency": "polres"}, "unit": {"agency": "polres"}}.get(role, {})
    bound |= {"sites": ("bank",)} if role is Role.PARTNER else {}
    async with browser_of(rig, address, "somebody", role, **bound) as browser:
        own = enrol(rig, "somebody", role)
        for change in ({"role": "admin"}, {"agency": "damkar"}, {"sites": ["bank", "shop"]}, {"email": "a@b.example"}):
            assert (await browser.patch(f"/api/users/{own}", json=change)).status_code == 403
        assert (await browser.post("/api/users", json={"name": "other", "role": "admin"})).status_code == 403
        assert (await browser.post(f"/api/users/{own}/reset")).status_code == 403
        assert (await browser.get("/api/me")).json()["role"] == role


async def test_whoever_is_reset_while_they_change_their_password_does_not_keep_it(
    operator: httpx.AsyncClient, anybody: httpx.AsyncClient, rig: CentreRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who has another's session must not win a race against the admin who throws them out."""
    hashed = passwords.hashed

    def reset_meanwhile(password: str) -> str:
        with register.writing(rig.state.database) as book:
            sari = users.find_named(book, "sari")
            users.reset_person(book, sari.id, hashed("the admin's new one"), now_ms(), "budi")
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", reset_meanwhile)
    refused = await operator.post("/api/password", json={"old": PASSWORD, "new": NEW})
    assert (refused.status_code, code_of(refused)) == (401, "login-required")
    assert (await log_in(anybody, "sari", NEW)).status_code == 401
    assert (await log_in(anybody, "sari", "the admin's new one")).json()["must_change"] is True


async def test_a_reset_makes_a_one_time_password_and_ends_sessions(
    admin: httpx.AsyncClient, anybody: httpx.AsyncClient, address: str, rig: CentreRig
) -> None:
    async with browser_of(rig, address, "sari", "operator") as sari:
        password = (await admin.post(f"/api/users/{await user_id(admin, 'sari')}/reset")).json()["password"]
        assert (await sari.get("/api/me")).status_code == 401
    assert (await log_in(anybody, "sari", PASSWORD)).status_code == 401
    assert (await log_in(anybody, "sari", password)).json()["must_change"] is True
    assert "password-reset" in told(rig)
    assert (await admin.post("/api/users/999/reset")).status_code == 404


# --- sessions -------------------------------------------------------------------------------------


async def test_sessions_are_listed_and_ended_by_their_owner_and_nobody_elses(
    address: str, rig: CentreRig, admin: httpx.AsyncClient
) -> None:
    async with (
        browser_of(rig, address, "sari", "operator") as here,
        browser_of(rig, address, "sari", "operator") as there,
    ):
        listed = (await here.get("/api/sessions")).json()
        assert len(listed["sessions"]) == 2
        (other,) = [one["session"] for one in listed["sessions"] if one["session"] != listed["own"]]
        assert (await there.get("/api/sessions")).json()["own"] == other
        (budis,) = [one["session"] for one in (await admin.get("/api/sessions")).json()["sessions"]]
        assert (await here.post(f"/api/sessions/{budis}/end")).status_code == 404, "it is another's"
        assert (await here.post(f"/api/sessions/{other}/end")).status_code == 204
        assert (await there.get("/api/me")).status_code == 401
        user = await user_id(admin, "sari")
        (last,) = (await admin.get(f"/api/users/{user}/sessions")).json()["sessions"]
        assert (await admin.post(f"/api/users/{user}/sessions/{last['session']}/end")).status_code == 204
        assert (await here.get("/api/me")).status_code == 401
    ended = [json.loads(personal) for what, _, personal in access_log(rig) if what == "session-ended"]
    assert ended == [{"who": "sari", "by": "sari"}, {"who": "sari", "by": "budi"}]


async def test_a_changed_password_ends_all_other_sessions(
    operator: httpx.AsyncClient, address: str, rig: CentreRig
) -> None:
    async with browser_of(rig, address, "sari", "operator") as other:
        assert (await operator.post("/api/password", json={"old": PASSWORD, "new": NEW})).status_code == 204
        assert (await other.get("/api/me")).status_code == 401
        assert (await operator.get("/api/me")).status_code == 200


async def test_a_log_in_ends_the_session_that_the_browser_had(
    operator: httpx.AsyncClient, centre: CentreService, rig: CentreRig
) -> None:
    before = operator.cookies[COOKIE]
    assert (await log_in(operator, "budi")).is_success
    assert operator.cookies[COOKIE] != before
    assert centre.people.session(before) is None
    assert (await operator.get("/api/me")).json()["name"] == "budi"


async def test_the_sessions_of_one_person_are_bounded(
    address: str, centre: CentreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "SESSIONS_MAX", 2)
    tokens = []
    for _ in range(3):
        async with http_client(address) as browser:
            assert (await log_in(browser)).is_success
            tokens.append(browser.cookies[COOKIE])
    assert [centre.people.session(token) is not None for token in tokens] == [False, True, True]


async def test_who_sits_at_no_desk_is_logged_out_when_they_left(centre: CentreService, rig: CentreRig) -> None:
    add_agency(rig, "polres")
    for role in Role:
        bound: dict[str, Any] = {"agency-desk": {"agency": "polres"}, "unit": {"agency": "polres"}}.get(role, {})
        bound |= {"sites": ("bank",)} if role is Role.PARTNER else {}
        user = enrol(rig, f"one {role}", role, **bound)
        stays = role in {Role.ADMIN, Role.SUPERVISOR, Role.OPERATOR, Role.AGENCY_DESK}
        began_ms = now_ms() - IDLE_MS - 1
        assert (centre.people.session(token_of(rig, user, began_ms=began_ms)) is not None) == stays, role
        assert centre.people.session(token_of(rig, user, began_ms=began_ms + 60_000)) is not None, role


async def test_whoever_goes_on_working_stays_in(
    centre: CentreService, rig: CentreRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = enrol(rig, "tono", "technician")
    token = token_of(rig, user)
    began = centre.people.session(token)
    assert began is not None
    key, began_at_ms = began.key, began.began_at_ms
    wall_ms, passed_ms = centre.clock.wall_ms, 0
    monkeypatch.setattr(centre.clock, "wall_ms", lambda: wall_ms() + passed_ms)
    for _ in range(3):
        passed_ms += IDLE_MS - SEEN_EVERY_MS
        session = centre.people.session(token)
        assert session is not None
        centre.people.used(session)

    async def stored() -> bool:
        found = await centre.views.sessions(user, centre.people.now_ms())  # none until the store knows of its use
        return any(one["seen_at_ms"] > began_at_ms + 2 * (IDLE_MS - SEEN_EVERY_MS) for one in found)

    async with asyncio.timeout(PATIENCE_S):
        while not await stored():  # noqa: ASYNC110 - a stream ends by the clock that was moved
            await asyncio.sleep(LOOK_S)
    passed_ms += IDLE_MS
    assert centre.people.session(token) is None
    assert not centre.people.stands(key), "a stream that is open is no use of it"


async def test_guesses_of_ones_own_password_are_counted(operator: httpx.AsyncClient) -> None:
    answers = [
        (await operator.post("/api/password", json={"old": f"guess {n}", "new": NEW})).status_code for n in range(6)
    ]
    assert answers == [403] * 5 + [429]
    assert (await operator.get("/api/me")).status_code == 200


async def test_a_locked_name_is_told_once(anybody: httpx.AsyncClient, rig: CentreRig) -> None:
    for number in range(8):
        await log_in(anybody, "sari", f"guess {number}")
    assert told(rig).count("login-failed") == 5
    assert told(rig).count("login-locked") == 1


# --- the command ----------------------------------------------------------------------------------


async def test_the_command_manages_the_people_of_a_running_centre(
    anybody: httpx.AsyncClient, address: str, rig: CentreRig, capsys: pytest.CaptureFixture[str]
) -> None:
    def user(what: str, *arguments: str) -> str:
        capsys.readouterr()
        code = cli.user([what, "--state", str(rig.state.directory), *arguments])
        found = capsys.readouterr()
        assert code == 0, found.err
        return found.out

    made = user("add", "--name", "tono", "--role", "partner", "--site", "bank", "--generate-password")
    password = re.findall(r"password: (\S+)", made)[0]
    assert (await log_in(anybody, "tono", password)).json()["must_change"] is True
    assert "tono\tpartner\tbank\t\tone-time password" in user("list")
    async with browser_of(rig, address, "tono", "partner") as tono:
        user("role", "--name", "tono", "--role", "technician")
        assert (await tono.get("/api/me")).status_code == 401
    user("disable", "--name", "tono")
    assert (await log_in(anybody, "tono", password)).status_code == 401
    user("enable", "--name", "tono")
    reset = re.findall(r"password: (\S+)", user("reset", "--name", "tono"))[0]
    async with http_client(address) as fresh:
        assert (await log_in(fresh, "tono", reset)).json()["role"] == "technician"
        assert fresh.cookies[COOKIE]
    assert {json.loads(personal).get("by") for what, _, personal in access_log(rig) if what == "role-changed"} == {
        "kentongan user"
    }


def test_the_command_refuses_in_words(rig: CentreRig, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    state = ["--state", str(rig.state.directory)]
    assert cli.user(["disable", *state, "--name", "admin"]) == 1
    assert "last admin" in capsys.readouterr().err
    assert cli.user(["reset", *state, "--name", "nobody"]) == 1
    assert cli.user(["add", *state, "--name", "x", "--role", "unit", "--generate-password"]) == 1
    assert cli.user(["list", "--state", str(tmp_path / "nothing")]) == 1
