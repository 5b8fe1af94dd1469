"""Log-in, sessions, and what stands against guessing, over a real socket."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from kentongan_server.adapters import passwords, register
from kentongan_server.api.access import BROWSER_COOKIE, COOKIE
from kentongan_server.application import people, users
from kentongan_server.application.people import SESSION_MS, TRIES_OF_NAME
from kentongan_server.centre_state import open_state
from kentongan_server.service import CentreService
from tests.support.centre_http import http_client, http_of
from tests.support.centre_rig import PASSWORD, CentreRig, SmallSite, now_ms
from tests.support.operators import code_of, log_in
from tests.support.people import access_log

# --- log-in ---------------------------------------------------------------------------------------


@pytest.mark.both_engines
async def test_log_in_and_out(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/api/me")).status_code == 401
    answer = await log_in(anybody)
    assert answer.json().keys() == {
        "name", "full_name", "role", "agency", "csrf", "must_change", "expires_at_ms",
    }  # fmt: skip
    assert (await anybody.get("/api/me")).json() == answer.json()
    cookie = answer.headers["set-cookie"]
    for part in (f"{COOKIE}=", "HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={SESSION_MS // 1000}"):
        assert part in cookie
    token = anybody.cookies[COOKIE]
    assert (await anybody.post("/api/logout")).status_code == 204
    anybody.cookies.set(COOKIE, token)
    assert (await anybody.get("/api/me")).status_code == 401


async def test_the_cookie_is_for_https_only_when_the_settings_say_so(rig: CentreRig, bank: SmallSite) -> None:
    settings = rig.state.directory / "centre.toml"
    settings.write_text(settings.read_text().replace("secure_cookie = false", "secure_cookie = true"))
    secure = CentreRig(
        rig.directory, open_state(rig.state.directory), rig.broker_port, rig.http_port, rig.admin_password
    )
    async with secure.running() as centre, http_of(centre) as address, http_client(address) as client:
        answer = await log_in(client, "admin", rig.admin_password)
    cookies = answer.headers.get_list("set-cookie")
    assert all("Secure" in cookie for cookie in cookies)
    assert [cookie.partition("=")[0] for cookie in cookies] == [
        "__Secure-kentongan_browser",
        "__Host-kentongan_session",
    ]
    assert "Path=/;" in f"{cookies[1]};"
    assert "Domain" not in cookies[1]
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(("name", "password"), [("sari", "wrong wrong wrong"), ("nobody", PASSWORD), ("sari", "")])
async def test_wrong_log_ins_look_the_same(anybody: httpx.AsyncClient, name: str, password: str) -> None:
    answer = await log_in(anybody, name, password)
    assert answer.status_code == 401
    assert code_of(answer) == "wrong-login"
    assert "set-cookie" not in answer.headers


async def test_guessing_is_stopped_for_the_guessed_name_only(anybody: httpx.AsyncClient) -> None:
    for _ in range(TRIES_OF_NAME):
        assert (await log_in(anybody, "sari", "guess")).status_code == 401
    answer = await log_in(anybody, "sari", PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert (await log_in(anybody, "budi")).status_code == 200


async def test_a_burst_of_guesses_is_counted_before_it_is_hashed(anybody: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(log_in(anybody, "sari", f"guess {n}") for n in range(TRIES_OF_NAME * 3)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [401] * TRIES_OF_NAME + [429] * TRIES_OF_NAME * 2


@pytest.fixture
def three_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """To be asked for before the centre, which begins with it: a minute is short on a busy machine."""
    monkeypatch.setattr(people, "TRIES_OF_ADDRESS", 3)


async def test_whoever_has_one_password_cannot_wipe_out_the_guesses_of_others(
    three_tries: None, anybody: httpx.AsyncClient, address: str
) -> None:
    for number in range(2):
        assert (await log_in(anybody, f"name {number}", "guess")).status_code == 401
    async with http_client(address) as insider:
        assert (await log_in(insider, "budi")).status_code == 200
    assert (await log_in(anybody, "the last", "guess")).status_code == 401
    assert (await log_in(anybody, "one more", "guess")).status_code == 429


@pytest.mark.both_engines
@pytest.mark.parametrize("meanwhile", ["another password", "disabled"])
async def test_what_changes_while_a_password_is_hashed_counts(
    anybody: httpx.AsyncClient, rig: CentreRig, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The one who is being locked out may be guessing, or knowing, at that very moment."""
    matches = passwords.matches

    def changed_meanwhile(stored: str | None, password: str) -> bool:
        right = matches(stored, password)
        with register.writing(rig.state.database) as book:
            sari = users.find_named(book, "sari")
            if meanwhile == "disabled":
                users.change_person(book, sari.id, users.Changes(disabled=True), now_ms(), "budi")
            else:
                users.reset_person(book, sari.id, passwords.hashed("another one"), now_ms(), "budi")
        return right

    monkeypatch.setattr(passwords, "matches", changed_meanwhile)
    answer = await log_in(anybody)
    assert (answer.status_code, code_of(answer)) == (401, "wrong-login")
    assert "set-cookie" not in answer.headers
    assert "login" not in [what for what, _, _ in access_log(rig)]


async def test_who_is_known_here_is_not_locked_out_by_whoever_guesses(
    anybody: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    """Behind a proxy everybody comes from one address; sari's own browser is counted by itself."""
    for _ in range(TRIES_OF_NAME):
        await log_in(anybody, "sari", "guess")
    assert (await log_in(anybody, "sari", PASSWORD)).status_code == 429
    assert (await log_in(operator, "sari", PASSWORD)).status_code == 200
    assert (await log_in(operator, "budi", "guess")).status_code == 401


async def test_a_stolen_mark_of_a_browser_is_only_good_for_its_person_and_its_tries(
    anybody: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    mark = next(cookie for cookie in operator.cookies.jar if cookie.name == BROWSER_COOKIE)
    assert mark.path == "/api/login"
    assert mark.value is not None
    headers = {"Cookie": f"{BROWSER_COOKIE}={mark.value}"}
    for _ in range(TRIES_OF_NAME):
        answer = await anybody.post("/api/login", json={"name": "sari", "password": "guess"}, headers=headers)
        assert answer.status_code == 401
    answer = await anybody.post("/api/login", json={"name": "sari", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 429
    for bad in ("", ".", mark.value[:-1], mark.value + "0", "x" * 5_000):
        headers = {"Cookie": f"{BROWSER_COOKIE}={bad}"}
        answer = await anybody.post("/api/login", json={"name": "budi", "password": PASSWORD}, headers=headers)
        assert answer.status_code == 200


async def test_only_a_trusted_proxy_says_where_somebody_comes_from(
    anybody: httpx.AsyncClient, rig: CentreRig, bank: SmallSite
) -> None:
    for number in range(TRIES_OF_NAME):
        anybody.headers["X-Forwarded-For"] = f"10.9.9.{number}"
        assert (await log_in(anybody, "sari", "guess")).status_code == 401
    anybody.headers["X-Forwarded-For"] = "10.9.9.200"
    assert (await log_in(anybody, "sari")).status_code == 429, "nobody's X-Forwarded-For is believed by default"


async def test_behind_a_trusted_proxy_everybody_is_counted_by_their_own_address(
    rig: CentreRig, bank: SmallSite
) -> None:
    settings = rig.state.directory / "centre.toml"
    settings.write_text(settings.read_text().replace("[http]\n", '[http]\ntrusted_proxy = "127.0.0.1"\n'))
    rig.add_user("sari")
    proxied = replace(rig, state=open_state(rig.state.directory))
    async with (
        proxied.running() as centre,
        http_of(centre) as address,
        http_client(address) as client,
    ):
        client.headers["X-Forwarded-For"] = "10.9.9.1"
        for _ in range(TRIES_OF_NAME + 1):
            guessed = await log_in(client, "sari", "guess")
        client.headers["X-Forwarded-For"] = "10.9.9.2"
        entered = await log_in(client, "sari")
    assert (guessed.status_code, entered.status_code) == (429, 200)


async def test_all_addresses_of_one_ipv6_network_are_counted_as_one(rig: CentreRig, bank: SmallSite) -> None:
    settings = rig.state.directory / "centre.toml"
    settings.write_text(settings.read_text().replace("[http]\n", '[http]\ntrusted_proxy = "127.0.0.1"\n'))
    rig.add_user("sari")
    proxied = replace(rig, state=open_state(rig.state.directory))
    async with proxied.running() as centre, http_of(centre) as address, http_client(address) as client:
        for number in range(TRIES_OF_NAME):
            client.headers["X-Forwarded-For"] = f"2001:db8:1:2:{number:x}::{number:x}"
            assert (await log_in(client, "sari", "guess")).status_code == 401
        client.headers["X-Forwarded-For"] = "2001:db8:1:2:ffff::1"
        assert (await log_in(client, "sari")).status_code == 429
        client.headers["X-Forwarded-For"] = "2001:db8:1:3::1"
        assert (await log_in(client, "sari")).status_code == 200


@pytest.mark.both_engines
async def test_a_session_ends_by_itself(anybody: httpx.AsyncClient, centre: CentreService) -> None:
    await log_in(anybody)
    token = anybody.cookies[COOKIE]
    assert centre.people.session(token) is not None
    wall_ms = centre.clock.wall_ms
    centre.clock.wall_ms = lambda: wall_ms() + SESSION_MS + 1  # type: ignore[method-assign]
    assert centre.people.session(token) is None
    assert (await anybody.get("/api/me")).status_code == 401
