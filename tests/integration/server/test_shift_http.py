"""Calls, drills, hand-overs and replays over HTTP; what expires, as `kentongan privacy report` tells it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from kentongan_server.api.permissions import eyes_of
from kentongan_server.cli_privacy import privacy
from kentongan_server.domain.retention import DAY_MS
from kentongan_server.domain.roles import Reach
from kentongan_server.service import CentreService
from tests.support.centre_rig import PASSWORD, CentreRig, SmallGateway, SmallSite, until
from tests.support.operators import code_of, log_in

pytestmark = pytest.mark.both_engines

CALL = {
    "category": "accident",
    "number": "0812-3456-7890",
    "name": "Ibu <b>Rini</b>",
    "words": "Tabrakan",
    "address": "Jl. Suroyo 5 <script>",
    "latitude": -7.754321,
    "longitude": 113.212345,
}


@pytest.fixture
async def supervisor(rig: CentreRig, address: str) -> AsyncIterator[httpx.AsyncClient]:
    rig.add_user("wati", "supervisor")
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        assert (await log_in(client, "wati")).is_success
        yield client


async def test_a_call_is_an_incident_and_its_caller_is_known_again(operator: httpx.AsyncClient) -> None:
    made = (await operator.post("/api/calls", json=CALL)).json()
    assert (made["source"], made["state"], made["owner"], made["site"]) == ("call", "acknowledged", "sari", None)
    assert (made["category"], made["priority"], made["ringing"]) == ("accident", 2, False)
    assert made["place"]["latitude"] == CALL["latitude"]
    assert made["plan"] is not None, "it has its plan like any other"
    again = await operator.post(f"/api/incidents/{made['id']}/call", json={"number": "+6281234567890", "words": "Lagi"})
    assert [one["words"] for one in again.json()["calls"]] == ["Tabrakan", "Lagi"]
    marked = await operator.post("/api/callers/prank", json={"number": "6281234567890", "prank": True})
    found = (await operator.post("/api/callers/look", json={"number": "081234567890"})).json()
    assert found == marked.json()
    assert (found["calls"], found["pranks"], len(found["newest"])) == (2, 1, 2)
    assert found["newest"][0]["category"] == "accident"
    unknown = (await operator.post("/api/callers/look", json={"number": "08111111111"})).json()
    assert unknown == {"calls": 0, "pranks": 0, "newest": []}
    assert code_of(await operator.post("/api/callers/look", json={"number": "tidak ada"})) == "invalid"
    assert code_of(await operator.post("/api/calls", json=CALL | {"site": "nowhere"})) == "not-found"


async def test_a_drill_rings_and_its_banner_is_on_the_stream(
    supervisor: httpx.AsyncClient, operator: httpx.AsyncClient, bank: SmallSite, centre: CentreService
) -> None:
    asked = {"name": "Jumat", "minutes": 5, "alarms": [{"device": bank.buttons[0].name, "kind": "hold-up", "in_s": 0}]}
    assert code_of(await operator.post("/api/drills", json=asked)) == "forbidden"
    drill = (await supervisor.post("/api/drills", json=asked)).json()
    assert (drill["name"], drill["ended_at_ms"], drill["alarms"][0]["alarm"]) == ("Jumat", None, None)
    await centre.shift.tick()
    ((incident,),) = ((await operator.get("/api/incidents")).json()["incidents"],)
    assert (incident["ringing"], incident["drill"], incident["source"]) == (True, drill["id"], "button")
    (alarm,) = incident["alarms"]
    assert (alarm["flags"], alarm["path"], alarm["sequence"]) == (["drill"], "none", None)
    chunks: list[bytes] = []
    async for chunk in centre.live.stream(0, b"test", 2**52):
        chunks.append(chunk)
        if b"event: tick" in chunk:
            break
    assert b"event: drill" in b"".join(chunks)
    ended = (await supervisor.post(f"/api/drills/{drill['id']}/end")).json()
    assert ended["ended_by"] == "wati"
    assert (await operator.get("/api/drills")).json()["drills"] == [ended]
    closed = (await operator.get(f"/api/incidents/{incident['id']}")).json()
    assert (closed["state"], closed["outcome"]) == ("closed", "drill")
    assert code_of(await supervisor.post(f"/api/drills/{drill['id']}/end")) == "conflict"


def test_who_sees_banners() -> None:
    seen = {role: eyes_of(role).get("drill") for role in ("operator", "auditor", "agency-desk", "partner", "unit")}
    everything = Reach.ALL
    assert seen == {
        "operator": everything, "auditor": everything, "agency-desk": everything, "partner": None, "unit": None,
    }  # fmt: skip


async def test_a_shift_is_handed_over_with_a_signature_and_printed(
    operator: httpx.AsyncClient, rig: CentreRig, centre: CentreService
) -> None:
    rig.add_user("joko")
    rig.add_user("hasan", "auditor")
    made = (await operator.post("/api/calls", json=CALL)).json()
    give = {"to": "joko", "password": PASSWORD, "note": "Jaga </pre><script>alert(1)</script>"}
    assert code_of(await operator.post("/api/hand-over", json=give | {"password": "salah"})) == "wrong-password"
    assert code_of(await operator.post("/api/hand-over", json=give | {"to": "sari"})) == "invalid"
    assert code_of(await operator.post("/api/hand-over", json=give | {"to": "hasan"})) == "invalid"
    given = (await operator.post("/api/hand-over", json=give)).json()
    assert (given["given_by"], given["taken_by"], given["incidents"]) == ("sari", "joko", [made["id"]])
    assert given["signed"] == "password"
    after = (await operator.get(f"/api/incidents/{made['id']}")).json()
    assert after["owner"] == "joko"
    assert after["timeline"][-1]["what"] == "handed-over"
    assert re.fullmatch(r"[1-9][0-9]*:[0-9a-f]{64}", given["head"])
    for language, title, signed in (
        ("id", "Serah terima giliran", "joko (menandatangani dengan kata sandi)"),
        ("en", "Hand-over of a shift", "joko (signed by password)"),
    ):
        page = await operator.get(f"/api/hand-overs/{given['id']}/page", params={"lang": language})
        assert title in page.text
        assert signed in page.text
        assert given["head"] in page.text
        assert "<script>" not in page.text
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
    listed = (await operator.get("/api/hand-overs")).json()["hand_overs"]
    assert [one["id"] for one in listed] == [given["id"]]
    assert (await operator.get("/api/hand-overs/99/page")).status_code == 404


async def test_whoever_guesses_at_a_signature_must_wait(operator: httpx.AsyncClient, rig: CentreRig) -> None:
    rig.add_user("joko")
    codes = [
        code_of(await operator.post("/api/hand-over", json={"to": "joko", "password": f"salah {number}"}))
        for number in range(6)
    ]
    assert codes == ["wrong-password"] * 5 + ["too-many-tries"]


async def test_a_replay_tells_each_step(
    operator: httpx.AsyncClient, centre: CentreService, gateway: SmallGateway, bank: SmallSite
) -> None:
    (button,) = bank.buttons[:1]
    body = button.body()
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    seen = (await operator.get("/api/incidents/1")).json()["version"]
    await operator.post("/api/incidents/1/acknowledge", json={"version": seen})
    told = (await operator.get("/api/incidents/1/replay")).json()
    steps = [(one["what"], one["after"]["state"], one["after"]["rings"]) for one in told["steps"]]
    assert steps[0] == ("opened", "new", True)
    assert ("acknowledged", "acknowledged", False) in steps
    assert told["more"] is False
    assert (await operator.get("/api/incidents/99/replay")).status_code == 404


async def test_what_expires_is_told_and_erased(
    operator: httpx.AsyncClient, rig: CentreRig, centre: CentreService, capsys: pytest.CaptureFixture[str]
) -> None:
    made = (await operator.post("/api/calls", json=CALL)).json()
    rig.rows("UPDATE call SET taken_at_ms = taken_at_ms - ?", 91 * DAY_MS)
    rig.rows("UPDATE incident SET opened_at_ms = opened_at_ms - ?", 91 * DAY_MS)
    assert privacy(["report", "--state", str(rig.state.directory)]) == 0
    told = capsys.readouterr().out
    assert "callers: number, name, words: 1, oldest 91 days" in told
    assert "1 expired but of an open incident" in told
    assert "Rini" not in told
    closing = {"version": made["version"], "outcome": "real", "cause": "accident"}
    for step in made["plan"]["steps"]:
        await operator.post(f"/api/incidents/{made['id']}/step", json={"step": step["key"]})
    closing["version"] = (await operator.get(f"/api/incidents/{made['id']}")).json()["version"]
    assert (await operator.post(f"/api/incidents/{made['id']}/close", json=closing)).is_success

    async def erased() -> bool:
        return rig.rows("SELECT erased_at_ms FROM call")[0][0] is not None

    centre.shift.retention.wake()
    while True:
        await centre.shift.tick()
        if not centre.shift.retention.busy:
            break
    await until(centre, erased)
    after = (await operator.get(f"/api/incidents/{made['id']}")).json()
    assert (after["calls"][0]["number"], after["place"]["address"]) == (None, "")
    assert (after["place"]["latitude"], after["state"]) == (-7.75, "closed")
    assert privacy(["report", "--state", str(rig.state.directory)]) == 0
    assert "callers: number, name, words: 0, erased so far 1" in capsys.readouterr().out
