"""A program on a machine with a wrong clock: its wall clock is off, its monotonic one is not."""

import time

import pytest

from kentongan_gateway.adapters.clock import Clock
from kentongan_sim import off_clock

HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _put_right_again(monkeypatch):
    monkeypatch.setattr(time, "time_ns", time.time_ns)
    monkeypatch.setattr(time, "time", time.time)


@pytest.mark.parametrize("off_ms", [7 * HOUR_MS, -7 * HOUR_MS])
def test_the_command_runs_with_its_own_arguments_and_the_wrong_time(monkeypatch, off_ms):
    right_ns, right_s, steady = time.time_ns, time.time, time.monotonic
    seen = []

    def command(argv):
        seen.extend([list(argv), Clock.system_wall_ms() - right_ns() // 1_000_000, (time.time() - right_s()) * 1_000])
        return 3

    monkeypatch.setattr(off_clock, "main", command)
    assert off_clock.run([str(off_ms), "gateway", "--config", "x"]) == 3
    argv, wall_ms, seconds_ms = seen
    assert argv == ["gateway", "--config", "x"]
    assert abs(wall_ms - off_ms) < HOUR_MS  # far less; a machine under load is no matter here
    assert abs(seconds_ms - off_ms) < HOUR_MS
    assert time.monotonic is steady


def test_the_gateway_itself_notices_against_the_centres_word():
    clock = Clock()
    clock.centre_says(Clock.system_wall_ms())
    assert not clock.is_unset()
    off_clock.put_off(7 * HOUR_MS)
    assert clock.is_unset()
