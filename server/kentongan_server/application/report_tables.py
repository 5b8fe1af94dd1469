"""Reports as tables for a spreadsheet: plain numbers, nothing that runs, one row for each group or month."""

from __future__ import annotations

from typing import Final

from kentongan_server import report_shapes as shapes
from kentongan_server.domain import csv_table
from kentongan_server.domain.reporting import Leg

WHOLE = "all"  # in the first column: the row of all groups together
_COUNTS: Final = (
    *("cases", "open", "calls", "real", "false", "no_one_found", "late", "time_suspect", "from_arrival", "backwards"),
)
_TIMES: Final = ("n", "p50_ms", "p90_ms", "p99_ms")
SUMMARY_COLUMNS: Final = (
    *("from", "to", "by", "key", "name", *_COUNTS, "false_rate", "false_causes"),
    *(f"{leg}_{time}" for leg in Leg for time in _TIMES),
)
CRIME_COLUMNS: Final = ("counted_by", "year", "month", "count", "twelve_months", "twelve_before", "percent")


def summary(report: shapes.Summary, *, mark: bool = True) -> str:
    """A row for all cases, then one for each group. With `mark` spreadsheets know it as UTF-8."""
    head = [report["from"], report["to"], report["by"]]
    groups = [(WHOLE, report["whole"]), *((group["key"], group) for group in report["groups"])]
    return _written(SUMMARY_COLUMNS, [[*head, key, *_group(group)] for key, group in groups], mark=mark)


def crimes(report: shapes.Crimes, *, mark: bool = True) -> str:
    """The city's years, its months, and those of the centre's cases; a trend stands beside its newest month."""
    rows = [
        [year["source"], str(year["year"]), "", str(year["count"]), "", "", _number(year["percent"])]
        for year in report["city"]["years"]
    ]
    city = ", ".join(report["city"]["sources"])
    for counted_by, series in ((city, report["city"]), ("kentongan", report["centre"])):
        trend = series["trend"]
        for one in series["months"]:
            year_of, _, month = one["month"].partition("-")
            newest = one["month"] == trend["through"]
            told = [_number(trend["sum"]), _number(trend["before"]), _number(trend["percent"])]
            rows.append([counted_by, year_of, month, str(one["count"]), *(told if newest else ["", "", ""])])
    return _written(CRIME_COLUMNS, rows, mark=mark)


def _group(group: shapes.Group) -> list[str]:
    counts = [str(group[name]) for name in _COUNTS]
    causes = " ".join(f"{cause['cause']}:{cause['count']}" for cause in group["false_causes"])
    times: list[str] = []
    for leg in Leg:
        found = group["times"][leg]
        times += ["0", "", "", ""] if found is None else [str(found[name]) for name in _TIMES]
    return [group["name"] or "", *counts, _number(group["false_rate"], 4), causes, *times]


def _number(value: float | None, digits: int = 1) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def _written(columns: tuple[str, ...], rows: list[list[str]], *, mark: bool) -> str:
    text = csv_table.write(columns, rows)
    return text if mark else text.removeprefix(csv_table.MARK)
