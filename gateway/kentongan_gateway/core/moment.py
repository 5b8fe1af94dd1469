"""A point in time as a gateway can know it, and how long something has been held."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_wire.supervision import UNKNOWN_MS

# A wall clock that claims more than this between two readings was wrong at one of them: cleared
# presses are forgotten after 7 days, and a gateway switched off for a month holds nothing urgent.
ELAPSED_WALL_MAX_MS = 30 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time.

    Attributes:
        boot: names one boot of the machine; `uptime_ms` is comparable within it, across restarts
            of the process and through suspend.
        uptime_ms: ms since that boot, never stepped.
        wall_ms: Unix time in ms, or None while nothing vouches for the wall clock.
    """

    boot: str
    uptime_ms: int
    wall_ms: int | None


def elapsed_ms(since: Moment, now: Moment) -> int:
    """Time between two moments in ms; `UNKNOWN_MS` when neither clock can tell."""
    if since.boot == now.boot:
        elapsed = now.uptime_ms - since.uptime_ms
        return min(elapsed, UNKNOWN_MS - 1) if elapsed >= 0 else UNKNOWN_MS
    if since.wall_ms is None or now.wall_ms is None:
        return UNKNOWN_MS
    elapsed = now.wall_ms - since.wall_ms
    return elapsed if 0 <= elapsed <= ELAPSED_WALL_MAX_MS else UNKNOWN_MS
