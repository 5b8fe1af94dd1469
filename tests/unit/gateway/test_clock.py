"""What the gateway's clock is worth, and when it is wrong enough for a technician."""

from __future__ import annotations

import pytest

from kentongan_gateway.adapters.clock import FRESH_MS, TOLERANCE_MS
from kentongan_wire.press import CLOCK_HELD, CLOCK_SET, CLOCK_UNSET
from tests.support.site_sms import StillClock

NOW_MS = 1_790_000_000_000


class SteadyClock(StillClock):
    """Its wall clock stands still as well, and no kernel vouches for it."""

    wall_ms = NOW_MS

    def system_wall_ms(self) -> int:  # type: ignore[override]
        return self.wall_ms

    def _wall_ms(self, uptime_ms: int) -> int | None:
        return None if self._centre_offset_ms is None else super()._wall_ms(uptime_ms)


@pytest.mark.parametrize(("off_ms", "unset"), [(0, False), (TOLERANCE_MS, False), (TOLERANCE_MS + 1, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_it_is_wrong_beyond_the_tolerance_either_way(off_ms: int, unset: bool, sign: int):
    clock = SteadyClock()
    assert not clock.is_unset(), "nobody knows better"
    clock.centre_says(NOW_MS + sign * off_ms)
    assert clock.is_unset() == unset


def test_a_clock_of_1970_was_never_set():
    clock = SteadyClock()
    clock.wall_ms = 5_000
    assert clock.is_unset()


def test_the_centres_time_counts_as_set_for_an_hour():
    clock = SteadyClock()
    assert clock.quality(clock.now()) == CLOCK_UNSET
    clock.centre_says(NOW_MS)
    clock.ms += FRESH_MS - 1
    assert (clock.quality(clock.now()), clock.now().wall_ms) == (CLOCK_SET, NOW_MS + FRESH_MS - 1)
    clock.ms += 1
    assert clock.quality(clock.now()) == CLOCK_HELD
