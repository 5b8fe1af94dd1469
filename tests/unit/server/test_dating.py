"""When was it pressed: never invented, and a bad clock is shown, not believed."""

from __future__ import annotations

import dataclasses

import pytest

from kentongan_server.domain.dating import (
    CLOCK_TOLERANCE_MS,
    EARLIEST_CLOCK_MS,
    LATE_AFTER_MS,
    UNCOUNTED_TRANSIT_MS,
    Dated,
    date,
)
from kentongan_wire.press import CLOCK_HELD, CLOCK_SET, CLOCK_UNSET, Press, PressBody, PressSending
from kentongan_wire.supervision import UNKNOWN_MS

NOW_MS = 1_790_000_000_000
UP_MS = 100_000_000  # uptime at the press
DAY_MS = 86_400_000


def press(*, wall_ms: int = 0, clock: int = CLOCK_UNSET, age_ms: int = 100, boot: int = 7, boot_now: int = 7) -> Press:
    body = PressBody(1, b"noncenon", 1, 3, boot, UP_MS, wall_ms, clock)
    return Press(body, PressSending(UP_MS + age_ms if boot == boot_now else age_ms, boot_now, 1, 0, 1, 0, 0, 0, 0))


def test_a_clock_that_was_set_is_believed_to_the_millisecond():
    dated = date(press(wall_ms=NOW_MS - 130, clock=CLOCK_SET), 20, NOW_MS)
    assert (dated.pressed_at_ms, dated.dated, dated.late, dated.time_suspect) == (
        NOW_MS - 130, Dated.EXACT, False, False,
    )  # fmt: skip


def test_without_a_clock_ages_add_up():
    dated = date(press(age_ms=3_000), 500, NOW_MS)
    assert (dated.pressed_at_ms, dated.dated, dated.time_suspect) == (NOW_MS - 3_500, Dated.ESTIMATED, False)


def test_a_clock_held_too_long_gives_way_to_counting():
    dated = date(press(wall_ms=NOW_MS - 4_000, clock=CLOCK_HELD, age_ms=100), 0, NOW_MS)
    assert (dated.pressed_at_ms, dated.dated) == (NOW_MS - 100, Dated.ESTIMATED)


def test_a_held_clock_dates_what_cannot_be_counted():
    dated = date(press(wall_ms=NOW_MS - DAY_MS, clock=CLOCK_HELD, boot_now=8), 0, NOW_MS)
    assert (dated.pressed_at_ms, dated.dated, dated.late) == (NOW_MS - DAY_MS, Dated.ESTIMATED, True)


def test_across_a_reboot_without_a_clock_the_time_is_unknown():
    dated = date(press(boot_now=8), 0, NOW_MS)
    assert (dated.pressed_at_ms, dated.dated, dated.counted_at_ms) == (None, Dated.UNKNOWN, None)


def test_across_a_reboot_heartbeats_of_the_earlier_boot_date_it():
    dated = date(press(boot_now=8), 0, NOW_MS, boot_started_ms=NOW_MS - UP_MS - 70_000)
    assert (dated.pressed_at_ms, dated.dated, dated.late) == (NOW_MS - 70_000, Dated.ESTIMATED, True)


@pytest.mark.parametrize("held_ms", [0, 3 * DAY_MS])
@pytest.mark.parametrize("age_ms", [100, 3 * DAY_MS])
def test_three_days_late_is_late_wherever_it_waited(held_ms, age_ms):
    dated = date(press(age_ms=age_ms), held_ms, NOW_MS)
    assert dated.late is (held_ms + age_ms > LATE_AFTER_MS)
    assert dated.pressed_at_ms == NOW_MS - held_ms - age_ms


def test_of_unknown_age_it_is_late_when_the_gateway_alone_had_it_too_long():
    dated = date(press(boot_now=8), LATE_AFTER_MS + 1, NOW_MS)
    assert (dated.dated, dated.late) == (Dated.UNKNOWN, True)


def test_of_unknown_age_it_is_late_when_the_present_boot_alone_is_older():
    assert date(press(boot_now=8, age_ms=LATE_AFTER_MS + 1), 0, NOW_MS).late
    assert not date(press(boot_now=8, age_ms=LATE_AFTER_MS - 1), 0, NOW_MS).late


def test_with_unknown_holding_time_counting_is_not_possible():
    dated = date(press(), UNKNOWN_MS, NOW_MS)
    assert (dated.pressed_at_ms, dated.dated) == (None, Dated.UNKNOWN)


@pytest.mark.parametrize(
    "wall_ms",
    [
        NOW_MS + CLOCK_TOLERANCE_MS + 1,
        NOW_MS - 100 - UNCOUNTED_TRANSIT_MS - CLOCK_TOLERANCE_MS - 1,
        NOW_MS - 30 * DAY_MS,
        EARLIEST_CLOCK_MS - 1,
        1,
        2**64 - 1,
    ],
)
def test_a_clock_that_its_uptimes_contradict_is_suspect_and_not_believed(wall_ms):
    dated = date(press(wall_ms=wall_ms, clock=CLOCK_SET, age_ms=100), 0, NOW_MS)
    assert (dated.time_suspect, dated.dated, dated.pressed_at_ms) == (True, Dated.ESTIMATED, NOW_MS - 100)


@pytest.mark.parametrize("wall_ms", [NOW_MS - 100 + CLOCK_TOLERANCE_MS, NOW_MS - 100 - UNCOUNTED_TRANSIT_MS])
def test_a_clock_within_its_tolerance_is_not_suspect(wall_ms):
    dated = date(press(wall_ms=wall_ms, clock=CLOCK_SET, age_ms=100), 0, NOW_MS)
    assert not dated.time_suspect
    assert dated.pressed_at_ms == min(wall_ms, NOW_MS)


def test_a_clock_that_claims_nothing_cannot_be_suspect():
    assert not date(press(wall_ms=5, clock=CLOCK_UNSET), 0, NOW_MS).time_suspect


@pytest.mark.parametrize("uptime_ms", [0, 2**63, 2**64 - 1])
def test_absurd_uptimes_date_nothing_and_break_nothing(uptime_ms):
    whole = press()
    whole.body.uptime_ms, whole.sending.uptime_ms = 0, uptime_ms
    dated = date(whole, 0, NOW_MS)
    assert dated.pressed_at_ms is None or dated.pressed_at_ms == NOW_MS
    assert dated.late is (uptime_ms > LATE_AFTER_MS)
    assert dataclasses.astuple(dated)
