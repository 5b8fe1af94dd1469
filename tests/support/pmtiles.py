"""A small PMTiles archive of one vector tile, made by the format's public specification."""

from __future__ import annotations

import gzip
import json
import struct

BOUNDS = (112.6, -7.4, 112.9, -7.1)
HEAD = struct.Struct("<7sB11Q6B4iB2i")


def archive(
    *,
    version: int = 3,
    kind: int = 1,
    layers: object = ({"id": "roads"}, {"id": "places"}),
    after: bytes = b"",
    tile: bytes = b"",
) -> bytes:
    """The file; `layers` are the `vector_layers` of its metadata, None leaves them out; `after` follows it."""
    told: dict[str, object] = {} if layers is None else {"vector_layers": layers}
    metadata = gzip.compress(json.dumps(told).encode() + after)
    tile = gzip.compress(tile)
    root = gzip.compress(_directory(len(tile)))
    places = (127, len(root), 127 + len(root), len(metadata), 0, 0, 127 + len(root) + len(metadata), len(tile))
    west, south, east, north = (round(degrees * 1e7) for degrees in BOUNDS)
    head = HEAD.pack(
        b"PMTiles", version, *places, 1, 1, 1, 1, 2, 2, kind, 0, 0, west, south, east, north, 0, west, south
    )
    return head + root + metadata + tile


def _directory(length: int) -> bytes:
    """One entry: tile 0, run of 1, its length, at the beginning."""
    return b"".join(varint(number) for number in (1, 0, 1, length, 1))


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
