"""Reports against the naive way: percentiles by counting, groups that add up to the whole, no case counted twice."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kentongan_server.domain.reporting import By, Case, Counting, Period, percentile

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
