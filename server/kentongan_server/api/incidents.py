"""The JSON routes of incidents: docs/operators-centre.md, "HTTP". Each act names the version that was on the screen."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from kentongan_server import shapes
from kentongan_server.api.access import Centre, Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id, Moment, Name, Words
from kentongan_server.application.views import ANY_CLOSED, Closed
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.outcome import Outcome
from kentongan_server.domain.roles import EVERYTHING, Scope
from kentongan_wire import topics
from kentongan_wire.errors import FrameError

SiteCode = Annotated[str, Field(min_length=1, max_length=64)]
TAKES_ALWAYS = frozenset({"admin", "supervisor"})  # also while the owner is at work

router = APIRouter(prefix="/api/incidents", dependencies=[Depends(authorised)])


class Seen(Body):
    """The incident's `version` on the operator's screen."""

    version: Id


class Take(Seen):
    """`over`: from somebody else, and this is meant."""

    over: bool = False


class Dispatch(Seen):
    """Who is sent."""

    to: Name


class Why(Seen):
    """The reason."""

    why: Words = ""


class Park(Why):
    """Until when it waits."""

    until_ms: Moment


class Close(Seen):
    """How it ended."""

    outcome: Outcome
    cause: Annotated[str, Field(max_length=64)]
    note: Words = ""


class Merge(Seen):
    """The incident that gets the signals."""

    into: Id


class Split(Seen):
    """The button whose alarms get an incident of their own."""

    device: Annotated[str, Field(max_length=8)]


class Note(Body):
    """A remark."""

    text: Annotated[Words, Field(min_length=1)]


Full = shapes.IncidentWithTimeline


async def closed_ones(
    before: Id | None = None, site: SiteCode | None = None, from_ms: Moment | None = None, to_ms: Moment | None = None
) -> Closed:
    """Which of the closed incidents."""
    return Closed(before, site, from_ms, to_ms)


@router.get("")
async def incidents(
    centre: ThisCentre,
    session: Current,
    which: Annotated[Closed, Depends(closed_ones)],
    state: Literal["open", "closed"] = "open",
) -> shapes.Incidents:
    """Open incidents, or a page of closed ones, newest first; `before` is the last one of the page before."""
    if state == "closed":
        return await centre.views.closed_incidents(session.scope, which)
    if which != ANY_CLOSED:
        raise InvalidError("before, site, from_ms, to_ms: of closed incidents only; expected state=closed.")
    return await centre.views.open_incidents(session.scope)


@router.get("/{incident}")
async def show_one(centre: ThisCentre, session: Current, incident: Id) -> Full:
    """One incident with all its alarms and its history."""
    return await show(centre, incident, session.scope)


async def show(centre: Centre, incident: int, scope: Scope = EVERYTHING) -> Full:
    """The incident as somebody may see it who does not see everything, or after an act."""
    found = await centre.views.incident(incident, scope)
    if found is None:
        raise NotFoundError(f"there is no incident {incident}.")
    return found


@router.post("/{incident}/acknowledge")
async def acknowledge(centre: ThisCentre, session: Current, incident: Id, body: Seen) -> Full:
    """Answers what rang at that version; what came or was pressed again later rings on."""
    await centre.operate.acknowledge(incident, body.version, session.name)
    return await show(centre, incident)


@router.post("/{incident}/take")
async def take(centre: ThisCentre, session: Current, incident: Id, body: Take) -> Full:
    """Makes it one's own; 409 when it is somebody else's who is at work, unless a supervisor means it."""
    may_always = session.role in TAKES_ALWAYS
    await centre.operate.take(incident, body.version, session.name, may_always=may_always, over=body.over)
    return await show(centre, incident)


@router.post("/{incident}/dispatch")
async def dispatch(centre: ThisCentre, session: Current, incident: Id, body: Dispatch) -> Full:
    """Somebody was sent; the button is told."""
    await centre.operate.dispatch(incident, body.version, session.name, body.to)
    return await show(centre, incident)


@router.post("/{incident}/arrive")
async def arrive(centre: ThisCentre, session: Current, incident: Id, body: Seen) -> Full:
    """They are there; the button is told."""
    await centre.operate.arrive(incident, body.version, session.name)
    return await show(centre, incident)


@router.post("/{incident}/withdraw")
async def withdraw(centre: ThisCentre, session: Current, incident: Id, body: Why) -> Full:
    """Nobody is on the way any more; the button is told."""
    await centre.operate.withdraw(incident, body.version, session.name, body.why)
    return await show(centre, incident)


@router.post("/{incident}/park")
async def park(centre: ThisCentre, session: Current, incident: Id, body: Park) -> Full:
    """It waits, and rings when its time is over."""
    await centre.operate.park(incident, body.version, session.name, body.until_ms, body.why)
    return await show(centre, incident)


@router.post("/{incident}/unpark")
async def unpark(centre: ThisCentre, session: Current, incident: Id, body: Seen) -> Full:
    """It goes on before its time."""
    await centre.operate.unpark(incident, body.version, session.name)
    return await show(centre, incident)


@router.post("/{incident}/close")
async def close(centre: ThisCentre, session: Current, incident: Id, body: Close) -> Full:
    """Closes it; refused while one of its alarms rings."""
    await centre.operate.close(incident, body.version, session.name, body.outcome, body.cause, body.note)
    return await show(centre, incident)


@router.post("/{incident}/reopen")
async def reopen(centre: ThisCentre, session: Current, incident: Id, body: Why) -> Full:
    """Opens a closed one again."""
    await centre.operate.reopen(incident, body.version, session.name, body.why)
    return await show(centre, incident)


@router.post("/{incident}/merge")
async def merge(centre: ThisCentre, session: Current, incident: Id, body: Merge) -> Full:
    """Its signals go to another incident of the same site, which is answered."""
    await centre.operate.merge(incident, body.version, session.name, body.into)
    return await show(centre, body.into)


@router.post("/{incident}/split")
async def split(centre: ThisCentre, session: Current, incident: Id, body: Split) -> Full:
    """One button's alarms get an incident of their own, which is answered."""
    try:
        device = topics.device_number(body.device)
    except FrameError as error:
        raise InvalidError(f"device: {error.detail}.") from error
    return await show(centre, await centre.operate.split(incident, body.version, session.name, device))


@router.post("/{incident}/note")
async def note(centre: ThisCentre, session: Current, incident: Id, body: Note) -> Full:
    """A remark with its time."""
    await centre.operate.note(incident, session.name, body.text)
    return await show(centre, incident)
