"""The routes of a shift's end, its printed page, and the replay of an incident."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import HTMLResponse

from kentongan_server import shapes_desk as shapes
from kentongan_server.api import printing
from kentongan_server.api.access import Centre, Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id, Words
from kentongan_server.domain.errors import NotFoundError

router = APIRouter(prefix="/api", dependencies=[Depends(authorised)])


class Give(Body):
    """Who takes the shift, their password as a signature, and what they should know."""

    to: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(max_length=1024)]
    note: Words = ""


@router.post("/hand-over")
async def give(centre: ThisCentre, session: Current, body: Give) -> shapes.HandOverPage:
    """All open incidents of whoever is logged in are now somebody else's, who signs for them."""
    number = await centre.shift.hand_over.give(session, body.to, body.password, body.note)
    return await _show(centre, number)


@router.get("/hand-overs")
async def hand_overs(centre: ThisCentre) -> shapes.HandOvers:
    """Hand-overs, newest first."""
    return await centre.shift.views.hand_overs()


@router.get("/hand-overs/{hand_over}/page", response_class=HTMLResponse)
async def page(centre: ThisCentre, hand_over: Id, lang: Literal["id", "en"] = "id") -> HTMLResponse:
    """A page to be printed and signed."""
    found = await _show(centre, hand_over)
    return HTMLResponse(printing.hand_over(found, lang), headers={"Content-Security-Policy": printing.POLICY})


@router.get("/incidents/{incident}/replay")
async def replay(centre: ThisCentre, incident: Id) -> shapes.Replay:
    """Everything that happened to an incident, with how it stood after each step."""
    found = await centre.shift.views.replay(incident)
    if not found["steps"]:
        raise NotFoundError(f"there is no incident {incident}.")
    return found


async def _show(centre: Centre, number: int) -> shapes.HandOverPage:
    found = await centre.shift.views.hand_over(number)
    if found is None:
        raise NotFoundError(f"there is no hand-over {number}.")
    return found
