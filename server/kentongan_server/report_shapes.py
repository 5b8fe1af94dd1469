"""What the HTTP interface says in reports: docs/reports.md has the definitions. Times are Unix ms, lengths ms."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic needs this one on Python 3.11


class Percentiles(TypedDict):
    """By nearest rank, of `n` measured times."""

    n: int
    p50_ms: int
    p90_ms: int
    p99_ms: int


class Cause(TypedDict):
    """How many false alarms had this cause."""

    cause: str
    count: int


class Group(TypedDict):
    """Cases that belong together; `key` is empty for those without a site or an agency, `name` null without a name."""

    key: str
    name: str | None
    cases: int
    open: int
    calls: int
    real: int
    false: int
    no_one_found: int
    false_rate: float | None
    false_causes: list[Cause]
    times: dict[str, Percentiles | None]
    late: int
    time_suspect: int
    apart: int
    from_arrival: int
    backwards: int


class Head(TypedDict):
    """The newest row of the history when the report was made; `hash` in hexadecimal digits."""

    position: int
    hash: str


# Functional: `from` is a word of Python.
Summary = TypedDict(
    "Summary",
    {
        "from": str,
        "to": str,
        "by": str,
        "zones": list[str],
        "made_at_ms": int,
        "head": Head,
        "whole": Group,
        "groups": list[Group],
        "left_out": dict[str, int],
    },
)


class MonthCount(TypedDict):
    """Crimes of a month, `YYYY-MM`."""

    month: str
    count: int


class YearCount(TypedDict):
    """Crimes of a year as the city counts them; `percent` against the year before."""

    year: int
    count: int
    percent: float | None
    source: str


class Trend(TypedDict):
    """Twelve months up to `through` against the twelve before; null where a month of them is not known."""

    through: str | None
    sum: int | None
    before: int | None
    percent: float | None
    missing: int


class CrimeSeries(TypedDict):
    """Numbers of one way of counting; ways are never mixed."""

    months: list[MonthCount]
    trend: Trend


class CityCrimes(CrimeSeries):
    """Numbers of the city's own, by month and by year, and who counted."""

    years: list[YearCount]
    sources: list[str]


class Crimes(TypedDict):
    """Crimes: as the city counts them, and of the centre's own cases; the month that runs is in neither trend."""

    made_at_ms: int
    head: Head
    city: CityCrimes
    centre: CrimeSeries


class BroughtIn(TypedDict):
    """What a table of crimes came to."""

    new: int
    changed: int
    same: int


class WholeReport(TypedDict):
    """All that the paper says."""

    summary: Summary
    by_hour: list[Group]
    crimes: Crimes
