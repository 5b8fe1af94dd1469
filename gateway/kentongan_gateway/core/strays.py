"""What the gateway cannot or may not hold, but does not hide either: counted, and shown to the centre once.

Sent as envelopes that are not in custody. Junk is bounded in number; presses that found no room on
disk are not, because a rate limit must never hide a real press.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

from kentongan_gateway.core.moment import Moment, elapsed_ms
from kentongan_wire.custody import ENVELOPE_CUT, INNER_MAX, Envelope
from kentongan_wire.mac import frame_digest

JUNK_PER_S = 20  # shown to the centre; the rest is only counted
JUNK_QUEUE_MAX = 200  # waiting while the centre is away: ten seconds' worth
PRESSES_MAX = 256  # presses without custody that wait; the oldest of whoever has most makes room
REPEAT_MS = 30_000  # the same bytes again within this are a redelivery (broker restart, QoS 1), not counted again
REPEATS_MAX = 4_096  # digests remembered for that


@dataclass(frozen=True, slots=True)
class _Waiting:
    raw: bytes
    arrived: Moment


class Strays:
    """Frames without custody on their way to the centre.

    Attributes:
        refused: frames refused at the site since the start.
        overflowed: of those and of presses without custody, how many the centre was not shown.
    """

    def __init__(self) -> None:
        self.refused = 0
        self.overflowed = 0
        self._seen: OrderedDict[bytes, int] = OrderedDict()
        self._junk: deque[_Waiting] = deque()
        self._presses: OrderedDict[int, deque[_Waiting]] = OrderedDict()  # by device, which take turns
        self._allowance_millis = JUNK_PER_S * 1000  # thousandths of a frame, so that no time is rounded away
        self._refilled_ms: int | None = None

    def __len__(self) -> int:
        return len(self._junk) + self._presses_waiting()

    def junk(self, raw: bytes, now: Moment) -> bool:
        """Counts a frame that belongs nowhere and queues it within the bound; False for a redelivery."""
        if self._is_repeat(raw, now.uptime_ms):
            return False
        self.refused += 1
        if len(self._junk) < JUNK_QUEUE_MAX and self._may_show(now.uptime_ms):
            self._junk.append(_Waiting(raw, now))
        else:
            self.overflowed += 1
        return True

    def misplaced_press(self, raw: bytes, now: Moment, device: int = 0) -> bool:
        """Counts a frame on the wrong lane or topic that may be a real press, and queues it unbounded in rate."""
        if self._is_repeat(raw, now.uptime_ms):
            return False
        self.refused += 1
        self.unheld_press(raw, now, device)
        return True

    def unheld_press(self, raw: bytes, now: Moment, device: int = 0) -> None:
        """Queues a press that custody had no room for: the devices in turn, the newest of each first.

        Args:
            raw: the press.
            now: when it came.
            device: who brought it, so that only its own presses make room for a flood of it.
        """
        self._presses.setdefault(device, deque()).append(_Waiting(raw, now))
        if self._presses_waiting() > PRESSES_MAX:
            longest = max(self._presses, key=lambda device: len(self._presses[device]))
            self._presses[longest].popleft()
            self.overflowed += 1

    def counted(self, count: int = 1) -> None:
        """Counts messages that the centre is not shown: dropped before we looked, or not its business."""
        self.refused += count
        self.overflowed += count

    def take(self, now: Moment) -> Envelope | None:
        """The next envelope to send, presses before junk; it is sent once, whatever becomes of it."""
        if self._presses:
            device, line = self._presses.popitem(last=False)
            waiting = line.pop()
            if line:
                self._presses[device] = line
        elif self._junk:
            waiting = self._junk.popleft()
        else:
            return None
        flags = ENVELOPE_CUT if len(waiting.raw) > INNER_MAX else 0
        return Envelope(elapsed_ms(waiting.arrived, now), flags, waiting.raw[:INNER_MAX])

    def _presses_waiting(self) -> int:
        return sum(len(line) for line in self._presses.values())

    def _is_repeat(self, raw: bytes, now_ms: int) -> bool:
        digest = frame_digest(raw)
        seen_ms = self._seen.pop(digest, None)
        if seen_ms is not None and now_ms - seen_ms <= REPEAT_MS:
            self._seen[digest] = seen_ms  # for REPEAT_MS from the first: somebody who goes on is counted again
            return True
        self._seen[digest] = now_ms
        if len(self._seen) > REPEATS_MAX:
            self._seen.popitem(last=False)
        return False

    def _may_show(self, now_ms: int) -> bool:
        passed = 0 if self._refilled_ms is None else max(0, now_ms - self._refilled_ms)
        self._refilled_ms = now_ms
        self._allowance_millis = min(self._allowance_millis + passed * JUNK_PER_S, JUNK_PER_S * 1000)
        if self._allowance_millis < 1000:
            return False
        self._allowance_millis -= 1000
        return True
