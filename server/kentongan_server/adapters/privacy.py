"""What the centre holds about people: how much, since when, what expires when, what was erased."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from kentongan_server.adapters.database import Place
from kentongan_server.adapters.schema import call, caller_mark, contact, device, feed, incident, session, user
from kentongan_server.adapters.store import reader
from kentongan_server.application.calls import CALLER
from kentongan_server.domain.feed import Kind
from kentongan_server.domain.retention import DAY_MS, Keeping, Rule

_NAMED = call.c.number.is_not(None) | call.c.name.is_not(None) | call.c.words.is_not(None)
_EXACT = incident.c.address.is_not(None) & (incident.c.source == "call")


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of personal data.

    Attributes:
        rule: by which it expires; None: it is kept as long as the reason in `what`.
        oldest_ms: Unix ms; None when there is nothing, or nobody noted it.
        waiting: of those that have expired, how many belong to an incident that is still open.
        erased: how much of it was erased so far.
    """

    what: str
    count: int
    oldest_ms: int | None = None
    rule: Rule | None = None
    expires_at_ms: int | None = None
    waiting: int = 0
    erased: int = 0


def report(database: Place, keeping: Keeping, now_ms: int) -> list[Held]:
    """All kinds, those that expire first."""
    engine = reader(database)
    try:
        with engine.connect() as connection, connection.begin():
            return _report(connection, keeping, now_ms)
    finally:
        engine.dispose()


def _report(connection: Connection, keeping: Keeping, now_ms: int) -> list[Held]:
    return [*_expiring(connection, keeping, now_ms), *_kept(connection)]


def _expiring(connection: Connection, keeping: Keeping, now_ms: int) -> list[Held]:
    """What a rule erases once its time is over."""
    erased = _erased(connection)

    def under(rule: Rule, what: str, held: Select[int, Any], waiting: int = 0) -> Held:
        count, oldest_ms = _held(connection, held)
        expires_at_ms = oldest_ms + keeping.days(rule) * DAY_MS if oldest_ms is not None else None
        return Held(what, count, oldest_ms, rule, expires_at_ms, waiting, erased.get(rule, 0))

    late_calls, late_places = _waiting(connection, keeping, now_ms)
    calls, places = _since(call.c.taken_at_ms), _since(incident.c.opened_at_ms)
    access = (feed.c.kind == Kind.ACCESS) & feed.c.personal.is_not(None)
    return [
        under(Rule.CALLER, "callers: number, name, words", calls.where(_NAMED), late_calls),
        under(Rule.EXACT_PLACE, "callers: exact places", places.where(_EXACT), late_places),
        under(Rule.CALLER_DIGEST, "callers: digests of numbers", calls.where(call.c.caller.is_not(None))),
        under(Rule.ACCESS, "history: names at log-ins and marks", _since(feed.c.at_ms).where(access)),
    ]


def _waiting(connection: Connection, keeping: Keeping, now_ms: int) -> tuple[int, int]:
    """How many calls and exact places have expired, but belong to an incident that is still open."""
    is_open = incident.c.state != "closed"
    calls = (
        select(func.count())
        .select_from(call.join(incident, incident.c.id == call.c.incident))
        .where(_NAMED, is_open, call.c.taken_at_ms < keeping.before_ms(Rule.CALLER, now_ms))
    )
    expired = incident.c.opened_at_ms < keeping.before_ms(Rule.EXACT_PLACE, now_ms)
    places = select(func.count()).where(_EXACT, is_open, expired)
    return connection.execute(calls).scalar_one(), connection.execute(places).scalar_one()


def _kept(connection: Connection) -> list[Held]:
    """What stays as long as its reason."""
    acts = (feed.c.kind == Kind.INCIDENT) & (feed.c.what != CALLER) & feed.c.personal.is_not(None)
    marks = _held(connection, _since(caller_mark.c.marked_at_ms))
    return [
        Held("callers marked for pranks (as long as their digest)", *marks),
        Held("sessions (12 h at most)", *_held(connection, _since(session.c.created_at_ms))),
        Held("users (until an admin removes them)", *_held(connection, _since(user.c.created_at_ms))),
        Held("contacts of sites (until their site removes them)", _count(connection, contact.c.id.is_not(None))),
        Held("numbers of SIM cards in devices", _count(connection, device.c.number.is_not(None))),
        Held(
            "history: who did what in an incident, and notes (with the incident)",
            *_held(connection, _since(feed.c.at_ms).where(acts)),
        ),
    ]


def _since(column: Any) -> Select[int, Any]:  # noqa: ANN401 - a column
    return select(func.count(), func.min(column))


def _count(connection: Connection, condition: Any) -> int:  # noqa: ANN401 - a condition
    found: int = connection.execute(select(func.count()).where(condition)).scalar_one()
    return found


def _held(connection: Connection, query: Select[int, Any]) -> tuple[int, int | None]:
    count, oldest_ms = connection.execute(query).one()
    return count, oldest_ms


def _erased(connection: Connection) -> dict[str, int]:
    """How much each rule has erased, as the history says."""
    query = select(feed.c.subject, feed.c.facts).where(feed.c.kind == Kind.ACCESS, feed.c.what == "erased")
    sums: dict[str, int] = {}
    for row in connection.execute(query):
        sums[row.subject] = sums.get(row.subject, 0) + json.loads(row.facts)["count"]
    return sums
