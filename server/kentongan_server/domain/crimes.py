"""Crimes per month: the city's own numbers, those of the centre's cases, and when a trend may be told from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, NamedTuple

from kentongan_server.domain import register_tables
from kentongan_server.domain.csv_table import Column, Line, Reading
from kentongan_server.domain.line import check_line

TABLE: Final = "crimes"  # the kind of table that brings them in
ALL: Final = "all"  # the category of a number that stands for all of them
WHOLE_YEAR = 0  # the month of a number that stands for a year
YEAR_MONTHS = 12
YEAR_MIN, YEAR_MAX = 1945, 2100  # since the Republic counts; a year beyond is a slip of the finger
COUNT_MAX = 10_000_000  # far beyond what a country records in a month
SOURCE_MAX = 200  # characters of who counted
# Causes of a real case that are crimes (domain/outcome.py has all of them).
CRIMES: Final = frozenset({"robbery", "theft", "threat", "violence"})

_whole_month = register_tables.whole(WHOLE_YEAR, YEAR_MONTHS)


def _month(cell: str) -> int:
    return _whole_month(cell) if cell else WHOLE_YEAR


COLUMNS: Final = (
    Column("year", register_tables.whole(YEAR_MIN, YEAR_MAX), required=True),
    Column("month", _month),
    Column("category", lambda cell: register_tables.code(cell.lower()) if cell else ALL),
    Column("count", register_tables.whole(0, COUNT_MAX), required=True),
    Column("source", lambda cell: check_line("text", cell, SOURCE_MAX), required=True),
)


class Month(NamedTuple):
    """A month of a year, 1 to 12."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def back(self, months: int) -> Month:
        """The month so many before this one."""
        number = self.year * YEAR_MONTHS + self.month - 1 - months
        return Month(number // YEAR_MONTHS, number % YEAR_MONTHS + 1)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of the city's own; `month` 0 is a whole year."""

    year: int
    month: int
    category: str
    count: int
    source: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Twelve months against the twelve before.

    Attributes:
        sum: of the newest twelve whole months; None when one of them is not known.
        before: of the twelve before; None likewise.
        percent: by how much `sum` differs from `before`; None when one is missing, or `before` is nothing.
        missing: how many of the 24 months are not known.
    """

    sum: int | None
    before: int | None
    percent: float | None
    missing: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year's number; `percent` against the year before, None when that is not known or nothing."""

    year: int
    count: int
    percent: float | None
    source: str


def check(reading: Reading) -> list[Count]:
    """The rows that could be read; what contradicts itself joins the mistakes of the reading."""
    first: dict[tuple[int, int, str], int] = {}
    counts: list[Count] = []
    for line in reading.lines:
        found = _count(line)
        if found is None:
            continue
        before = first.setdefault((found.year, found.month, found.category), line.number)
        if before != line.number:
            named = f"{found.year}, {found.month or 'whole year'}, {found.category}"
            reading.wrong(line.number, "", f"expected each number once, got {named} again, which is in line {before}.")
            continue
        counts.append(found)
    reading.mistakes.sort()
    return counts


def _count(line: Line) -> Count | None:
    """None when a cell of it was wrong: that is told already."""
    given: dict[str, Any] = {"month": WHOLE_YEAR, "category": ALL} | dict(line.values)
    if any(name not in given for name in ("year", "count", "source")):
        return None
    return Count(given["year"], given["month"], given["category"], given["count"], given["source"])


def by_month(counts: Iterable[Count]) -> dict[Month, int]:
    """All crimes of each month that is known."""
    found = _totals(count for count in counts if count.month != WHOLE_YEAR)
    return {Month(year, month): total for (year, month), total in sorted(found.items())}


def by_year(counts: Sequence[Count]) -> list[Year]:
    """Each year that is known, ascending: its own number, else the sum of its months when all twelve are there."""
    named = {year: total for (year, _), total in _totals(c for c in counts if c.month == WHOLE_YEAR).items()}
    months = by_month(counts)
    for year in {month.year for month in months} - named.keys():
        of_year = [months[one] for one in months if one.year == year]
        if len(of_year) == YEAR_MONTHS:
            named[year] = sum(of_year)
    sources = {year: ", ".join(sorted({count.source for count in counts if count.year == year})) for year in named}
    return [Year(year, named[year], percent(named.get(year - 1), named[year]), sources[year]) for year in sorted(named)]


def _totals(counts: Iterable[Count]) -> dict[tuple[int, int], int]:
    """Of each time: the number for all categories, else the sum of the categories."""
    whole: dict[tuple[int, int], int] = {}
    parts: Counter[tuple[int, int]] = Counter()
    for count in counts:
        at = (count.year, count.month)
        if count.category == ALL:
            whole[at] = count.count
        else:
            parts[at] += count.count
    return dict(parts) | whole


def trend(months: Mapping[Month, int], newest: Month) -> Trend:
    """The twelve months that end with `newest` against the twelve before."""
    known = [months.get(newest.back(back)) for back in range(2 * YEAR_MONTHS)]
    now, before = _sum(known[:YEAR_MONTHS]), _sum(known[YEAR_MONTHS:])
    differs = percent(before, now) if now is not None else None
    return Trend(now, before, differs, sum(one is None for one in known))


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def percent(before: int | None, now: int) -> float | None:
    """By how much `now` differs; None against nothing."""
    return None if not before else 100 * (now - before) / before


def month_of(at_ms: int, zone: tzinfo) -> Month:
    """The month at a place of this zone."""
    at = datetime.fromtimestamp(at_ms // 1_000, zone)
    return Month(at.year, at.month)


def filled(counted: Mapping[Month, int], first: Month, newest: Month) -> dict[Month, int]:
    """Every month from `first` to `newest`: where the centre was at work and saw nothing, there was nothing."""
    length = (newest.year - first.year) * YEAR_MONTHS + newest.month - first.month + 1
    months = [newest.back(back) for back in range(max(0, length))]
    return {month: counted.get(month, 0) for month in reversed(months)}
