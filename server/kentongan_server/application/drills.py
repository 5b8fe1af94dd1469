"""Drills: alarms that ring like real ones for those who are drilled, and reach nobody else.

What happens when stands in the store, so that a restart goes on with it. A drill's alarm has a sequence that
no press can have: what judges and joins presses never sees it, and no button is told anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar, cast

from kentongan_host.log import logger
from kentongan_server.application.centre_alarms import made_here
from kentongan_server.application.joining import join
from kentongan_server.application.ports import Clock, NewIncident, Store, StoreError, Transaction
from kentongan_server.domain import category, correlation
from kentongan_server.domain import drill as rules
from kentongan_server.domain.drill import Planned
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.flags import Flag, names
from kentongan_server.domain.incident import Event, State, TransitionError, step
from kentongan_wire import topics
from kentongan_wire.press import NONCE_SIZE, PressIdentity

Result = TypeVar("Result")

_log = logger("kentongan.drills")


@dataclass(frozen=True, slots=True)
class Asked:
    """An alarm as it was asked for: the button, the word for the kind, and after how many seconds."""

    device: int
    kind: str
    in_s: int


@dataclass(frozen=True, slots=True)
class Due:
    """An alarm of a running drill whose time has come; `id` is its own in the plan of the drill."""

    id: int
    drill: int
    device: int
    site: str
    kind: int


class DrillBook(Transaction, Protocol):
    """What this needs of the store; its transactions can do this as well."""

    def site_of_button(self, device: int) -> str | None:
        """The site of a button that is in service."""

    def insert_drill(self, name: str, who: str, at_ms: int, ends_at_ms: int) -> int: ...
    def plan_alarm(self, drill: int, planned: Planned) -> None: ...
    def due_alarms(self, at_ms: int) -> list[Due]: ...
    def drills_over(self, at_ms: int) -> list[int]: ...
    def has_rung(self, due: int, alarm: int) -> None: ...
    def open_in_drill(self, drill: int) -> list[tuple[int, State]]: ...
    def end_drill(self, drill: int, at_ms: int, who: str | None) -> None: ...


class Drills:
    """Starts drills, lets their alarms ring, ends them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def start(self, name: str, minutes: int, alarms: Sequence[Asked], who: str) -> int:
        """Begins a drill; its number.

        Raises:
            InvalidError: there cannot be such a drill.
            NotFoundError: one of the devices is no button in service.
            StoreError: nothing was committed.
        """
        rules.check(name, minutes, [(one.kind, one.in_s) for one in alarms])
        at_ms = self._clock.wall_ms()
        planned = [Planned(one.device, rules.KINDS[one.kind], at_ms + one.in_s * 1_000) for one in alarms]
        ends_at_ms = at_ms + minutes * rules.MINUTE_MS
        work = partial(_start, name=name.strip(), who=who, at_ms=at_ms, ends_at_ms=ends_at_ms, planned=planned)
        return await self._do(work)

    async def end(self, drill: int, who: str) -> None:
        """Ends a drill before its time; what is open of it is closed.

        Raises:
            NotFoundError: there is no such drill.
            TransitionError: it has ended.
            StoreError: nothing was committed.
        """
        await self._do(partial(_end_by_hand, drill=drill, who=who, at_ms=self._clock.wall_ms()))

    async def tick(self) -> None:
        """Call it every second: what is due rings, what is over ends; what the store does not take is tried again."""
        try:
            await self._store.submit(partial(advance, at_ms=self._clock.wall_ms()), urgent=False)
        except StoreError as error:
            _log.error("drills not looked at", why=error.what)

    async def _do(self, work: partial[Result]) -> Result:
        return await self._store.submit(work)


# --- inside the store's transaction ---------------------------------------------------------------


def advance(transaction: Transaction, at_ms: int) -> None:
    """Ends the drills whose time is over, then lets ring what is due in the others."""
    book = cast("DrillBook", transaction)
    for drill in book.drills_over(at_ms):
        _end(book, drill, None, at_ms)
    for due in book.due_alarms(at_ms):
        _ring(book, due, at_ms)


def _start(
    transaction: Transaction, name: str, who: str, at_ms: int, ends_at_ms: int, planned: Sequence[Planned]
) -> int:
    book = cast("DrillBook", transaction)
    drill = book.insert_drill(name, who, at_ms, ends_at_ms)
    for one in planned:
        if book.site_of_button(one.device) is None:
            raise NotFoundError(f"{topics.device_name(one.device)} is no button in service.")
        book.plan_alarm(drill, one)
    facts = {"ends_at_ms": ends_at_ms, "alarms": len(planned)}
    personal = canonical({"who": who, "note": name})
    book.append(Entry(at_ms, Kind.DRILL, "started", str(drill), canonical(facts), personal))
    return drill


def _ring(book: DrillBook, due: Due, at_ms: int) -> None:
    """Like a press of that button, among the incidents of its drill alone."""
    about = category.of_kind(due.kind)
    candidates = book.candidates(due.site, due.device, recovered=False, drill=due.drill)
    joined = correlation.joins(candidates, at_ms)
    if joined is None:
        began = NewIncident("button", about, at_ms, due.device, due.site, drill=due.drill)
        incident, version, what = book.insert_incident(began), 1, "opened"
    else:
        incident, version, what = joined, join(book, joined, about, at_ms), "alarm"
    identity = PressIdentity(due.device, rules.sequence_of(due.drill), secrets.token_bytes(NONCE_SIZE))
    made = made_here(incident, version, identity, due.kind, since_ms=at_ms, at_ms=at_ms, flags=int(Flag.DRILL))
    alarm = book.insert_alarm(made)
    book.has_rung(due.id, alarm)
    facts = {
        "alarm": alarm,
        "device": topics.device_name(due.device),
        "sequence": identity.sequence,
        "nonce": identity.nonce.hex(),
        "drill": due.drill,
        "flags": names(Flag.DRILL),
    }
    book.append(Entry(at_ms, Kind.INCIDENT, what, str(incident), canonical(facts)))


def _end_by_hand(transaction: Transaction, drill: int, who: str, at_ms: int) -> None:
    book = cast("DrillBook", transaction)
    ended = book.drill_ended(drill)
    if ended is None:
        raise NotFoundError(f"there is no drill {drill}.")
    if ended:
        raise TransitionError("this drill has ended.")
    _end(book, drill, who, at_ms)


def _end(book: DrillBook, drill: int, who: str | None, at_ms: int) -> None:
    """Closes what is open of it; who answered what stays as it was, for that is what was drilled."""
    personal = canonical({"who": who}) if who is not None else None
    book.end_drill(drill, at_ms, who)
    told = {"outcome": "drill", "cause": "drill"}
    cleared = dict.fromkeys(("parked_until_ms", "reminded_at_ms", "quiet_until_ms"))
    for incident, state in book.open_in_drill(drill):
        closed = {"state": str(step(state, Event.END_DRILL)), "closed_by": who, "closed_at_ms": at_ms, "note": ""}
        book.change(incident, {**closed, **told, **cleared})
        facts = canonical({**told, "drill": drill})
        book.append(Entry(at_ms, Kind.INCIDENT, "closed", str(incident), facts, personal))
    book.append(Entry(at_ms, Kind.DRILL, "ended", str(drill), canonical({"by_hand": who is not None}), personal))
