"""Logging in at the city's own issuer."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from kentongan_host.log import logger
from kentongan_server.api.access import Centre, ThisCentre, authorised
from kentongan_server.api.errors import NotSetUpError
from kentongan_server.api.session import address_of, enter
from kentongan_server.application.oidc import IssuerError, NotEnrolledError, Oidc
from kentongan_server.application.ports import StoreError
from kentongan_server.application.tickets import TICKET_MS, TicketError
from kentongan_server.domain.errors import CentreError

STATE_COOKIE = "kentongan_oidc"
# Where the browser goes then; a fragment is not sent anywhere. The page for it puts the word into a sentence.
ENTERED, REFUSED = "/", "/#/login/oidc-"

_log = logger("kentongan.oidc")

router = APIRouter(prefix="/api/oidc", dependencies=[Depends(authorised)])


class Begun(BaseModel):
    """Where the page is to send the browser."""

    location: str


@router.post("/begin")
async def begin(centre: ThisCentre, response: Response) -> Begun:
    """Begins a log-in at the issuer."""
    location, ticket = await _made(centre).begin()
    response.set_cookie(
        _name(centre),
        ticket,
        max_age=TICKET_MS // 1000,
        httponly=True,
        samesite="lax",  # the issuer's page sends the browser back to us, which is another site's doing
        secure=centre.secure_cookie,
    )
    return Begun(location=location)


@router.get("/callback", response_class=RedirectResponse, status_code=303)
async def callback(
    centre: ThisCentre, request: Request, code: str | None = None, state: str | None = None
) -> RedirectResponse:
    """Where the issuer sends the browser back to."""
    try:
        ticket = request.cookies.get(_name(centre))
        logged_in = await _made(centre).finish(code, state, ticket, address_of(request))
    except (CentreError, StoreError) as error:
        _log.warning("log-in at the issuer refused", why=str(error))
        answer = RedirectResponse(REFUSED + _word(error), 303)
    else:
        answer = RedirectResponse(ENTERED, 303)
        enter(answer, centre, logged_in)
    answer.delete_cookie(_name(centre), httponly=True, samesite="lax", secure=centre.secure_cookie)
    return answer


def _word(error: Exception) -> str:
    words = {NotEnrolledError: "not-enrolled", TicketError: "again", IssuerError: "issuer"}
    return words.get(type(error), "failed")


def _made(centre: Centre) -> Oidc:
    if centre.oidc is None:
        raise NotSetUpError("there is no log-in of the city's own here.", "Set [oidc] issuer in centre.toml.")
    return centre.oidc


def _name(centre: Centre) -> str:
    return f"__Host-{STATE_COOKIE}" if centre.secure_cookie else STATE_COOKIE
