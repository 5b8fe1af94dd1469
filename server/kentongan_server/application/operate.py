"""What operators do to incidents: compare-and-set in the store, receipts after the commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from kentongan_host.failpoints import CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT, fail_point
from kentongan_server.application.answers import Answers
from kentongan_server.application.ports import AlarmRef, Clock, Store, Transaction
from kentongan_server.domain import incident as rules
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.receipt_level import Standing, moved_to
from kentongan_wire.press import PressIdentity
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_CLOSED


class Routes(Protocol):
    """Through which gateways a button can be reached."""

    def via(self, device: int) -> int | None:
        """The gateway of the button's last heartbeat; None when none was heard."""


class Operate:
    """The operators' acts.

    Args:
        on_standing: told (press, standing) for every alarm whose answer changed, after the commit.
    """

    def __init__(
        self,
        store: Store,
        answers: Answers,
        clock: Clock,
        routes: Routes,
        on_standing: Callable[[PressIdentity, Standing], None] = lambda _identity, _standing: None,
    ) -> None:
        self._store = store
        self._answers = answers
        self._clock = clock
        self._routes = routes
        self._on_standing = on_standing

    async def acknowledge(self, incident: int, through_alarm: int, who: str, through_position: int) -> None:
        """Answers the incident's alarms up to the newest that the operator saw.

        Args:
            incident: whose alarms.
            through_alarm: the newest alarm that was seen.
            who: the operator.
            through_position: feed position of what was seen; an alarm that was pressed again since rings on.

        Raises:
            InvalidError: there is no such alarm or position yet, so nobody can have seen it.
            NotFoundError: no such incident.
            TransitionError: it is closed.
            StoreError: nothing was committed.
        """
        seen = Seen(through_alarm, through_position)
        work = partial(acknowledge, incident_id=incident, seen=seen, who=who, at_ms=self._clock.wall_ms())
        self._tell(await self._store.submit(work))

    async def close(self, incident: int, outcome: str, note: str, who: str) -> None:
        """Closes the incident with its outcome.

        Raises:
            NotFoundError: no such incident.
            InvalidError: outcome or note cannot be taken.
            RingingError: an alarm of it is unanswered.
            TransitionError: it is closed already, or was never acknowledged.
            StoreError: nothing was committed.
        """
        work = partial(close, incident_id=incident, outcome=outcome, note=note, who=who, at_ms=self._clock.wall_ms())
        self._tell(await self._store.submit(work))

    def _tell(self, changed: list[AlarmRef]) -> None:
        fail_point(CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT)
        for alarm in changed:
            self._on_standing(alarm.identity, alarm.standing)
            ways = {alarm.gateway, self._routes.via(alarm.identity.device)} - {None}
            self._answers.standing_of(alarm, sorted(way for way in ways if way is not None))


# --- inside the store's transaction ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What an operator had on the screen: the newest alarm, and the feed position that was true there."""

    alarm: int
    position: int


def acknowledge(transaction: Transaction, incident_id: int, seen: Seen, who: str, at_ms: int) -> list[AlarmRef]:
    """The alarms that this acknowledgement answered, as they stand now."""
    found = _incident(transaction, incident_id)
    newest = transaction.position()
    if seen.position > newest:
        raise InvalidError(f"through_position: expected at most {newest}, got {seen.position}.")
    unseen = frozenset(transaction.rung_since(incident_id, seen.position))
    result = rules.acknowledge(found, seen.alarm, who, unseen)
    if not result.answered:
        return []
    answered = []
    for alarm in transaction.alarms_of(incident_id):
        if alarm.id in result.answered:
            standing = moved_to(alarm.standing, LEVEL_ACKNOWLEDGED)
            transaction.answer(alarm.id, standing, who, at_ms)
            answered.append(replace(alarm, standing=standing, answered=True))
    if found.owner is None and result.owner is not None:
        transaction.own(incident_id, result.state, result.owner, at_ms)
    facts = canonical({"alarms": list(result.answered), "still_ringing": len(found.unanswered) - len(result.answered)})
    _remember(transaction, at_ms, "acknowledged", incident_id, facts, canonical({"who": who}))
    return answered


def close(transaction: Transaction, incident_id: int, outcome: str, note: str, who: str, at_ms: int) -> list[AlarmRef]:
    """All alarms of the closed incident, as they stand now."""
    rules.close(_incident(transaction, incident_id), outcome, note)
    transaction.close(incident_id, who, at_ms, outcome, note)
    closed = []
    for alarm in transaction.alarms_of(incident_id):
        standing = moved_to(alarm.standing, LEVEL_CLOSED)
        transaction.set_standing(alarm.id, standing)
        closed.append(replace(alarm, standing=standing))
    facts = canonical({"outcome": outcome, "alarms": len(closed)})
    _remember(transaction, at_ms, "closed", incident_id, facts, canonical({"who": who, "note": note}))
    return closed


def _incident(transaction: Transaction, incident_id: int) -> rules.Incident:
    found = transaction.incident(incident_id)
    if found is None:
        raise NotFoundError(f"there is no incident {incident_id}.")
    return found


def _remember(transaction: Transaction, at_ms: int, what: str, incident: int, facts: str, personal: str) -> None:
    transaction.append(Entry(at_ms, Kind.INCIDENT, what, str(incident), facts, personal))
