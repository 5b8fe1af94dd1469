"""The JSON routes of what is done in an incident: its plan's steps, calls back, the pass-phrase."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from kentongan_server import shapes
from kentongan_server.api.access import Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id, Words
from kentongan_server.api.incidents import show
from kentongan_server.domain.contact import Result
from kentongan_server.domain.plan import REASON_MAX

SAID_MAX = 400  # characters: four times the longest phrase

router = APIRouter(prefix="/api/incidents", dependencies=[Depends(authorised)])
Full = shapes.IncidentWithTimeline


class Step(Body):
    """Which step was done; `left_out`: why it was not."""

    step: Annotated[str, Field(max_length=40)]
    left_out: Annotated[str, Field(max_length=REASON_MAX)] | None = None


class Called(Body):
    """Who was called back, and what came of it."""

    contact: Id
    result: Result
    text: Words = ""


class Said(Body):
    """What somebody said when asked for the pass-phrase."""

    said: Annotated[str, Field(max_length=SAID_MAX)]


@router.post("/{incident}/step")
async def step(centre: ThisCentre, session: Current, incident: Id, body: Step) -> Full:
    """A step of the plan was done, or left out with a reason."""
    await centre.case_work.step(incident, session.name, body.step, body.left_out)
    return await show(centre, incident)


@router.post("/{incident}/called")
async def called(centre: ThisCentre, session: Current, incident: Id, body: Called) -> Full:
    """Somebody of the site was called back."""
    await centre.case_work.called(incident, session.name, body.contact, body.result, body.text)
    return await show(centre, incident)


@router.post("/{incident}/pass-phrase")
async def pass_phrase(centre: ThisCentre, session: Current, incident: Id, body: Said) -> shapes.PassPhraseChecked:
    """Compares what was said; `said` tells how it was, the phrase itself is never told."""
    answer = await centre.case_work.pass_phrase(incident, session.name, body.said)
    return {**await show(centre, incident), "said": answer.value}
