"""Passkeys over HTTP, with an authenticator of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kentongan_server.adapters import register
from kentongan_server.adapters.webauthn_verifier import WebauthnVerifier
from kentongan_server.api.access import CSRF_HEADER
from kentongan_server.api.passkeys import CHALLENGE_COOKIE
from kentongan_server.application import passkeys, users
from kentongan_server.application.passkeys import FRESH_MS, NewKey, counts_on
from kentongan_server.application.tickets import TICKET_MS
from kentongan_server.centre_state import open_state
from kentongan_server.service import CentreService
from tests.support.authenticator import USER_PRESENT, Authenticator
from tests.support.centre_http import http_client
from tests.support.centre_rig import PASSWORD, CentreRig, now_ms
from tests.support.operators import code_of
from tests.support.people import access_log, browser_of

ORIGIN, RP_ID = "https://centre.example", "centre.example"


@pytest.fixture
def rig(rig: CentreRig) -> CentreRig:
    settings = rig.state.directory / "centre.toml"
    settings.write_text(settings.read_text().replace("[http]\n", f'[http]\norigin = "{ORIGIN}"\n'))
    rig.state = open_state(rig.state.directory)
    return rig


@pytest.fixture
async def sari(address: str, rig: CentreRig) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(rig, address, "sari", "operator") as browser:
        yield browser


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ORIGIN, RP_ID)


async def add(browser: httpx.AsyncClient, device: Authenticator, label: str = "HP Sari") -> httpx.Response:
    options = (await browser.post("/api/passkeys/begin", json={})).json()
    return await browser.post("/api/passkeys", json={"answer": device.create(options), "label": label})


async def enter(browser: httpx.AsyncClient, device: Authenticator) -> httpx.Response:
    options = (await browser.post("/api/passkeys/login/begin")).json()
    return await browser.post("/api/passkeys/login", json={"answer": device.get(options)})


def told(rig: CentreRig) -> list[str]:
    return [what for what, _, _ in access_log(rig)]


@pytest.mark.both_engines
async def test_from_registering_to_logging_in_to_removing(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, rig: CentreRig, device: Authenticator
) -> None:
    assert (await anybody.get("/api/login")).json() == {"passkeys": True, "oidc": None}
    added = await add(sari, device)
    assert added.status_code == 201
    (passkey,) = added.json()["passkeys"]
    assert (passkey["label"], passkey["used_at_ms"]) == ("HP Sari", None)

    entered = await enter(anybody, device)
    assert (entered.status_code, entered.json()["name"]) == (200, "sari")
    anybody.headers[CSRF_HEADER] = entered.json()["csrf"]
    (used,) = (await anybody.get("/api/passkeys")).json()["passkeys"]
    assert used["used_at_ms"] is not None
    sessions = (await anybody.get("/api/sessions")).json()
    assert {one["method"] for one in sessions["sessions"]} == {"password", "passkey"}

    assert (await anybody.post(f"/api/passkeys/{passkey['id']}/remove")).status_code == 204
    assert (await anybody.post(f"/api/passkeys/{passkey['id']}/remove")).status_code == 404
    refused = await enter(anybody, device)
    assert (refused.status_code, code_of(refused)) == (401, "wrong-login")
    assert told(rig) == ["passkey-added", "login", "passkey-removed", "login-failed"]


@pytest.mark.both_engines
async def test_a_counter_that_goes_back_is_refused_and_told(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, rig: CentreRig, device: Authenticator
) -> None:
    await add(sari, device)
    assert (await enter(anybody, device)).status_code == 200
    device.count -= 1  # the copy says the same again
    refused = await enter(anybody, device)
    assert (refused.status_code, code_of(refused)) == (401, "wrong-login")
    assert "copy" in refused.json()["error"]["message"]
    assert told(rig)[-1] == "passkey-copied"
    device.count += 5
    assert (await enter(anybody, device)).status_code == 200


@pytest.mark.both_engines
async def test_an_answer_is_good_once_and_in_its_own_browser_only(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, address: str, device: Authenticator
) -> None:
    await add(sari, device)
    options = (await anybody.post("/api/passkeys/login/begin")).json()
    ticket, answer = anybody.cookies[CHALLENGE_COOKIE], {"answer": device.get(options)}
    async with http_client(address) as thief:
        assert (await thief.post("/api/passkeys/login", json=answer)).status_code == 401, "without the cookie"
        await thief.post("/api/passkeys/login/begin")
        assert (await thief.post("/api/passkeys/login", json=answer)).status_code == 401, "with another challenge"
    assert (await anybody.post("/api/passkeys/login", json=answer)).status_code == 200
    assert CHALLENGE_COOKIE not in anybody.cookies
    anybody.cookies.set(CHALLENGE_COOKIE, ticket)
    again = await anybody.post("/api/passkeys/login", json=answer)
    assert (again.status_code, code_of(again)) == (401, "wrong-login")
    assert "over" in again.json()["error"]["message"]


async def test_a_challenge_is_good_for_two_minutes(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, centre: CentreService, monkeypatch: pytest.MonkeyPatch,
    device: Authenticator,
) -> None:  # fmt: skip
    await add(sari, device)
    options = (await anybody.post("/api/passkeys/login/begin")).json()
    wall_ms = centre.clock.wall_ms
    monkeypatch.setattr(centre.clock, "wall_ms", lambda: wall_ms() + TICKET_MS)
    assert (await anybody.post("/api/passkeys/login", json={"answer": device.get(options)})).status_code == 401


@pytest.mark.parametrize("wrong", ["origin", "rp", "unverified", "absent", "handle", "signature", "key"])
async def test_what_does_not_fit_lets_nobody_in(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, device: Authenticator, wrong: str
) -> None:
    await add(sari, device)
    if wrong == "origin":
        device.origin = "https://centre.example.evil"
    elif wrong == "rp":
        device.rp_id = "example"
    elif wrong == "unverified":
        device.flags = USER_PRESENT
    elif wrong == "absent":
        device.flags = 0
    elif wrong == "handle":
        device.handle = bytes(32)
    elif wrong == "key":
        device._key = Authenticator(ORIGIN, RP_ID)._key
    options = (await anybody.post("/api/passkeys/login/begin")).json()
    answer = device.get(options)
    if wrong == "signature":
        answer["response"]["signature"] = answer["response"]["signature"][:-6] + "AAAAAA"
    refused = await anybody.post("/api/passkeys/login", json={"answer": answer})
    assert (refused.status_code, code_of(refused)) == (401, "wrong-login")


@pytest.mark.parametrize(
    "answer",
    [{}, {"rawId": 5}, {"rawId": "é", "response": {"userHandle": ""}}, {"rawId": "AAAA", "response": []},
     {"rawId": "AAAA", "response": {"userHandle": "AAAA", "clientDataJSON": "%%"}}],
)  # fmt: skip
async def test_what_is_no_answer_at_all_is_refused_in_words(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, answer: Any
) -> None:
    await anybody.post("/api/passkeys/login/begin")
    assert (await anybody.post("/api/passkeys/login", json={"answer": answer})).status_code == 401
    await sari.post("/api/passkeys/begin", json={})
    refused = await sari.post("/api/passkeys", json={"answer": answer, "label": "x"})
    assert (refused.status_code, code_of(refused)) == (422, "invalid")


async def test_registering_needs_a_fresh_log_in_or_the_password(
    address: str, rig: CentreRig, device: Authenticator
) -> None:
    async with browser_of(rig, address, "sari", "operator", began_ms=now_ms() - FRESH_MS - 1) as stale:
        refused = await stale.post("/api/passkeys/begin", json={})
        assert (refused.status_code, code_of(refused)) == (403, "not-fresh")
        wrong = await stale.post("/api/passkeys/begin", json={"password": "a guess of it"})
        assert (wrong.status_code, code_of(wrong)) == (403, "wrong-password")
        options = (await stale.post("/api/passkeys/begin", json={"password": PASSWORD})).json()
        body = {"answer": device.create(options), "label": "Kunci"}
        async with browser_of(rig, address, "budi", "admin") as budi:
            budi.cookies.set(CHALLENGE_COOKIE, stale.cookies[CHALLENGE_COOKIE])
            assert (await budi.post("/api/passkeys", json=body)).status_code == 401, "sari began it"
        assert (await stale.post("/api/passkeys", json=body)).status_code == 201


async def test_unverified_keys_and_known_ones_are_not_registered(
    sari: httpx.AsyncClient, rig: CentreRig, device: Authenticator
) -> None:
    device.flags = USER_PRESENT
    assert (await add(sari, device)).status_code == 422
    device.flags = Authenticator(ORIGIN, RP_ID).flags
    assert (await add(sari, device)).status_code == 201
    assert (await add(sari, device)).status_code == 422
    options = (await sari.post("/api/passkeys/begin", json={})).json()
    assert len(options["excludeCredentials"]) == 1
    assert options["authenticatorSelection"]["userVerification"] == "required"


@pytest.mark.both_engines
async def test_one_challenge_registers_one_passkey(sari: httpx.AsyncClient, device: Authenticator) -> None:
    options = (await sari.post("/api/passkeys/begin", json={})).json()
    ticket, other = sari.cookies[CHALLENGE_COOKIE], Authenticator(ORIGIN, RP_ID)
    body = {"answer": device.create(options), "label": "HP"}
    assert (await sari.post("/api/passkeys", json=body)).status_code == 201
    sari.cookies.set(CHALLENGE_COOKIE, ticket)
    again = await sari.post("/api/passkeys", json={"answer": other.create(options), "label": "HP"})
    assert (again.status_code, code_of(again)) == (401, "wrong-login")


async def test_who_is_disabled_comes_in_by_no_passkey(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, rig: CentreRig, device: Authenticator
) -> None:
    await add(sari, device)
    with register.writing(rig.state.database) as book:
        person = book.person_named("sari")
        assert person is not None
        book.change_person(person.id, {"disabled_at_ms": now_ms()})
    assert (await enter(anybody, device)).status_code == 401


@pytest.mark.both_engines
async def test_whoever_is_reset_while_they_add_a_passkey_has_none_then(
    sari: httpx.AsyncClient, rig: CentreRig, device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who has another's session must not keep a key to it."""
    registered = WebauthnVerifier.registered

    def reset_meanwhile(self: WebauthnVerifier, answer: Any, challenge: bytes) -> NewKey:
        found = registered(self, answer, challenge)
        with register.writing(rig.state.database) as book:
            users.reset_person(book, users.find_named(book, "sari").id, "no hash", now_ms(), "budi")
        return found

    monkeypatch.setattr(WebauthnVerifier, "registered", reset_meanwhile)
    refused = await add(sari, device)
    assert (refused.status_code, code_of(refused)) == (401, "login-required")
    assert "passkey-added" not in told(rig)


@pytest.mark.both_engines
async def test_a_passkey_that_was_removed_while_it_was_checked_lets_nobody_in(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, rig: CentreRig, device: Authenticator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await add(sari, device)
    sign_count = WebauthnVerifier.sign_count

    def reset_meanwhile(self: WebauthnVerifier, answer: Any, challenge: bytes, public_key: bytes) -> int:
        found = sign_count(self, answer, challenge, public_key)
        with register.writing(rig.state.database) as book:
            users.reset_person(book, users.find_named(book, "sari").id, "no hash", now_ms(), "budi")
        return found

    monkeypatch.setattr(WebauthnVerifier, "sign_count", reset_meanwhile)
    refused = await enter(anybody, device)
    assert (refused.status_code, code_of(refused)) == (401, "wrong-login")


@pytest.fixture
def three_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """To be asked for before the centre, which begins with it: a minute is short on a busy machine."""
    monkeypatch.setattr(passkeys, "TRIES_OF_ADDRESS", 3)


async def test_refused_passkeys_do_not_fill_the_history(
    three_tries: None, anybody: httpx.AsyncClient, rig: CentreRig
) -> None:
    for _ in range(5):
        await anybody.post("/api/passkeys/login/begin")
        assert (await anybody.post("/api/passkeys/login", json={"answer": {}})).status_code == 401
    assert told(rig) == ["login-failed"] * 3


def test_counters_go_on_or_are_never_used() -> None:
    assert [counts_on(0, 0), counts_on(0, 1), counts_on(5, 6)] == [True] * 3
    assert [counts_on(1, 0), counts_on(5, 5), counts_on(5, 4)] == [False] * 3
