"""The JSON routes of drills."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from kentongan_server import shapes_desk as shapes
from kentongan_server.api.access import Centre, Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id
from kentongan_server.application.drills import Asked
from kentongan_server.domain.drill import ALARMS_MAX, MINUTES_MAX, NAME_MAX
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_wire import topics
from kentongan_wire.errors import FrameError

router = APIRouter(prefix="/api/drills", dependencies=[Depends(authorised)])


class Alarm(Body):
    """Which button seems to be pressed, of which kind, and after how many seconds."""

    device: Annotated[str, Field(max_length=8)]
    kind: Annotated[str, Field(max_length=32)]
    in_s: Annotated[int, Field(ge=0, le=MINUTES_MAX * 60)]


class NewDrill(Body):
    """What is drilled."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
    minutes: Annotated[int, Field(ge=1, le=MINUTES_MAX)]
    alarms: Annotated[list[Alarm], Field(min_length=1, max_length=ALARMS_MAX)]


@router.get("")
async def drills(centre: ThisCentre) -> shapes.Drills:
    """Drills, newest first; those without `ended_at_ms` run."""
    return await centre.shift.views.drills()


@router.post("")
async def start(centre: ThisCentre, session: Current, body: NewDrill) -> shapes.Drill:
    """Begins a drill."""
    asked = [Asked(_device(one.device), one.kind, one.in_s) for one in body.alarms]
    return await _show(centre, await centre.shift.drills.start(body.name, body.minutes, asked, session.name))


@router.post("/{drill}/end")
async def end(centre: ThisCentre, session: Current, drill: Id) -> shapes.Drill:
    """Ends a drill before its time, and closes what is open of it."""
    await centre.shift.drills.end(drill, session.name)
    return await _show(centre, drill)


async def _show(centre: Centre, drill: int) -> shapes.Drill:
    found = await centre.shift.views.drill(drill)
    if found is None:
        raise NotFoundError(f"there is no drill {drill}.")
    return found


def _device(name: str) -> int:
    try:
        return topics.device_number(name)
    except FrameError as error:
        raise InvalidError(f"device: {error.detail}.") from error
