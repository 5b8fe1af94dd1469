"""A shift signed for by passkey, over HTTP, with an authenticator of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kentongan_server.adapters import register
from kentongan_server.adapters.webauthn_verifier import WebauthnVerifier
from kentongan_server.api.passkeys import CHALLENGE_COOKIE
from kentongan_server.application import users
from kentongan_server.application.tickets import TICKET_MS
from kentongan_server.centre_state import open_state
from kentongan_server.service import CentreService
from tests.support.authenticator import USER_PRESENT, Authenticator
from tests.support.centre_rig import PASSWORD, CentreRig, now_ms
from tests.support.operators import code_of
from tests.support.people import access_log, browser_of, enrol

ORIGIN, RP_ID = "https://centre.example", "centre.example"
CALL = {"category": "accident", "words": "Tabrakan"}


@pytest.fixture
def rig(rig: CentreRig) -> CentreRig:
    settings = rig.state.directory / "centre.toml"
    settings.write_text(settings.read_text().replace("[http]\n", f'[http]\norigin = "{ORIGIN}"\n'))
    rig.state = open_state(rig.state.directory)
    return rig


@pytest.fixture
async def sari(address: str, rig: CentreRig) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever leaves, with one open case."""
    async with browser_of(rig, address, "sari", "operator") as browser:
        (await browser.post("/api/calls", json=CALL)).raise_for_status()
        yield browser


@pytest.fixture
async def key(address: str, rig: CentreRig) -> Authenticator:
    """The passkey of joko, who comes."""
    return await key_of(rig, address, "joko")


async def key_of(rig: CentreRig, address: str, name: str, role: str = "operator") -> Authenticator:
    device = Authenticator(ORIGIN, RP_ID)
    async with browser_of(rig, address, name, role) as browser:
        options = (await browser.post("/api/passkeys/begin", json={})).json()
        body = {"answer": device.create(options), "label": name}
        (await browser.post("/api/passkeys", json=body)).raise_for_status()
    return device


async def begin(browser: httpx.AsyncClient, to: str = "joko", note: str = "") -> dict[str, Any]:
    options: dict[str, Any] = (await browser.post("/api/hand-over/passkey", json={"to": to, "note": note})).json()
    return options


async def give(browser: httpx.AsyncClient, answer: Any, to: str = "joko", note: str = "") -> httpx.Response:
    return await browser.post("/api/hand-over", json={"to": to, "note": note, "answer": answer})


async def owner(browser: httpx.AsyncClient) -> str:
    (incident,) = (await browser.get("/api/incidents")).json()["incidents"]
    return str(incident["owner"])


async def refused(browser: httpx.AsyncClient, answer: Any, **about: str) -> None:
    """Not signed, and nothing was given away."""
    told = await give(browser, answer, **about)
    assert (told.status_code, code_of(told)) == (403, "not-signed"), told.text
    assert await owner(browser) == "sari"


@pytest.mark.both_engines
async def test_a_shift_is_signed_for_by_passkey_once(
    sari: httpx.AsyncClient, key: Authenticator, rig: CentreRig
) -> None:
    answer, ticket = key.get(await begin(sari, note="Kunci di laci")), sari.cookies[CHALLENGE_COOKIE]
    given = await give(sari, answer, note="Kunci di laci")
    assert given.status_code == 200
    told = [given.json()[name] for name in ("given_by", "taken_by", "note", "signed")]
    assert told == ["sari", "joko", "Kunci di laci", "passkey"]
    assert await owner(sari) == "joko"
    assert CHALLENGE_COOKIE not in sari.cookies
    what, facts, _ = access_log(rig)[-1]
    assert (what, '"signed":"passkey"' in facts) == ("hand-over", True)

    sari.cookies.set(CHALLENGE_COOKIE, ticket)
    key.count += 1
    again = await give(sari, answer, note="Kunci di laci")
    assert (again.status_code, code_of(again)) == (403, "not-signed")
    assert "already" in again.json()["error"]["message"]
    assert [one["taken_by"] for one in (await sari.get("/api/hand-overs")).json()["hand_overs"]] == ["joko"]


async def test_a_password_still_signs_and_one_of_both_is_wanted(
    sari: httpx.AsyncClient, key: Authenticator, rig: CentreRig
) -> None:
    rig.add_user("wati")
    both = {"to": "wati", "password": PASSWORD, "answer": key.get(await begin(sari, "wati"))}
    for body in (both, {"to": "wati"}):
        told = await sari.post("/api/hand-over", json=body)
        assert (told.status_code, code_of(told)) == (422, "invalid")
    assert (await sari.post("/api/hand-over", json={"to": "wati", "password": PASSWORD})).status_code == 200
    what, facts, _ = access_log(rig)[-1]
    assert (what, '"signed":"password"' in facts) == ("hand-over", True)


async def test_nobody_signs_for_another_and_nobody_for_themselves(
    sari: httpx.AsyncClient, key: Authenticator, address: str, rig: CentreRig
) -> None:
    own = await key_of(rig, address, "sari")
    await refused(sari, own.get(await begin(sari)))
    enrol(rig, "wati", "operator")
    await refused(sari, key.get(await begin(sari, "wati")), to="wati")
    await refused(sari, key.get(await begin(sari, "nobody")), to="nobody")
    for told in (
        await sari.post("/api/hand-over/passkey", json={"to": "sari"}),
        await give(sari, own.get(await begin(sari)), to="sari"),
    ):
        assert (told.status_code, code_of(told)) == (422, "invalid")
    assert access_log(rig)[-1][0] == "signature-refused"


async def test_a_signature_is_for_its_taker_its_note_and_its_desk_only(
    sari: httpx.AsyncClient, key: Authenticator, address: str, rig: CentreRig
) -> None:
    wati = await key_of(rig, address, "wati")
    answer = key.get(await begin(sari, "joko", "Kunci di laci"))
    await refused(sari, answer, note="Kunci tidak ada")
    await refused(sari, wati.get(await begin(sari, "joko")), to="wati")
    answer = key.get(await begin(sari))
    async with browser_of(rig, address, "budi", "operator") as budi:
        budi.cookies.set(CHALLENGE_COOKIE, sari.cookies[CHALLENGE_COOKIE])
        told = await give(budi, answer)
        assert (told.status_code, code_of(told)) == (403, "not-signed")
    old = key.get(await begin(sari))
    await begin(sari)
    await refused(sari, old)  # the answer to another question
    sari.cookies.delete(CHALLENGE_COOKIE)
    await refused(sari, old)


async def test_what_lets_somebody_in_signs_nothing(sari: httpx.AsyncClient, key: Authenticator) -> None:
    """A challenge of the log-in, which anybody may ask for, is none of a hand-over; nor the other way round."""
    await refused(sari, key.get((await sari.post("/api/passkeys/login/begin")).json()))
    entered = await sari.post("/api/passkeys/login", json={"answer": key.get(await begin(sari))})
    assert entered.status_code == 401


@pytest.mark.parametrize("wrong", ["origin", "unverified", "handle", "signature", "key", "nothing"])
async def test_what_does_not_fit_signs_nothing(sari: httpx.AsyncClient, key: Authenticator, wrong: str) -> None:
    if wrong == "origin":
        key.origin = "https://centre.example.evil"
    elif wrong == "unverified":
        key.flags = USER_PRESENT
    elif wrong == "handle":
        key.handle = bytes(32)
    elif wrong == "key":
        key._key = Authenticator(ORIGIN, RP_ID)._key
    answer = key.get(await begin(sari))
    if wrong == "signature":
        answer["response"]["signature"] = answer["response"]["signature"][:-6] + "AAAAAA"
    await refused(sari, {} if wrong == "nothing" else answer)


async def test_a_signature_is_good_for_two_minutes(
    sari: httpx.AsyncClient, key: Authenticator, centre: CentreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = key.get(await begin(sari))
    wall_ms = centre.clock.wall_ms
    monkeypatch.setattr(centre.clock, "wall_ms", lambda: wall_ms() + TICKET_MS)
    await refused(sari, answer)


async def test_a_counter_that_goes_back_signs_nothing_and_is_told(
    sari: httpx.AsyncClient, anybody: httpx.AsyncClient, key: Authenticator, rig: CentreRig
) -> None:
    options = (await anybody.post("/api/passkeys/login/begin")).json()
    (await anybody.post("/api/passkeys/login", json={"answer": key.get(options)})).raise_for_status()
    key.count -= 1  # the copy says the same again
    await refused(sari, key.get(await begin(sari)))
    assert access_log(rig)[-1][0] == "passkey-copied"


async def test_whoever_sits_at_no_desk_takes_no_shift(sari: httpx.AsyncClient, address: str, rig: CentreRig) -> None:
    key = await key_of(rig, address, "hasan", "auditor")
    told = await give(sari, key.get(await begin(sari, "hasan")), to="hasan")
    assert (told.status_code, code_of(told), await owner(sari)) == (422, "invalid", "sari")


@pytest.mark.parametrize("meanwhile", ["disabled", "reset", "ended"])
async def test_what_changes_while_a_signature_is_checked_counts(
    sari: httpx.AsyncClient, key: Authenticator, rig: CentreRig, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The taker was disabled or reset, or the session of whoever leaves was ended."""
    sign_count = WebauthnVerifier.sign_count

    def happens(self: WebauthnVerifier, answer: Any, challenge: bytes, public_key: bytes) -> int:
        found = sign_count(self, answer, challenge, public_key)
        with register.writing(rig.state.database) as book:
            joko, leaves = users.find_named(book, "joko"), users.find_named(book, "sari")
            if meanwhile == "disabled":
                book.change_person(joko.id, {"disabled_at_ms": now_ms()})
            elif meanwhile == "reset":
                users.reset_person(book, joko.id, "no hash", now_ms(), "budi")
            else:
                for session in book.sessions_of(leaves.id):
                    book.delete_session(session)
        return found

    monkeypatch.setattr(WebauthnVerifier, "sign_count", happens)
    told = await give(sari, key.get(await begin(sari)))
    assert code_of(told) == {"disabled": "invalid", "reset": "invalid", "ended": "login-required"}[meanwhile]
    assert rig.rows("SELECT owner FROM incident") == [("sari",)]


async def test_who_may_take_a_shift_is_listed_with_how_they_can_sign(
    sari: httpx.AsyncClient, key: Authenticator, rig: CentreRig
) -> None:
    for name, role in (("hasan", "auditor"), ("wati", "supervisor"), ("gone", "operator"), ("fresh", "operator")):
        enrol(rig, name, role)
    with register.writing(rig.state.database) as book:
        book.change_person(users.find_named(book, "gone").id, {"disabled_at_ms": now_ms()})
        book.set_password(users.find_named(book, "fresh").id, "no hash", now_ms(), must_change=True)
    found = (await sari.get("/api/hand-over/takers")).json()["takers"]
    assert [(one["name"], one["passkey"]) for one in found] == [("budi", False), ("joko", True), ("wati", False)]
