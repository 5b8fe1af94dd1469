"""The reader's table is the firmware's, read from the pin."""

from __future__ import annotations

import pytest

from kentongan_button.core.indicator import GUARD_POST, PATTERNS
from kentongan_sim.lamp_reader import LampReader


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_rhythm_is_read_as_its_level(level):
    period_ms = PATTERNS[GUARD_POST][level][0]
    reader = LampReader()
    assert [reader.lit(number * period_ms) for number in range(4)] == [None, level, level, level]


@pytest.mark.parametrize("late_ms", [-200, 200])
def test_a_hurried_or_late_blink_is_read_right(late_ms):
    reader = LampReader()
    reader.lit(0)
    assert reader.lit(1500 + late_ms) == 1


def test_the_first_blink_after_a_power_cut_says_nothing():
    reader = LampReader()
    reader.lit(0)
    reader.reset()
    assert reader.lit(500) is None
