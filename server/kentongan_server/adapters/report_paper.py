"""The report as a mayor reads it: a few pages of A4, made from what the reports say and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, LongTable, SimpleDocTemplate, Spacer, Table

from kentongan_server import report_shapes as shapes
from kentongan_server.adapters import report_charts as charts
from kentongan_server.adapters.report_type import FONT, LACKING, LINE, NAME_MAX, SOFT, TINT, item, paragraph, printable
from kentongan_server.adapters.report_words import (
    NONE,
    UNITS,
    WORDS,
    Units,
    Words,
    change,
    day,
    length,
    month,
    number,
    share,
)
from kentongan_server.application.reports import zone_of
from kentongan_server.domain.plain_text import zone_word

SITES_MAX = 40  # of one table: two pages; the CSV has all of them
MONTHS_MAX = 24  # of one plot: what a trend is told from
EDGE = 18 * mm


def print_whole(report: shapes.WholeReport, language: str) -> bytes:
    """The report of a period; `language` is `id` or `en`."""
    words, units = WORDS[language], UNITS[language]
    found = report["summary"]
    whole, hours = found["whole"], report["by_hour"]
    first, last = date.fromisoformat(found["from"]), date.fromisoformat(found["to"]) - timedelta(days=1)
    zones = ", ".join(dict.fromkeys(_zone(zone) for zone in found["zones"]))
    story: list[Flowable] = [
        paragraph(words.title, "title"),
        paragraph(words.period(day(first, units), day(last, units), zones), "period"),
        paragraph(words.made(_moment(found["made_at_ms"], units)), "made"),
        _three(whole, words, units),
    ]
    if not whole["cases"]:
        story.append(paragraph(words.nothing, "text"))
    story += [
        KeepTogether([
            paragraph(words.times, "heading"),
            charts.response_times(whole, words, units),
            paragraph(words.times_note, "note"),
        ]),
        KeepTogether([
            paragraph(words.hours, "heading"),
            charts.columns([one["cases"] for one in hours], [one["key"] for one in hours], units),
            paragraph(words.hours_note, "note"),
        ]),
        *_sites(found["groups"], words, units),
        *_causes(whole, found["groups"], words, units),
        *_crimes(report["crimes"], words, units),
        *_limits(found, words),
        *_definitions((*words.definition_lines, *words.crime_lines), words),
        *_head(found["head"], words),
    ]  # fmt: skip
    return _built(story, words, words.title)


def print_crimes(report: shapes.Crimes, language: str) -> bytes:
    """Crimes alone."""
    words, units = WORDS[language], UNITS[language]
    story = [
        paragraph(words.crimes_title, "title"),
        paragraph(words.made(_moment(report["made_at_ms"], units)), "made"),
        *_crimes(report, words, units),
        *_definitions(words.crime_lines, words),
        *_head(report["head"], words),
    ]
    return _built(story, words, words.crimes_title)


def _three(whole: shapes.Group, words: Words, units: Units) -> Flowable:
    """The three numbers that are read when nothing else is."""
    numbers = (
        (words.answered, length(_p(whole, "acknowledged", "p90_ms"), units), words.answered_means),
        (words.arrived, length(_p(whole, "on-scene", "p90_ms"), units), words.arrived_means),
        (words.false, share(whole["false_rate"], units), words.false_means),
    )
    cells = [
        [paragraph(label, "label"), paragraph(big, "big"), paragraph(means, "note")] for label, big, means in numbers
    ]
    table = Table([cells], colWidths=[charts.WIDTH / 3] * 3)
    table.setStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, -1), TINT),
        ("LINEBEFORE", (1, 0), (-1, -1), 4, "white"),
        ("TOPPADDING", (0, 0), (-1, -1), 8),
        ("LEFTPADDING", (0, 0), (-1, -1), 10),
    ])  # fmt: skip
    return table


def _sites(groups: Sequence[shapes.Group], words: Words, units: Units) -> list[Flowable]:
    if not groups:
        return []
    heads = [
        paragraph(words.site_columns[0], "head"),
        *(paragraph(name, "numberhead") for name in words.site_columns[1:]),
    ]
    rows = [heads]
    for group in groups[:SITES_MAX]:
        judged = group["real"] + group["false"] + group["no_one_found"]
        numbers = (
            number(group["cases"], units),
            length(_p(group, "acknowledged", "p50_ms"), units),
            length(_p(group, "acknowledged", "p90_ms"), units),
            length(_p(group, "on-scene", "p90_ms"), units),
            f"{number(group['false'], units)} / {number(judged, units)}",
            share(group["false_rate"], units),
        )
        rows.append([paragraph(_name(group, words), "cell", NAME_MAX), *(paragraph(one, "number") for one in numbers)])
    widths = [0.28, 0.08, 0.13, 0.13, 0.14, 0.13, 0.11]
    story: list[Flowable] = [paragraph(words.sites, "heading"), _table(rows, widths)]
    if len(groups) > SITES_MAX:
        story.append(paragraph(words.more_sites(len(groups) - SITES_MAX), "note"))
    return story


def _causes(whole: shapes.Group, groups: Sequence[shapes.Group], words: Words, units: Units) -> list[Flowable]:
    heading = paragraph(words.causes, "heading")
    if not whole["false"]:
        return [heading, paragraph(words.no_false, "text")]
    with_false = sorted((one for one in groups if one["false"]), key=lambda one: -one["false"])
    rows = [[paragraph(words.cause_columns[0], "head"), paragraph(words.cause_columns[1], "numberhead"),
             paragraph(words.cause_columns[2], "head")]]  # fmt: skip
    rows += [
        [
            paragraph(_name(group, words), "cell", NAME_MAX),
            paragraph(number(group["false"], units), "number"),
            paragraph(_cause_line(group, words, units), "cell"),
        ]
        for group in with_false[:SITES_MAX]
    ]
    story: list[Flowable] = [
        heading,
        paragraph(_cause_line(whole, words, units), "text"),
        _table(rows, [0.35, 0.1, 0.55]),
    ]
    if len(with_false) > SITES_MAX:
        story.append(paragraph(words.more_sites(len(with_false) - SITES_MAX), "note"))
    return story


def _cause_line(group: shapes.Group, words: Words, units: Units) -> str:
    told = (
        f"{words.cause_words.get(one['cause'], one['cause'])} {number(one['count'], units)}"
        for one in group["false_causes"]
    )
    return ", ".join(told)


def _crimes(report: shapes.Crimes, words: Words, units: Units) -> list[Flowable]:
    city, centre = report["city"], report["centre"]
    story: list[Flowable] = [paragraph(words.crimes, "heading"), paragraph(words.city, "under")]
    story += [
        item(words.year(year["year"], number(year["count"], units), change(year["percent"], units)))
        for year in city["years"]
    ]
    if city["months"]:
        story += _series(city, words, units)
    if city["sources"]:
        story.append(paragraph(words.source(", ".join(city["sources"])), "note", 4 * NAME_MAX))
    else:
        story.append(paragraph(words.no_city, "text"))
    story.append(paragraph(words.centre, "under"))
    story += _series(centre, words, units) if centre["months"] else [paragraph(words.no_centre, "text")]
    return story


def _series(series: shapes.CrimeSeries | shapes.CityCrimes, words: Words, units: Units) -> list[Flowable]:
    months = series["months"][-MONTHS_MAX:]
    labels = [month(one["month"], units) if place % 3 == 0 else "" for place, one in enumerate(months)]
    trend = series["trend"]
    if trend["sum"] is None or trend["before"] is None or trend["through"] is None:
        told = words.no_trend(trend["missing"])
    else:
        through = month(trend["through"], units)
        sums = (number(trend["sum"], units), number(trend["before"], units))
        told = words.trend(through, *sums, change(trend["percent"], units))
    plot = charts.columns([one["count"] for one in months], labels, units)
    return [KeepTogether([plot, paragraph(told, "text")])]


def _limits(found: shapes.Summary, words: Words) -> list[Flowable]:
    whole = found["whole"]
    lines = list(words.limit_lines)
    left = [f"{words.left.get(why, why)} {count}" for why, count in found["left_out"].items() if count]
    lines.append(words.left_out(", ".join(left)) if left else words.left_none)
    if whole["apart"]:
        lines.append(words.apart(whole["late"], whole["time_suspect"], whole["apart"]))
    if whole["from_arrival"]:
        lines.append(words.measured(whole["from_arrival"]))
    if whole["backwards"]:
        lines.append(words.backwards(whole["backwards"]))
    if whole["open"]:
        lines.append(words.open(whole["open"]))
    return [paragraph(words.limits, "heading"), *(item(line) for line in lines)]


def _definitions(lines: Sequence[str], words: Words) -> list[Flowable]:
    return [paragraph(words.definitions, "heading"), *(item(line) for line in lines)]


def _head(head: shapes.Head, words: Words) -> list[Flowable]:
    text = words.head_text(head["position"], head["hash"] or NONE)
    return [KeepTogether([paragraph(words.head, "heading"), paragraph(text, "mono")])]


def _p(group: shapes.Group, leg: str, name: str) -> int | None:
    found = group["times"][leg]
    return None if found is None else int(found[name])  # type: ignore[literal-required]


def _name(group: shapes.Group, words: Words) -> str:
    """With its code when the font cannot write the name."""
    name = group["name"] or group["key"] or words.no_site
    return f"{name} ({group['key']})" if LACKING in printable(name, None) else name


def _table(rows: list[list[Any]], shares: Sequence[float]) -> LongTable:
    table = LongTable(rows, colWidths=[charts.WIDTH * one for one in shares], repeatRows=1)
    table.setStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), TINT),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ])  # fmt: skip
    return table


def _zone(zone: str) -> str:
    """What people call it; a zone of another country by its own name."""
    known = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
    return zone_word(zone) if zone in known else zone


def _moment(at_ms: int, units: Units) -> str:
    at = datetime.fromtimestamp(at_ms // 1_000, zone_of(None))
    return f"{day(at.date(), units)}, {at:%H:%M} WIB"


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Writes "page 1 of 3" when all pages are there."""

    def __init__(self, *arguments: Any, page: Any, **options: Any) -> None:  # noqa: ANN401 - reportlab's own
        super().__init__(*arguments, **options)
        self._page_words = page
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for at, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(FONT, 7.5)
            self.setFillColor(SOFT)
            self.drawRightString(A4[0] - EDGE, 10 * mm, self._page_words(at, len(self._pages)))
            super().showPage()
        super().save()


def _built(story: list[Flowable], words: Words, title: str) -> bytes:
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=EDGE,
        rightMargin=EDGE,
        topMargin=EDGE,
        bottomMargin=EDGE,
        title=printable(title),
        author="Kentongan",
        lang="id" if words is WORDS["id"] else "en",
    )

    def canvas(*arguments: Any, **options: Any) -> _Numbered:  # noqa: ANN401 - reportlab's own
        return _Numbered(*arguments, page=words.page, **options)

    document.build([*story, Spacer(0, 1)], canvasmaker=canvas)
    return out.getvalue()
