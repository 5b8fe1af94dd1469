"""The JSON routes of the 112 desk. A number never stands in a URL: proxies and browsers keep those."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from kentongan_server import shapes, shapes_desk
from kentongan_server.api.access import Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id, Words
from kentongan_server.api.incidents import show
from kentongan_server.domain.call import ADDRESS_MAX, NAME_MAX, Said, Where
from kentongan_server.domain.category import Category

NUMBER_MAX = 40  # characters of a number as it was typed, with its spaces and brackets

router = APIRouter(prefix="/api", dependencies=[Depends(authorised)])
Full = shapes.IncidentWithTimeline
Number = Annotated[str, Field(max_length=NUMBER_MAX)]


class Call(Body):
    """Who called and what they said; any of it may be unknown."""

    number: Number | None = None
    name: Annotated[str, Field(max_length=NAME_MAX)] | None = None
    words: Words | None = None

    @property
    def said(self) -> Said:
        return Said(self.number, self.name, self.words)


class NewCall(Call):
    """A call that is an incident: what it is about, and where."""

    category: Category
    address: Annotated[str, Field(max_length=ADDRESS_MAX)] = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    site: Annotated[str, Field(max_length=64)] | None = None


class Look(Body):
    """Whose history is wanted."""

    number: Number


class Mark(Look):
    """A prank, or no prank after all."""

    prank: bool
    why: Words = ""


@router.post("/calls")
async def take(centre: ThisCentre, session: Current, body: NewCall) -> Full:
    """Makes an incident of a phone call; it is its taker's."""
    where = Where(body.site, body.address.strip(), body.latitude, body.longitude)
    return await show(centre, await centre.shift.calls.take(session.name, body.category, body.said, where))


@router.post("/incidents/{incident}/call")
async def add(centre: ThisCentre, session: Current, incident: Id, body: Call) -> Full:
    """One more call about an open incident."""
    await centre.shift.calls.add(incident, session.name, body.said)
    return await show(centre, incident)


@router.post("/callers/look")
async def look(centre: ThisCentre, body: Look) -> shapes_desk.Caller:
    """Who has called with this number before."""
    return await centre.shift.views.caller(centre.shift.calls.digest(body.number))


@router.post("/callers/prank")
async def prank(centre: ThisCentre, session: Current, body: Mark) -> shapes_desk.Caller:
    """Marks a caller for a prank, or takes such a mark back."""
    await centre.shift.calls.mark(body.number, session.name, body.why, prank=body.prank)
    return await centre.shift.views.caller(centre.shift.calls.digest(body.number))
