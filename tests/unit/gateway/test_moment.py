from __future__ import annotations

import pytest

from kentongan_gateway.core.moment import ELAPSED_WALL_MAX_MS, Moment, elapsed_ms
from kentongan_wire.supervision import UNKNOWN_MS

WALL = 1_790_000_000_000


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        (Moment("a", 100, None), Moment("a", 350, None), 250),
        (Moment("a", 100, WALL), Moment("a", 350, WALL + 99_999), 250),  # in one boot the wall clock has no say
        (Moment("a", 100, WALL), Moment("a", 99, WALL), UNKNOWN_MS),
        (Moment("a", 0, None), Moment("a", UNKNOWN_MS + 5, None), UNKNOWN_MS - 1),
        (Moment("a", 100, WALL), Moment("b", 5, WALL + 60_000), 60_000),
        (Moment("a", 100, WALL), Moment("b", 5, None), UNKNOWN_MS),
        (Moment("a", 100, None), Moment("b", 5, WALL), UNKNOWN_MS),
        (Moment("a", 100, WALL), Moment("b", 5, WALL - 1), UNKNOWN_MS),
        (Moment("a", 100, WALL), Moment("b", 5, WALL + ELAPSED_WALL_MAX_MS), ELAPSED_WALL_MAX_MS),
        (Moment("a", 100, WALL), Moment("b", 5, WALL + ELAPSED_WALL_MAX_MS + 1), UNKNOWN_MS),
    ],
)
def test_an_age_is_known_or_unknown_but_never_invented(since: Moment, now: Moment, expected: int):
    assert elapsed_ms(since, now) == expected
