"""Answers that travel down: the centre's receipts and refusals, and the gateway's hop answer."""

import struct

from kentongan_wire.frame import DIRECTION_DOWN, DIRECTION_HOP, unpack_exactly
from kentongan_wire.mac import MAC_SIZE
from kentongan_wire.press import PressIdentity
from kentongan_wire.record import Payload

LEVEL_NONE = 0  # never on the wire: what a device knows before the first receipt
LEVEL_RECEIVED = 1  # the centre has it on disk
LEVEL_ACKNOWLEDGED = 2  # a named operator owns it
LEVEL_DISPATCHED = 3
LEVEL_ARRIVED = 4
LEVEL_CLOSED = 5
LEVEL_NAMES = ("none", "received", "acknowledged", "dispatched", "arrived", "closed")

_RECEIPT = ">II8sBIQIH"
_STORED = ">I8s"
_REFUSAL = ">16sB"

REFUSAL_REASONS = ("", "malformed", "oversize", "unknown device", "bad mac", "compromised key", "stale")
REFUSED_MALFORMED = 1
REFUSED_OVERSIZE = 2
REFUSED_UNKNOWN_DEVICE = 3
REFUSED_BAD_MAC = 4
REFUSED_COMPROMISED = 5
REFUSED_STALE = 6  # heartbeats, reports and commands only: a press is never too old


class Receipt(Payload):
    """The centre's signed word about one press, made for the device named in the header.

    For a button it moves the lamp; for a gateway it ends custody. The highest `revision` of a
    press wins, also downwards. `centre_ms` is the centre's Unix time in ms, `incarnation`
    changes when the centre is restored from a backup; `repeats` are the presses that it knows
    to be merged into this one.
    """

    TYPE = DIRECTION_DOWN | 0x01
    FIELDS = ("press", "level", "revision", "centre_ms", "incarnation", "repeats")

    def __init__(
        self, press: PressIdentity, level: int, revision: int, centre_ms: int, incarnation: int, repeats: int = 0
    ) -> None:
        self.press = press
        self.level = level
        self.revision = revision
        self.centre_ms = centre_ms
        self.incarnation = incarnation
        self.repeats = repeats

    def encode(self) -> bytes:
        press = self.press
        return struct.pack(
            _RECEIPT,
            press.device,
            press.sequence,
            press.nonce,
            self.level,
            self.revision,
            self.centre_ms,
            self.incarnation,
            self.repeats,
        )

    @classmethod
    def decode(cls, data: bytes) -> "Receipt":
        device, sequence, nonce, level, revision, centre_ms, incarnation, repeats = unpack_exactly(_RECEIPT, data)
        return cls(PressIdentity(device, sequence, nonce), level, revision, centre_ms, incarnation, repeats)


class Refusal(Payload):
    """The centre will never take the frame with this digest: the gateway ends its custody."""

    TYPE = DIRECTION_DOWN | 0x04
    FIELDS = ("digest", "reason")

    def __init__(self, digest: bytes, reason: int) -> None:
        self.digest = digest
        self.reason = reason

    def encode(self) -> bytes:
        return struct.pack(_REFUSAL, self.digest[:MAC_SIZE], self.reason)

    @classmethod
    def decode(cls, data: bytes) -> "Refusal":
        digest, reason = unpack_exactly(_REFUSAL, data)
        return cls(digest, reason)


class Stored(Payload):
    """The gateway has this press in custody. Signed with the hop key; it lights no lamp."""

    TYPE = DIRECTION_HOP | 0x01
    FIELDS = ("sequence", "nonce")

    def __init__(self, sequence: int, nonce: bytes) -> None:
        self.sequence = sequence
        self.nonce = nonce

    def encode(self) -> bytes:
        return struct.pack(_STORED, self.sequence, self.nonce)

    @classmethod
    def decode(cls, data: bytes) -> "Stored":
        sequence, nonce = unpack_exactly(_STORED, data)
        return cls(sequence, nonce)
