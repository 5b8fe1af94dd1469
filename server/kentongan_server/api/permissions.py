"""Who may do what: one table for every route. A route that is not in it is closed to everybody.

Each row names who, then the routes. `of` says how far a role sees there: `session.scope` of the request. What is
narrower than all is held to in two places: an object named in the path (`GUARDED`) is looked up before the route
runs, and what is not in the scope is answered like what is not there; a list (`FILTERED`) shows only its part.
"""

from __future__ import annotations

from typing import Final

from kentongan_server.domain.roles import Reach, Role

Rule = dict[Role, Reach]


def of(reach: Reach, *roles: Role) -> Rule:
    """These roles, all as far as that."""
    return dict.fromkeys(roles, reach)


ALL, AGENCY, SITES, OWN = Reach.ALL, Reach.AGENCY, Reach.SITES, Reach.OWN

PUBLIC: Final[Rule] = {}
EVERYBODY: Final[Rule] = of(OWN, *Role)  # who is logged in, about themselves
ADMIN: Final[Rule] = of(ALL, Role.ADMIN)
SUPERVISOR: Final[Rule] = of(ALL, Role.ADMIN, Role.SUPERVISOR)
OPERATOR: Final[Rule] = of(ALL, Role.ADMIN, Role.SUPERVISOR, Role.OPERATOR)
HELPS: Final[Rule] = OPERATOR | of(AGENCY, Role.AGENCY_DESK)
MENDS: Final[Rule] = OPERATOR | of(ALL, Role.TECHNICIAN)
AUDITS: Final[Rule] = OPERATOR | of(ALL, Role.AUDITOR)
READS_INCIDENTS: Final[Rule] = HELPS | of(ALL, Role.AUDITOR) | of(SITES, Role.PARTNER) | of(OWN, Role.UNIT)
READS_SITES: Final[Rule] = AUDITS | of(ALL, Role.TECHNICIAN)
READS_FAULTS: Final[Rule] = MENDS | of(ALL, Role.AUDITOR) | of(SITES, Role.PARTNER)

READS_REPORTS: Final[Rule] = SUPERVISOR | of(ALL, Role.AUDITOR)

_TABLE: Final[tuple[tuple[Rule, tuple[str, ...]], ...]] = (
    (
        PUBLIC,
        (
            "GET /api/login",
            "POST /api/login",
            "POST /api/passkeys/login/begin",
            "POST /api/passkeys/login",
            "POST /api/oidc/begin",
            "GET /api/oidc/callback",
            "GET /api/openapi.json",
            "GET /healthz",
        ),
    ),
    (
        EVERYBODY,
        (
            "POST /api/logout",
            "GET /api/me",
            "POST /api/password",
            "GET /api/passkeys",
            "POST /api/passkeys",
            "POST /api/passkeys/begin",
            "POST /api/passkeys/{passkey}/remove",
            "GET /api/sessions",
            "POST /api/sessions/{session_id}/end",
            "GET /api/map",
            "GET /map/city.pmtiles",
            "GET /api/stream",  # carries of each kind what the three lists of the kind show: `eyes_of`
        ),
    ),
    (
        READS_INCIDENTS,
        (
            "GET /api/incidents",
            "GET /api/incidents/{incident}",
        ),
    ),
    (
        HELPS,
        (
            "POST /api/incidents/{incident}/acknowledge",
            "POST /api/incidents/{incident}/dispatch",
            "POST /api/incidents/{incident}/arrive",
            "POST /api/incidents/{incident}/withdraw",
            "POST /api/incidents/{incident}/note",
        ),
    ),
    (
        OPERATOR,
        (
            "POST /api/incidents/{incident}/close",
            "POST /api/incidents/{incident}/take",
            "POST /api/incidents/{incident}/park",
            "POST /api/incidents/{incident}/unpark",
            "POST /api/incidents/{incident}/merge",
            "POST /api/incidents/{incident}/split",
            "POST /api/incidents/{incident}/step",
            "POST /api/incidents/{incident}/called",
            "POST /api/incidents/{incident}/pass-phrase",
            "POST /api/incidents/{incident}/call",
            "POST /api/calls",
            "POST /api/callers/look",
            "POST /api/callers/prank",
            "POST /api/hand-over",
            "POST /api/hand-over/passkey",
            "GET /api/hand-over/takers",
        ),
    ),
    (
        SUPERVISOR,
        (
            "POST /api/incidents/{incident}/reopen",
            "POST /api/drills",
            "POST /api/drills/{drill}/end",
            "PUT /api/sites/{code}",
            "PUT /api/sites/{code}/contacts",
            "PUT /api/sites/{code}/pass-phrase",
            "PUT /api/sites/{code}/picture",
            "DELETE /api/sites/{code}/picture",
            "PUT /api/sites/{code}/spots",
            "PUT /api/sites/{code}/plans",
            "PUT /api/plans",
            "PUT /api/agencies/{agency}",
        ),
    ),
    (
        HELPS | of(ALL, Role.AUDITOR),
        ("GET /api/incidents/{incident}/replay",),
    ),
    (
        AUDITS,
        (
            "GET /api/hand-overs",
            "GET /api/hand-overs/{hand_over}/page",
        ),
    ),
    (
        AUDITS | of(ALL, Role.AGENCY_DESK),
        ("GET /api/drills",),
    ),
    (
        READS_FAULTS,
        (
            "GET /api/troubles",
            "GET /api/devices",
        ),
    ),
    (
        MENDS,
        ("POST /api/troubles/{trouble}/take",),
    ),
    (
        SUPERVISOR | of(ALL, Role.TECHNICIAN),
        ("POST /api/devices/{device}/report-now",),
    ),
    (
        MENDS | of(ALL, Role.AUDITOR),
        (
            "GET /api/rejections",
            "GET /api/centre",
        ),
    ),
    (
        READS_SITES,
        ("GET /api/sites",),
    ),
    (
        READS_SITES | of(AGENCY, Role.AGENCY_DESK),
        (
            "GET /api/sites/{code}",
            "GET /api/sites/{code}/picture",
        ),
    ),
    (
        READS_SITES | of(ALL, Role.AGENCY_DESK),
        (
            "GET /api/plans",
            "GET /api/agencies",
        ),
    ),
    (
        READS_REPORTS,
        (
            "GET /api/reports/summary",
            "GET /api/reports/summary.csv",
            "GET /api/reports/summary.pdf",
            "GET /api/reports/crimes",
            "GET /api/reports/crimes.csv",
            "GET /api/reports/crimes.pdf",
        ),
    ),
    (
        ADMIN,
        (
            "PUT /api/reports/crimes",
            "GET /api/users",
            "POST /api/users",
            "PATCH /api/users/{user}",
            "POST /api/users/{user}/reset",
            "GET /api/users/{user}/sessions",
            "POST /api/users/{user}/sessions/{session_id}/end",
            # The count of alarms tells whoever polls it that a button was pressed: silent on site means here, too.
            "GET /metrics",
        ),
    ),
)


def _rules() -> dict[tuple[str, str], Rule]:
    found: dict[tuple[str, str], Rule] = {}
    for rule, routes in _TABLE:
        for route in routes:
            method, _, path = route.partition(" ")
            assert (method, path) not in found, f"{route} is in the table twice"
            found[method, path] = rule
    return found


PERMISSIONS: Final = _rules()
# Path parameters, and what they name, that are looked up for whoever does not see everything, before the route runs.
GUARDED: Final = {"incident": "incident", "trouble": "trouble", "code": "site"}
# Routes without such a name, or that show less to some, which filter by `session.scope` themselves.
FILTERED: Final = frozenset({
    ("GET", "/api/incidents"),
    ("GET", "/api/incidents/{incident}"),
    ("GET", "/api/troubles"),
    ("GET", "/api/devices"),
})  # fmt: skip
# What somebody can do whose password is somebody else's: it must be changed first.
BEFORE_CHANGE: Final = frozenset({("GET", "/api/me"), ("POST", "/api/password"), ("POST", "/api/logout")})
# The kinds of events on a live stream, and the list that shows the same.
_LISTS: Final = {
    "incident": "/api/incidents",
    "trouble": "/api/troubles",
    "rejection": "/api/rejections",
    "drill": "/api/drills",
}


def reach(method: str, path: str, role: str) -> Reach | None:
    """How far this role sees on the route with this path template; None: not allowed. Not for public routes."""
    return PERMISSIONS.get((method, path), {}).get(Role(role))


def is_public(method: str, path: str) -> bool:
    """Whether the route needs no log-in."""
    return PERMISSIONS.get((method, path)) is PUBLIC


def eyes_of(role: str) -> dict[str, Reach]:
    """How far this role sees of each kind of event on a live stream."""
    found = {kind: reach("GET", path, role) for kind, path in _LISTS.items()}
    return {kind: far for kind, far in found.items() if far is not None}


def may_answer_all(role: str) -> bool:
    """Whether whatever rings on this role's console can be answered there."""
    return reach("POST", "/api/incidents/{incident}/acknowledge", role) is Reach.ALL
