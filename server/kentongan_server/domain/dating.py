"""When was it pressed? The wall clock when it can be trusted, else uptimes, else unknown; never invented."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kentongan_wire.press import CLOCK_HELD, CLOCK_SET, Press
from kentongan_wire.supervision import UNKNOWN_MS

LATE_AFTER_MS = 60_000  # a press older than this when it arrives is marked late: pursuit, not a robbery in progress
CLOCK_TOLERANCE_MS = 5_000  # NUMBERS: the clock is held to ±5 s
# What a frame may have spent in sockets and queues that nobody counts: an attempt is written anew
# after 10 s at most, and each hop gives a connection up after some 15 s of silence.
UNCOUNTED_TRANSIT_MS = 60_000
EARLIEST_CLOCK_MS = 1_704_067_200_000  # 2024-01-01: before this project; a clock that says less was never set


class Dated(StrEnum):
    """How the time of the press is known."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Dating:
    """When a press was made, as far as anybody can know.

    Attributes:
        pressed_at_ms: Unix time in ms; None when unknown.
        counted_at_ms: the same by uptimes and holding times alone, whatever the wall clock says; None across a reboot.
        late: it took more than `LATE_AFTER_MS` to arrive.
        time_suspect: the device's clock claims what its uptimes contradict.
        latest_ms: it was made no later than this, by what the button itself signed and by heartbeats of its
            boot; what a gateway says of the time it held the press is not in it.
    """

    pressed_at_ms: int | None
    dated: Dated
    counted_at_ms: int | None
    late: bool
    time_suspect: bool
    latest_ms: int


@dataclass(frozen=True, slots=True)
class NetworkDelay:
    """The way of an SMS, which nobody can count: a network may keep a message for hours.

    Attributes:
        sent_at_ms: Unix ms at which the network says that it took the message; None when it does not say.
            Nobody signs that: it estimates, and contradicts no clock.
    """

    sent_at_ms: int | None = None


def date(
    press: Press,
    held_ms: int,
    received_at_ms: int,
    boot_started_ms: int | None = None,
    network: NetworkDelay | None = None,
) -> Dating:
    """Dates a press.

    Args:
        press: one attempt.
        held_ms: time in the gateway's custody; `UNKNOWN_MS` when unknown.
        received_at_ms: the centre's Unix time in ms at which the envelope arrived.
        boot_started_ms: the centre's Unix time in ms at which the uptime of the *press's* boot was 0,
            from heartbeats of that boot; None when there were none. Dates presses across a reboot.
        network: set when it came by SMS: how long it was on the way is then unknown.
    """
    counted = _counted(press, held_ms if network is None else UNKNOWN_MS, received_at_ms, boot_started_ms)
    wall = press.body.wall_ms or None
    suspect = wall is not None and _contradicts(wall, press.body.clock, counted, received_at_ms)
    latest = _latest(press, None if suspect else wall, received_at_ms, boot_started_ms)
    if wall is not None and press.body.clock == CLOCK_SET and not suspect:
        at, dated = wall, Dated.EXACT
    elif counted is not None:
        at, dated = counted, Dated.ESTIMATED
    elif wall is not None and press.body.clock in (CLOCK_SET, CLOCK_HELD) and not suspect:
        at, dated = wall, Dated.ESTIMATED
    elif network is not None and (sent := _as_sent(press, held_ms, network, received_at_ms)) is not None:
        at, dated = sent, Dated.ESTIMATED
    else:
        return Dating(None, Dated.UNKNOWN, None, _least_age_ms(press, held_ms) > LATE_AFTER_MS, suspect, latest)
    at = min(at, received_at_ms)  # within the tolerance a clock may run ahead; nobody pressed in the future
    late = max(received_at_ms - at, _least_age_ms(press, held_ms)) > LATE_AFTER_MS
    return Dating(at, dated, counted, late, suspect, latest)


def _counted(press: Press, held_ms: int, received_at_ms: int, boot_started_ms: int | None) -> int | None:
    """The time of the press without any wall clock of the device."""
    age_ms = press.age_ms()
    if age_ms is not None and held_ms != UNKNOWN_MS:
        counted_ms = received_at_ms - held_ms - age_ms
    elif boot_started_ms is not None:
        counted_ms = min(boot_started_ms + press.body.uptime_ms, received_at_ms)
    else:
        return None
    return counted_ms if counted_ms >= EARLIEST_CLOCK_MS else None  # nobody has been up for so long


def _latest(press: Press, wall_ms: int | None, received_at_ms: int, boot_started_ms: int | None) -> int:
    latest_ms = received_at_ms - _least_age_ms(press, 0)
    if boot_started_ms is not None:
        latest_ms = min(latest_ms, boot_started_ms + press.body.uptime_ms)
    if wall_ms is not None and press.body.clock in (CLOCK_SET, CLOCK_HELD):
        latest_ms = min(latest_ms, wall_ms)
    return latest_ms


def _as_sent(press: Press, held_ms: int, network: NetworkDelay, received_at_ms: int) -> int | None:
    """The time of the press by the network's time stamp, where that can be right at all."""
    age_ms, sent_at_ms = press.age_ms(), network.sent_at_ms
    if age_ms is None or held_ms == UNKNOWN_MS or sent_at_ms is None:
        return None
    at_ms = min(sent_at_ms, received_at_ms) - held_ms - age_ms
    return at_ms if at_ms >= EARLIEST_CLOCK_MS else None


def _contradicts(wall_ms: int, clock: int, counted_ms: int | None, received_at_ms: int) -> bool:
    """Whether a wall clock that claims to be known cannot be right."""
    if clock not in (CLOCK_SET, CLOCK_HELD):
        return False  # it claims nothing
    if not EARLIEST_CLOCK_MS <= wall_ms <= received_at_ms + CLOCK_TOLERANCE_MS:
        return True
    if counted_ms is None:
        return False
    # Counting misses time on the way, so it can only be too young.
    return not counted_ms - UNCOUNTED_TRANSIT_MS - CLOCK_TOLERANCE_MS <= wall_ms <= counted_ms + CLOCK_TOLERANCE_MS


def _least_age_ms(press: Press, held_ms: int) -> int:
    """The press is at least this old, even when nobody can know how old."""
    held = 0 if held_ms == UNKNOWN_MS else held_ms
    age_ms = press.age_ms()
    if age_ms is None:  # it was made before the boot that sends it
        age_ms = press.sending.uptime_ms if press.body.boot_id != press.sending.boot_id else 0
    return held + age_ms
