"""Letting requests in: session, role, and the proof that our own page made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from kentongan_server.api.errors import CsrfError, ForbiddenError, LoginRequiredError
from kentongan_server.api.permissions import allowed, is_public
from kentongan_server.application.case_work import CaseWork
from kentongan_server.application.live import Live
from kentongan_server.application.operate import Operate
from kentongan_server.application.people import People, Session, csrf_matches
from kentongan_server.application.site_views import SiteViews
from kentongan_server.application.sites import Sites
from kentongan_server.application.supervise import Supervise
from kentongan_server.application.troubles import TroubleDesk
from kentongan_server.application.views import Views

COOKIE = "kentongan_session"
BROWSER_COOKIE = "kentongan_browser"
CSRF_HEADER = "X-CSRF-Token"
_OWN_SITES = (None, "same-origin", "none")  # `Sec-Fetch-Site` of old browsers, our page, the address bar


@dataclass(frozen=True)
class Centre:
    """What the routes work with."""

    views: Views
    live: Live
    operate: Operate
    supervise: Supervise
    desk: TroubleDesk
    case_work: CaseWork
    sites: Sites
    site_views: SiteViews
    people: People
    secure_cookie: bool


def centre(request: Request) -> Centre:
    """The centre behind this app."""
    found: Centre = request.app.state.centre
    return found


def authorise(request: Request, path: str) -> Session | None:
    """The session of a request that the table of permissions allows; None on public routes.

    `path` is the route's, as the table of permissions names it.

    Raises:
        LoginRequiredError: there is no session, or it has expired.
        ForbiddenError: the role does not allow it.
        CsrfError: a change without the session's token, or from another site.
    """
    method = "GET" if request.method == "HEAD" else request.method
    if method != "GET" and request.headers.get("sec-fetch-site") not in _OWN_SITES:
        raise CsrfError("this request comes from another site.", "Open the console itself.")
    if is_public(method, path):
        return None
    token = request.cookies.get(COOKIE)
    session = centre(request).people.session(token) if token else None
    if session is None:
        raise LoginRequiredError("nobody is logged in, or the session has expired.", "Log in.")
    if not allowed(method, path, session.role):
        raise ForbiddenError(f"role {session.role} may not do this.", "Ask an admin.")
    if method != "GET" and not csrf_matches(session, request.headers.get(CSRF_HEADER, "")):
        raise CsrfError(f"{CSRF_HEADER} is missing or not this session's.", "Load the page again.")
    return session


# FastAPI runs plain functions in threads, and the reading connections belong to the loop's thread:
# what routes depend on is therefore async.


async def this_centre(request: Request) -> Centre:
    """The centre behind this app."""
    return centre(request)


async def authorised(request: Request) -> Session | None:
    """See `authorise`."""
    return authorise(request, request.scope["route"].path)


async def current(session: Annotated[Session | None, Depends(authorised)]) -> Session:
    """The session of a route that is not public."""
    assert session is not None, "the route is public: it has no session"
    return session


ThisCentre = Annotated[Centre, Depends(this_centre)]
Current = Annotated[Session, Depends(current)]
