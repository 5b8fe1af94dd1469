"""Reports: how fast the centre answered, what was false and why, crimes per month. Made from one state of the store."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, tzinfo
from functools import lru_cache
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kentongan_server import report_shapes as shapes
from kentongan_server.application.ports import Clock
from kentongan_server.application.sites import HOME_ZONE
from kentongan_server.domain import crimes as crime_rules
from kentongan_server.domain.crimes import Count, Month, month_of
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.outcome import Outcome
from kentongan_server.domain.reporting import (
    DAY_HOURS,
    By,
    Case,
    Counting,
    Leg,
    Period,
    Tally,
    day_begins_ms,
    percentiles,
)

Result = TypeVar("Result")

DAY_MS = 86_400_000  # before a month at home began it had begun elsewhere: zones of one country differ by less
WAITING_MAX = 4  # reports that wait for the one that is made: each is seconds of work with a million cases
MONTHS_SHOWN = 60  # of the centre's own cases: a council's term


class BusyError(CentreError):
    """So many reports are being made that another one would only wait."""

    code = "busy"


class ReportBook(Protocol):
    """What a report reads, all of it true for one moment of the store."""

    def cases(self, first_ms: int, end_ms: int) -> Iterator[Case]:
        """Those opened in [first_ms, end_ms), streaming."""

    def crimes_of_cases(self, first_ms: int, end_ms: int) -> Iterator[tuple[int, str | None]]:
        """When (Unix ms) and in which zone real cases that were crimes began."""

    def first_opened_ms(self) -> int | None:
        """When the first case of all was opened."""

    def sites(self) -> dict[str, tuple[str, str]]:
        """Name and zone by code."""

    def agencies(self) -> dict[str, str]:
        """Name by code."""

    def crime_counts(self) -> list[Count]: ...
    def head(self) -> tuple[int, bytes]:
        """Position and hash of the newest row of the history."""


class ReportReader(Protocol):
    """Runs work on a thread beside the loop."""

    async def read(self, work: Callable[[ReportBook], Result]) -> Result: ...


class Reports:
    """Makes reports, one at a time, so that they take one thread of the readers and no more.

    All of them raise:
        BusyError: `WAITING_MAX` are waiting already.
    """

    def __init__(self, reader: ReportReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._one = asyncio.Lock()
        self._waiting = 0

    async def summary(self, period: Period, by: By) -> shapes.Summary:
        """Response times and outcomes of a period."""
        now_ms = self._clock.wall_ms()
        async with self._turn():
            return await self._reader.read(lambda book: _summary(book, period, by, now_ms))

    async def crimes(self) -> shapes.Crimes:
        """Crimes per month and year, and their trends."""
        now_ms = self._clock.wall_ms()
        async with self._turn():
            return await self._reader.read(lambda book: _crimes(book, now_ms))

    async def whole(self, period: Period) -> shapes.WholeReport:
        """All that the paper says."""
        now_ms = self._clock.wall_ms()
        async with self._turn():
            return await self._reader.read(lambda book: _whole(book, period, now_ms))

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING_MAX:
            raise BusyError(f"{WAITING_MAX} reports are waiting already.", "Try again in a minute.")
        self._waiting += 1
        try:
            async with self._one:
                yield
        finally:
            self._waiting -= 1


@lru_cache(maxsize=64)
def zone_of(name: str | None) -> tzinfo:
    """The zone; the home zone for a case without a site, and for a name that this machine does not know."""
    try:
        return ZoneInfo(name or HOME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(HOME_ZONE)


def group_shape(key: str, name: str | None, tally: Tally) -> shapes.Group:
    """A group as it is told."""
    times: dict[str, shapes.Percentiles | None] = {}
    for leg in Leg:
        found = percentiles(tally.times[leg])
        times[leg] = None if found is None else {
            "n": found.n,
            "p50_ms": found.p50_ms,
            "p90_ms": found.p90_ms,
            "p99_ms": found.p99_ms,
        }  # fmt: skip
    causes = sorted(tally.false_causes.items(), key=lambda item: (-item[1], item[0]))
    return {
        "key": key,
        "name": name,
        "cases": tally.cases,
        "open": tally.open,
        "calls": tally.calls,
        "real": tally.outcomes[Outcome.REAL],
        "false": tally.outcomes[Outcome.FALSE],
        "no_one_found": tally.outcomes[Outcome.NO_ONE_FOUND],
        "false_rate": tally.false_rate,
        "false_causes": [{"cause": cause, "count": count} for cause, count in causes],
        "times": times,
        "late": tally.late,
        "time_suspect": tally.time_suspect,
        "apart": tally.apart,
        "from_arrival": tally.from_arrival,
        "backwards": tally.backwards,
    }


def _summary(book: ReportBook, period: Period, by: By, now_ms: int) -> shapes.Summary:
    sites = book.sites()
    return _told(book, _counted(book, period, (by,), sites), by, sites, now_ms)


def _whole(book: ReportBook, period: Period, now_ms: int) -> shapes.WholeReport:
    sites = book.sites()
    counting = _counted(book, period, (By.SITE, By.HOUR), sites)
    return {
        "summary": _told(book, counting, By.SITE, sites, now_ms),
        "by_hour": _groups(By.HOUR, counting.groups[By.HOUR], {}),
        "crimes": _crimes(book, now_ms),
    }


def _counted(
    book: ReportBook, period: Period, groupings: tuple[By, ...], sites: Mapping[str, tuple[str, str]]
) -> Counting:
    counting = Counting(period, groupings, zone_of)
    zones = {zone_of(None), *(zone_of(zone) for _, zone in sites.values())}
    bounds = [period.bounds_ms(zone) for zone in zones]
    for case in book.cases(min(first for first, _ in bounds), max(end for _, end in bounds)):
        counting.add(case)
    return counting


def _told(
    book: ReportBook, counting: Counting, by: By, sites: Mapping[str, tuple[str, str]], now_ms: int
) -> shapes.Summary:
    names = {code: name for code, (name, _) in sites.items()} if by is By.SITE else {}
    if by is By.AGENCY:
        names = book.agencies()
    zones = sorted({zone for _, zone in sites.values()} | {HOME_ZONE})
    return {
        "from": str(counting.period.first),
        "to": str(counting.period.end),
        "by": str(by),
        "zones": zones,
        "made_at_ms": now_ms,
        "head": _head(book),
        "whole": group_shape("", None, counting.whole),
        "groups": _groups(by, counting.groups[by], names),
        "left_out": {str(why): count for why, count in sorted(counting.left.items())},
    }


def _groups(by: By, tallies: Mapping[str, Tally], names: Mapping[str, str]) -> list[shapes.Group]:
    """Of hours all 24, in their order; else those with most cases first."""
    if by is By.HOUR:
        hours = (f"{hour:02d}" for hour in range(DAY_HOURS))
        return [group_shape(hour, None, tallies.get(hour) or Tally()) for hour in hours]
    ordered = sorted(tallies.items(), key=lambda item: (-item[1].cases, item[0]))
    return [group_shape(key, names.get(key), tally) for key, tally in ordered]


def _head(book: ReportBook) -> shapes.Head:
    position, hashed = book.head()
    return {"position": position, "hash": hashed.hex()}


# --- crimes -----------------------------------------------------------------------------------------


def _crimes(book: ReportBook, now_ms: int) -> shapes.Crimes:
    counts = book.crime_counts()
    months = crime_rules.by_month(counts)
    newest = max(months, default=None)
    years = crime_rules.by_year(counts)
    return {
        "made_at_ms": now_ms,
        "head": _head(book),
        "city": {
            **_series(months, newest),
            "years": [
                {"year": one.year, "count": one.count, "percent": one.percent, "source": one.source} for one in years
            ],
            "sources": sorted({count.source for count in counts}),
        },
        "centre": _of_cases(book, now_ms),
    }


def _of_cases(book: ReportBook, now_ms: int) -> shapes.CrimeSeries:
    """Months since the first whole month of the centre's work; the one that runs is not over yet."""
    home = zone_of(None)
    newest = month_of(now_ms, home).back(1)
    first_ms = book.first_opened_ms()
    if first_ms is None:
        return _series({}, None)
    oldest = newest.back(MONTHS_SHOWN - 1)
    first = max(oldest, month_of(first_ms, home).back(-1))
    begins = day_begins_ms(date(first.year, first.month, 1), home) - DAY_MS
    counted: Counter[Month] = Counter()
    for at_ms, zone in book.crimes_of_cases(begins, now_ms + 1):
        counted[month_of(at_ms, zone_of(zone))] += 1
    months = crime_rules.filled(counted, first, newest)
    return _series(months, newest if months else None)


def _series(months: Mapping[Month, int], newest: Month | None) -> shapes.CrimeSeries:
    trend = crime_rules.trend(months, newest) if newest else crime_rules.Trend(None, None, None, 24)
    return {
        "months": [{"month": str(month), "count": count} for month, count in months.items()],
        "trend": {
            "through": str(newest) if newest else None,
            "sum": trend.sum,
            "before": trend.before,
            "percent": trend.percent,
            "missing": trend.missing,
        },
    }
