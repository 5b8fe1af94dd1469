"""Reads a lamp as the guard does: by the rhythm of its blinks, from the pin alone. No I/O.

It repeats the firmware's table on purpose: the guard was taught these rhythms, and a firmware
that changes them shows him something else.
"""

from __future__ import annotations

# Blink periods of the guard post: 3 s for nothing, 1.5 s for received, 0.75 s for acknowledged.
RECEIVED_BELOW_MS = 2_250  # midway between 3 s and 1.5 s
ACKNOWLEDGED_BELOW_MS = 1_125  # midway between 1.5 s and 0.75 s


class LampReader:
    """One lamp. Feed it every change of the pin."""

    def __init__(self) -> None:
        self._last_ms: float | None = None

    def lit(self, at_ms: float) -> int | None:
        """The lamp lights up: the level that this rhythm claims, None for the first blink."""
        last_ms, self._last_ms = self._last_ms, at_ms
        if last_ms is None:
            return None
        period_ms = at_ms - last_ms
        if period_ms < ACKNOWLEDGED_BELOW_MS:
            return 2
        return 1 if period_ms < RECEIVED_BELOW_MS else 0

    def reset(self) -> None:
        """The power went: the next blink is the first."""
        self._last_ms = None
