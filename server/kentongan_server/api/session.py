"""Logging in and out, one's own password and sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from kentongan_server import shapes_people as shapes
from kentongan_server.api.access import (
    BROWSER_COOKIE,
    Centre,
    Current,
    ThisCentre,
    authorised,
    session_cookie,
)
from kentongan_server.api.bodies import Body
from kentongan_server.application.people import BROWSER_MS, SESSION_MS
from kentongan_server.application.person import LoggedIn, Session, session_name
from kentongan_server.domain.throttle import origin_of

LOGIN_PATH = "/api/login"
SessionName = Annotated[str, Field(max_length=64)]
Password = Annotated[str, Field(max_length=1024)]

router = APIRouter(prefix="/api", dependencies=[Depends(authorised)])


class Login(Body):
    """Who wants in."""

    name: Annotated[str, Field(max_length=64)]
    password: Password


class NewPassword(Body):
    """One's own password, from old to new."""

    old: Password
    new: Password


class Ways(BaseModel):
    """By what people may come in besides a password; `oidc`: what stands on its button."""

    passkeys: bool
    oidc: str | None


class Who(BaseModel):
    """Who is in; `csrf` goes back in X-CSRF-Token with every POST; `must_change`: the password, before all else."""

    name: str
    full_name: str
    role: str
    agency: str | None
    csrf: str
    must_change: bool
    expires_at_ms: int


@router.get("/login")
async def ways(centre: ThisCentre) -> Ways:
    """How people may come in."""
    return Ways(passkeys=centre.passkeys is not None, oidc=centre.oidc.name if centre.oidc else None)


@router.post("/login")
async def login(body: Login, request: Request, response: Response, centre: ThisCentre) -> Who:
    """Begins a session."""
    browser = request.cookies.get(browser_cookie(centre))
    logged_in = await centre.people.login(body.name, body.password, address_of(request), browser)
    await leave(request, centre)
    return enter(response, centre, logged_in)


@router.post("/logout", status_code=204)
async def logout(response: Response, centre: ThisCentre, session: Current) -> None:
    """Ends the session and its streams."""
    await centre.people.logout(session)
    centre.live.end_session(session.key)
    secure = centre.secure_cookie
    response.delete_cookie(session_cookie(centre), httponly=True, samesite="strict", secure=secure)


@router.get("/me")
async def me(session: Current) -> Who:
    """Who is in."""
    return who(session)


@router.post("/password", status_code=204)
async def change_password(body: NewPassword, centre: ThisCentre, session: Current) -> None:
    """Makes a password one's own; ends all other sessions."""
    for key in await centre.people.change_password(session, body.old, body.new):
        centre.live.end_session(key)


@router.get("/sessions")
async def sessions(centre: ThisCentre, session: Current) -> shapes.Sessions:
    """One's own sessions."""
    found = await centre.views.sessions(session.user_id, centre.people.now_ms())
    return {"sessions": found, "own": session_name(session.key)}


@router.post("/sessions/{session_id}/end", status_code=204)
async def end_session(centre: ThisCentre, session: Current, session_id: SessionName) -> None:
    """Ends one of one's own sessions, and its streams."""
    centre.live.end_session(await centre.people.end_session(session.user_id, session_id, session))


async def leave(request: Request, centre: Centre) -> None:
    """Ends the session that a browser had before it gets another: nobody could end that one any more."""
    token = request.cookies.get(session_cookie(centre))
    session = centre.people.session(token) if token else None
    if session is not None:
        await centre.people.logout(session)
        centre.live.end_session(session.key)


def enter(response: Response, centre: Centre, logged_in: LoggedIn) -> Who:
    """Gives a browser its new session."""
    response.set_cookie(
        browser_cookie(centre),
        logged_in.browser,
        max_age=BROWSER_MS // 1000,
        path=LOGIN_PATH,
        httponly=True,
        samesite="strict",
        secure=centre.secure_cookie,
    )
    response.set_cookie(
        session_cookie(centre),
        logged_in.token,
        max_age=SESSION_MS // 1000,
        httponly=True,
        samesite="strict",
        secure=centre.secure_cookie,
    )
    return who(logged_in.session)


def browser_cookie(centre: Centre) -> str:
    """The name of the known browser's mark; `__Host-` would want the path `/`, and only a log-in needs it."""
    return f"__Secure-{BROWSER_COOKIE}" if centre.secure_cookie else BROWSER_COOKIE


def address_of(request: Request) -> str:
    """Where somebody comes from, as far as that can be believed."""
    return origin_of(request.client.host if request.client else "")


def who(session: Session) -> Who:
    """A session as its browser knows it."""
    return Who(
        name=session.name,
        full_name=session.full_name,
        role=session.role,
        agency=session.agency,
        csrf=session.csrf,
        must_change=session.must_change,
        expires_at_ms=session.expires_at_ms,
    )
