"""Reports on paper. What draws them is loaded when the first one is asked for: the centre must start at once."""

from __future__ import annotations

from kentongan_server import report_shapes as shapes


def whole(report: shapes.WholeReport, language: str) -> bytes:
    """The report of a period as a PDF."""
    from kentongan_server.adapters.report_paper import print_whole  # noqa: PLC0415 - see above

    return print_whole(report, language)


def crimes(report: shapes.Crimes, language: str) -> bytes:
    """Crimes alone as a PDF."""
    from kentongan_server.adapters.report_paper import print_crimes  # noqa: PLC0415 - see above

    return print_crimes(report, language)
