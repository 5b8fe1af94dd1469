"""The routes of a shift's end, its printed page, and the replay of an incident."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from kentongan_server import shapes_desk as shapes
from kentongan_server.api import printing
from kentongan_server.api.access import Centre, Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id, Words
from kentongan_server.api.passkeys import drop, keep, kept, made
from kentongan_server.application.hand_over import ByPasskey, ByPassword, Proof
from kentongan_server.domain.errors import InvalidError, NotFoundError

router = APIRouter(prefix="/api", dependencies=[Depends(authorised)])


class Sign(Body):
    """Who takes the shift, and what they should know."""

    to: Annotated[str, Field(min_length=1, max_length=64)]
    note: Words = ""


class Give(Sign):
    """Also their signature: a password, or what `navigator.credentials.get` answered, as JSON."""

    password: Annotated[str, Field(max_length=1024)] | None = None
    answer: dict[str, Any] | None = None


@router.get("/hand-over/takers")
async def takers(centre: ThisCentre, session: Current) -> shapes.Takers:
    """Who may take the shift of whoever is logged in, and who of them can sign with a passkey here."""
    found = await centre.shift.views.takers(session.name)
    for one in found:
        one["passkey"] = one["passkey"] and centre.passkeys is not None
    return {"takers": found}


@router.post("/hand-over/passkey")
async def begin(centre: ThisCentre, session: Current, body: Sign, response: Response) -> dict[str, Any]:
    """What `navigator.credentials.get` is to be asked, for a signature under this hand-over."""
    options, ticket = centre.shift.hand_over.begin(session, body.to, body.note, made(centre))
    keep(response, centre, ticket)
    return options


@router.post("/hand-over")
async def give(
    centre: ThisCentre, session: Current, body: Give, request: Request, response: Response
) -> shapes.HandOverPage:
    """All open incidents of whoever is logged in are now somebody else's, who signs for them."""
    proof: Proof
    if body.password is not None and body.answer is None:
        proof = ByPassword(centre.people, body.password)
    elif body.answer is not None and body.password is None:
        proof = ByPasskey(made(centre), body.answer, kept(request, centre))
    else:
        raise InvalidError("expected a password or the answer of a passkey, and not both.")
    number = await centre.shift.hand_over.give(session, body.to, proof, body.note)
    if body.answer is not None:
        drop(response, centre)
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
