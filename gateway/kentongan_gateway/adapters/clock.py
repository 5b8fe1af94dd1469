"""The machine's clocks, and whether anybody vouches for the wall clock."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path

from kentongan_gateway.core.moment import Moment
from kentongan_wire.press import CLOCK_HELD, CLOCK_SET, CLOCK_UNSET

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMEX_SIZE = 256  # bytes: struct timex has 208; zeroed it only asks
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
TOLERANCE_MS = 5_000  # from the centre's time: more is a fault that a technician must mend (NUMBERS, clock)
FRESH_MS = 3_600_000  # since the centre's last word, for a clock to count as set (wire protocol, `clock`)
_YEAR_2025_MS = 1_735_689_600_000  # before this the wall clock was never set
# Between two questions to the kernel; time is asked for at every message.
_SYNCHRONISED_FOR_MS = 10_000


class Clock:
    """Makes `Moment`s from the kernel's boot clock and from the best wall clock known.

    The centre's own time, from its last answer, is preferred; until then the system's wall clock
    counts when the kernel says that it is synchronised.
    """

    def __init__(self) -> None:
        self._boot = _BOOT_ID.read_text(encoding="ascii").strip()
        self._centre_offset_ms: int | None = None
        self._centre_said_ms = 0
        self._synchronised = False
        self._asked_ms: int | None = None

    def now(self) -> Moment:
        """This moment."""
        uptime_ms = self.uptime_ms()
        return Moment(self._boot, uptime_ms, self._wall_ms(uptime_ms))

    @staticmethod
    def uptime_ms() -> int:
        """Ms since the machine started, suspend included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    @staticmethod
    def system_wall_ms() -> int:
        """Unix time in ms as the machine believes it."""
        return time.time_ns() // 1_000_000

    def centre_says(self, centre_ms: int) -> None:
        """The centre's time, just received in a verified answer."""
        self._centre_said_ms = self.uptime_ms()
        self._centre_offset_ms = centre_ms - self._centre_said_ms

    def is_unset(self) -> bool:
        """Whether the machine's own wall clock is wrong: far from the centre's, or never set."""
        if self._centre_offset_ms is None:
            return self.system_wall_ms() < _YEAR_2025_MS
        return abs(self.uptime_ms() + self._centre_offset_ms - self.system_wall_ms()) > TOLERANCE_MS

    def quality(self, now: Moment) -> int:
        """What the wall clock of a moment is worth: `CLOCK_UNSET`, `CLOCK_HELD` or `CLOCK_SET`."""
        if now.wall_ms is None:
            return CLOCK_UNSET
        fresh = self._centre_offset_ms is not None and now.uptime_ms - self._centre_said_ms < FRESH_MS
        return CLOCK_SET if fresh else CLOCK_HELD

    def _wall_ms(self, uptime_ms: int) -> int | None:
        if self._centre_offset_ms is not None:
            return uptime_ms + self._centre_offset_ms
        if self._asked_ms is None or uptime_ms - self._asked_ms > _SYNCHRONISED_FOR_MS:
            self._asked_ms = uptime_ms
            self._synchronised = _kernel_is_synchronised()
        return self.system_wall_ms() if self._synchronised else None


def _kernel_is_synchronised() -> bool:
    state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_SIZE))
    return 0 <= state < _TIME_ERROR
