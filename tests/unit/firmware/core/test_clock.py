"""Wall time between the bounds that the centre's word sets."""

from kentongan_button.core.clock import FREEZE_MS, FRESH_MS, WallClock
from kentongan_wire.press import CLOCK_HELD, CLOCK_SET, CLOCK_UNSET
from tests.support.portable import WALL_MS


def test_without_a_word_of_the_centre_the_time_is_unset():
    assert WallClock().read(123_456) == (0, CLOCK_UNSET)


def test_a_heartbeat_answer_sets_the_clock_which_then_runs():
    clock = WallClock()
    clock.observe(WALL_MS, 1_000, 40)
    assert clock.read(1_000) == (WALL_MS, CLOCK_SET)
    assert clock.read(61_000) == (WALL_MS + 60_000, CLOCK_SET)


def test_an_hour_without_an_answer_leaves_the_time_held():
    clock = WallClock()
    clock.observe(WALL_MS, 1_000, 40)
    assert clock.read(1_000 + FRESH_MS)[1] == CLOCK_SET
    assert clock.read(1_001 + FRESH_MS)[1] == CLOCK_HELD


def test_a_receipt_alone_gives_a_time_but_not_a_fresh_one():
    clock = WallClock()
    clock.observe(WALL_MS, 1_000)
    assert clock.read(1_000) == (WALL_MS, CLOCK_HELD)


def test_a_replayed_receipt_sets_nothing_back():
    clock = WallClock()
    clock.observe(WALL_MS, 1_000, 40)
    clock.observe(WALL_MS - 86_400_000, 2_000)
    assert clock.read(2_000) == (WALL_MS + 1_000, CLOCK_SET)


def test_a_clock_that_is_behind_is_set_on():
    clock = WallClock()
    clock.observe(WALL_MS - 86_400_000, 1_000)  # a replay was the first that we heard
    clock.observe(WALL_MS, 2_000, 40)
    assert clock.read(2_000) == (WALL_MS, CLOCK_SET)


def test_jitter_within_the_round_trip_moves_nothing():
    clock = WallClock()
    clock.observe(WALL_MS, 0, 10)
    clock.observe(WALL_MS + 8_000 - 900, 8_000, 1_000)  # slow on its way down
    assert clock.read(8_000) == (WALL_MS + 8_000, CLOCK_SET)


def test_a_small_step_back_stands_still_instead():
    clock = WallClock()
    clock.observe(WALL_MS, 0, 10)
    assert clock.read(10_000)[0] == WALL_MS + 10_000
    clock.observe(WALL_MS + 9_000, 10_000, 100)  # we were 900 ms fast, provably
    assert clock.read(10_000)[0] == WALL_MS + 10_000
    assert clock.read(10_500)[0] == WALL_MS + 10_000
    assert clock.read(11_000)[0] == WALL_MS + 10_100


def test_a_large_step_back_is_taken_at_once():
    clock = WallClock()
    clock.observe(WALL_MS + 3_600_000, 0, 10)
    assert clock.read(0)[0] == WALL_MS + 3_600_000
    clock.observe(WALL_MS + 8_000, 8_000, 100)
    assert clock.read(8_000) == (WALL_MS + 8_100, CLOCK_SET)


def test_the_clock_keeps_within_5_s_under_any_accepted_answer():
    for held_ms in (0, 1_000, FREEZE_MS):
        clock = WallClock()
        clock.observe(WALL_MS, held_ms, held_ms)  # stamped at uptime 0, delayed on its way down
        assert abs(clock.read(held_ms)[0] - (WALL_MS + held_ms)) <= 5_000
