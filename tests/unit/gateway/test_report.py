from __future__ import annotations

import pytest

from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.report import COALESCE_MS, COUNTER_MAX, COUNTERS_AHEAD, Counters, Reporter, SiteState
from kentongan_wire.supervision import BEATS_MAX

QUIET = SiteState(0, 0, 0, 0, 0)
INTERVAL_MS = 5_000


def at(uptime_ms: int) -> Moment:
    return Moment("a", uptime_ms, None)


@pytest.fixture
def reporter() -> Reporter:
    return Reporter(3, at(1_000), Counters(10, 20), INTERVAL_MS)


def test_the_first_report_is_due_at_once_and_the_next_after_the_interval(reporter: Reporter):
    assert reporter.next_due_ms() == 0
    report, _ = reporter.build(QUIET, at(1_500))
    assert (report.counter, report.boot_id, report.uptime_ms) == (10, 3, 500)
    assert reporter.next_due_ms() == 1_500 + INTERVAL_MS


def test_heartbeats_shorten_the_wait_but_not_below_the_bound(reporter: Reporter):
    reporter.build(QUIET, at(2_000))
    reporter.beat(7, b"beat", at(2_100))
    assert reporter.next_due_ms() == 2_000 + COALESCE_MS
    report, _ = reporter.build(QUIET, at(3_000))
    assert [(beat.held_ms, beat.frame) for beat in report.beats] == [(900, b"beat")]
    assert reporter.build(QUIET, at(3_100))[0].beats == ()


def test_a_changed_state_hurries_the_next_report_once(reporter: Reporter):
    reporter.build(QUIET, at(2_000))
    reporter.hurry()
    assert reporter.next_due_ms() == 2_000 + COALESCE_MS
    reporter.build(QUIET, at(3_000))
    assert reporter.next_due_ms() == 3_000 + INTERVAL_MS


def test_only_the_newest_heartbeat_of_a_button_waits(reporter: Reporter):
    for number in range(3):
        reporter.beat(7, b"%d" % number, at(2_000 + number))
    assert [beat.frame for beat in reporter.build(QUIET, at(2_002))[0].beats] == [b"2"]


def test_a_large_site_gets_several_reports_at_once(reporter: Reporter):
    reporter.build(QUIET, at(2_000))
    for device in range(BEATS_MAX + 5):
        reporter.beat(device, b"%d" % device, at(2_000))
    assert reporter.next_due_ms() == 0
    assert len(reporter.build(QUIET, at(2_001))[0].beats) == BEATS_MAX
    assert reporter.next_due_ms() == 2_001 + COALESCE_MS
    assert len(reporter.build(QUIET, at(3_001))[0].beats) == 5


def test_heartbeats_of_a_report_that_was_lost_wait_again_unless_newer_came(reporter: Reporter):
    reporter.beat(1, b"one", at(2_000))
    reporter.beat(2, b"two", at(2_000))
    _, taken = reporter.build(QUIET, at(2_000))
    reporter.beat(2, b"newer two", at(2_500))
    reporter.give_back(taken)
    report, _ = reporter.build(QUIET, at(3_000))
    assert [(beat.held_ms, beat.frame) for beat in report.beats] == [(1_000, b"one"), (500, b"newer two")]


def test_a_report_is_due_at_once_when_the_link_comes_up(reporter: Reporter):
    reporter.build(QUIET, at(2_000))
    reporter.link_up()
    assert reporter.next_due_ms() == 0


def test_counters_rise_and_are_reserved_before_they_run_out():
    counters = Counters(100, 100 + COUNTERS_AHEAD)
    assert counters.wants_until() is None
    taken = [counters.take() for _ in range(COUNTERS_AHEAD // 2)]
    assert taken == list(range(100, 100 + COUNTERS_AHEAD // 2))
    wanted = counters.wants_until()
    assert wanted == taken[-1] + 1 + COUNTERS_AHEAD
    counters.reserved(wanted)
    assert counters.wants_until() is None


def test_counters_go_on_when_nothing_can_be_reserved_and_stop_at_the_end():
    counters = Counters(COUNTER_MAX - 1, COUNTER_MAX - 1)
    assert [counters.take() for _ in range(3)] == [COUNTER_MAX - 1, COUNTER_MAX, COUNTER_MAX]


def test_counters_that_the_centre_knows_already_are_passed_and_never_taken_back():
    counters = Counters(10, 20)
    assert counters.exceed(500)
    assert counters.take() == 501
    assert not counters.exceed(500)  # an old word, replayed
    assert counters.take() == 502
    assert counters.wants_until() == 503 + COUNTERS_AHEAD
    assert counters.exceed(COUNTER_MAX)
    assert [counters.take(), counters.take()] == [COUNTER_MAX, COUNTER_MAX]


def test_a_report_above_the_known_counter_is_due_at_once_and_only_once(reporter: Reporter):
    reporter.build(QUIET, at(2_000))
    reporter.behind(700)
    assert reporter.next_due_ms() == 0
    assert reporter.build(QUIET, at(2_001))[0].counter == 701
    reporter.behind(700)
    assert reporter.next_due_ms() == 2_001 + INTERVAL_MS
