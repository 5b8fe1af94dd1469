"""What intake decided about bytes that arrived: taken, or refused with a reason that people can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kentongan_wire import receipts
from kentongan_wire.errors import FrameError


class Reason(StrEnum):
    """Why something was refused; the words of the page of rejections."""

    MALFORMED = "malformed"
    OVERSIZE = "oversize"
    UNKNOWN_DEVICE = "unknown-device"
    BAD_MAC = "bad-mac"
    COMPROMISED = "compromised"
    STALE = "stale"
    WRONG_LANE = "wrong-lane"


# What a gateway is told. A frame on the wrong lane never comes from custody; it is malformed there.
REFUSAL_CODES: dict[Reason, int] = {
    Reason.MALFORMED: receipts.REFUSED_MALFORMED,
    Reason.OVERSIZE: receipts.REFUSED_OVERSIZE,
    Reason.UNKNOWN_DEVICE: receipts.REFUSED_UNKNOWN_DEVICE,
    Reason.BAD_MAC: receipts.REFUSED_BAD_MAC,
    Reason.COMPROMISED: receipts.REFUSED_COMPROMISED,
    Reason.STALE: receipts.REFUSED_STALE,
    Reason.WRONG_LANE: receipts.REFUSED_MALFORMED,
}


class Part(StrEnum):
    """Which layer of a message was refused."""

    ENVELOPE = "envelope"
    PRESS = "press"
    REPORT = "report"
    HEARTBEAT = "heartbeat"
    PATH_REPORT = "path-report"
    SMS = "sms"  # a text that carries no frame of ours


class Why(StrEnum):
    """What more is known of a refusal: the `code` of its detail, which the console puts into words; with these facts.

    Lists and streams also have `note {text}`: in the words of a version before.
    """

    FRAME = "frame"  # no frame: `reason` (one of `FrameError.REASONS`), `found` (for who reads frames)
    CUT = "cut"  # longer than the `bytes` that the gateway passed on
    LANE = "lane"  # a message of lane `found` where `expected` belongs
    TOPIC = "topic"  # `found` is no topic of a gateway
    SIGNER = "signer"  # signed as `device`, which is not the gateway whose lane it came by
    NOT_ENROLLED = "not-enrolled"  # no `role` (button, gateway, device) of this number with key epoch `key`
    MAC = "mac"  # not made with the key of this device
    COMPROMISED = "compromised"  # key epoch `key` is marked so
    COUNTER = "counter"  # `counter` does not rise
    NO_FRAME = "no-frame"  # a text of so many `characters`, `sender` as `number.masked` tells it


Detail = Mapping[str, str | int]


def because(why: Why, **facts: str | int) -> Detail:
    """A detail."""
    return {"code": str(why), **facts}


@dataclass(frozen=True, slots=True)
class Rejected:
    """Bytes that were refused.

    Attributes:
        detail: see `Why`.
        source: the lane of the broker on which they came (a gateway's name, by its certificate), or
            `sms:` and the centre's modem.
        claimed_device: who the bytes say they are from; None when they do not say.
        raw: the refused bytes themselves.
    """

    reason: Reason
    part: Part
    detail: Detail
    source: str
    claimed_device: int | None
    raw: bytes


def of_frame(error: FrameError) -> tuple[Reason, Detail]:
    """Why what is no frame is refused."""
    reason = Reason.OVERSIZE if error.reason == "oversize" else Reason.MALFORMED
    return reason, because(Why.FRAME, reason=error.reason, found=error.detail)
