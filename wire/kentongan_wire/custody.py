"""The gateway's signed envelope: a frame as it came, and how long the gateway had it."""

import struct

from kentongan_wire.errors import FrameError
from kentongan_wire.frame import DIRECTION_UP, unpack_exactly
from kentongan_wire.record import Payload

INNER_MAX = 512  # bytes: six times a press; what is longer is reported, not carried

ENVELOPE_IN_CUSTODY = 0x01  # committed at the gateway, which waits for a receipt or a refusal
ENVELOPE_CUT = 0x02  # `inner` is only the first INNER_MAX bytes of something oversize
ENVELOPE_OFFERED_AGAIN = 0x04  # another incarnation of the centre had confirmed it

_ENVELOPE = ">IB"
_ENVELOPE_SIZE = struct.calcsize(_ENVELOPE)


class Envelope(Payload):
    """`inner` are the button's bytes untouched; `held_ms` lets ages add up (UNKNOWN_MS when unknown)."""

    TYPE = DIRECTION_UP | 0x11
    FIELDS = ("held_ms", "flags", "inner")

    def __init__(self, held_ms: int, flags: int, inner: bytes) -> None:
        self.held_ms = held_ms
        self.flags = flags
        self.inner = inner

    def encode(self) -> bytes:
        if len(self.inner) > INNER_MAX:
            raise FrameError("oversize", "expected at most %d bytes inside, got %d" % (INNER_MAX, len(self.inner)))
        return struct.pack(_ENVELOPE, self.held_ms, self.flags) + self.inner

    @classmethod
    def decode(cls, data: bytes) -> "Envelope":
        held_ms, flags = unpack_exactly(_ENVELOPE, data[:_ENVELOPE_SIZE])
        inner = data[_ENVELOPE_SIZE:]
        if len(inner) > INNER_MAX:
            raise FrameError("oversize", "expected at most %d bytes inside, got %d" % (INNER_MAX, len(inner)))
        return cls(held_ms, flags, inner)
