"""A store with a past: no list and no look-up walks through all the cases that ever were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bench import past
from kentongan_server.adapters import auditing, read_incidents
from kentongan_server.adapters.read_desk import SqlDeskViews
from kentongan_server.adapters.read_reports import SqlReportReader
from kentongan_server.adapters.read_sites import SqlSiteViews
from kentongan_server.adapters.views import SqlViews
from kentongan_server.application.reports import Reports
from kentongan_server.application.views import Closed
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.reporting import By, parse_period
from kentongan_server.domain.roles import EVERYTHING, Reach, Scope
from kentongan_server.service import SystemClock
from tests.support.centre_rig import CentreRig, SmallSite, now_ms
from tests.support.people import add_agency, change_incident

CASES = 2_000
LAST_OF_A_PAGE = CASES // 10 * 10  # the agency's, too
AGENCY = Scope(Reach.AGENCY, 1, "polres")
PARTNER = Scope(Reach.SITES, 1, None)
GROWS = ("incident", "alarm", "feed")  # with the years
# Walked from one end until a page is full, or of the few that are open.
FINE = re.compile(r"^SCAN (incident USING INDEX ix_incident_(open\w*|closed_at_ms)|feed)$")


@pytest.fixture
def old(rig: CentreRig, bank: SmallSite) -> CentreRig:
    """A centre with cases of three years, of which every tenth was the agency's, and nothing open."""
    add_agency(rig, "polres")
    buttons = [past.Fitted(button.device, bank.code) for button in bank.buttons]
    past.write(rig.state.database, buttons, CASES, now_ms())
    rig.rows("UPDATE incident SET agency = 'polres' WHERE id % 10 = 0")
    rig.rows("UPDATE incident SET dispatched_to = 'polres' WHERE id % 10 = 1")
    return rig


@pytest.fixture
def views(old: CentreRig) -> Iterator[SqlViews]:
    with closing(SqlViews(old.state.database)) as made:
        yield made


@contextmanager
def statements(views: SqlViews) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the store meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(views._engine, "before_cursor_execute", note)
    yield asked
    event.remove(views._engine, "before_cursor_execute", note)


@pytest.mark.both_engines
def test_the_past_is_as_the_centre_would_have_written_it(old: CentreRig) -> None:
    assert old.rows("SELECT count(*) FROM incident WHERE state = 'closed'") == [(CASES,)]
    assert old.rows("SELECT count(*) FROM alarm AS a JOIN incident AS i ON i.id = a.incident") == [(CASES,)]
    result = auditing.verify(old.state.database)
    assert result.findings == []
    assert result.rows >= 3 * CASES


async def test_nothing_walks_through_all_cases(views: SqlViews, old: CentreRig) -> None:
    desk, sites, reports = SqlDeskViews(views), SqlSiteViews(views), Reports(SqlReportReader(views), SystemClock())
    position = await views.position()
    with statements(views) as asked:
        for scope in (EVERYTHING, AGENCY, PARTNER):
            await views.open_incidents(scope)
            await views.closed_incidents(scope)
            await views.closed_incidents(scope, Closed(site="bank", from_ms=0))
            if scope != PARTNER:
                await views.closed_incidents(scope, Closed(before=LAST_OF_A_PAGE, to_ms=now_ms()))
            await views.shown(scope)
            await views.within(scope, "incident", CASES)
            await views.within(scope, "site", "bank")
        await views.incident(CASES)
        await views.events(position - 100)
        await desk.replay(CASES)
        await desk.head()
        await sites.sites()
        await sites.site("bank")
        await reports.summary(parse_period("2026-01-01", "2026-02-01"), By.SITE)
        await reports.crimes()
    walked = []
    for statement, values in asked:
        for _, _, _, step in old.rows(f"EXPLAIN QUERY PLAN {statement}", *values):
            if re.match(rf"^SCAN ({'|'.join(GROWS)})\b", step) and not FINE.match(step):
                walked.append((step, statement))
    assert not walked


@pytest.mark.both_engines
async def test_an_agency_has_the_newest_of_what_was_its_own_or_sent_to_it(old: CentreRig, views: SqlViews) -> None:
    own = {one for (one,) in old.rows("SELECT id FROM incident WHERE agency = 'polres' OR dispatched_to = 'polres'")}
    shown = (await views.closed_incidents(AGENCY))["incidents"]
    assert [one["id"] for one in shown] == sorted(own, reverse=True)[: len(shown)]
    assert len(shown) == 200


@pytest.mark.both_engines
@pytest.mark.parametrize("scope", [EVERYTHING, AGENCY], ids=["all", "agency"])
async def test_closed_cases_come_page_by_page_whole_and_once(old: CentreRig, views: SqlViews, scope: Scope) -> None:
    old.rows("UPDATE incident SET closed_at_ms = (SELECT max(closed_at_ms) FROM incident) WHERE id % 3 = 0")
    mine = "" if scope == EVERYTHING else "WHERE agency = 'polres' OR dispatched_to = 'polres'"
    whole = old.rows(f"SELECT id, closed_at_ms FROM incident {mine} ORDER BY closed_at_ms DESC, id DESC")

    async def paged(**which: Any) -> list[int]:
        found: list[int] = []
        while page := (await views.closed_incidents(scope, Closed(found[-1] if found else None, **which)))["incidents"]:
            found += [one["id"] for one in page]
        return found

    from_ms, to_ms = whole[-50][1], whole[-100][1]
    assert await paged() == [one for one, _ in whole]
    assert await paged(from_ms=from_ms, to_ms=to_ms) == [one for one, at_ms in whole if from_ms <= at_ms < to_ms]
    assert await paged(site="bank") == [one for one, _ in whole]
    assert await paged(site="toko") == []
    before, _ = whole[10]
    change_incident(old, before, state="acknowledged", outcome=None)
    with pytest.raises(NotFoundError, match="no closed incident"):
        await views.closed_incidents(scope, Closed(before=before))


@pytest.mark.both_engines
async def test_the_queue_is_what_is_open_in_the_order_of_its_coming(old: CentreRig, views: SqlViews) -> None:
    for number in (3, CASES):
        change_incident(old, number, state="acknowledged", outcome=None)
    assert [one["id"] for one in (await views.open_incidents())["incidents"]] == [3, CASES]


@pytest.mark.both_engines
async def test_of_too_many_open_cases_those_that_ring_and_the_most_urgent_are_in_the_list(
    old: CentreRig, views: SqlViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night of outages: a new hold-up is not what the list has no room for, and what it leaves off is told."""
    monkeypatch.setattr(read_incidents, "OPEN_MAX", 3)
    for number, priority in ((5, 2), (6, 4), (7, 2), (8, 3), (9, 4)):
        change_incident(old, number, state="acknowledged", outcome=None, priority=priority, device=None)
    change_incident(old, 9, reminded_at_ms=1)
    listed = await views.open_incidents()
    assert [one["id"] for one in listed["incidents"]] == [5, 7, 9], "9 rings; then by urgency"
    assert listed["left_off"] == 2
    old.rows("UPDATE alarm SET acknowledged_by = NULL WHERE incident IN (6, 8)")
    assert [one["id"] for one in (await views.open_incidents())["incidents"]] == [6, 8, 9], "what nobody answered rings"
    change_incident(old, 8, quiet_until_ms=1)
    change_incident(old, 5, priority=1)
    assert [one["id"] for one in (await views.open_incidents())["incidents"]] == [5, 6, 9]
    change_incident(old, 5, priority=2)
    assert [one["id"] for one in (await views.open_incidents())["incidents"]] == [6, 7, 9], "of the same, the newest"
    monkeypatch.setattr(read_incidents, "OPEN_MAX", 5)
    assert (await views.open_incidents())["left_off"] == 0
    monkeypatch.setattr(read_incidents, "OPEN_MAX", 6)
    assert "left_off" not in await views.open_incidents()
