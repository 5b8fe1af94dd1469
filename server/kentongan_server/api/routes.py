"""The JSON routes of sessions, troubles, rejections and devices (docs/architecture.md, "HTTP")."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from kentongan_server import shapes
from kentongan_server.api.access import BROWSER_COOKIE, COOKIE, Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id
from kentongan_server.application.people import BROWSER_MS, SESSION_MS, Session
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_wire import topics
from kentongan_wire.errors import FrameError

router = APIRouter(prefix="/api", dependencies=[Depends(authorised)])


class Login(Body):
    """Who wants in."""

    name: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=1024)]


class Who(BaseModel):
    """Who is in; `csrf` goes back in X-CSRF-Token with every POST."""

    name: str
    role: str
    csrf: str


class Take(Body):
    """Whether to take a trouble over from somebody else."""

    over: bool = False


@router.post("/login")
async def login(body: Login, request: Request, response: Response, centre: ThisCentre) -> Who:
    """Begins a session."""
    address = request.client.host if request.client else ""
    browser = request.cookies.get(BROWSER_COOKIE)
    logged_in = await centre.people.login(body.name, body.password, address, browser)
    response.set_cookie(
        BROWSER_COOKIE,
        logged_in.browser,
        max_age=BROWSER_MS // 1000,
        path="/api/login",
        httponly=True,
        samesite="strict",
        secure=centre.secure_cookie,
    )
    response.set_cookie(
        COOKIE,
        logged_in.token,
        max_age=SESSION_MS // 1000,
        httponly=True,
        samesite="strict",
        secure=centre.secure_cookie,
    )
    return _who(logged_in.session)


@router.post("/logout", status_code=204)
async def logout(response: Response, centre: ThisCentre, session: Current) -> None:
    """Ends the session and its streams."""
    await centre.people.logout(session)
    centre.live.end_session(session.key)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=centre.secure_cookie)


@router.get("/me")
async def me(session: Current) -> Who:
    """Who is in."""
    return _who(session)


@router.get("/troubles")
async def troubles(centre: ThisCentre) -> shapes.Troubles:
    """Faults that want a technician."""
    return await centre.views.troubles()


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
async def devices(centre: ThisCentre) -> shapes.Devices:
    """Every enrolled device and how it does."""
    return await centre.views.devices()


@router.post("/devices/{device}/report-now", status_code=202)
async def report_now(centre: ThisCentre, device: str) -> None:
    """Asks a button for a heartbeat."""
    try:
        number = topics.device_number(device)
    except FrameError as error:
        raise InvalidError(f"device: {error.detail}.") from error
    await centre.supervise.commands.report_now(number)


def _who(session: Session) -> Who:
    return Who(name=session.name, role=session.role, csrf=session.csrf)
