"""Passkeys: registering and removing one's own, and logging in with one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from kentongan_server import shapes_people as shapes
from kentongan_server.api.access import Centre, Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id
from kentongan_server.api.errors import NotSetUpError
from kentongan_server.api.session import Password, Who, address_of, enter, leave
from kentongan_server.application.passkeys import LABEL_MAX, Passkeys
from kentongan_server.application.tickets import TICKET_MS

CHALLENGE_COOKIE = "kentongan_challenge"

router = APIRouter(prefix="/api/passkeys", dependencies=[Depends(authorised)])


class Begin(Body):
    """The password, when the log-in was more than five minutes ago."""

    password: Password | None = None


class New(Body):
    """What `navigator.credentials.create` answered, as JSON, and what the person calls the device."""

    answer: dict[str, Any]
    label: Annotated[str, Field(max_length=LABEL_MAX)]


class Answer(Body):
    """What `navigator.credentials.get` answered, as JSON."""

    answer: dict[str, Any]


@router.get("")
async def passkeys(centre: ThisCentre, session: Current) -> shapes.Passkeys:
    """One's own passkeys."""
    return {"passkeys": await centre.views.passkeys(session.user_id)}


@router.post("/begin")
async def begin(centre: ThisCentre, session: Current, body: Begin, response: Response) -> dict[str, Any]:
    """What `navigator.credentials.create` is to be asked."""
    options, ticket = await made(centre).begin_registration(session, body.password)
    keep(response, centre, ticket)
    return options


@router.post("", status_code=201)
async def register(
    centre: ThisCentre, session: Current, body: New, request: Request, response: Response
) -> shapes.Passkeys:
    """Adds a passkey; all of one's own."""
    await made(centre).register(session, body.answer, body.label, kept(request, centre))
    drop(response, centre)
    return await passkeys(centre, session)


@router.post("/{passkey}/remove", status_code=204)
async def remove(centre: ThisCentre, session: Current, passkey: Id) -> None:
    """Removes one of one's own."""
    await made(centre).remove(session, passkey)


@router.post("/login/begin")
async def begin_login(centre: ThisCentre, response: Response) -> dict[str, Any]:
    """What `navigator.credentials.get` is to be asked."""
    options, ticket = made(centre).begin_login()
    keep(response, centre, ticket)
    return options


@router.post("/login")
async def login(centre: ThisCentre, body: Answer, request: Request, response: Response) -> Who:
    """Begins a session."""
    logged_in = await made(centre).login(body.answer, kept(request, centre), address_of(request))
    drop(response, centre)
    await leave(request, centre)
    return enter(response, centre, logged_in)


def made(centre: Centre) -> Passkeys:
    """What works with passkeys; raises `NotSetUpError` where there are none."""
    if centre.passkeys is None:
        raise NotSetUpError("there are no passkeys here.", "Set [http] origin in centre.toml.")
    return centre.passkeys


def _name(centre: Centre) -> str:
    return f"__Host-{CHALLENGE_COOKIE}" if centre.secure_cookie else CHALLENGE_COOKIE


def keep(response: Response, centre: Centre, ticket: str) -> None:
    """Gives a browser its ticket."""
    secure, age = centre.secure_cookie, TICKET_MS // 1000
    response.set_cookie(_name(centre), ticket, max_age=age, httponly=True, samesite="strict", secure=secure)


def kept(request: Request, centre: Centre) -> str | None:
    """The ticket of a browser."""
    return request.cookies.get(_name(centre))


def drop(response: Response, centre: Centre) -> None:
    """Takes it back: it is spent."""
    response.delete_cookie(_name(centre), httponly=True, samesite="strict", secure=centre.secure_cookie)
