"""Managing the people of the centre: for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from typing_extensions import TypedDict

from kentongan_server import shapes_people as shapes
from kentongan_server.api.access import Centre, Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id
from kentongan_server.api.session import SessionName
from kentongan_server.application.users import FULL_NAME_MAX, SITES_MAX, Changes, NewPerson
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.roles import Role

router = APIRouter(prefix="/api/users", dependencies=[Depends(authorised)])

Code = Annotated[str, Field(max_length=64)]
FullName = Annotated[str, Field(max_length=FULL_NAME_MAX)]
Sites = Annotated[tuple[Code, ...], Field(max_length=SITES_MAX)]


class Add(Body):
    """Who is enrolled; `agency` for an agency desk or a unit, `sites` for a partner."""

    name: Annotated[str, Field(max_length=200)]
    role: Role
    full_name: FullName = ""
    agency: Code | None = None
    sites: Sites = ()


class Change(Body):
    """What changes; what is not given stays. `email` lets them in from the issuer, once; empty: no more."""

    role: Role | None = None
    full_name: FullName | None = None
    agency: Code | None = None
    sites: Sites | None = None
    disabled: bool | None = None
    email: Annotated[str, Field(max_length=200)] | None = None


class Added(TypedDict):
    """A person, and the one-time password that nobody will be shown again."""

    user: shapes.User
    password: str


@router.get("")
async def users(centre: ThisCentre) -> shapes.Users:
    """Everybody."""
    return {"users": await centre.views.users()}


@router.post("", status_code=201)
async def add(centre: ThisCentre, session: Current, body: Add) -> Added:
    """Enrols somebody."""
    person = NewPerson(body.name, body.role, body.full_name, body.agency, body.sites)
    user, password = await centre.users.add(person, session.name)
    return {"user": await _shown(centre, user), "password": password}


@router.patch("/{user}")
async def change(centre: ThisCentre, session: Current, user: Id, body: Change) -> shapes.User:
    """Changes what somebody is; another role, agency or sites end their sessions."""
    changes = Changes(body.role, body.full_name, body.agency, body.sites, body.disabled, body.email)
    for key in await centre.users.change(user, changes, session.name):
        centre.live.end_session(key)
    return await _shown(centre, user)


@router.post("/{user}/reset")
async def reset(centre: ThisCentre, session: Current, user: Id) -> Added:
    """A new one-time password; their passkeys go, their sessions end."""
    password, ended = await centre.users.reset(user, session.name)
    for key in ended:
        centre.live.end_session(key)
    return {"user": await _shown(centre, user), "password": password}


@router.get("/{user}/sessions")
async def sessions(centre: ThisCentre, user: Id) -> shapes.Sessions:
    """Somebody's sessions."""
    await _shown(centre, user)
    return {"sessions": await centre.views.sessions(user, centre.people.now_ms()), "own": None}


@router.post("/{user}/sessions/{session_id}/end", status_code=204)
async def end_session(centre: ThisCentre, session: Current, user: Id, session_id: SessionName) -> None:
    """Ends one of somebody's sessions, and its streams."""
    centre.live.end_session(await centre.people.end_session(user, session_id, session))


async def _shown(centre: Centre, user: int) -> shapes.User:
    found = await centre.views.user(user)
    if found is None:
        raise NotFoundError(f"there is no user {user}.")
    return found
