"""A signal joins an open incident, inside the store's transaction."""

from __future__ import annotations

from kentongan_server.application import plans
from kentongan_server.application.ports import Transaction
from kentongan_server.domain import category, incident
from kentongan_server.domain.category import Category


def join(transaction: Transaction, joined: int, kind: Category, at_ms: int, *, review: bool = False) -> int:
    """Joins a signal of this kind to the incident, whose new version it returns.

    A parked one is parked no more. The incident is about what goes first, except for those for
    review, which stay behind all others.
    """
    was, has = transaction.state_of(joined)
    state = incident.step(was, incident.Event.PRESS)
    now = category.worse(has, kind)
    changes: dict[str, object] = {"state": str(state), "last_alarm_at_ms": at_ms, "parked_until_ms": None}
    if now is not has and not review:
        changes |= {"category": str(now), "priority": category.PRIORITIES[now]}
        found = transaction.incident(joined)
        if found is not None and found.owner is not None:  # the plan of a theft says to call the site
            changes |= plans.fixed_for(transaction, found, now)
    return transaction.change(joined, changes)
