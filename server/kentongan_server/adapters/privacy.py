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


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of personal data.

    Attributes:
        rule: by which it expires; None: it is kept as long as the reason in `what`.
        oldest_ms: Unix ms; None when there is nothing, or nobody noted it.
        waiting: of those that have expired, how many belong to a case that is still open.
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
    erased = _erased(connection)

    def expiring(what: str, rule: Rule, found: tuple[int, int | None], waiting: int = 0) -> Held:
        count, oldest_ms = found
        expires_at_ms = oldest_ms + keeping.days(rule) * DAY_MS if oldest_ms is not None else None
        return Held(what, count, oldest_ms, rule, expires_at_ms, waiting, erased.get(rule, 0))

    named = call.c.number.is_not(None) | call.c.name.is_not(None) | call.c.words.is_not(None)
    exact = incident.c.address.is_not(None) & (incident.c.source == "call")
    open_case = incident.c.state != "closed"
    late_calls = (
        select(func.count())
        .select_from(call.join(incident, incident.c.id == call.c.incident))
        .where(named, open_case, call.c.taken_at_ms < keeping.before_ms(Rule.CALLER, now_ms))
    )
    late_places = select(func.count()).where(
        exact, open_case, incident.c.opened_at_ms < keeping.before_ms(Rule.EXACT_PLACE, now_ms)
    )
    access = (feed.c.kind == Kind.ACCESS) & feed.c.personal.is_not(None)
    digests = _held(connection, select(func.count(), func.min(call.c.taken_at_ms)).where(call.c.caller.is_not(None)))
    return [
        expiring(
            "callers: number, name, words",
            Rule.CALLER,
            _held(connection, select(func.count(), func.min(call.c.taken_at_ms)).where(named)),
            connection.execute(late_calls).scalar_one(),
        ),
        expiring(
            "callers: exact places",
            Rule.EXACT_PLACE,
            _held(connection, select(func.count(), func.min(incident.c.opened_at_ms)).where(exact)),
            connection.execute(late_places).scalar_one(),
        ),
        expiring("callers: digests of numbers", Rule.CALLER_DIGEST, digests),
        expiring(
            "history: names at log-ins and marks",
            Rule.ACCESS,
            _held(connection, select(func.count(), func.min(feed.c.at_ms)).where(access)),
        ),
        Held(
            "callers marked for pranks (as long as their digest)",
            *_held(connection, select(func.count(), func.min(caller_mark.c.marked_at_ms))),
        ),
        Held("sessions (12 h at most)", *_held(connection, select(func.count(), func.min(session.c.created_at_ms)))),
        Held("users (until an admin removes them)", *_held(connection, _since(user.c.created_at_ms))),
        Held("contacts of sites (until their site removes them)", _count(connection, contact.c.id.is_not(None))),
        Held("numbers of SIM cards in devices", _count(connection, device.c.number.is_not(None))),
        Held(
            "history: who did what in a case, and notes (with the case)",
            *_held(
                connection,
                select(func.count(), func.min(feed.c.at_ms)).where(
                    feed.c.kind == Kind.INCIDENT, feed.c.what != CALLER, feed.c.personal.is_not(None)
                ),
            ),
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
