"""The clock is never ahead of the centre, and behind by no more than the quickest way there and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kentongan_button.core.clock import FREEZE_MS, WallClock
from tests.support.portable import WALL_MS

DRIFT_PPM = 100  # an uncalibrated crystal over the temperatures of a guard post

# (what, pause before it, way up, way down or age of a replay), in ms
WORDS = st.lists(
    st.tuples(
        st.sampled_from(["answer", "receipt", "replay"]),
        st.integers(0, 60_000),
        st.integers(0, 9_000),
        st.integers(0, 9_000),
    ),
    max_size=30,
)


def observe(clock, word, up_ms, down_ms, true_ms, uptime_ms):
    """Let the clock read one word of the centre; returns how far behind it may be now."""
    if word == "answer":
        clock.observe(true_ms - down_ms, uptime_ms, up_ms + down_ms)
        return up_ms + down_ms
    age_ms = down_ms if word == "receipt" else down_ms * 1_000
    clock.observe(true_ms - age_ms, uptime_ms)
    return age_ms


@given(WORDS)
def test_no_delay_and_no_replay_shifts_the_clock_beyond_the_round_trip(words):
    clock = WallClock()
    now_ms = 20_000
    bound_ms = None
    for word, pause_ms, up_ms, down_ms in words:
        now_ms += pause_ms
        behind_ms = observe(clock, word, up_ms, down_ms, WALL_MS + now_ms, now_ms)
        bound_ms = behind_ms if bound_ms is None else min(bound_ms, behind_ms)
        assert 0 <= WALL_MS + now_ms - clock.read(now_ms)[0] <= bound_ms


@given(WORDS, st.integers(-DRIFT_PPM, DRIFT_PPM))
def test_a_drifting_clock_is_held_by_every_answer(words, ppm):
    clock = WallClock()
    true_ms = 20_000
    for word, pause_ms, up_ms, down_ms in words:
        true_ms += pause_ms
        uptime_ms = true_ms + true_ms * ppm // 1_000_000
        behind_ms = observe(clock, word, up_ms, down_ms, WALL_MS + true_ms, uptime_ms)
        if word == "answer":
            assert -behind_ms - FREEZE_MS <= clock.read(uptime_ms)[0] - (WALL_MS + true_ms) <= behind_ms + FREEZE_MS


@given(WORDS, st.integers(-5_000, 0))
def test_time_never_runs_backwards_by_a_small_step(words, step_ms):
    clock = WallClock()
    now_ms = 20_000
    told_ms = 0
    for word, pause_ms, up_ms, down_ms in words:
        now_ms += pause_ms
        observe(clock, word, up_ms, down_ms, WALL_MS + now_ms + step_ms, now_ms)
        wall_ms, _ = clock.read(now_ms)
        assert wall_ms >= told_ms
        told_ms = wall_ms
