"""What somebody may see, as conditions of queries: `domain.roles.sees` in the store's own terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select, true, union

from kentongan_server import shapes
from kentongan_server.adapters.schema import device, incident, site, trouble, user_site
from kentongan_server.domain.roles import TELLS_OF_A_PRESS, Reach, Scope

# Written out, not bound: a plan that is kept for any value could not use the indexes of what is open or closed.
_CLOSED: ColumnElement[str] = literal_column("'closed'")
IS_OPEN: ColumnElement[bool] = incident.c.state != _CLOSED
IS_CLOSED: ColumnElement[bool] = incident.c.state == _CLOSED


def of_incidents(scope: Scope) -> ColumnElement[bool]:
    """A partner sees that there was one once it is over; merged ones go on as another."""
    if scope.reach is Reach.ALL:
        return true()
    if scope.reach is Reach.AGENCY and scope.agency is not None:
        return or_(incident.c.agency == scope.agency, incident.c.dispatched_to == scope.agency)
    if scope.reach is Reach.SITES:
        return and_(_in_sites(incident.c.site, scope), IS_CLOSED, incident.c.merged_into.is_(None))
    return false()


def newest_closed(scope: Scope, most: int, wanted: Sequence[ColumnElement[bool]] = ()) -> ColumnElement[bool]:
    """Of an agency: the newest of its closed ones that are wanted, from the two indexes that know them."""
    if scope.reach is not Reach.AGENCY or scope.agency is None:
        return true()
    each = [
        select(incident.c.id)
        .where(IS_CLOSED, column == scope.agency, *wanted)
        .order_by(incident.c.closed_at_ms.desc(), incident.c.id.desc())
        .limit(most)
        .subquery()
        for column in (incident.c.agency, incident.c.dispatched_to)
    ]
    return incident.c.id.in_(union(*(select(one.c.id) for one in each)))


def of_troubles(scope: Scope) -> ColumnElement[bool]:
    """The query must join `device`."""
    if scope.reach is Reach.ALL:
        return true()
    if scope.reach is Reach.SITES:
        return and_(_in_sites(device.c.site, scope), trouble.c.kind.not_in(TELLS_OF_A_PRESS))
    return false()


def of_devices(scope: Scope) -> ColumnElement[bool]:
    """Of `device`."""
    if scope.reach is Reach.ALL:
        return true()
    return _in_sites(device.c.site, scope) if scope.reach is Reach.SITES else false()


def of_sites(scope: Scope) -> ColumnElement[bool]:
    """Of `site`: an agency sees where it is needed now."""
    if scope.reach is Reach.ALL:
        return true()
    if scope.reach is Reach.SITES:
        return _in_sites(site.c.code, scope)
    needed = select(incident.c.id).where(incident.c.site == site.c.code, IS_OPEN, of_incidents(scope))
    return needed.exists()


def _in_sites(column: ColumnElement[Any], scope: Scope) -> ColumnElement[bool]:
    return column.in_(select(user_site.c.site).where(user_site.c.user == scope.user))


def outcome_only(found: shapes.Incident) -> shapes.Incident:
    """For a partner: that there was one, when, and how it ended; neither who said or did what, nor which button."""
    return {
        **found,
        "version": 0,
        "position": 0,
        "agency": None,
        "owner": None,
        "dispatched_to": None,
        "note": None,
        "merged_into": None,
        "split_from": None,
        "newest_alarm": None,
        "alarms": [],
        "calls": [],
        "place": None,
    }


def without_presses(found: shapes.Device) -> shapes.Device:
    """For a partner: a button's count of presses, or its newest text, would tell that it was just pressed."""
    return {**found, "undelivered": None, "texted_at_ms": None}
