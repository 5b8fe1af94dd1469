"""Wall time from the centre's signed word, kept as an interval so that no delay or replay shifts it.

The centre stamps `centre_ms` at some moment before we read it, so it is a lower bound of the time
now. A heartbeat answer was also stamped after its heartbeat was sent: `centre_ms` plus the round
trip is an upper bound. The clock moves only as far as such bounds prove it wrong.
"""

from kentongan_wire.press import CLOCK_HELD, CLOCK_SET, CLOCK_UNSET

FRESH_MS = 3_600_000  # CLOCK_SET means heard within the last hour (wire protocol)
FREEZE_MS = 5_000  # corrections back by less than the ±5 s we hold stand still instead of jumping


class WallClock:
    """Unix time in ms over this boot's uptime."""

    def __init__(self) -> None:
        self._offset_ms = 0
        self._known = False
        self._answered_ms = -FRESH_MS - 1  # uptime of the last answer that can't be old
        self._told_ms = 0  # newest wall time given out

    def observe(self, centre_ms: int, now_ms: int, round_trip_ms: int | None = None) -> None:
        """A verified frame says `centre_ms`.

        Args:
            centre_ms: the centre's Unix time in the frame.
            now_ms: uptime now.
            round_trip_ms: since the heartbeat that this frame answers was sent; None when the
                frame answers nothing (a receipt, which may be old): it only moves the clock on,
                and leaves its quality at CLOCK_HELD.
        """
        lower = centre_ms - now_ms
        if not self._known or self._offset_ms < lower:
            self._known = True
            self._offset_ms = lower
        elif round_trip_ms is not None and self._offset_ms > lower + round_trip_ms:
            self._offset_ms = lower + round_trip_ms
            if self._told_ms - (self._offset_ms + now_ms) > FREEZE_MS:
                self._told_ms = 0
        if round_trip_ms is not None:
            self._answered_ms = now_ms

    def read(self, now_ms: int) -> tuple[int, int]:
        """The (wall time in ms or 0, quality `CLOCK_…`) at this uptime."""
        if not self._known:
            return 0, CLOCK_UNSET
        self._told_ms = max(self._told_ms, self._offset_ms + now_ms)
        return self._told_ms, CLOCK_SET if now_ms - self._answered_ms <= FRESH_MS else CLOCK_HELD
