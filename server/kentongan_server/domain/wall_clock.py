"""Is a device's clock right? Judged over several signs of life, never by one that was on its way for long."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_server.domain.dating import CLOCK_TOLERANCE_MS
from kentongan_server.domain.trouble import Detail
from kentongan_wire.press import CLOCK_UNSET

# A clock is set by the first answer after a boot, and what is late on its way looks like a clock that is slow:
# only what stays wrong for three heartbeats and more is a fault. Well within the 90 s for any trouble.
WRONG_FOR_MS = 30_000
JUMP_MS = 2_000  # the centre's own clock was set when it moves by this against its monotonic one
PARDON_MS = 60_000  # after that: until every device has set itself by several answers


@dataclass(slots=True)
class ClockWatch:
    """What is known of one device's clock; mutable, one per device."""

    wrong_since_ms: int | None = None

    def judge(self, clock: int, wall_ms: int, made_at_ms: int, now_ms: int) -> Detail | None:
        """What is wrong with the clock, once it has been wrong for long enough.

        Args:
            clock: `CLOCK_…` as the device says.
            wall_ms: its Unix time when it made the sign of life, 0 for none.
            made_at_ms: the centre's Unix time at that moment, as far as holding times tell.
            now_ms: monotonic.
        """
        wrong: Detail | None = None
        if clock == CLOCK_UNSET or not wall_ms:
            wrong = {"code": "unset"}
        elif abs(wall_ms - made_at_ms) > CLOCK_TOLERANCE_MS:
            wrong = {"code": "off", "ms": wall_ms - made_at_ms}
        if wrong is None:
            self.wrong_since_ms = None
        elif self.wrong_since_ms is None:
            self.wrong_since_ms = now_ms
        elif now_ms - self.wrong_since_ms >= WRONG_FOR_MS:
            return wrong
        return None


class CentreClock:
    """Notices that the centre's own clock was set, so that nobody else is blamed for it."""

    def __init__(self) -> None:
        self._offset_ms: int | None = None
        self._pardoned_until_ms: int | None = None

    def look(self, wall_ms: int, now_ms: int) -> None:
        """Call it every second."""
        offset_ms = wall_ms - now_ms
        if self._offset_ms is not None and abs(offset_ms - self._offset_ms) > JUMP_MS:
            self._pardoned_until_ms = now_ms + PARDON_MS
        self._offset_ms = offset_ms

    def may_judge(self, now_ms: int) -> bool:
        """Whether a difference is surely the device's."""
        return self._pardoned_until_ms is None or now_ms >= self._pardoned_until_ms
