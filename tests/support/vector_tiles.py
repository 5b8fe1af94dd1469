"""A PMTiles archive with real vector tiles of a small made-up city, by the two formats' public specifications.

Land with the sea in the north, a river, a grid of streets and two quarters with names, at zooms 0 to 11;
or whatever shapes somebody else has made up.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.pmtiles import BOUNDS, HEAD, varint

MAX_ZOOM = 11  # the browser enlarges beyond; here the largest shape still fits into a tile's 16 bits
COAST = -7.2  # latitude: the sea is north of it
QUARTERS = {"Kampung Contoh": (112.7, -7.3), "Pasar Contoh": (112.8, -7.25)}
EXTENT = 4_096
POINT, LINE, POLYGON = 1, 2, 3
MOVE_TO, LINE_TO, CLOSE = 1, 2, 7
STREETS = 6  # in each direction

Spot = tuple[float, float]
Bounds = tuple[float, float, float, float]  # west, south, east, north


@dataclass(frozen=True)
class Shape:
    """A point, a line or a ring in degrees (longitude, latitude), in a layer, perhaps with a name."""

    layer: str
    kind: int
    spots: tuple[Spot, ...]
    name: str = ""


def city(shapes: Sequence[Shape] | None = None, bounds: Bounds = BOUNDS, max_zoom: int = MAX_ZOOM) -> bytes:
    """The archive; other shapes must lie within their bounds, which span four tiles of the largest zoom at most."""
    shapes = list(_shapes()) if shapes is None else shapes
    tiles = {_number(*place): gzip.compress(_tile(place, shapes), mtime=0) for place in _places(bounds, max_zoom)}
    numbers = sorted(tiles)
    body = b"".join(tiles[number] for number in numbers)
    root = gzip.compress(_directory(numbers, [len(tiles[number]) for number in numbers]), mtime=0)
    layers = sorted({shape.layer for shape in shapes})
    metadata = gzip.compress(json.dumps({"vector_layers": [{"id": name, "fields": {}} for name in layers]}).encode())
    told = HEAD.size + len(root)
    data = told + len(metadata)
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    middle = ((west + east) // 2, (south + north) // 2)
    parts = (HEAD.size, len(root), told, len(metadata), 0, 0, data, len(body))
    counts = (len(numbers),) * 3
    kinds = (1, 2, 2, 1)  # in the order of their numbers; gzip inside and outside; vector tiles
    head = HEAD.pack(b"PMTiles", 3, *parts, *counts, *kinds, 0, max_zoom, west, south, east, north, 10, *middle)
    return head + root + metadata + body


def _shapes() -> Iterator[Shape]:
    west, south, east, north = BOUNDS
    yield Shape("earth", POLYGON, ((west, COAST), (east, COAST), (east, south), (west, south)))
    yield Shape("water", POLYGON, ((west, north), (east, north), (east, COAST), (west, COAST)))
    middle = (west + east) / 2
    yield Shape("waterway", LINE, ((middle, COAST), (middle + 0.03, -7.3), (middle, south)))
    for street in range(1, STREETS):
        longitude = west + (east - west) * street / STREETS
        latitude = south + (COAST - south) * street / STREETS
        yield Shape("roads", LINE, ((longitude, south), (longitude, COAST)))
        yield Shape("roads", LINE, ((west, latitude), (east, latitude)))
    for name, spot in QUARTERS.items():
        yield Shape("places", POINT, (spot,), name)


# --- the archive ----------------------------------------------------------------------------------


def _places(bounds: Bounds, max_zoom: int) -> Iterator[tuple[int, int, int]]:
    """Zoom, column and row of each tile that the bounds touch."""
    west, south, east, north = bounds
    for zoom in range(max_zoom + 1):
        left, top = (int(part) for part in _on_grid((west, north), zoom))
        right, bottom = (int(part) for part in _on_grid((east, south), zoom))
        yield from ((zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def _on_grid(spot: Spot, zoom: int) -> tuple[float, float]:
    """Web Mercator, in tiles of the zoom from the north-west on."""
    longitude, latitude = spot
    tangent = math.asinh(math.tan(math.radians(latitude)))
    return (longitude + 180) / 360 * 2**zoom, (1 - tangent / math.pi) / 2 * 2**zoom


def _number(zoom: int, x: int, y: int) -> int:
    """Along the Hilbert curve of the zoom, behind all tiles of the zooms before."""
    number = (4**zoom - 1) // 3
    half = 2**zoom // 2
    while half:
        right, low = int(bool(x & half)), int(bool(y & half))
        number += half * half * (3 * right ^ low)
        if not low:
            if right:
                x, y = half - 1 - x, half - 1 - y
            x, y = y, x
        half //= 2
    return number


def _directory(numbers: list[int], lengths: list[int]) -> bytes:
    """Steps from number to number, runs of one, lengths, and each tile right behind the one before."""
    steps = [number - before for number, before in zip(numbers, [0, *numbers], strict=False)]
    behind = [1] + [0] * (len(numbers) - 1)
    columns = [len(numbers), *steps, *[1] * len(numbers), *lengths, *behind]
    return b"".join(varint(number) for number in columns)


# --- a tile ---------------------------------------------------------------------------------------


def _tile(place: tuple[int, int, int], shapes: Sequence[Shape]) -> bytes:
    layers: dict[str, list[Shape]] = {}
    for shape in shapes:
        layers.setdefault(shape.layer, []).append(shape)
    return b"".join(_part(3, _layer(name, members, place)) for name, members in layers.items())


def _layer(name: str, shapes: list[Shape], place: tuple[int, int, int]) -> bytes:
    names = sorted({shape.name for shape in shapes if shape.name})
    features = (
        _part(2, _packed(2, [0, names.index(shape.name)] if shape.name else []) + _feature(shape, place))
        for shape in shapes
    )
    values = b"".join(_part(4, _part(1, value.encode())) for value in names)
    keys = _part(3, b"name") if names else b""
    head = _part(1, name.encode())
    return head + b"".join(features) + keys + values + _number_field(5, EXTENT) + _number_field(15, 2)


def _feature(shape: Shape, place: tuple[int, int, int]) -> bytes:
    zoom, column, row = place
    grid = [_on_grid(spot, zoom) for spot in shape.spots]
    points = [(round((x - column) * EXTENT), round((y - row) * EXTENT)) for x, y in grid]
    commands = [MOVE_TO | 1 << 3]
    before = (0, 0)
    for at, point in enumerate(points):
        if at == 1:
            commands.append(LINE_TO | len(points) - 1 << 3)
        commands += [_zigzag(now - then) for now, then in zip(point, before, strict=True)]
        before = point
    if shape.kind == POLYGON:
        commands.append(CLOSE | 1 << 3)
    return _number_field(3, shape.kind) + _packed(4, commands)


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else -number * 2 - 1


def _part(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content


def _number_field(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def _packed(field: int, numbers: list[int]) -> bytes:
    return _part(field, b"".join(varint(number) for number in numbers)) if numbers else b""
