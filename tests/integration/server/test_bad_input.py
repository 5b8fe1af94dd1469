"""What a city brings that nobody planned for, against a real centre: clear words, nothing lost, nothing run."""

from __future__ import annotations

import html
import json
from pathlib import Path

import httpx
import pytest

from kentongan_server import cli_register
from kentongan_server.api.access import COOKIE, CSRF_HEADER
from kentongan_server.domain import csv_table
from kentongan_server.service import CentreService
from tests.support.centre_http import http_client
from tests.support.centre_rig import CentreRig, SmallGateway, SmallSite
from tests.support.operators import code_of, finish_plan, log_in, seen_of

pytestmark = pytest.mark.both_engines

SCRIPT = "<script>alert('x')</script>"
HOSTILE = f'=1+1 "Emas" {SCRIPT} &amp; \U0001f3e6 بنك الشرق '
LONG = HOSTILE + "W" * (500 - len(HOSTILE))
POSTS = 300


def bring(rig: CentreRig, folder: Path, kind: str, names: list[str], rows: list[list[str]]) -> None:
    file = folder / f"{kind}.csv"
    file.write_text(csv_table.write(names, rows), encoding="utf-8")
    assert cli_register.import_([kind, str(file), "--state", str(rig.state.directory)]) == 0


async def streamed(centre: CentreService) -> list[dict[str, object]]:
    """All that a new screen is told, up to the first tick; each piece is whole JSON in one line."""
    text = b""
    async for chunk in centre.live.stream(0, b"test", 2**52):
        text += chunk
        if b"event: tick" in chunk:
            break
    return [json.loads(line.removeprefix("data: ")) for line in text.decode().splitlines() if line.startswith("data: ")]


async def test_a_site_of_300_posts_and_names_that_break_what_can_be_broken(
    operator: httpx.AsyncClient, centre: CentreService, rig: CentreRig, gateway: SmallGateway, bank: SmallSite,
    tmp_path: Path,
) -> None:  # fmt: skip
    assert len(LONG) == 500
    bring(rig, tmp_path, "sites", ["code", "name", "address"], [["bank", LONG, HOSTILE.strip()]])
    posts = [f"{HOSTILE}{number}" for number in range(POSTS)]
    bring(rig, tmp_path, "posts", ["site", "name", "variant"], [["bank", name, "desk"] for name in posts])
    assert (await operator.get("/api/sites")).json()["sites"][0]["name"] == LONG
    fitted = {post["name"] for post in (await operator.get("/api/sites/bank")).json()["fitted"]}
    assert fitted >= set(posts)

    body = bank.buttons[0].body()
    await gateway.carry(bank.buttons[0].attempt(body))
    await gateway.receipt(bank.buttons[0], body)
    (incident,) = (await operator.get("/api/incidents")).json()["incidents"]
    assert incident["site"]["name"] == LONG
    assert LONG in json.dumps(await streamed(centre), ensure_ascii=False).replace('\\"', '"')

    assert (await operator.post("/api/incidents/1/acknowledge", json=seen_of(incident))).is_success
    note = f"{SCRIPT} \U0001f46e {'ن' * 3_000}"
    assert (await operator.post("/api/incidents/1/note", json={"text": note})).is_success
    await rig.history_is_placed()
    shown = (await operator.get("/api/incidents/1")).json()
    assert any(json.dumps(note) in json.dumps(line) for line in shown["timeline"])


async def test_names_and_words_run_nothing_on_the_page_that_is_signed(
    operator: httpx.AsyncClient, rig: CentreRig, tmp_path: Path
) -> None:
    bring(rig, tmp_path, "sites", ["code", "name"], [["bank", LONG]])
    call = {"category": "fire", "site": "bank", "words": SCRIPT, "name": SCRIPT, "address": SCRIPT}
    assert (await operator.post("/api/calls", json=call)).is_success
    rig.add_user("joko")
    given = await operator.post(
        "/api/hand-over", json={"to": "joko", "password": "correct horse battery staple", "note": f"{SCRIPT} {LONG}"}
    )
    assert given.is_success, given.text
    for language in ("id", "en"):
        page = await operator.get(f"/api/hand-overs/{given.json()['id']}/page", params={"lang": language})
        assert "<script" not in page.text
        assert html.escape(LONG, quote=False) in html.escape(html.unescape(page.text), quote=False)
        assert "&lt;script&gt;" in page.text


async def test_two_stale_screens_lose_no_press_and_no_answer(
    operator: httpx.AsyncClient, address: str, rig: CentreRig, gateway: SmallGateway, bank: SmallSite
) -> None:
    rig.add_user("joko")
    async with http_client(address) as other:
        assert (await log_in(other, "joko")).is_success
        for number, button in enumerate(bank.buttons):
            body = button.body()
            await gateway.carry(button.attempt(body))
            await gateway.receipt(button, body)
            if number == 0:
                (old,) = (await operator.get("/api/incidents")).json()["incidents"]
        after = (await operator.post("/api/incidents/1/acknowledge", json=seen_of(old))).json()
        assert (after["owner"], after["ringing"]) == ("sari", True), "what that screen did not show rings on"
        closing = {"outcome": "false", "cause": "prank"}
        refused = await operator.post("/api/incidents/1/close", json=seen_of(old) | closing)
        assert (refused.status_code, code_of(refused)) == (409, "ringing")
        answered = (await other.post("/api/incidents/1/acknowledge", json=seen_of(after))).json()
        assert (answered["owner"], answered["ringing"]) == ("sari", False)
        refused = await other.post("/api/incidents/1/close", json=seen_of(old) | closing)
        assert (refused.status_code, code_of(refused)) == (409, "stale")
        await finish_plan(operator, 1)
        newest = (await operator.get("/api/incidents/1")).json()
        assert (await operator.post("/api/incidents/1/close", json=seen_of(newest) | closing)).is_success
        twice = await other.post("/api/incidents/1/close", json=seen_of(newest) | closing | {"cause": "unknown"})
        assert (twice.status_code, code_of(twice)) == (409, "conflict")
        ended = (await other.get("/api/incidents/1")).json()
    assert (ended["cause"], ended["state"]) == ("prank", "closed"), "the first answer stays"
    assert rig.rows("SELECT count(*), count(acknowledged_by) FROM alarm") == [(2, 2)]


def forged_of(genuine: str) -> dict[str, str]:
    other = "A" if genuine[-2] != "A" else "B"
    return {
        "changed": f"{genuine[:-2]}{other}{genuine[-1]}",
        "cut": genuine[:-1],
        "of nobody": "A" * len(genuine),
        "statement": '"\' OR 1=1 --"',
        "long": "A" * 6_000,
        "letters": "%F0%9F%8F%A6%00",
    }


async def test_a_forged_session_opens_nothing(operator: httpx.AsyncClient, address: str, rig: CentreRig) -> None:
    assert (await operator.post("/api/calls", json={"category": "fire", "words": "asap"})).is_success
    for how, forged in forged_of(operator.cookies[COOKIE]).items():
        async with http_client(address) as thief:
            thief.headers["Cookie"] = f"{COOKIE}={forged}"
            thief.headers[CSRF_HEADER] = operator.headers[CSRF_HEADER]
            for answer in (
                await thief.get("/api/incidents"),
                await thief.get("/api/stream"),
                await thief.post("/api/incidents/1/note", json={"text": "x"}),
                await thief.post("/api/users", json={"name": "thief", "role": "admin"}),
            ):
                assert (answer.status_code, code_of(answer)) == (401, "login-required"), (how, answer.request.url)
    await rig.history_is_placed()
    assert rig.rows("SELECT count(*) FROM feed WHERE what = 'noted'") == [(0,)]
    assert (await operator.get("/api/me")).is_success
