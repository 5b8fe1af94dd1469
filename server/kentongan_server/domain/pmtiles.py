"""What a map file is: the head of a PMTiles archive, version 3, with vector tiles (its public specification)."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from kentongan_server.domain.errors import CentreError

HEAD_LENGTH: Final = 127  # bytes, of version 3
MAGIC: Final = b"PMTiles"
VERSION: Final = 3
METADATA_MAX = 4 * 1024 * 1024  # bytes; a city's says a few hundred KB at most
ZOOM_MAX = 30  # of the format
_MVT = 1
_NONE, _GZIP = 1, 2
_BODY = struct.Struct("<11Q6B4iB2i")
_ANGLE = 10_000_000  # parts of a degree
_FULL = 360


class NoMapError(CentreError):
    """A file that is no map which the console can show."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of an archive says.

    Attributes:
        metadata: where in the file its description lies: offset and length.
        compressed: the description is compressed with gzip.
        bounds: west, south, east, north, in degrees.
    """

    metadata: tuple[int, int]
    compressed: bool
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Described:
    """A map that can be served; `tag` changes with the file."""

    head: Head
    layers: tuple[str, ...]
    tag: str


def parse(head: bytes, size: int) -> Head:
    """The head of an archive of `size` bytes.

    Raises:
        NoMapError: it is no archive of vector tiles that a browser can read, and which one it is.
    """
    if len(head) < HEAD_LENGTH or not head.startswith(MAGIC):
        raise NoMapError("expected a PMTiles file, found one that does not begin with PMTiles.", "Choose another file.")
    if head[7] != VERSION:
        raise NoMapError(f"expected PMTiles version {VERSION}, found version {head[7]}.", "Convert it to version 3.")
    told = _BODY.unpack_from(head, len(MAGIC) + 1)
    places = told[:8]  # offset and length of each part
    inside, tiles, kind, low, high = told[12:17]
    west, south, east, north = (part / _ANGLE for part in told[17:21])
    for name, offset, length in zip(("root", "metadata", "leaves", "tiles"), places[::2], places[1::2], strict=True):
        if offset + length > size:
            raise NoMapError(
                f"expected {offset + length} bytes up to its {name}, found a file of {size}.", "Copy the whole file."
            )
    if kind != _MVT:
        raise NoMapError(f"expected vector tiles (type {_MVT}), found type {kind}.", "Choose a file of vector tiles.")
    if inside not in (_NONE, _GZIP) or tiles not in (_NONE, _GZIP):
        raise NoMapError("expected tiles without compression or with gzip, found another one.", "Convert it to gzip.")
    if not low <= high <= ZOOM_MAX:
        raise NoMapError(f"expected zooms that rise, up to {ZOOM_MAX}, found {low} to {high}.", "The file is damaged.")
    if not (-_FULL <= west < east <= _FULL and -90 <= south < north <= 90):
        raise NoMapError("expected bounds on the earth, west before east and south before north.", "It is damaged.")
    return Head((places[2], places[3]), inside == _GZIP, low, high, (west, south, east, north))


def layers(head: Head, metadata: bytes) -> tuple[str, ...]:
    """The names of its layers.

    Raises:
        NoMapError: the description cannot be read, or names none.
    """
    unreadable = NoMapError("expected a description of its layers, found none that can be read.", "It is damaged.")
    try:
        told = json.loads(_plain(metadata) if head.compressed else metadata)
    except (ValueError, zlib.error, RecursionError) as error:
        raise unreadable from error
    listed = told.get("vector_layers") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise unreadable
    names = tuple(one["id"] for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str))
    if not names:
        raise unreadable
    return names


def _plain(packed: bytes) -> bytes:
    """Unpacks at most `METADATA_MAX` bytes: a small file can pretend to be an endless one."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    plain = unpacker.decompress(packed, METADATA_MAX)
    if not unpacker.eof:
        raise ValueError(f"expected a whole description of at most {METADATA_MAX} bytes")
    return plain
