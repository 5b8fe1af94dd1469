"""What operators did, as reports count it: real acts on a real store, read by the reports' own query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from kentongan_server.adapters.read_reports import ReportTables
from kentongan_server.application.reports import zone_of
from kentongan_server.domain.category import Category
from kentongan_server.domain.reporting import By, Counting, Left, Leg, Period
from tests.support.direct_centre import T0_MS
from tests.support.shift_rig import ShiftDesk

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
SECOND_MS = 1_000


@pytest.fixture
def desk() -> ShiftDesk:
    return ShiftDesk()


@contextmanager
def book_of(desk: ShiftDesk) -> Iterator[ReportTables]:
    engine = create_engine("sqlite://", creator=lambda: desk.store.connection, poolclass=StaticPool)
    with engine.connect() as connection:
        yield ReportTables(connection)


def counted(desk: ShiftDesk) -> Counting:
    counting = Counting(YEAR, [By.SITE], zone_of)
    with book_of(desk) as book:
        for case in book.cases(T0_MS - 1, T0_MS + 86_400_000):
            counting.add(case)
    return counting


def do(desk: ShiftDesk, act: str, *given: Any, incident: int = 1) -> Any:
    return desk.run(getattr(desk.operate, act)(incident, desk.version(incident), "sari", *given))


def seconds(counting: Counting, leg: Leg) -> list[float]:
    return [round(value / SECOND_MS) for value in counting.whole.times[leg]]


def test_a_case_is_measured_to_the_first_unit_that_was_sent(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    desk.clock.now_ms += 5 * SECOND_MS
    do(desk, "acknowledge")
    desk.clock.now_ms += 35 * SECOND_MS
    do(desk, "dispatch", "Patroli 7")
    desk.clock.now_ms += 100 * SECOND_MS
    do(desk, "arrive")
    desk.clock.now_ms += 60 * SECOND_MS
    do(desk, "dispatch", "Ambulans 2")
    desk.clock.now_ms += 400 * SECOND_MS
    desk.close(1)
    counting = counted(desk)
    found = {leg: seconds(counting, leg) for leg in Leg}
    assert found == {
        Leg.ACKNOWLEDGED: [5], Leg.DISPATCHED: [40], Leg.ON_SCENE: [140], Leg.CLOSED: [600],
        Leg.TO_DISPATCH: [35], Leg.TO_SCENE: [100], Leg.TO_END: [460],
    }  # fmt: skip
    assert counting.whole.backwards == 0


def test_merged_cases_are_one_that_begins_with_the_first_press_and_was_answered_with_it(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    desk.clock.now_ms += 4 * SECOND_MS
    do(desk, "acknowledge")
    desk.clock.now_ms += 56 * SECOND_MS
    call = desk.call(Category.HOLD_UP, site="a")
    do(desk, "merge", call)
    desk.clock.now_ms += 40 * SECOND_MS
    desk.close(call, "real", "robbery")
    counting = counted(desk)
    assert (counting.whole.cases, counting.left) == (1, {Left.MERGED: 1})
    assert seconds(counting, Leg.ACKNOWLEDGED) == [4]
    assert seconds(counting, Leg.CLOSED) == [100]


def test_drills_and_tests_are_in_no_percentile_and_no_rate(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    do(desk, "acknowledge")
    do(desk, "dispatch", "Patroli 7")
    desk.close(1, "drill", "drill")
    desk.press_of(2, 1)
    do(desk, "acknowledge", incident=2)
    desk.close(2, "test", "announced")
    desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    counting = counted(desk)
    assert counting.left == {Left.DRILL: 2, Left.TEST: 1}
    assert counting.whole.cases == 0
    assert counting.whole.false_rate is None
    assert not any(counting.whole.times.values())


def test_a_case_that_was_opened_again_counts_once_with_its_last_closing(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    desk.clock.now_ms += 3 * SECOND_MS
    do(desk, "acknowledge")
    desk.close(1, "false", "prank")
    desk.clock.now_ms += 60 * SECOND_MS
    do(desk, "reopen", "ternyata benar")
    desk.clock.now_ms += 37 * SECOND_MS
    desk.close(1)
    counting = counted(desk)
    assert (counting.whole.cases, counting.whole.outcomes, counting.whole.false_rate) == (1, {"real": 1}, 0.0)
    assert seconds(counting, Leg.CLOSED) == [100]
    assert seconds(counting, Leg.ACKNOWLEDGED) == [3]
