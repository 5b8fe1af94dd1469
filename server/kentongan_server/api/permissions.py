"""Who may do what: one table for every route. A route that is not in it is closed to everybody."""

from __future__ import annotations

from typing import Final

PUBLIC: Final = frozenset({"anybody"})
ADMIN: Final = frozenset({"admin"})
EVERYONE: Final = frozenset({"admin", "operator"})

PERMISSIONS: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("POST", "/api/login"): PUBLIC,
    ("POST", "/api/logout"): EVERYONE,
    ("GET", "/api/me"): EVERYONE,
    ("GET", "/api/incidents"): EVERYONE,
    ("GET", "/api/incidents/{incident}"): EVERYONE,
    ("POST", "/api/incidents/{incident}/acknowledge"): EVERYONE,
    ("POST", "/api/incidents/{incident}/close"): EVERYONE,
    ("POST", "/api/incidents/{incident}/reopen"): ADMIN,
    ("POST", "/api/incidents/{incident}/take"): EVERYONE,
    ("POST", "/api/incidents/{incident}/dispatch"): EVERYONE,
    ("POST", "/api/incidents/{incident}/arrive"): EVERYONE,
    ("POST", "/api/incidents/{incident}/withdraw"): EVERYONE,
    ("POST", "/api/incidents/{incident}/park"): EVERYONE,
    ("POST", "/api/incidents/{incident}/unpark"): EVERYONE,
    ("POST", "/api/incidents/{incident}/merge"): EVERYONE,
    ("POST", "/api/incidents/{incident}/split"): EVERYONE,
    ("POST", "/api/incidents/{incident}/note"): EVERYONE,
    ("POST", "/api/incidents/{incident}/step"): EVERYONE,
    ("POST", "/api/incidents/{incident}/called"): EVERYONE,
    ("POST", "/api/incidents/{incident}/pass-phrase"): EVERYONE,
    ("GET", "/api/sites"): EVERYONE,
    ("GET", "/api/sites/{code}"): EVERYONE,
    ("GET", "/api/sites/{code}/picture"): EVERYONE,
    ("GET", "/api/plans"): EVERYONE,
    ("GET", "/api/agencies"): EVERYONE,
    ("PUT", "/api/sites/{code}"): ADMIN,
    ("PUT", "/api/sites/{code}/contacts"): ADMIN,
    ("PUT", "/api/sites/{code}/pass-phrase"): ADMIN,
    ("PUT", "/api/sites/{code}/picture"): ADMIN,
    ("DELETE", "/api/sites/{code}/picture"): ADMIN,
    ("PUT", "/api/sites/{code}/spots"): ADMIN,
    ("PUT", "/api/sites/{code}/plans"): ADMIN,
    ("PUT", "/api/plans"): ADMIN,
    ("PUT", "/api/agencies/{agency}"): ADMIN,
    ("GET", "/api/troubles"): EVERYONE,
    ("POST", "/api/troubles/{trouble}/take"): EVERYONE,
    ("GET", "/api/rejections"): EVERYONE,
    ("GET", "/api/devices"): EVERYONE,
    ("POST", "/api/devices/{device}/report-now"): ADMIN,
    ("GET", "/api/centre"): EVERYONE,
    ("GET", "/api/stream"): EVERYONE,
    ("GET", "/api/openapi.json"): PUBLIC,
    ("GET", "/healthz"): PUBLIC,
    # The count of alarms tells whoever polls it that a button was just pressed: silent on site means here, too.
    ("GET", "/metrics"): ADMIN,
}


def allowed(method: str, path: str, role: str | None) -> bool:
    """Whether somebody in this role (None: nobody is logged in) may use the route with this path template."""
    roles = PERMISSIONS.get((method, path), frozenset())
    return roles is PUBLIC or (role is not None and role in roles)


def is_public(method: str, path: str) -> bool:
    """Whether the route needs no log-in."""
    return PERMISSIONS.get((method, path)) is PUBLIC
