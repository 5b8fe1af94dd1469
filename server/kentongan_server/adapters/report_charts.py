"""The plots of the paper, drawn from rectangles and words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from reportlab.graphics.shapes import Drawing, Line, Rect, String

from kentongan_server import report_shapes as shapes
from kentongan_server.adapters.report_type import ACCENT, BOLD, FONT, INK, LINE, MIDDLE, PALE, SOFT, printable
from kentongan_server.adapters.report_words import HOUR_MS, MINUTE_MS, SECOND_MS, Units, Words, length, number

WIDTH = 174 * 72 / 25.4 - 12  # points: A4 without its edges, and what a frame keeps free inside
_LABELS = 92.0  # points for the words on the left
_VALUES = 90.0  # for the numbers on the right of the longest bar
_BAR, _GAP = 9.0, 2.0
# Ten times each, as far as minutes and hours let it.
_TICKS: Final = (100, SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 10 * HOUR_MS, 100 * HOUR_MS)
_COLOURS: Final = (("p50_ms", ACCENT), ("p90_ms", MIDDLE), ("p99_ms", PALE))
COLUMNS_HEIGHT = 92.0


def response_times(group: shapes.Group, words: Words, units: Units) -> Drawing:
    """Three bars for each stretch from the press, on a logarithmic scale."""
    row = len(_COLOURS) * (_BAR + _GAP) + 8
    height = row * len(words.legs) + 14
    drawing = Drawing(WIDTH, height)
    longest = max((found["p99_ms"] for found in group["times"].values() if found), default=MINUTE_MS)
    last = next((tick for tick in _TICKS[1:] if tick >= longest), _TICKS[-1])
    span = WIDTH - _LABELS - _VALUES
    for tick in (tick for tick in _TICKS if tick <= last):
        x = _LABELS + span * _along(tick, last)
        drawing.add(Line(x, 12, x, height, strokeColor=LINE, strokeWidth=0.5))
        drawing.add(_text(x, 3, _tick_word(tick, units), size=6.5, colour=SOFT, anchor="middle"))
    top = height
    for leg, label in words.legs.items():
        _leg(drawing, top - 4, label, group["times"][leg], last, units)
        top -= row
    return drawing


def _leg(drawing: Drawing, top: float, label: str, found: shapes.Percentiles | None, last: int, units: Units) -> None:
    span = WIDTH - _LABELS - _VALUES
    drawing.add(_text(0, top - _BAR, label, size=8.5, font=BOLD))
    drawing.add(_text(0, top - _BAR - 10, f"n = {number(found['n'] if found else 0, units)}", size=7, colour=SOFT))
    if found is None:
        return
    for place, (name, colour) in enumerate(_COLOURS):
        value: int = found[name]  # type: ignore[literal-required]
        y = top - (place + 1) * (_BAR + _GAP) + _GAP
        width = max(1.0, span * _along(value, last))
        drawing.add(Rect(_LABELS, y, width, _BAR, fillColor=colour, strokeColor=None))
        told = f"{name.removesuffix('_ms')}  {length(value, units)}"
        drawing.add(_text(_LABELS + width + 4, y + 2, told, size=7))


def _along(value: int, last: int) -> float:
    """Where a time is between the first tick and the last one."""
    first = math.log(_TICKS[0])
    return min(1.0, max(0.0, (math.log(max(value, _TICKS[0])) - first) / (math.log(last) - first)))


def _tick_word(tick: int, units: Units) -> str:
    for size, word in ((HOUR_MS, units.hour), (MINUTE_MS, units.minute), (SECOND_MS, units.second)):
        if tick >= size:
            return f"{tick // size} {word}"
    return f"0{units.comma}1 {units.second}"


def columns(values: Sequence[int], labels: Sequence[str], units: Units) -> Drawing:
    """Upright bars with words below (an empty word is left away) and their values above them."""
    drawing = Drawing(WIDTH, COLUMNS_HEIGHT)
    floor, ceiling = 14.0, COLUMNS_HEIGHT - 12
    most = max([*values, 1])
    step = WIDTH / max(1, len(values))
    for place, (value, label) in enumerate(zip(values, labels, strict=True)):
        middle = (place + 0.5) * step
        tall = (ceiling - floor) * value / most
        if value:
            width = min(step * 0.7, 28.0)
            drawing.add(Rect(middle - width / 2, floor, width, tall, fillColor=MIDDLE, strokeColor=None))
            drawing.add(_text(middle, floor + tall + 2, number(value, units), size=6.5, anchor="middle"))
        if label:
            drawing.add(_text(middle, 4, label, size=6.5, colour=SOFT, anchor="middle"))
    drawing.add(Line(0, floor, WIDTH, floor, strokeColor=SOFT, strokeWidth=0.6))
    return drawing


def _text(
    x: float, y: float, text: str, *, size: float, colour: object = INK, font: str = FONT, anchor: str = "start"
) -> String:
    return String(x, y, printable(text), fontName=font, fontSize=size, fillColor=colour, textAnchor=anchor)
