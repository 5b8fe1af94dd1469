"""Did this device's counter go backwards? Evidence for a re-flashed, restored or cloned board.

A lower number alone is none: presses arrive late and out of order (newest first, custody, another
path). Evidence is only what an honest device can never do:

1. the same sequence with another nonce;
2. within one boot, a later press (by uptime) with a lower sequence;
3. in another boot, a lower sequence on a press that was made, by its own uptimes, well after one
   with a higher sequence had already reached the centre.
"""

from __future__ import annotations

from dataclasses import dataclass

# Counted ages miss what a frame spent in sockets and queues; ten minutes is far above the
# deadlines of every hop, so that no slow link makes an honest button look cloned.
OTHER_BOOT_MARGIN_MS = 600_000


@dataclass(frozen=True, slots=True)
class Known:
    """A press of the same device that the centre already has."""

    sequence: int
    boot_id: int
    uptime_ms: int
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """The press in question; `counted_at_ms` as in `dating.Dating`."""

    sequence: int
    boot_id: int
    uptime_ms: int
    counted_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the store knows around a sequence.

    Attributes:
        same: a press with the same sequence and another nonce exists.
        below: of the same boot, the nearest with a lower sequence.
        above: of the same boot, the nearest with a higher sequence.
        highest: the highest sequence of all boots.
    """

    same: bool
    below: Known | None
    above: Known | None
    highest: Known | None


def went_backwards(press: Arrived, neighbours: Neighbours) -> bool:
    """Whether the new press proves that the device's counter was rewound (or that it has a twin)."""
    if neighbours.same:
        return True
    above, below, highest = neighbours.above, neighbours.below, neighbours.highest
    if above is not None and above.uptime_ms < press.uptime_ms:
        return True
    if below is not None and below.uptime_ms > press.uptime_ms:
        return True
    return (
        highest is not None
        and highest.sequence > press.sequence
        and highest.boot_id != press.boot_id
        and press.counted_at_ms is not None
        and press.counted_at_ms > highest.received_at_ms + OTHER_BOOT_MARGIN_MS
    )
