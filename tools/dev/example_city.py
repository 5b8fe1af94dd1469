"""The example's map: a made-up city by the sea, about as large as Probolinggo, for the pictures."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from tests.support.vector_tiles import LINE, POINT, POLYGON, Bounds, Shape, Spot, city

BOUNDS: Bounds = (113.15, -7.83, 113.27, -7.71)
MAX_ZOOM = 13  # the largest at which the bounds still span four tiles
COAST = -7.7405
STEP = 0.006  # degrees between two streets, some 650 m
BEND = 0.0012  # how far a corner may lie from where a ruler would put it
QUARTERS = {
    "Pelabuhan Contoh": (113.201, -7.7435),
    "Alun-alun Contoh": (113.212, -7.7495),
    "Pasar Contoh": (113.229, -7.7625),
    "Kampung Barat Contoh": (113.178, -7.759),
    "Kampung Timur Contoh": (113.247, -7.772),
    "Kampung Selatan Contoh": (113.206, -7.803),
}
BUILT = (((113.212, -7.757), 0.03), ((113.188, -7.77), 0.012), ((113.224, -7.79), 0.014))  # where houses stand close
HOUSES = 5
PARKS = ((113.2095, -7.7505, 0.0016), (113.232, -7.768, 0.0022), (113.195, -7.785, 0.003), (113.245, -7.795, 0.0035))


def archive() -> bytes:
    """The PMTiles file."""
    return city(list(_shapes(random.Random(12))), BOUNDS, MAX_ZOOM)


def _shapes(draw: random.Random) -> Iterator[Shape]:
    west, south, east, north = BOUNDS
    shore = [(west + (east - west) * step / 40, _coast(step / 40, draw)) for step in range(41)]
    yield Shape("earth", POLYGON, (*shore, (east, south), (west, south)))
    yield Shape("water", POLYGON, ((west, north), (east, north), *reversed(shore)))
    for longitude, latitude, size in PARKS:
        yield Shape("landuse", POLYGON, _blob(longitude, latitude, size, draw))
    yield Shape("water", POLYGON, _river())
    yield from _streets(draw)
    for name, spot in QUARTERS.items():
        yield Shape("places", POINT, (spot,), name)


def _coast(part: float, draw: random.Random) -> float:
    """A bay, a headland, and a pier's worth of roughness."""
    return COAST + 0.004 * math.sin(5 * part + 0.6) + draw.uniform(-0.0005, 0.0005)


def _blob(longitude: float, latitude: float, size: float, draw: random.Random) -> tuple[Spot, ...]:
    around = (2 * math.pi * step / 12 for step in range(12))
    return tuple(
        (
            longitude + size * draw.uniform(0.8, 1.2) * math.cos(at),
            latitude - size * draw.uniform(0.7, 1.0) * math.sin(at),
        )
        for at in around
    )


def _river() -> tuple[Spot, ...]:
    """From the hills in the south to the sea, wider as it goes."""
    banks: list[list[Spot]] = [[], []]
    for step in range(31):
        part = step / 30
        latitude = BOUNDS[1] + (COAST + 0.006 - BOUNDS[1]) * part
        longitude = 113.199 + 0.006 * math.sin(7 * part) + 0.004 * part
        for bank, side in zip(banks, (-1, 1), strict=True):
            bank.append((longitude + side * (0.0002 + 0.0003 * part), latitude))
    return (*reversed(banks[0]), *banks[1])


def _streets(draw: random.Random) -> Iterator[Shape]:
    """A crooked grid that is dense in the middle, two roads through the city, and one around it."""
    west, south, east, _ = BOUNDS
    columns, rows = round((east - west) / STEP), round((COAST - 0.004 - south) / STEP)
    spots = {
        (column, row): (
            west + STEP * column + draw.uniform(-BEND, BEND),
            south + STEP * row + draw.uniform(-BEND, BEND),
        )
        for column in range(columns + 1)
        for row in range(rows + 1)
    }
    for (column, row), spot in spots.items():
        for beside in ((column + 1, row), (column, row + 1)):
            near = min(math.dist(spot, middle) - far for middle, far in BUILT) < 0
            if beside in spots and draw.random() < (0.95 if near else 0.6):
                yield Shape("roads", LINE, (spot, spots[beside]))
                if near:
                    yield from _lanes(spot, spots[beside], draw)
    for main in (
        ((west, -7.752), (113.18, -7.7505), (113.212, -7.7535), (113.24, -7.751), (east, -7.757)),
        ((113.215, COAST - 0.002), (113.2155, -7.757), (113.222, -7.785), (113.228, south)),
        ((113.168, -7.752), (113.172, -7.782), (113.2, -7.797), (113.235, -7.793), (113.252, -7.77), (113.25, -7.752)),
    ):
        yield Shape("roads", LINE, main)


def _lanes(begin: Spot, end: Spot, draw: random.Random) -> Iterator[Shape]:
    """Lanes that leave a street of the middle and end somewhere in the block, with houses."""
    for part in (0.2, 0.4, 0.6, 0.8):
        at = (begin[0] + (end[0] - begin[0]) * part, begin[1] + (end[1] - begin[1]) * part)
        along = (end[1] - begin[1], begin[0] - end[0])  # across the street
        far = draw.uniform(0.25, 0.9) * draw.choice((-1, 1))
        yield Shape("roads", LINE, (at, (at[0] + along[0] * far, at[1] + along[1] * far)))
        for house in range(1, HOUSES):
            there = far * house / HOUSES
            yield _house(at[0] + along[0] * there, at[1] + along[1] * there, draw)


def _house(longitude: float, latitude: float, draw: random.Random) -> Shape:
    """Beside the lane that goes by here."""
    side = draw.choice((-1, 1)) * 0.0003
    wide, deep = draw.uniform(0.00008, 0.00018), draw.uniform(0.00008, 0.00016)
    west, south = longitude + side - wide, latitude + side - deep
    east, north = west + 2 * wide, south + 2 * deep
    return Shape("buildings", POLYGON, ((west, north), (east, north), (east, south), (west, south)))
