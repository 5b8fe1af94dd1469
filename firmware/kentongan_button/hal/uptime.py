"""Milliseconds since power-on that never wrap, from a tick counter that does."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable


class Uptime:
    """Adds up tick differences.

    The ESP32's `ticks_ms` wraps every 12.4 days, and a difference is right only within half of
    that: `read` has to be called at least every 6 days (the firmware samples every 10 ms).

    Args:
        ticks_ms: the counter, as `time.ticks_ms`.
        ticks_diff: its signed difference, as `time.ticks_diff`.
    """

    def __init__(self, ticks_ms: "Callable[[], Any]", ticks_diff: "Callable[[Any, Any], int]") -> None:
        self._ticks_ms = ticks_ms
        self._ticks_diff = ticks_diff
        self._last = ticks_ms()
        self._total_ms = 0

    def read(self) -> int:
        """Uptime in ms, 0 at construction, 64 bits and more."""
        now = self._ticks_ms()
        passed = self._ticks_diff(now, self._last)
        if passed > 0:
            self._total_ms += passed
            self._last = now
        return self._total_ms
