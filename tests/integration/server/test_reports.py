"""Reports over HTTP from a real store: JSON, CSV, PDF, the city's own numbers, and names that try to break paper."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from kentongan_server.adapters import register
from kentongan_server.adapters.report_type import LACKING, printable
from tests.support.centre_rig import CentreRig
from tests.support.operators import code_of, log_in

PERIOD = {"from": "2026-11-01", "to": "2026-12-01"}
OPENED_MS = int(datetime(2026, 11, 1, 0, 0, 30, tzinfo=ZoneInfo("Asia/Jakarta")).timestamp()) * 1_000
HOSTILE = '=cmd|"x"!A1 <b>&amp; \U0001f3e6\U0001f46e بنك \u202eoops ' + "W" * 400
POSTS = 300


@pytest.fixture
async def admin(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        assert (await log_in(client, "budi")).is_success
        yield client


def write_cases(rig: CentreRig, count: int = 1, site: str = "bank", outcome: str = "real") -> None:
    """Closed cases a minute apart: pressed 1 s before they came, answered after 5 s, sent after 40, there after 200."""
    cause = {"real": "robbery", "false": "weather"}[outcome]
    with register.writing(rig.state.database) as book:
        device = book._connection.execute("SELECT device FROM device WHERE role = 'button' AND site = ?", (site,))
        number = device.fetchone()[0]
        for at in range(count):
            opened = OPENED_MS + at * 60_000
            case = book._connection.execute(
                "INSERT INTO incident (device, site, state, opened_at_ms, last_alarm_at_ms, owner, acknowledged_at_ms,"
                " dispatched_at_ms, arrived_at_ms, closed_by, closed_at_ms, outcome, cause)"
                " VALUES (?, ?, 'closed', ?, ?, 'sari', ?, ?, ?, 'sari', ?, ?, ?) RETURNING id",
                (
                    number,
                    site,
                    opened,
                    opened,
                    opened + 4_000,
                    opened + 39_000,
                    opened + 199_000,
                    opened + 899_000,
                    outcome,
                    cause,
                ),
            ).fetchone()[0]
            for again in range(2):  # the first of a case's presses is measured
                book._connection.execute(
                    "INSERT INTO alarm (incident, device, sequence, nonce, key_id, kind, contacts, boot_id, uptime_ms,"
                    " wall_ms, clock, pressed_at_ms, dated, received_at_ms, level, revision,"
                    " repeats, path, attempt, flags)"
                    " VALUES (?, ?, ?, ?, 1, 1, 3, 1, 1, 1, 1, ?, 'exact', ?, 4, 1, 0, 1, 1, 0)",
                    (
                        case,
                        number,
                        10_000 * case + again,
                        case.to_bytes(8, "big"),
                        opened - 1_000 + again,
                        opened + again,
                    ),
                )


@pytest.mark.both_engines
async def test_a_report_says_what_the_store_has(admin: httpx.AsyncClient, rig: CentreRig) -> None:
    write_cases(rig, 3)
    write_cases(rig, 1, outcome="false")
    await rig.history_is_placed()
    found = (await admin.get("/api/reports/summary", params=PERIOD)).json()
    (bank,) = found["groups"]
    assert (bank["key"], bank["cases"], bank["real"], bank["false"], bank["false_rate"]) == ("bank", 4, 3, 1, 0.25)
    assert bank["times"]["acknowledged"] == {"n": 4, "p50_ms": 5_000, "p90_ms": 5_000, "p99_ms": 5_000}
    assert bank["times"]["on-scene"]["p99_ms"] == 200_000
    assert found["whole"] == bank | {"key": "", "name": None}
    assert found["head"]["position"] > 0
    assert len(found["head"]["hash"]) == 64
    hours = (await admin.get("/api/reports/summary", params=PERIOD | {"by": "hour"})).json()["groups"]
    assert [one["cases"] for one in hours] == [4] + [0] * 23  # half a minute past midnight at the site


async def test_a_period_ends_before_the_midnight_of_the_site(admin: httpx.AsyncClient, rig: CentreRig) -> None:
    write_cases(rig)
    october = {"from": "2026-10-01", "to": "2026-11-01"}
    assert (await admin.get("/api/reports/summary", params=october)).json()["whole"]["cases"] == 0
    first = {"from": "2026-11-01", "to": "2026-11-02"}
    assert (await admin.get("/api/reports/summary", params=first)).json()["whole"]["cases"] == 1


async def test_an_empty_period_is_a_report_too(admin: httpx.AsyncClient) -> None:
    found = (await admin.get("/api/reports/summary", params=PERIOD)).json()
    assert (found["groups"], found["whole"]["cases"], found["whole"]["false_rate"]) == ([], 0, None)
    for path in ("/api/reports/summary.pdf", "/api/reports/crimes.pdf"):
        answer = await admin.get(path, params=PERIOD)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")


async def test_tables_run_nothing_and_paper_is_not_broken(admin: httpx.AsyncClient, rig: CentreRig) -> None:
    with register.writing(rig.state.database) as book:
        book._connection.execute("UPDATE site SET name = ? WHERE code = 'bank'", (HOSTILE,))
    write_cases(rig, outcome="false")
    answer = await admin.get("/api/reports/summary.csv", params=PERIOD)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["key"], row["cases"], row["false_causes"]) for row in rows] == [
        ("all", "1", "weather:1"), ("bank", "1", "weather:1"),
    ]  # fmt: skip
    assert rows[1]["name"] == "'" + HOSTILE
    plain = await admin.get("/api/reports/summary.csv", params=PERIOD | {"bom": "false"})
    assert plain.content == answer.content[3:]
    for lang in ("id", "en"):
        answer = await admin.get("/api/reports/summary.pdf", params=PERIOD | {"lang": lang})
        assert answer.status_code == 200
        assert answer.content.count(b"/Type /Page\n") >= 2


async def test_a_site_with_hundreds_of_posts_is_one_row(admin: httpx.AsyncClient, rig: CentreRig) -> None:
    with register.writing(rig.state.database) as book:
        for at in range(POSTS):
            book.insert_device(900_000 + at, "button", "bank", book.insert_post("bank", f"Pos {at}", "desk"), OPENED_MS)
    write_cases(rig, 5)
    found = (await admin.get("/api/reports/summary", params=PERIOD)).json()
    assert [(one["key"], one["cases"]) for one in found["groups"]] == [("bank", 5)]


BAD = (
    {"from": "2026-11-01"},
    {"from": "1.11.2026", "to": "2026-12-01"},
    {"from": "2026-12-01", "to": "2026-11-01"},
    PERIOD | {"by": "x"},
)


@pytest.mark.parametrize("params", BAD)
async def test_bad_requests_are_told(admin: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await admin.get("/api/reports/summary", params=params)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


async def test_an_operator_has_no_reports(operator: httpx.AsyncClient) -> None:
    assert (await operator.get("/api/reports/summary", params=PERIOD)).status_code == 403


@pytest.mark.both_engines
async def test_the_citys_numbers_are_brought_in_whole_or_not_at_all(admin: httpx.AsyncClient) -> None:
    table = "year,month,category,count,source\n2021,,,544,Polres\n2022,,,886,Polres\n"
    tried = await admin.put("/api/reports/crimes", content=table, params={"dry_run": True})
    assert tried.json() == {"new": 2, "changed": 0, "same": 0}
    assert (await admin.get("/api/reports/crimes")).json()["city"]["years"] == []
    assert (await admin.put("/api/reports/crimes", content=table)).json() == {"new": 2, "changed": 0, "same": 0}
    again = await admin.put("/api/reports/crimes", content=table.replace("886", "887"))
    assert again.json() == {"new": 0, "changed": 1, "same": 1}
    years = (await admin.get("/api/reports/crimes")).json()["city"]["years"]
    assert [(one["year"], one["count"]) for one in years] == [(2021, 544), (2022, 887)]
    wrong = await admin.put("/api/reports/crimes", content=table.replace("544", "many") + "2022,,,1,x\n")
    assert code_of(wrong) == "invalid"
    assert all(where in wrong.json()["error"]["message"] for where in ("line 2, column count", "line 4"))

    assert (await admin.get("/api/reports/crimes.csv")).text.count("\n") == 3


def test_what_the_font_lacks_is_seen() -> None:
    assert printable("Café Éé “Jaya” \U0001f3e6") == f"Café Éé “Jaya” {LACKING}"
    assert printable("a\u202eb") == f"a{LACKING}b"
    assert len(printable("x" * 500)) == 80
