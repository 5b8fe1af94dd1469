"""Troubles: every kind with its deadline in one table, and the rule of who may take one.

A trouble ends by itself when its condition does. Until then it wants a person: an owner, and a
time by which it should have been restored. One that is not restored by then is overdue; it is
shown and counted as that, never raised a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kentongan_server.domain.errors import CentreError

Detail = Mapping[str, Any]
"""Why, as `{"code": …, …}`: the console puts it into words; no names of people in it."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class TroubleKind(StrEnum):
    """Faults that want a technician, or somebody at the centre."""

    # Of a button or a gateway.
    SILENT = "silent"
    PATH_LOST = "path-lost"  # the site's way to the centre is cut; the site lives, as its SMS says
    SMS_DOWN = "sms-down"
    SIM_FAULT = "sim-fault"
    SMS_UNPROVEN = "sms-unproven"
    MAINS_LOST = "mains-lost"
    BATTERY_LOW = "battery-low"
    TAMPER = "tamper"
    CLOCK = "clock"
    # Of a button.
    REWOUND = "rewound-or-cloned"
    LOOP_CUT = "loop-cut"
    LOOP_SHORT = "loop-short"
    JOURNAL_OVERFLOW = "journal-overflow"
    FLASH_FAULT = "flash-fault"
    LATCH_NOT_RESET = "latch-not-reset"
    CONTACT_STUCK = "contact-stuck"
    CHATTERING = "chattering"
    # Of a gateway.
    CUSTODY_FULL = "custody-full"
    SITE_BROKER_DOWN = "site-broker-down"
    # Of many sites at once.
    OUTAGE = "outage"
    # Of the centre itself.
    CENTRE_BROKER_DOWN = "centre-broker-down"
    CENTRE_MODEM_DOWN = "centre-modem-down"  # subject: the modem's name, as in the next two
    CREDIT_LOW = "credit-low"
    CREDIT_EXPIRES = "credit-expires"
    DISK_LOW = "disk-low"
    STORE_SLOW = "store-slow"
    WORKER_STUCK = "worker-stuck"  # subject: which one


# By when each should have been restored, from its beginning. How long that may take follows from
# what is left while it lasts:
#   30 min  somebody may be at work on the site, or a press there may not get out at all
#    1 h    the first of two paths is gone, or all of a site's custody
#    4 h    the second of two paths is gone: the first one still carries presses
#    8 h    one shift: the button works, but its next fault would not be noticed
#   24 h    it works on what it has; a technician's next round
#  3 days   nothing is lost yet, somebody must buy or charge something
# The paths' hours are those of graded alarm installations (an engineer within 4 h of a transmission
# fault); the 30 min those of a guard's ride to a tamper signal. A city may have other contracts:
# then this is the one place.
DEADLINE_MS: dict[TroubleKind, int] = {
    TroubleKind.TAMPER: 30 * MINUTE_MS,
    TroubleKind.REWOUND: 30 * MINUTE_MS,  # a clone would be somebody's preparation
    TroubleKind.LOOP_CUT: 30 * MINUTE_MS,  # a press on that contact cannot be seen
    TroubleKind.LOOP_SHORT: 30 * MINUTE_MS,
    TroubleKind.SILENT: HOUR_MS,
    TroubleKind.PATH_LOST: HOUR_MS,
    TroubleKind.OUTAGE: HOUR_MS,
    TroubleKind.CUSTODY_FULL: HOUR_MS,
    TroubleKind.SITE_BROKER_DOWN: HOUR_MS,
    TroubleKind.JOURNAL_OVERFLOW: HOUR_MS,
    TroubleKind.FLASH_FAULT: HOUR_MS,  # a press survives no power cut
    TroubleKind.CENTRE_BROKER_DOWN: 30 * MINUTE_MS,  # every site is on its second path
    TroubleKind.STORE_SLOW: 30 * MINUTE_MS,
    TroubleKind.WORKER_STUCK: 30 * MINUTE_MS,
    TroubleKind.CENTRE_MODEM_DOWN: 4 * HOUR_MS,  # the other operator's modem still hears
    TroubleKind.SMS_DOWN: 4 * HOUR_MS,
    TroubleKind.SIM_FAULT: 4 * HOUR_MS,
    TroubleKind.SMS_UNPROVEN: 4 * HOUR_MS,
    TroubleKind.DISK_LOW: 4 * HOUR_MS,
    TroubleKind.MAINS_LOST: 8 * HOUR_MS,  # well inside the 31 h that a button's battery lasts (FACTS)
    TroubleKind.CONTACT_STUCK: 8 * HOUR_MS,
    TroubleKind.CHATTERING: 8 * HOUR_MS,
    TroubleKind.LATCH_NOT_RESET: 8 * HOUR_MS,
    TroubleKind.BATTERY_LOW: 24 * HOUR_MS,
    TroubleKind.CLOCK: 24 * HOUR_MS,  # presses are dated by uptimes meanwhile
    TroubleKind.CREDIT_LOW: 24 * HOUR_MS,
    TroubleKind.CREDIT_EXPIRES: 72 * HOUR_MS,
}


class TakenError(CentreError):
    """The trouble is somebody else's, or has ended."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the rules need to know of one."""

    id: int
    device: int
    kind: TroubleKind
    subject: str
    owner: str | None
    ended: bool


def deadline_of(kind: TroubleKind, opened_at_ms: int) -> int:
    """By when a trouble that began then should have been restored (Unix ms)."""
    return opened_at_ms + DEADLINE_MS[kind]


def take(trouble: Trouble, who: str, *, over: bool) -> bool:
    """Whether `who` becomes the owner; False when it is theirs already.

    Raises:
        TakenError: it has ended, or is another's and `over` does not say that this is meant.
    """
    if trouble.ended:
        raise TakenError(f"trouble {trouble.id} has ended.", "Load the list again.")
    if trouble.owner == who:
        return False
    if trouble.owner is not None and not over:
        raise TakenError(f"{trouble.owner} has taken trouble {trouble.id}.", "Ask them, then take it over.")
    return True
