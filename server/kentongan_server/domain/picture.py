"""What a picture of a site is, told from its own bytes: whoever sends it may say what they like."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from kentongan_server.domain.errors import CentreError, InvalidError

BYTES_MAX = 2_000_000  # a scan of a floor plan as a photograph; more is slow to open when seconds count
SIDE_MAX = 4_096  # pixels: what every browser and a wall of screens can show
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
WEBP: Final = "image/webp"
_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers of JPEG; the numbers between them (C4, C8, CC) are tables.
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


class TooLargeError(CentreError):
    """More bytes than a picture may have."""

    code = "too-large"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it can be served; sides in pixels."""

    media_type: str
    width: int
    height: int
    data: bytes

    def __repr__(self) -> str:
        return f"Picture({self.media_type}, {self.width} x {self.height})"


def check(data: bytes) -> Picture:
    """The picture that these bytes are.

    Raises:
        TooLargeError: more than `BYTES_MAX`.
        InvalidError: no PNG, JPEG or WebP, a broken one, or one with a longer side than `SIDE_MAX`.
    """
    if len(data) > BYTES_MAX:
        raise TooLargeError(f"picture: expected at most {BYTES_MAX} bytes, got {len(data)}.", "Make it smaller.")
    try:
        media_type, (width, height) = _look(data)
    except (struct.error, IndexError) as error:
        raise InvalidError("picture: expected a whole one, got one that ends too early.") from error
    if not (1 <= width <= SIDE_MAX and 1 <= height <= SIDE_MAX):
        raise InvalidError(f"picture: expected sides of 1-{SIDE_MAX} pixels, got {width} x {height}.")
    return Picture(media_type, width, height, data)


def _look(data: bytes) -> tuple[str, tuple[int, int]]:
    if data.startswith(_PNG_HEAD) and data[12:16] == b"IHDR":
        return PNG, struct.unpack_from(">II", data, 16)
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG, _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP, _webp(data)
    raise InvalidError("picture: expected PNG, JPEG or WebP, got something else.", "Save it as one of these.")


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walks the segments to the frame, which has the size."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise InvalidError("picture: expected a JPEG, got one that is broken.")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            (length,) = struct.unpack_from(">H", data, at + 2)
            at += 2 + max(length, 2)


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        sides = data[24:30]
        if len(sides) < 6:
            raise IndexError
        return int.from_bytes(sides[:3], "little") + 1, int.from_bytes(sides[3:], "little") + 1
    raise InvalidError("picture: expected a WebP, got one that is broken.")
