"""The frame: header, payload, MAC. Either a frame comes out or `FrameError` is raised.

Parsing checks shape only; who made the frame is known after `verify` with that device's key.
"""

import struct
from typing import TYPE_CHECKING

from kentongan_wire.errors import FrameError
from kentongan_wire.mac import MAC_SIZE, PadKey
from kentongan_wire.record import Payload

if TYPE_CHECKING:
    from typing import Any

VERSION = 1
_HEADER = ">BBBBI"  # version, type, key id, reserved (0), device
HEADER_SIZE = 8
MIN_SIZE = HEADER_SIZE + MAC_SIZE
MAX_SIZE = 8192  # bytes: a site report with 64 heartbeats is 5 kB; everything else is below 700
DEVICE_MAX = 0xFFFFFFFF  # 0 is nobody

# The type's two upper bits say who speaks, and so which key signs.
DIRECTION_UP = 0x00
DIRECTION_DOWN = 0x40
DIRECTION_HOP = 0x80


class Frame:
    """A parsed frame.

    Attributes:
        key_id: key epoch, 0…255.
        device: up-link: the sender; down-link and hop: the addressee; 1…2**32-1.
        payload: an instance of one of the classes that the caller of `parse` accepts.
        raw: the bytes it was read from.
    """

    def __init__(self, key_id: int, device: int, payload: Payload, raw: bytes) -> None:
        self.key_id = key_id
        self.device = device
        self.payload = payload
        self.raw = raw

    def verify(self, key: PadKey) -> bool:
        """True when the MAC was made with this key."""
        return key.verify(self.raw[:-MAC_SIZE], self.raw[-MAC_SIZE:])


def seal(payload: Payload, device: int, key_id: int, key: PadKey) -> bytes:
    """Header, payload and MAC as bytes for any path.

    Raises:
        FrameError: device or key id out of range, or the frame would exceed `MAX_SIZE`.
    """
    if not 0 < device <= DEVICE_MAX or not 0 <= key_id <= 255:
        raise FrameError("value", "device %r, key id %r: expected 1…2**32-1 and 0…255" % (device, key_id))
    signed = struct.pack(_HEADER, VERSION, payload.TYPE, key_id, 0, device) + payload.encode()
    if len(signed) + MAC_SIZE > MAX_SIZE:
        raise FrameError("oversize", "expected at most %d bytes, got %d" % (MAX_SIZE, len(signed) + MAC_SIZE))
    return signed + key.mac(signed)


def parse_header(raw: bytes) -> tuple[int, int, int]:
    """The (type, key id, device) of something that looks like a frame.

    Raises:
        FrameError: too short, too long, another version, or a reserved field in use.
    """
    if len(raw) < MIN_SIZE:
        raise FrameError("truncated", "expected at least %d bytes, got %d" % (MIN_SIZE, len(raw)))
    if len(raw) > MAX_SIZE:
        raise FrameError("oversize", "expected at most %d bytes, got %d" % (MAX_SIZE, len(raw)))
    version, frame_type, key_id, reserved, device = struct.unpack_from(_HEADER, raw, 0)
    if version != VERSION:
        raise FrameError("version", "expected %d, got %d" % (VERSION, version))
    if reserved != 0 or device == 0:
        raise FrameError("value", "reserved byte %d, device %d: expected 0 and not 0" % (reserved, device))
    return frame_type, key_id, device


def parse(raw: bytes, accepted: tuple[type[Payload], ...]) -> Frame:
    """Read a frame whose payload is one of the `accepted` classes.

    Raises:
        FrameError: anything else.
    """
    frame_type, key_id, device = parse_header(raw)
    for payload_class in accepted:
        if frame_type == payload_class.TYPE:
            return Frame(key_id, device, payload_class.decode(bytes(raw[HEADER_SIZE:-MAC_SIZE])), bytes(raw))
    raise FrameError("type", "0x%02x is not accepted here" % frame_type)


def unpack_exactly(layout: str, data: bytes) -> "tuple[Any, ...]":
    """`struct.unpack` that raises `FrameError` and, unlike MicroPython's, refuses left-over bytes."""
    size = struct.calcsize(layout)
    if len(data) != size:
        raise FrameError("length", "expected a payload of %d bytes, got %d" % (size, len(data)))
    return struct.unpack(layout, data)
