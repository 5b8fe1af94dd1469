"""The JSON routes of troubles, rejections and devices (docs/architecture.md, "HTTP")."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from kentongan_server import shapes
from kentongan_server.api.access import Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_wire import topics
from kentongan_wire.errors import FrameError

router = APIRouter(prefix="/api", dependencies=[Depends(authorised)])


class Take(Body):
    """Whether to take a trouble over from somebody else."""

    over: bool = False


@router.get("/troubles")
async def troubles(centre: ThisCentre, session: Current) -> shapes.Troubles:
    """Faults that want a technician."""
    return await centre.views.troubles(session.scope)


@router.post("/troubles/{trouble}/take")
async def take_trouble(centre: ThisCentre, session: Current, trouble: Id, body: Take) -> shapes.Trouble:
    """Makes the trouble one's own; 409 when it is another's, unless `over` says that this is meant."""
    await centre.desk.take(trouble, session.name, over=body.over)
    found = await centre.views.trouble(trouble)
    if found is None:
        raise NotFoundError(f"there is no trouble {trouble}.")
    return found


@router.get("/rejections")
async def rejections(centre: ThisCentre) -> shapes.Rejections:
    """What was refused, and why."""
    return await centre.views.rejections()


@router.get("/devices")
async def devices(centre: ThisCentre, session: Current) -> shapes.Devices:
    """Every enrolled device and how it does."""
    return await centre.views.devices(session.scope)


@router.post("/devices/{device}/report-now", status_code=202)
async def report_now(centre: ThisCentre, device: str) -> None:
    """Asks a button for a heartbeat."""
    try:
        number = topics.device_number(device)
    except FrameError as error:
        raise InvalidError(f"device: {error.detail}.") from error
    await centre.supervise.commands.report_now(number)
