"""What operators do to incidents: compare-and-set in the store, receipts after the commit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

from kentongan_host.failpoints import CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT, fail_point
from kentongan_host.log import logger
from kentongan_server.application import acts
from kentongan_server.application.acts import Act
from kentongan_server.application.answers import Answers
from kentongan_server.application.ports import AlarmRef, Clock, Store, StoreError, Transaction
from kentongan_server.domain import incident as rules
from kentongan_server.domain.incident import Event
from kentongan_server.domain.receipt_level import Standing
from kentongan_wire.press import PressIdentity

_log = logger("kentongan.operate")


class Routes(Protocol):
    """Through which gateways a button can be reached."""

    def via(self, device: int) -> int | None:
        """The gateway of the button's last heartbeat; None when none was heard."""


class Agencies(Protocol):
    """What sending somebody needs of the store beside its trunk; its transactions can do this as well."""

    def has_agency(self, code: str) -> bool: ...


class Operate:
    """The operators' acts. Each names the `version` of the incident that was on the screen.

    All of them raise:
        InvalidError: something given cannot be taken, for example a version that is not there yet.
        NotFoundError: no such incident.
        TransitionError: the incident is in a state in which this cannot happen.
        StaleError: a signal came that this screen did not show (not `acknowledge`, which leaves it ringing).
        StoreError: nothing was committed.

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

    async def acknowledge(self, incident: int, version: int, who: str) -> None:
        """Answers what rang up to `version`; what came or was pressed again since rings on."""
        await self._do(partial(acts.acknowledge, act=self._act(incident, version, who)))

    async def take(self, incident: int, version: int, who: str, *, may_always: bool, over: bool) -> None:
        """Makes it one's own; also raises `OwnedError` (see `acts.take`)."""
        await self._do(partial(acts.take, act=self._act(incident, version, who), may_always=may_always, over=over))

    async def dispatch(self, incident: int, version: int, who: str, to: str) -> None:
        """Somebody was sent: `to` says who. The first agency that is sent keeps the case in its sight."""
        rules.check_text("to", to)
        await self._do(partial(_dispatch, act=self._act(incident, version, who), to=to))

    async def arrive(self, incident: int, version: int, who: str) -> None:
        """They are there."""
        act = self._act(incident, version, who)
        await self._move(act, Event.ARRIVE, "arrived", {"arrived_at_ms": act.at_ms})

    async def withdraw(self, incident: int, version: int, who: str, why: str) -> None:
        """Nobody is on the way any more; the guard's lamp goes back with it."""
        changes: dict[str, object] = dict.fromkeys(("dispatched_to", "dispatched_at_ms", "arrived_at_ms", "agency"))
        await self._move(self._act(incident, version, who), Event.WITHDRAW, "withdrawn", changes, words=why)

    async def park(self, incident: int, version: int, who: str, until_ms: int, why: str) -> None:
        """It waits for something until then (Unix ms), and rings when nobody came back to it."""
        act = self._act(incident, version, who)
        rules.check_park(until_ms, act.at_ms)
        await self._move(act, Event.PARK, "parked", {"parked_until_ms": until_ms}, {"until_ms": until_ms}, why)

    async def unpark(self, incident: int, version: int, who: str) -> None:
        """It goes on before its time."""
        await self._move(self._act(incident, version, who), Event.UNPARK, "unparked")

    async def close(self, incident: int, version: int, who: str, outcome: str, cause: str, note: str) -> None:
        """Closes it with what it was; also raises `RingingError` while an alarm of it is unanswered."""
        act = self._act(incident, version, who)
        await self._do(partial(acts.close, act=act, outcome=outcome, cause=cause, note=note))

    async def reopen(self, incident: int, version: int, who: str, why: str) -> None:
        """Opens a closed one again; it is theirs who do it."""
        await self._do(partial(acts.reopen, act=self._act(incident, version, who), why=why))

    async def merge(self, incident: int, version: int, who: str, into: int) -> None:
        """All its signals go to another incident of the same site."""
        await self._do(partial(acts.merge, act=self._act(incident, version, who), into=into))

    async def split(self, incident: int, version: int, who: str, device: int) -> int:
        """All alarms of one button go to an incident of their own; its id."""
        act = self._act(incident, version, who)
        made, changed = await self._store.submit(partial(acts.split, act=act, device=device))
        self._tell(changed)
        return made

    async def note(self, incident: int, who: str, words: str) -> None:
        """A remark with its time."""
        await self._do(partial(acts.note, act=self._act(incident, 0, who), words=words))

    async def tick(self) -> None:
        """Call it every second: parked incidents whose time has come ring."""
        now_ms = self._clock.wall_ms()
        try:
            for incident in await self._store.submit(lambda one: one.parks_over(now_ms), urgent=False):
                await self._store.submit(partial(acts.park_is_over, incident_id=incident, at_ms=now_ms))
        except StoreError as error:
            _log.error("parked incidents not looked at", why=error.what)

    def _act(self, incident: int, version: int, who: str) -> Act:
        return Act(incident, version, who, self._clock.wall_ms())

    async def _move(
        self,
        act: Act,
        event: Event,
        what: str,
        changes: dict[str, object] | None = None,
        facts: dict[str, object] | None = None,
        words: str = "",
    ) -> None:
        work = partial(acts.move, act=act, event=event, what=what, changes=changes, facts=facts, words=words)
        await self._do(work)

    async def _do(self, work: Callable[[Transaction], list[AlarmRef]]) -> None:
        changed = await self._store.submit(work)
        fail_point(CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT)
        self._tell(changed)

    def _tell(self, changed: list[AlarmRef]) -> None:
        """Receipts of what is on disk."""
        for alarm in changed:
            if alarm.drilled:
                continue
            self._on_standing(alarm.identity, alarm.standing)
            ways = {alarm.gateway, self._routes.via(alarm.identity.device)} - {None}
            self._answers.standing_of(alarm, sorted(way for way in ways if way is not None))


# --- inside the store's transaction ---------------------------------------------------------------


def _dispatch(transaction: Transaction, act: Act, to: str) -> list[AlarmRef]:
    changes: dict[str, object] = {"dispatched_to": to, "dispatched_at_ms": act.at_ms}
    if cast("Agencies", transaction).has_agency(to):
        changes["agency"] = to
    return acts.move(transaction, act, Event.DISPATCH, "dispatched", changes, {"to": to})
