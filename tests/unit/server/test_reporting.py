"""What reports count and measure: every definition of docs/reports.md once."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.flags import Flag
from kentongan_server.domain.reporting import By, Case, Counting, Left, Leg, Period, parse_period, percentile

WIB, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
MIDNIGHT_MS = 1_793_466_000_000  # 2026-11-01 00:00 WIB
SECOND = 1_000
PRESSED = {"pressed_at_ms": MIDNIGHT_MS + 900, "dated": "exact", "received_at_ms": MIDNIGHT_MS + 1_000, "flags": 0}


def case(**changes) -> Case:
    opened = changes.get("opened_at_ms", MIDNIGHT_MS + 1_000)
    given: dict[str, Any] = dict.fromkeys(Case._fields) | {
        "source": "button", "site": "bank", "zone": "Asia/Jakarta", "category": "hold-up", "opened_at_ms": opened,
        "drill": 0, "recovered": 0,
    }  # fmt: skip
    return Case(**given | PRESSED | changes)


def counted(*cases: Case, by: By = By.SITE) -> Counting:
    counting = Counting(NOVEMBER, [by], lambda name: ZoneInfo(name or "Asia/Jakarta"))
    for one in cases:
        counting.add(one)
    return counting


def test_each_stretch_begins_where_its_definition_says():
    at = MIDNIGHT_MS
    (times,) = (counted(
        case(acknowledged_at_ms=at + 5_900, dispatched_at_ms=at + 40_900, arrived_at_ms=at + 200_900,
             closed_at_ms=at + 900_900, outcome="real", cause="robbery")
    ).whole.times,)  # fmt: skip
    assert {leg: list(values) for leg, values in times.items()} == {
        Leg.ACKNOWLEDGED: [5_000],
        Leg.DISPATCHED: [40_000],
        Leg.ON_SCENE: [200_000],
        Leg.CLOSED: [900_000],
        Leg.TO_DISPATCH: [35_000],
        Leg.TO_SCENE: [160_000],
        Leg.TO_END: [700_000],
    }


def test_a_press_that_is_not_known_exactly_is_measured_from_its_arrival():
    tally = counted(case(dated="estimated", acknowledged_at_ms=MIDNIGHT_MS + 6_000)).whole
    assert list(tally.times[Leg.ACKNOWLEDGED]) == [5_000]
    assert tally.from_arrival == 1


def test_a_call_is_in_no_time_to_answer():
    call = case(source="call", pressed_at_ms=None, dated=None, received_at_ms=None, flags=None,
                acknowledged_at_ms=MIDNIGHT_MS + 1_000, dispatched_at_ms=MIDNIGHT_MS + 31_000)  # fmt: skip
    tally = counted(call).whole
    assert tally.calls == 1
    assert not tally.times[Leg.ACKNOWLEDGED]
    assert list(tally.times[Leg.DISPATCHED]) == [30_000]


@pytest.mark.parametrize("flag", [Flag.LATE, Flag.TIME_SUSPECT, Flag.LATE | Flag.TIME_SUSPECT])
def test_late_and_suspect_presses_are_counted_apart(flag):
    tally = counted(case(flags=int(flag), acknowledged_at_ms=MIDNIGHT_MS + 9_000, outcome="real")).whole
    assert (tally.cases, tally.apart) == (1, 1)
    assert (tally.late, tally.time_suspect) == (bool(flag & Flag.LATE), bool(flag & Flag.TIME_SUSPECT))
    assert not any(tally.times.values())


def test_what_ends_before_it_begins_is_said_and_not_measured():
    tally = counted(case(acknowledged_at_ms=MIDNIGHT_MS)).whole
    assert (tally.backwards, len(tally.times[Leg.ACKNOWLEDGED])) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"outcome": "merged"}, Left.MERGED),
        ({"outcome": "duplicate"}, Left.DUPLICATE),
        ({"outcome": "drill", "drill": 3}, Left.DRILL),
        ({"drill": 3}, Left.DRILL),
        ({"outcome": "test"}, Left.TEST),
        ({"recovered": 1}, Left.RECOVERED),
        ({"source": "centre", "dated": None, "received_at_ms": None}, Left.CENTRE),
    ],
)
def test_what_is_left_out_is_said_by_its_reason(changes, why):
    counting = counted(case(**changes))
    assert counting.left == {why: 1}
    assert counting.whole.cases == 0


def test_the_false_alarm_rate_is_a_share_of_what_somebody_judged():
    outcomes = ["real", "false", "false", "no-one-found", None, "test"]
    tally = counted(*(case(outcome=one, cause="prank" if one == "false" else None) for one in outcomes)).whole
    assert (tally.cases, tally.open, tally.found) == (5, 1, 4)
    assert tally.false_rate == 0.5
    assert tally.false_causes == {"prank": 2}
    assert counted(case()).whole.false_rate is None


@pytest.mark.parametrize(
    ("offset", "there"), [(-1, False), (0, True), (30 * 86_400_000 - 1, True), (30 * 86_400_000, False)]
)
def test_a_period_is_half_open(offset, there):
    assert counted(case(opened_at_ms=MIDNIGHT_MS + offset)).whole.cases == there


def test_a_case_belongs_to_the_day_of_its_own_site():
    """Two hours before midnight of Jakarta the day has begun in Jayapura, and for UTC it has not ended long after."""
    early = MIDNIGHT_MS - 2 * 3_600 * SECOND
    assert counted(case(opened_at_ms=early, zone="Asia/Jayapura")).whole.cases == 1
    assert counted(case(opened_at_ms=early)).whole.cases == 0
    assert NOVEMBER.bounds_ms(UTC)[0] - NOVEMBER.bounds_ms(WIB)[0] == 7 * 3_600 * SECOND
    assert NOVEMBER.bounds_ms(WIB)[0] - NOVEMBER.bounds_ms(WIT)[0] == 2 * 3_600 * SECOND


def test_hours_are_those_of_the_site():
    at = MIDNIGHT_MS + 23 * 3_600 * SECOND
    groups = counted(case(opened_at_ms=at), case(opened_at_ms=at, zone="Asia/Jayapura"), by=By.HOUR).groups[By.HOUR]
    assert set(groups) == {"23", "01"}


def test_cases_without_a_site_or_an_agency_have_a_group_of_their_own():
    assert set(counted(case(site=None, zone=None)).groups[By.SITE]) == {""}
    assert set(counted(case(), by=By.AGENCY).groups[By.AGENCY]) == {""}


@pytest.mark.parametrize(
    ("first", "end"),
    [("2026-11-01", "2026-11-01"), ("2026-11-02", "2026-11-01"), ("2026-02-30", "2026-03-02"), ("20261101", "20261201"),
     ("1999-12-31", "2000-01-05"), ("2001-01-01", "2026-01-01"), ("2026-W01-1", "2026-11-01"), ("", "2026-11-01"),
     ("\uff12026-11-01", "2026-11-02"), ("2026-11-01", "9999-12-31")],
)  # fmt: skip
def test_bad_dates_are_refused_with_what_was_expected(first, end):
    with pytest.raises(InvalidError, match="expected"):
        parse_period(first, end)


def test_nothing_has_no_percentile():
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)
