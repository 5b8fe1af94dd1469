"""The site report: the gateway's own sign of life and its buttons' newest ones, bundled but not vouched for."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_gateway.core.moment import Moment, elapsed_ms
from kentongan_wire.supervision import BEATS_MAX, UNKNOWN_MS, Beat, SiteReport

INTERVAL_MS = 5_000  # at least one report each: one site that loses all paths is noticed within 20 s (NUMBERS)
COALESCE_MS = 1_000  # at most one bundle each while heartbeats wait
COUNTERS_AHEAD = 2_000  # reserved at once: half an hour of reports at their fastest, should the disk be full
COUNTER_MAX = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class SiteState:
    """What the report says about the gateway itself; see `SiteReport`."""

    state: int
    custody_count: int
    custody_oldest_ms: int
    refused_count: int
    system_wall_ms: int


class Counters:
    """Report counters that rise strictly across restarts: reserved on disk before they are used.

    Attributes:
        reserved_below: the bound that is on disk.
    """

    def __init__(self, first: int, reserved_below: int) -> None:
        self._next = first
        self.reserved_below = reserved_below

    def wants_until(self) -> int | None:
        """A new upper bound to put on disk, when half of the reserved ones are used; else None."""
        if self.reserved_below - self._next > COUNTERS_AHEAD // 2:
            return None
        return min(self._next + COUNTERS_AHEAD, COUNTER_MAX)

    def reserved(self, below: int) -> None:
        """The bound is on disk."""
        self.reserved_below = max(self.reserved_below, below)

    def exceed(self, counter: int) -> bool:
        """Goes on above a counter that was used already; False when it does so anyway: never downwards."""
        if self._next > counter:
            return False
        self._next = min(counter + 1, COUNTER_MAX)
        return True

    def take(self) -> int:
        """The next counter. Beyond the bound as well: a report that says "disk full" is worth more than its number."""
        taken = self._next
        self._next = min(self._next + 1, COUNTER_MAX)
        return taken


class Reporter:
    """Decides when a report is due and what goes into it.

    Args:
        boot_id: of this run; with `counter` it names a report.
        started: when this run began.
        interval_ms: at least one report each.
    """

    def __init__(self, boot_id: int, started: Moment, counters: Counters, interval_ms: int = INTERVAL_MS) -> None:
        self.boot_id = boot_id
        self.counters = counters
        self._started = started
        self._interval_ms = interval_ms
        self._beats: dict[int, tuple[bytes, Moment]] = {}
        self._last_ms: int | None = None
        self._hurried = False

    def beat(self, device: int, raw: bytes, now: Moment) -> None:
        """Takes a button's heartbeat; an older one of it that still waits is worth nothing any more."""
        self._beats.pop(device, None)  # the newest at the end: whoever waits longest goes first
        self._beats[device] = (raw, now)

    def link_up(self) -> None:
        """The centre can be reached again: a report is due at once."""
        self._last_ms = None

    def hurry(self) -> None:
        """Something changed that the centre must know: the next report is due as if heartbeats waited."""
        self._hurried = True

    def behind(self, counter: int) -> None:
        """The centre takes our reports for old ones, for it knows this counter: the next is due at once, above it."""
        if self.counters.exceed(counter):
            self._last_ms = None

    def uptime_ms(self, now: Moment) -> int:
        """Ms since this run began."""
        return max(0, now.uptime_ms - self._started.uptime_ms)

    def next_due_ms(self) -> int:
        """Uptime of the next report."""
        if self._last_ms is None or len(self._beats) >= BEATS_MAX:
            return 0
        return self._last_ms + (COALESCE_MS if self._beats or self._hurried else self._interval_ms)

    def build(self, site: SiteState, now: Moment) -> tuple[SiteReport, dict[int, tuple[bytes, Moment]]]:
        """The report for now, and its heartbeats for `give_back` should it not get through."""
        self._last_ms = now.uptime_ms
        self._hurried = False
        taken = dict(list(self._beats.items())[:BEATS_MAX])
        for device in taken:
            del self._beats[device]
        report = SiteReport(
            counter=self.counters.take(),
            boot_id=self.boot_id,
            uptime_ms=self.uptime_ms(now),
            wall_ms=site.system_wall_ms,
            state=site.state,
            custody_count=site.custody_count,
            custody_oldest_ms=min(site.custody_oldest_ms, UNKNOWN_MS),
            refused_count=site.refused_count,
            beats=tuple(Beat(elapsed_ms(arrived, now), raw) for raw, arrived in taken.values()),
        )
        return report, taken

    def give_back(self, beats: dict[int, tuple[bytes, Moment]]) -> None:
        """The report did not get through: its heartbeats wait again unless newer ones came."""
        self._beats = beats | self._beats
