"""Reading cases for reports, on SQLAlchemy Core: one after the other, however many there are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, literal_column, select

from kentongan_server.adapters.schema import agency, alarm, crime_count, feed, incident, site
from kentongan_server.adapters.views import SqlViews
from kentongan_server.domain.alarm_kind import PATH_NONE
from kentongan_server.domain.crimes import CRIMES, Count
from kentongan_server.domain.reporting import Case

Result = TypeVar("Result")

# Rows that are held at once: some hundred kilobytes, and far fewer round trips than rows.
PIECE = 2_000
# After each piece the thread lets others run: a long report must not keep the loop that takes alarms waiting.
PAUSE_S = 0.001


@dataclass(frozen=True, slots=True)
class SqlReportReader:
    """Implements `application.reports.ReportReader`, on the threads of the other views."""

    views: SqlViews

    async def read(self, work: Callable[[ReportTables], Result]) -> Result:
        return await self.views.read(lambda connection: work(ReportTables(connection)))


@dataclass(frozen=True, slots=True)
class ReportTables:
    """Implements `application.reports.ReportBook` on a connection whose transaction is open."""

    connection: Connection

    def cases(self, first_ms: int, end_ms: int) -> Iterator[Case]:
        for row in self._rows(cases_query(first_ms, end_ms)):
            yield Case._make(row)

    def crimes_of_cases(self, first_ms: int, end_ms: int) -> Iterator[tuple[int, str | None]]:
        for row in self._rows(_crimes_query(first_ms, end_ms)):
            yield row.opened_at_ms, row.zone

    def first_opened_ms(self) -> int | None:
        found: int | None = self.connection.execute(select(func.min(incident.c.opened_at_ms))).scalar_one()
        return found

    def sites(self) -> dict[str, tuple[str, str]]:
        query = select(site.c.code, site.c.name, site.c.zone)
        return {row.code: (row.name, row.zone) for row in self.connection.execute(query)}

    def agencies(self) -> dict[str, str]:
        return {row.code: row.name for row in self.connection.execute(select(agency.c.code, agency.c.name))}

    def crime_counts(self) -> list[Count]:
        one = crime_count.c
        query = select(one.year, one.month, one.category, one["count"], one.source)
        rows = self.connection.execute(query.order_by(one.year, one.month, one.category))
        return [Count(row.year, row.month, row.category, row[3], row.source) for row in rows]  # a row has a count()

    def head(self) -> tuple[int, bytes]:
        query = select(feed.c.position, feed.c.hash).order_by(feed.c.position.desc()).limit(1)
        row = self.connection.execute(query).first()
        return (row.position, bytes(row.hash)) if row else (0, b"")

    def _rows(self, query: Select[Any]) -> Iterator[Row[Any]]:
        result = self.connection.execute(query, execution_options={"yield_per": PIECE})
        for piece in result.partitions():
            yield from piece
            time.sleep(PAUSE_S)


def cases_query(first_ms: int, end_ms: int) -> Select[Any]:
    """Cases opened in [first_ms, end_ms), each with the press of it that arrived first, in the order of `Case`."""
    first_press = (
        select(func.min(alarm.c.id))
        .where(alarm.c.incident == incident.c.id, alarm.c.path != PATH_NONE)
        .correlate(incident)
        .scalar_subquery()
    )
    one = incident.c
    query = (
        select(
            one.source,
            one.site,
            site.c.zone,
            one.agency,
            one.category,
            one.opened_at_ms,
            _acknowledged_ms(),
            one.dispatched_at_ms,
            one.arrived_at_ms,
            one.closed_at_ms,
            one.outcome,
            one.cause,
            one.drill,
            one.recovered,
            alarm.c.pressed_at_ms,
            alarm.c.dated,
            alarm.c.received_at_ms,
            alarm.c.flags,
        )
        .outerjoin(site, site.c.code == one.site)
        .outerjoin(alarm, alarm.c.id == first_press)
        .where(one.opened_at_ms >= first_ms, one.opened_at_ms < end_ms)
    )
    assert len(query.selected_columns) == len(Case._fields)
    return query


def _acknowledged_ms() -> ColumnElement[int | None]:
    """When the case or its first press was answered, whichever was earlier.

    They differ when a case was merged into one that was answered later, or by nobody yet.
    """
    of_case, of_press = incident.c.acknowledged_at_ms, alarm.c.acknowledged_at_ms
    return case((of_case.is_(None) | (of_press < of_case), of_press), else_=of_case)


def _crimes_query(first_ms: int, end_ms: int) -> Select[Any]:
    """When and in which zone the real cases began that were crimes."""
    one = incident.c
    return (
        select(one.opened_at_ms, site.c.zone)
        .outerjoin(site, site.c.code == one.site)
        .where(
            one.opened_at_ms >= first_ms,
            one.opened_at_ms < end_ms,
            one.outcome == literal_column("'real'"),  # written out, for the index of these
            one.cause.in_(sorted(CRIMES)),
            one.drill == 0,
            one.recovered == 0,
        )
    )
