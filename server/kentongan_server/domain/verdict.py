"""What intake decided about bytes that arrived: taken, or refused with a reason that people can read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kentongan_wire import receipts


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


@dataclass(frozen=True, slots=True)
class Rejected:
    """Bytes that were refused.

    Attributes:
        source: the lane of the broker on which they came (a gateway's name, by its certificate), or
            `sms:` and the centre's modem.
        claimed_device: who the bytes say they are from; None when they do not say.
        raw: the refused bytes themselves.
    """

    reason: Reason
    part: Part
    detail: str
    source: str
    claimed_device: int | None
    raw: bytes


def reason_of(frame_error_reason: str) -> Reason:
    """The reason for a `FrameError` with this reason."""
    return Reason.OVERSIZE if frame_error_reason == "oversize" else Reason.MALFORMED
