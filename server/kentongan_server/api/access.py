"""Letting requests in: session, role, scope, and the proof that our own page made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from kentongan_server import report_shapes
from kentongan_server.api.bodies import ID_MAX
from kentongan_server.api.errors import CsrfError, ForbiddenError, LoginRequiredError, MustChangeError
from kentongan_server.api.permissions import BEFORE_CHANGE, GUARDED, is_public, reach
from kentongan_server.application.case_work import CaseWork
from kentongan_server.application.crime_import import CrimeImport
from kentongan_server.application.live import Live
from kentongan_server.application.oidc import Oidc
from kentongan_server.application.operate import Operate
from kentongan_server.application.passkeys import Passkeys
from kentongan_server.application.people import People
from kentongan_server.application.person import Session, csrf_matches
from kentongan_server.application.reports import Reports
from kentongan_server.application.shift import Shift
from kentongan_server.application.site_views import SiteViews
from kentongan_server.application.sites import Sites
from kentongan_server.application.supervise import Supervise
from kentongan_server.application.troubles import TroubleDesk
from kentongan_server.application.users import Users
from kentongan_server.application.views import Views
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.roles import Reach, Scope

COOKIE = "kentongan_session"
BROWSER_COOKIE = "kentongan_browser"
CSRF_HEADER = "X-CSRF-Token"
_OWN_SITES = ("same-origin", "none")  # `Sec-Fetch-Site` of our page and of the address bar


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
    users: Users
    shift: Shift
    reports: Reports
    crime_import: CrimeImport
    print_report: Callable[[report_shapes.WholeReport, str], bytes]
    print_crimes: Callable[[report_shapes.Crimes, str], bytes]
    secure_cookie: bool
    origin: str | None = None
    passkeys: Passkeys | None = None
    oidc: Oidc | None = None


def centre(request: Request) -> Centre:
    """The centre behind this app."""
    found: Centre = request.app.state.centre
    return found


def session_cookie(centre: Centre) -> str:
    """The name of the session's cookie: over HTTPS one that no other host and no plain page can set."""
    return f"__Host-{COOKIE}" if centre.secure_cookie else COOKIE


def authorise(request: Request, path: str) -> Session | None:
    """The session of a request that the table of permissions allows, with its scope there; None on public routes.

    `path` is the route's, as the table of permissions names it: never that of `request.url`, which a Starlette
    that does not check it makes of the `Host` header as well (`Host: x/healthz?` would make every path a public one).

    Raises:
        LoginRequiredError: there is no session, or it has expired.
        ForbiddenError: the role does not allow it.
        MustChangeError: a one-time password must be changed first.
        CsrfError: a change without the session's token, or from another site.
    """
    method = "GET" if request.method == "HEAD" else request.method
    if method != "GET" and not _is_own(request):
        raise CsrfError("this request comes from another site.", "Open the console itself.")
    if is_public(method, path):
        return None
    here = centre(request)
    token = request.cookies.get(session_cookie(here))
    session = here.people.session(token) if token else None
    if session is None:
        raise LoginRequiredError("nobody is logged in, or the session has expired.", "Log in.")
    far = reach(method, path, session.role)
    if far is None:
        raise ForbiddenError(f"role {session.role} may not do this.", "Ask an admin.")
    if session.must_change and (method, path) not in BEFORE_CHANGE:
        raise MustChangeError("your password was made by somebody else.", "Change it first.")
    if method != "GET" and not csrf_matches(session, request.headers.get(CSRF_HEADER, "")):
        raise CsrfError(f"{CSRF_HEADER} is missing or not this session's.", "Load the page again.")
    here.people.used(session)
    return replace(session, scope=Scope(far, session.user_id, session.agency))


def _is_own(request: Request) -> bool:
    """Whether our own page made the request, as far as the browser tells; the token proves the rest."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in _OWN_SITES
    if origin is None:
        return True  # no browser, or one so old that it tells neither
    return origin == centre(request).origin or urlsplit(origin).netloc == request.headers.get("host")


async def guard(request: Request, session: Session) -> None:
    """Looks up what the path names for somebody who does not see everything.

    Raises:
        NotFoundError: it is not there, or not in their scope: they cannot tell which.
    """
    if session.scope.reach is Reach.ALL:
        return
    for parameter, name in GUARDED.items():
        given = request.path_params.get(parameter)
        if given is None:
            continue
        which = given if name == "site" else _number(given)
        if which is None or not await centre(request).views.within(session.scope, name, which):
            raise NotFoundError(f"there is no {name} {given[:40]}.")


def _number(given: str) -> int | None:
    """None for all but plain digits: a route also takes `+5`, `5.0` or `0005` for 5, and must not be asked then."""
    if not (given.isascii() and given.isdecimal()) or len(given) > len(str(ID_MAX)):
        return None
    return min(int(given), ID_MAX)


# FastAPI runs plain functions in threads, and the reading connections belong to the loop's thread:
# what routes depend on is therefore async.


async def this_centre(request: Request) -> Centre:
    """The centre behind this app."""
    return centre(request)


async def authorised(request: Request) -> Session | None:
    """See `authorise` and `guard`."""
    session = authorise(request, request.scope["route"].path)
    if session is not None:
        await guard(request, session)
    return session


async def current(session: Annotated[Session | None, Depends(authorised)]) -> Session:
    """The session of a route that is not public."""
    assert session is not None, "the route is public: it has no session"
    return session


ThisCentre = Annotated[Centre, Depends(this_centre)]
Current = Annotated[Session, Depends(current)]
