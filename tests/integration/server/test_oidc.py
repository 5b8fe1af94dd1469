"""Logging in at the city's own issuer: only with a right token, only people who are enrolled here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kentongan_server.adapters import issuer as issuer_module
from kentongan_server.adapters import register
from kentongan_server.adapters.issuer import Client, HttpIssuer
from kentongan_server.api.access import COOKIE
from kentongan_server.api.oidc import STATE_COOKIE
from kentongan_server.application import oidc, users
from kentongan_server.application.oidc import IssuerError
from kentongan_server.application.users import Changes
from kentongan_server.centre_state import open_state
from tests.support.centre_rig import CentreRig, now_ms
from tests.support.issuer import Issuer
from tests.support.people import access_log

pytestmark = pytest.mark.both_engines

ORIGIN = "https://centre.example"


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    made = Issuer()
    async with made.serving():
        yield made


@pytest.fixture
def rig(rig: CentreRig, issuer: Issuer) -> CentreRig:
    settings = rig.state.directory / "centre.toml"
    text = settings.read_text().replace("[http]\n", f'[http]\norigin = "{ORIGIN}"\n')
    settings.write_text(f'{text}\n[oidc]\nissuer = "{issuer.address}"\nname = "SSO Kota"\n')
    rig.state = open_state(rig.state.directory)
    return rig


def allow(rig: CentreRig, **changes: Any) -> None:
    """What an admin does to sari."""
    with register.writing(rig.state.database) as book:
        users.change_person(book, users.find_named(book, "sari").id, Changes(**changes), now_ms(), "budi")


async def enter(browser: httpx.AsyncClient, issuer: Issuer, **instead: str) -> str:
    """Where the browser ends up."""
    location = (await browser.post("/api/oidc/begin")).json()["location"]
    answer = await browser.get("/api/oidc/callback", params=issuer.log_in(location) | instead)
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_the_first_time_by_the_allowed_address_then_by_the_issuers_own_name(
    anybody: httpx.AsyncClient, rig: CentreRig, issuer: Issuer
) -> None:
    assert (await anybody.get("/api/login")).json()["oidc"] == "SSO Kota"
    assert await enter(anybody, issuer) == "/#/login/oidc-not-enrolled", "nobody was allowed to"
    allow(rig, email="Sari@kota.example")
    issuer.says = {"email_verified": False}
    assert await enter(anybody, issuer) == "/#/login/oidc-not-enrolled", "anybody could have said so"
    issuer.says = {}
    assert await enter(anybody, issuer) == "/"
    assert (await anybody.get("/api/me")).json()["name"] == "sari"
    issuer.algorithm, issuer.says = "ES256", {"email": None}
    assert await enter(anybody, issuer) == "/", "it is the same person, whatever their address"
    issuer.says = {"sub": "person-2"}
    assert await enter(anybody, issuer) == "/#/login/oidc-not-enrolled", "the address was good once"
    allow(rig, disabled=True)
    issuer.says = {}
    assert await enter(anybody, issuer) == "/#/login/oidc-not-enrolled"
    told = [what for what, _, _ in access_log(rig)]
    assert told.count("issuer-linked") == 1
    assert told.count("login") == 2
    assert told.count("login-failed") == 4


SOON_S = 20.0  # for what is refused before anybody is asked
NOT_FOR_US_NOW: tuple[dict[str, Any], ...] = (
    {"iss": "https://other.example"}, {"aud": "another"}, {"aud": None}, {"nonce": "another"}, {"nonce": None},
    {"exp": int(time.time()) - 3_600}, {"exp": None}, {"sub": ""}, {"azp": "another"},
    {"aud": ["kentongan", "another"]}, {"aud": "another", "azp": "kentongan"},
)  # fmt: skip


async def test_a_token_that_is_not_for_us_now_lets_nobody_in(
    anybody: httpx.AsyncClient, rig: CentreRig, issuer: Issuer
) -> None:
    allow(rig, email="sari@kota.example")
    for issuer.says in NOT_FOR_US_NOW:
        assert await enter(anybody, issuer) == "/#/login/oidc-issuer", issuer.says
        assert COOKIE not in anybody.cookies, issuer.says
    issuer.says = {}
    assert await enter(anybody, issuer) == "/", "it was for what the tokens said"


async def test_a_token_of_another_key_or_kind_lets_nobody_in(
    anybody: httpx.AsyncClient, rig: CentreRig, issuer: Issuer
) -> None:
    allow(rig, email="sari@kota.example")
    issuer.signs_with = issuer.strange
    assert await enter(anybody, issuer) == "/#/login/oidc-issuer"
    issuer.signs_with, issuer.algorithm = None, "HS256"
    assert await enter(anybody, issuer) == "/#/login/oidc-issuer"


async def test_only_the_browser_that_began_can_finish_and_once(
    anybody: httpx.AsyncClient, rig: CentreRig, issuer: Issuer
) -> None:
    allow(rig, email="sari@kota.example")
    assert await enter(anybody, issuer, state="another") == "/#/login/oidc-again"
    assert issuer.asked == 0
    location = (await anybody.post("/api/oidc/begin")).json()["location"]
    ticket, back = anybody.cookies[STATE_COOKIE], issuer.log_in(location)
    anybody.cookies.delete(STATE_COOKIE)
    answer = await anybody.get("/api/oidc/callback", params=back)
    assert answer.headers["location"] == "/#/login/oidc-again"
    for expected in ("/", "/#/login/oidc-again"):
        anybody.cookies.set(STATE_COOKIE, ticket)
        answer = await anybody.get("/api/oidc/callback", params=back)
        assert answer.headers["location"] == expected


@pytest.fixture
def three_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """To be asked for before the centre, which begins with it: a minute is short on a busy machine."""
    monkeypatch.setattr(oidc, "TRIES_OF_ADDRESS", 3)


async def test_what_is_refused_at_the_issuer_does_not_fill_the_history(
    three_tries: None, anybody: httpx.AsyncClient, rig: CentreRig, issuer: Issuer
) -> None:
    issuer.says = {"aud": "another"}
    for _ in range(5):
        assert await enter(anybody, issuer) == "/#/login/oidc-issuer"
    assert [what for what, _, _ in access_log(rig)] == ["login-failed"] * 3


async def test_an_issuer_that_is_down_is_not_asked_again_by_everybody(issuer: Issuer) -> None:
    """Each would wait for its whole patience behind the others."""
    asks = HttpIssuer(Client(issuer.address, "kentongan", None, f"{ORIGIN}/api/oidc/callback"))
    issuer.name = "https://other.example"
    for _ in range(3):
        with pytest.raises(IssuerError):
            await asks.address("state", "nonce", "verifier")
    assert issuer.described == 1


async def test_codes_that_anybody_makes_up_hold_only_so_many_connections(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_module, "ASKING_MAX", 2)
    asks = HttpIssuer(Client(issuer.address, "kentongan", None, f"{ORIGIN}/api/oidc/callback"))
    issuer.answers.clear()
    waiting = [asyncio.create_task(asks.claims("made-up", "verifier", "nonce")) for _ in range(2)]
    while issuer.asked < len(waiting):  # noqa: ASYNC110 - the issuer of the tests counts
        await asyncio.sleep(0.01)
    try:
        with pytest.raises(IssuerError, match="too many"):
            async with asyncio.timeout(SOON_S):
                await asks.claims("made-up", "verifier", "nonce")
    finally:
        issuer.answers.set()
    for task in waiting:
        with pytest.raises(IssuerError, match="400"):
            await task
    with pytest.raises(IssuerError, match="400"):
        await asks.claims("made-up", "verifier", "nonce")


async def test_an_issuer_by_another_name_is_not_ours(
    anybody: httpx.AsyncClient, rig: CentreRig, issuer: Issuer
) -> None:
    issuer.name = "https://other.example"
    answer = await anybody.post("/api/oidc/begin")
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "issuer"
