"""Reports against the naive way: percentiles by counting, groups that add up to the whole, no case counted twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kentongan_server.application.reports import group_shape
from kentongan_server.domain.flags import Flag, names
from kentongan_server.domain.reporting import By, Case, Counting, Leg, Period, percentile

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Berlin")  # one with summer time
DAY0 = date(2026, 3, 28)
T0_MS = 1_774_656_000_000  # 2026-03-28 00:00 UTC
OUTCOMES = st.sampled_from(["real", "false", "no-one-found", "test", "drill", "merged", None])
MAYBE = st.none() | st.integers(-5_000, 9_000_000)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=200), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed(values, percent):
    found = percentile(sorted(values), percent)
    enough = [one for one in values if sum(other <= one for other in values) * 100 >= percent * len(values)]
    assert found == min(enough)


@st.composite
def cases(draw) -> Case:
    opened = T0_MS + draw(st.integers(-86_400_000, 6 * 86_400_000))

    def later() -> int | None:
        after = draw(MAYBE)
        return None if after is None else opened + after

    dated = draw(st.sampled_from(["exact", "estimated", None]))
    return Case(
        draw(st.sampled_from(["button", "call", "centre"])), draw(st.sampled_from(["a", "b", None])),
        draw(st.sampled_from((*ZONES, None))), draw(st.sampled_from(["police", None])), "fire", opened,
        later(), later(), later(), later(), draw(OUTCOMES), "prank", draw(st.integers(0, 1)), 0,
        opened, dated, opened + 5 if dated else None, draw(st.integers(0, 0x7F)) if dated else None,
    )  # fmt: skip


def counted(period: Period, some: list[Case]) -> Counting:
    counting = Counting(period, By, lambda name: ZoneInfo(name or ZONES[0]))
    for one in some:
        counting.add(one)
    return counting


@given(st.lists(cases(), max_size=40))
def test_groups_add_up_to_the_whole(some):
    counting = counted(Period(DAY0, DAY0 + timedelta(3)), some)
    for groups in counting.groups.values():
        assert sum(one.cases for one in groups.values()) == counting.whole.cases
        assert sum(one.backwards for one in groups.values()) == counting.whole.backwards
        assert (
            sum((one.outcomes for one in groups.values()), start=type(counting.whole.outcomes)())
            == counting.whole.outcomes
        )
        for leg, values in counting.whole.times.items():
            assert sorted(value for one in groups.values() for value in one.times[leg]) == sorted(values)


@given(st.lists(cases(), max_size=40), st.integers(1, 4))
def test_periods_that_touch_count_each_case_once(some, cut):
    """Over the night in which Berlin's clocks are set, too."""
    days = 5
    middle = DAY0 + timedelta(cut)
    parts = [counted(Period(DAY0, middle), some), counted(Period(middle, DAY0 + timedelta(days)), some)]
    whole = counted(Period(DAY0, DAY0 + timedelta(days)), some)
    assert sum(one.whole.cases for one in parts) == whole.whole.cases
    assert parts[0].left + parts[1].left == whole.left


LEFT_OUT = {"merged", "duplicate", "drill", "test"}


def in_words(some: list[Case], days: int) -> dict[str, Any]:
    """docs/reports.md done by hand: one list, no tallies, dates by the calendar of the site."""
    counted = []
    for case in some:
        day = datetime.fromtimestamp(case.opened_at_ms / 1_000, UTC).astimezone(ZoneInfo(case.zone or ZONES[0])).date()
        real = not case.drill and case.outcome not in LEFT_OUT and not case.recovered
        pressed = case.dated is not None or case.source not in ("centre", "system")
        if DAY0 <= day < DAY0 + timedelta(days) and real and pressed:
            counted.append(case)
    found = [case for case in counted if case.outcome in ("real", "false", "no-one-found")]
    false = [case for case in found if case.outcome == "false"]
    return {
        "cases": len(counted),
        "open": len([case for case in counted if case.outcome is None]),
        "false": len(false),
        "false_rate": len(false) / len(found) if found else None,
        "times": {str(leg): ranked([took(case, leg) for case in counted if not is_apart(case)]) for leg in Leg},
    }


def is_apart(case: Case) -> bool:
    named = set(names(Flag(case.flags or 0)))
    return bool(named & {"late", "time-suspect"})


def took(case: Case, leg: Leg) -> int | None:
    press = case.pressed_at_ms if case.dated == "exact" else case.received_at_ms
    start = case.opened_at_ms if case.dated is None else press
    instants = {
        "start": start, "acknowledged": case.acknowledged_at_ms, "dispatched": case.dispatched_at_ms,
        "on-scene": case.arrived_at_ms, "closed": case.closed_at_ms,
    }  # fmt: skip
    begin, end = {
        Leg.TO_DISPATCH: ("acknowledged", "dispatched"),
        Leg.TO_SCENE: ("dispatched", "on-scene"),
        Leg.TO_END: ("on-scene", "closed"),
    }.get(leg, ("start", str(leg)))
    if leg is Leg.ACKNOWLEDGED and case.dated is None:
        return None  # a call rings nowhere
    one, other = instants[begin], instants[end]
    return None if one is None or other is None or other < one else other - one


def ranked(measured: list[int | None]) -> dict[str, int] | None:
    """Nearest rank by exact fractions."""
    values = sorted(value for value in measured if value is not None)
    if not values:
        return None
    at = {f"p{p}_ms": values[ceil(Fraction(p, 100) * len(values)) - 1] for p in (50, 90, 99)}
    return {"n": len(values), **at}


@given(st.lists(cases(), max_size=25), st.integers(1, 5))
def test_a_report_says_what_its_definitions_say_in_words(some, days):
    shape = dict(group_shape("", None, counted(Period(DAY0, DAY0 + timedelta(days)), some).whole))
    expected = in_words(some, days)
    assert {key: shape[key] for key in expected} == expected


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=9))
def test_with_few_cases_p99_is_the_slowest_and_p50_is_one_of_them(values):
    tally = counted(Period(DAY0, DAY0 + timedelta(1)), []).whole
    tally.times[Leg.CLOSED].extend(values)
    found = group_shape("", None, tally)["times"]["closed"]
    assert found == ranked(list(values))
    assert found is not None
    assert found["p99_ms"] == found["p90_ms"] == max(values)
    assert found["p50_ms"] in values
