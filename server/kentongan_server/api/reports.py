"""Reports as JSON, tables and paper: docs/reports.md says what each number means."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from kentongan_server import report_shapes as shapes
from kentongan_server.api.access import Current, ThisCentre, authorised
from kentongan_server.application import report_tables
from kentongan_server.domain.reporting import By, Period, parse_period

router = APIRouter(prefix="/api/reports", dependencies=[Depends(authorised)])

CSV = "text/csv; charset=utf-8"
PDF = "application/pdf"

Language = Literal["id", "en"]


async def period(
    first: Annotated[str, Query(alias="from", max_length=100)], end: Annotated[str, Query(alias="to", max_length=100)]
) -> Period:
    """From this day to before that day, at each site."""
    return parse_period(first, end)


ThisPeriod = Annotated[Period, Depends(period)]


@router.get("/summary")
async def summary(centre: ThisCentre, asked: ThisPeriod, by: By = By.SITE) -> shapes.Summary:
    """Response times, outcomes and causes of false alarms; `to` is the first day left out."""
    return await centre.reports.summary(asked, by)


@router.get("/summary.csv", response_class=Response)
async def summary_csv(centre: ThisCentre, asked: ThisPeriod, by: By = By.SITE, *, bom: bool = True) -> Response:
    """The same as a table, one row for each group; `bom`: with the mark by which spreadsheets know UTF-8."""
    found = await centre.reports.summary(asked, by)
    return _file(report_tables.summary(found, mark=bom).encode(), CSV, f"{_name(asked)}-{by}.csv")


@router.get("/summary.pdf", response_class=Response)
async def summary_pdf(centre: ThisCentre, asked: ThisPeriod, lang: Language = "id") -> Response:
    """The whole report on paper."""
    found = await centre.reports.whole(asked)
    paper = await asyncio.to_thread(partial(centre.print_report, found, lang))
    return _file(paper, PDF, f"{_name(asked)}.pdf")


@router.get("/crimes")
async def crimes(centre: ThisCentre) -> shapes.Crimes:
    """Crimes per month and year, and their trends."""
    return await centre.reports.crimes()


@router.get("/crimes.csv", response_class=Response)
async def crimes_csv(centre: ThisCentre, *, bom: bool = True) -> Response:
    """The same as a table."""
    found = await centre.reports.crimes()
    return _file(report_tables.crimes(found, mark=bom).encode(), CSV, "kentongan-crimes.csv")


@router.get("/crimes.pdf", response_class=Response)
async def crimes_pdf(centre: ThisCentre, lang: Language = "id") -> Response:
    """The same on paper."""
    found = await centre.reports.crimes()
    paper = await asyncio.to_thread(partial(centre.print_crimes, found, lang))
    return _file(paper, PDF, "kentongan-crimes.pdf")


@router.put("/crimes")
async def put_crimes(
    centre: ThisCentre, session: Current, request: Request, *, dry_run: bool = False
) -> shapes.BroughtIn:
    """Brings the city's own numbers in: a CSV with year, month, category, count and source; all rows or none."""
    return await centre.crime_import.put(await request.body(), session.name, dry_run=dry_run)


def _name(asked: Period) -> str:
    return f"kentongan-{asked.first}-{asked.last}"


def _file(data: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
