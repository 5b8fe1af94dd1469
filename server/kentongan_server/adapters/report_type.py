"""The letters of the paper: an embedded font, what stands for a letter that it lacks, and styles of paragraphs."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

# Bitstream Vera, which reportlab brings: all letters of Indonesian and of western Europe, and it may be embedded.
FONT, BOLD = "Vera", "Vera-Bold"
LACKING: Final = "\N{LOZENGE}"  # is in the font, and in no name
NAME_MAX = 80  # characters of a name that are printed: two lines of a table; the CSV has all of it

INK, SOFT, LINE, TINT = HexColor("#211d17"), HexColor("#5c5548"), HexColor("#dcd5c8"), HexColor("#f3f0e9")
ACCENT, MIDDLE, PALE = HexColor("#7a481b"), HexColor("#b98a55"), HexColor("#e0c8a8")


@cache
def letters() -> frozenset[int]:
    """What the font has; registers it at first use."""
    pdfmetrics.registerFont(TTFont(FONT, "Vera.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, "VeraBd.ttf"))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)
    both = (set(pdfmetrics.getFont(name).face.charToGlyph) for name in (FONT, BOLD))
    return frozenset(set.intersection(*both))


def printable(text: str, longest: int | None = NAME_MAX) -> str:
    """The text in letters that the font has; every other one is a lozenge, so that nobody takes it for whole."""
    known = letters()
    kept: list[str] = []
    for one in unicodedata.normalize("NFC", text):
        if unicodedata.combining(one) or one in "\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}":
            continue  # belongs to the letter before it, which is a lozenge already
        kept.append(one if ord(one) in known and one.isprintable() else LACKING)
    shown = "".join(kept)
    return shown if longest is None or len(shown) <= longest else shown[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _style(name: str, size: float, **options: Any) -> ParagraphStyle:  # noqa: ANN401 - reportlab's own options
    letters()
    # `splitLongWords`: a name of 500 letters without a space must not run over the edge.
    given = {"fontName": FONT, "textColor": INK, "leading": size * 1.35, "splitLongWords": True} | options
    return ParagraphStyle(name, fontSize=size, **given)


@cache
def styles() -> dict[str, ParagraphStyle]:
    """The styles of the paper by their use."""
    return {
        "title": _style("title", 20, fontName=BOLD, spaceAfter=2),
        "period": _style("period", 11, spaceAfter=1),
        "made": _style("made", 8, textColor=SOFT, spaceAfter=10),
        "heading": _style("heading", 12, fontName=BOLD, spaceBefore=12, spaceAfter=4, keepWithNext=True),
        "under": _style("under", 9, fontName=BOLD, spaceBefore=6, spaceAfter=2, keepWithNext=True),
        "text": _style("text", 8.5, spaceAfter=3),
        "note": _style("note", 7.5, textColor=SOFT, spaceAfter=3),
        "item": _style("item", 8.5, leftIndent=10, bulletIndent=0, spaceAfter=2),
        "cell": _style("cell", 7.5),
        "number": _style("number", 7.5, alignment=2),
        "head": _style("head", 7.5, fontName=BOLD),
        "numberhead": _style("numberhead", 7.5, fontName=BOLD, alignment=2),
        "big": _style("big", 19, fontName=BOLD, textColor=ACCENT),
        "label": _style("label", 8.5, fontName=BOLD),
        "mono": _style("mono", 7.5, wordWrap="CJK"),
    }


def paragraph(text: str, style: str, longest: int | None = None) -> Paragraph:
    """Plain text in a style: nothing in it is taken as markup."""
    return Paragraph(escape(printable(text, longest)), styles()[style])


def item(text: str) -> Paragraph:
    """A line of a list."""
    return Paragraph(escape(printable(text, None)), styles()["item"], bulletText="\N{BULLET}")
