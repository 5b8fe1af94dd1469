"""Signs of life: which counters are fresh, what state flags mean as troubles, who has fallen silent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire import supervision as wire

SILENT_AFTER_MS = 45_000  # NUMBERS: a path or button lost is shown within 90 s, target 45 s
EARLIER_BOOTS_MAX = 4  # boots of one device whose presses can be dated by heartbeats
# How far a heartbeat may lag behind what its uptime promises before it counts as old: time on the
# way, and the drift of two clocks (one part in 5,000, ten times a crystal's).
HOARD_ALLOWED_MS = 15_000
DRIFT_ALLOWED = 5_000


# The other bits are states, not faults: latched (a press says it), clock unset (`domain.wall_clock` waits
# for the first answer), refused frames (each has its own line on the page of rejections), main path lost
# (the centre knows that by itself: `domain.site_paths`).
BUTTON_TROUBLES: dict[int, TroubleKind] = {
    wire.BUTTON_TAMPER: TroubleKind.TAMPER,
    wire.BUTTON_LOOP_CUT: TroubleKind.LOOP_CUT,
    wire.BUTTON_LOOP_SHORT: TroubleKind.LOOP_SHORT,
    wire.BUTTON_MAINS_LOST: TroubleKind.MAINS_LOST,
    wire.BUTTON_BATTERY_LOW: TroubleKind.BATTERY_LOW,
    wire.BUTTON_JOURNAL_OVERFLOW: TroubleKind.JOURNAL_OVERFLOW,
    wire.BUTTON_FLASH_FAULT: TroubleKind.FLASH_FAULT,
    wire.BUTTON_LATCH_NOT_RESET: TroubleKind.LATCH_NOT_RESET,
    wire.BUTTON_CONTACT_STUCK: TroubleKind.CONTACT_STUCK,
    wire.BUTTON_SMS_DOWN: TroubleKind.SMS_DOWN,
    wire.BUTTON_SIM_FAULT: TroubleKind.SIM_FAULT,
}
SITE_TROUBLES: dict[int, TroubleKind] = {
    wire.SITE_CUSTODY_FULL: TroubleKind.CUSTODY_FULL,
    wire.SITE_BROKER_DOWN: TroubleKind.SITE_BROKER_DOWN,
    wire.SITE_SMS_DOWN: TroubleKind.SMS_DOWN,
    wire.SITE_SIM_FAULT: TroubleKind.SIM_FAULT,
    wire.SITE_MAINS_LOST: TroubleKind.MAINS_LOST,
    wire.SITE_BATTERY_LOW: TroubleKind.BATTERY_LOW,
    wire.SITE_TAMPER: TroubleKind.TAMPER,
}


class Freshness(StrEnum):
    """What a counter says about a verified heartbeat or report."""

    FRESH = "fresh"
    REPEATED = "repeated"  # the very one that was heard last: answered again, counted never
    STALE = "stale"


@dataclass(slots=True)
class Watch:
    """What the centre remembers of one device between two signs of life; mutable, one per device.

    All times are monotonic ms of the centre, so that setting its clock raises no false trouble.

    Attributes:
        heard_ms: when the last fresh one was made, or the moment from which silence counts.
        boot_started_ms: when the uptime of `boot_id` was 0: the earliest estimate.
        anchored: `boot_started_ms` was counted by this process, not taken over from one before.
        earlier_boots: the same for boots before, newest last.
        excused: got the whole time again after its gateway's silence, and was not heard since.
    """

    device: int
    site: str
    is_gateway: bool
    heard_ms: int
    key_id: int = 0
    counter: int = 0
    boot_id: int = 0
    boot_started_ms: int = 0
    anchored: bool = False
    earlier_boots: dict[int, int] = field(default_factory=dict)
    flags: int = 0
    silent: bool = False
    excused: bool = False


def freshness(watch: Watch | None, key_id: int, counter: int) -> Freshness:
    """Whether a counter rises; a new key epoch starts anew."""
    if watch is None or key_id != watch.key_id or counter > watch.counter:
        return Freshness.FRESH
    return Freshness.REPEATED if counter == watch.counter else Freshness.STALE


def has_lost_counters(watch: Watch, boot_id: int) -> bool:
    """Whether a stale sign of life may be a device that starts anew, and not only something old that came again.

    A boot that the centre has heard cannot have lost its counters since: it is owed no answer. An old boot may be
    told, too: its device is not in that boot any more and obeys nothing said to it.
    """
    return boot_id != watch.boot_id


def hear(watch: Watch, key_id: int, counter: int, boot_id: int, uptime_ms: int, made_ms: int) -> None:
    """Takes a fresh sign of life that was made, as the gateway says, at `made_ms`.

    A gateway that hoards heartbeats and hands them on later, claiming that they are new, is found
    out by their uptimes: what is later than the boot's first heartbeats allow counts as that old.
    """
    started_ms = made_ms - uptime_ms
    _anchor(watch, boot_id, started_ms)
    late_ms = started_ms - watch.boot_started_ms
    if late_ms > HOARD_ALLOWED_MS + uptime_ms // DRIFT_ALLOWED:
        made_ms -= late_ms
    watch.key_id, watch.counter = key_id, counter
    if made_ms > watch.heard_ms:
        watch.heard_ms = made_ms
        watch.excused = False


def _anchor(watch: Watch, boot_id: int, started_ms: int) -> None:
    if boot_id != watch.boot_id:
        if watch.boot_id:
            watch.earlier_boots[watch.boot_id] = watch.boot_started_ms
            while len(watch.earlier_boots) > EARLIER_BOOTS_MAX:
                del watch.earlier_boots[next(iter(watch.earlier_boots))]
        watch.boot_id, watch.boot_started_ms = boot_id, started_ms
    elif watch.anchored:  # time on the way makes an estimate too late, never too early
        watch.boot_started_ms = min(watch.boot_started_ms, started_ms)
    else:
        watch.boot_started_ms = started_ms
    watch.anchored = True


def boot_started(watch: Watch | None, boot_id: int) -> int | None:
    """When that boot of the device began (monotonic ms), if heartbeats told."""
    if watch is None:
        return None
    if watch.boot_id == boot_id:
        return watch.boot_started_ms
    return watch.earlier_boots.get(boot_id)


def troubles_of(flags: int, meaning: dict[int, TroubleKind]) -> set[TroubleKind]:
    """The troubles that state flags stand for."""
    return {kind for bit, kind in meaning.items() if flags & bit}


def one_of_each_cause(present: set[TroubleKind], *, site_without_mains: bool) -> set[TroubleKind]:
    """Leaves out what another trouble says already.

    A modem without a SIM sends no SMS either. A street without power is one trouble, the gateway's;
    a button that alone has none (somebody pulled its plug) is one of its own, also when it stays so
    after the street has power again.
    """
    kept = set(present)
    if TroubleKind.SIM_FAULT in kept:
        kept.discard(TroubleKind.SMS_DOWN)
    if site_without_mains:
        kept.discard(TroubleKind.MAINS_LOST)
    return kept


def fallen_silent(watches: Iterable[Watch], now_ms: int, hearing_since_ms: int | None = None) -> list[Watch]:
    """Who has newly been silent for longer than `SILENT_AFTER_MS`.

    A button's silence is counted up to the newest word of its site's gateways: when those are
    silent themselves, that is one fault of the gateway, not one for each of its buttons. Nobody's
    is counted before `hearing_since_ms`, from when the centre itself could hear.
    """
    everyone = list(watches)
    heard_from_site: dict[str, int] = {}
    for watch in everyone:
        if watch.is_gateway:
            heard_from_site[watch.site] = max(watch.heard_ms, heard_from_site.get(watch.site, watch.heard_ms))
    latest_ms = now_ms - SILENT_AFTER_MS  # whoever was heard since then, or could not be heard before, is well
    if hearing_since_ms is not None and hearing_since_ms >= latest_ms:
        return []
    fallen = []
    for watch in everyone:
        if watch.heard_ms >= latest_ms or watch.silent:
            continue
        until_ms = now_ms if watch.is_gateway else heard_from_site.get(watch.site, now_ms)
        since_ms = watch.heard_ms if hearing_since_ms is None else max(watch.heard_ms, hearing_since_ms)
        if until_ms - since_ms > SILENT_AFTER_MS:
            fallen.append(watch)
    return fallen


def gateway_is_back(watches: Iterable[Watch], site: str, now_ms: int) -> None:
    """After a silence that was a trouble of its own, the site's buttons get the whole time again.

    Once only until they are heard themselves: a gateway that keeps coming and going must not keep a
    dead button alive.
    """
    for watch in watches:
        if watch.site == site and not watch.is_gateway and not watch.silent and not watch.excused:
            watch.heard_ms = now_ms
            watch.excused = True
