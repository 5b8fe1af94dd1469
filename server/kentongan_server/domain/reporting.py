"""What reports count and measure; docs/reports.md has the definitions in words. No I/O: rows come in, numbers go out.

Everything here takes one case at a time, so that a million of them need no list of a million rows.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from kentongan_server.domain.dating import Dated
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.flags import Flag
from kentongan_server.domain.outcome import Outcome

PERIOD_DAYS_MAX = 3_653  # ten years: longer than any plan that a report is read for
FIRST_DAY: Final = date(2000, 1, 1)  # bounds what a slip of the finger can ask for
LAST_DAY: Final = date(2100, 1, 1)
PERCENTILES: Final = (50, 90, 99)
DAY_HOURS = 24
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class By(StrEnum):
    """What cases are put together by."""

    SITE = "site"
    AGENCY = "agency"
    CATEGORY = "category"
    HOUR = "hour"


class Left(StrEnum):
    """Why a case is not counted; each is said with its number."""

    MERGED = "merged"  # its signals are in another case, which counts
    DUPLICATE = "duplicate"
    DRILL = "drill"
    TEST = "test"
    RECOVERED = "recovered"  # a restored centre was offered it a second time
    CENTRE = "centre"  # opened by the centre itself, without a press


class Leg(StrEnum):
    """A stretch of time that is measured; the first four begin with the press or the call."""

    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    ON_SCENE = "on-scene"
    CLOSED = "closed"
    TO_DISPATCH = "acknowledged-dispatched"
    TO_SCENE = "dispatched-on-scene"
    TO_END = "on-scene-closed"


FOUND: Final = (Outcome.REAL, Outcome.FALSE, Outcome.NO_ONE_FOUND)  # what the false-alarm rate is a share of
_LEFT_BY_OUTCOME: Final[dict[str | None, Left]] = {
    Outcome.MERGED: Left.MERGED,
    Outcome.DUPLICATE: Left.DUPLICATE,
    Outcome.DRILL: Left.DRILL,
    Outcome.TEST: Left.TEST,
}
_APART = Flag.LATE | Flag.TIME_SUSPECT


class Case(NamedTuple):
    """A case as reports see it; times are Unix ms.

    `pressed_at_ms`, `dated`, `received_at_ms` and `flags` are of the press of it that arrived first; None without one.
    """

    source: str
    site: str | None
    zone: str | None
    agency: str | None
    category: str
    opened_at_ms: int
    acknowledged_at_ms: int | None
    dispatched_at_ms: int | None
    arrived_at_ms: int | None
    closed_at_ms: int | None
    outcome: str | None
    cause: str | None
    drill: int
    recovered: int
    pressed_at_ms: int | None
    dated: str | None
    received_at_ms: int | None
    flags: int | None


class Percentiles(NamedTuple):
    """By nearest rank: each is a time that was measured. `n` says of how many."""

    n: int
    p50_ms: int
    p90_ms: int
    p99_ms: int


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, half open: from the midnight that begins `first` to the one that begins `end`, at each site."""

    first: date
    end: date

    def bounds_ms(self, zone: tzinfo) -> tuple[int, int]:
        """Unix ms at which it begins and ends in this zone."""
        return day_begins_ms(self.first, zone), day_begins_ms(self.end, zone)

    @property
    def last(self) -> date:
        """The last day that is in it."""
        return self.end - timedelta(days=1)


def parse_period(first: str, end: str) -> Period:
    """A period as requests name it.

    Raises:
        InvalidError: no dates, in the wrong order, or too far apart.
    """
    period = Period(_day("from", first), _day("to", end))
    if period.first >= period.end:
        raise InvalidError(f"to: expected a day after from ({first}), for it is the first day left out; got {end}.")
    if (period.end - period.first).days > PERIOD_DAYS_MAX:
        raise InvalidError(f"to: expected at most {PERIOD_DAYS_MAX} days after from, got {end}.")
    return period


def _day(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        expected = f"a date from {FIRST_DAY} to {LAST_DAY}, such as 2026-11-22"
        raise InvalidError(f"{name}: expected {expected}, got {text[:40]!r}.")
    return found


def day_begins_ms(day: date, zone: tzinfo) -> int:
    """Unix ms of the midnight that begins this day in the zone."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000


def percentile(ascending: Sequence[int], percent: int) -> int:
    """By nearest rank: the smallest value that at least `percent` of 100 values do not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not ascending:
        raise ValueError("a percentile of nothing")
    return ascending[max(0, -(-percent * len(ascending) // 100) - 1)]


def percentiles(values: Iterable[int]) -> Percentiles | None:
    """p50, p90 and p99; None when there is nothing."""
    ascending = sorted(values)
    if not ascending:
        return None
    return Percentiles(len(ascending), *(percentile(ascending, percent) for percent in PERCENTILES))


def why_left(case: Case) -> Left | None:
    """Why the case is not counted; None when it is."""
    by_outcome = _LEFT_BY_OUTCOME.get(case.outcome)
    if by_outcome is not None:
        return by_outcome
    if case.drill:
        return Left.DRILL
    if case.recovered:
        return Left.RECOVERED
    if case.dated is None and case.source in {"centre", "system"}:
        return Left.CENTRE
    return None


def begins_ms(case: Case) -> int:
    """When it began: the press when that is known exactly, else its arrival; the call when there was no press."""
    if case.dated is None or case.received_at_ms is None:
        return case.opened_at_ms
    if case.dated == Dated.EXACT and case.pressed_at_ms is not None:
        return case.pressed_at_ms
    return case.received_at_ms


@dataclass(slots=True)
class Tally:
    """Counts and times of cases that belong together.

    Attributes:
        open: not closed when the report was made.
        late, time_suspect: presses whose times are in no percentile; one may be both.
        apart: cases of which one of these is true.
        from_arrival: cases measured from the arrival, because the press is not known exactly.
        backwards: stretches that would be negative (a clock was set, or a case split); they are in no percentile.
    """

    cases: int = 0
    open: int = 0
    calls: int = 0
    late: int = 0
    time_suspect: int = 0
    apart: int = 0
    from_arrival: int = 0
    backwards: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    false_causes: Counter[str] = field(default_factory=Counter)
    times: dict[Leg, array[int]] = field(default_factory=lambda: {leg: array("q") for leg in Leg})

    def add(self, case: Case) -> None:
        """Counts a case that `why_left` has no reason against."""
        self.cases += 1
        if case.outcome is None:
            self.open += 1
        else:
            self.outcomes[case.outcome] += 1
            if case.outcome == Outcome.FALSE:
                self.false_causes[case.cause or ""] += 1
        if case.dated is None:
            self.calls += 1
        flags = case.flags or 0
        if flags & _APART:
            self.late += bool(flags & Flag.LATE)
            self.time_suspect += bool(flags & Flag.TIME_SUSPECT)
            self.apart += 1
            return
        self.from_arrival += case.dated is not None and case.dated != Dated.EXACT
        self._measure(case)

    def _measure(self, case: Case) -> None:
        begun = begins_ms(case)
        acknowledged = case.acknowledged_at_ms if case.dated is not None else None  # a call rings nowhere
        for leg, start, end in (
            (Leg.ACKNOWLEDGED, begun, acknowledged),
            (Leg.DISPATCHED, begun, case.dispatched_at_ms),
            (Leg.ON_SCENE, begun, case.arrived_at_ms),
            (Leg.CLOSED, begun, case.closed_at_ms),
            (Leg.TO_DISPATCH, case.acknowledged_at_ms, case.dispatched_at_ms),
            (Leg.TO_SCENE, case.dispatched_at_ms, case.arrived_at_ms),
            (Leg.TO_END, case.arrived_at_ms, case.closed_at_ms),
        ):
            if start is None or end is None:
                continue
            if end < start:
                self.backwards += 1
            else:
                self.times[leg].append(end - start)

    @property
    def found(self) -> int:
        """Cases of which somebody said what it was: what the false-alarm rate is a share of."""
        return sum(self.outcomes[outcome] for outcome in FOUND)

    @property
    def false_rate(self) -> float | None:
        """The share: false ÷ (real + false + no one found); None when there is none of these."""
        return self.outcomes[Outcome.FALSE] / self.found if self.found else None


class Counting:
    """A report in the making.

    Args:
        period: what is counted; a case belongs to the day on which it was opened at its site.
        groupings: what to put cases together by.
        zone_of: time zone of an IANA name; of None: of cases without a site.
    """

    def __init__(self, period: Period, groupings: Iterable[By], zone_of: Callable[[str | None], tzinfo]) -> None:
        self.period = period
        self.whole = Tally()
        self.left: Counter[Left] = Counter()
        self.groups: dict[By, dict[str, Tally]] = {by: {} for by in groupings}
        self._zone_of = zone_of
        self._places: dict[str | None, tuple[tzinfo, int, int]] = {}

    def add(self, case: Case) -> bool:
        """Counts a case when it belongs to the period; says whether it does."""
        zone, first_ms, end_ms = self._place(case.zone)
        if not first_ms <= case.opened_at_ms < end_ms:
            return False
        why = why_left(case)
        if why is not None:
            self.left[why] += 1
            return True
        self.whole.add(case)
        for by, groups in self.groups.items():
            key = _key(by, case, zone)
            tally = groups.get(key)
            if tally is None:
                tally = groups[key] = Tally()
            tally.add(case)
        return True

    def zones(self) -> list[str | None]:
        """The zones of the cases that were looked at."""
        return sorted(self._places, key=lambda name: name or "")

    def _place(self, name: str | None) -> tuple[tzinfo, int, int]:
        found = self._places.get(name)
        if found is None:
            zone = self._zone_of(name)
            found = self._places[name] = (zone, *self.period.bounds_ms(zone))
        return found


def _key(by: By, case: Case, zone: tzinfo) -> str:
    """The group of a case; empty when it has no such thing."""
    if by is By.SITE:
        return case.site or ""
    if by is By.AGENCY:
        return case.agency or ""
    if by is By.CATEGORY:
        return case.category
    return f"{datetime.fromtimestamp(case.opened_at_ms // 1_000, zone).hour:02d}"
