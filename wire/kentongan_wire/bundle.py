"""Several frames in one MQTT message, each with its 16-bit length before it. Not signed: the frames are."""

import struct

from kentongan_wire.errors import FrameError

_LENGTH = ">H"
_LENGTH_SIZE = 2


def pack(frames: list[bytes]) -> bytes:
    """Join frames of up to 65,535 bytes each."""
    return b"".join([struct.pack(_LENGTH, len(frame)) + frame for frame in frames])


def unpack(data: bytes) -> list[bytes]:
    """Take a bundle apart.

    Raises:
        FrameError: the lengths do not add up.
    """
    frames = []
    at = 0
    while at < len(data):
        if len(data) - at < _LENGTH_SIZE:
            raise FrameError("truncated", "a bundle ends inside a length")
        (size,) = struct.unpack_from(_LENGTH, data, at)
        at += _LENGTH_SIZE + size
        if at > len(data):
            raise FrameError("truncated", "a bundle ends %d bytes early" % (at - len(data)))
        frames.append(bytes(data[at - size : at]))
    return frames
