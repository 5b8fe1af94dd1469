"""Uptime that does not wrap, over a counter that does."""

from kentongan_button.hal.uptime import Uptime

PERIOD = 1 << 30  # of the ESP32's ticks_ms


class Ticks:
    def __init__(self, start):
        self.now = start

    def ticks_ms(self):
        return self.now % PERIOD

    def ticks_diff(self, end, start):
        return (end - start + PERIOD // 2) % PERIOD - PERIOD // 2


def test_uptime_starts_at_zero_wherever_the_counter_stands():
    ticks = Ticks(PERIOD - 5)
    assert Uptime(ticks.ticks_ms, ticks.ticks_diff).read() == 0


def test_uptime_counts_on_through_every_wrap():
    ticks = Ticks(PERIOD - 5)
    uptime = Uptime(ticks.ticks_ms, ticks.ticks_diff)
    passed = 0
    for step in (3, 10, PERIOD // 2 - 1, PERIOD // 2 - 1, 7, PERIOD // 3) * 20:
        ticks.now += step
        passed += step
        assert uptime.read() == passed
    assert passed > 1 << 34


def test_uptime_never_goes_back():
    ticks = Ticks(1_000)
    uptime = Uptime(ticks.ticks_ms, ticks.ticks_diff)
    ticks.now = 1_500
    assert uptime.read() == 500
    ticks.now = 1_400
    assert uptime.read() == 500
    ticks.now = 1_600
    assert uptime.read() == 600
