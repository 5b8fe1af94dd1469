"""The 112 desk: a phone call becomes an incident, or is added to one; who has called before."""

from __future__ import annotations

import hmac
from functools import partial
from typing import Protocol, TypeVar, cast

from kentongan_server.application import acts, plans
from kentongan_server.application.acts import Act
from kentongan_server.application.ports import Clock, NewIncident, Store, Transaction
from kentongan_server.domain import incident as rules
from kentongan_server.domain.call import Said, Where
from kentongan_server.domain.category import Category
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.incident import Event, State, TransitionError
from kentongan_server.domain.number import of_caller

CALLER = "caller"  # what history lines are called, and about, that name a caller: `domain.retention` erases them
MARKED = "caller-marked"

Result = TypeVar("Result")


class CallBook(Transaction, Protocol):
    """What this needs of the store; its transactions can do this as well."""

    def has_site(self, code: str) -> bool: ...
    def insert_call(self, incident: int, at_ms: int, who: str, caller: bytes | None, said: Said) -> int: ...
    def has_called(self, caller: bytes) -> bool: ...
    def mark_caller(self, caller: bytes, by: int, who: str, at_ms: int) -> int:
        """Adds to the prank marks of a caller, which are never below 0; how many there are."""


class Calls:
    """Phone calls, as operators take them down.

    All of them raise:
        InvalidError: something given cannot be taken.
        StoreError: nothing was committed.

    Args:
        key: of the digests by which a caller is known again when the number itself is erased.
    """

    def __init__(self, store: Store, clock: Clock, key: bytes) -> None:
        self._store = store
        self._clock = clock
        self._key = key

    def digest(self, number: str) -> bytes:
        """By what a caller is known, however the number was written."""
        return hmac.digest(self._key, of_caller(number).encode(), "sha256")

    async def take(self, who: str, category: Category, said: Said, where: Where) -> int:
        """Makes an incident of a call, acknowledged and owned by whoever took it; its id.

        Raises:
            NotFoundError: no such site.
        """
        said, caller = self._known(said)
        where.check()
        at_ms = self._clock.wall_ms()
        work = partial(_take, who=who, at_ms=at_ms, category=category, said=said, caller=caller, where=where)
        return await self._do(work)

    async def add(self, incident: int, who: str, said: Said) -> None:
        """One more call about an incident that is open.

        Raises:
            NotFoundError: no such incident.
            TransitionError: it is closed.
        """
        said, caller = self._known(said)
        await self._do(partial(_add, act=Act(incident, 0, who, self._clock.wall_ms()), said=said, caller=caller))

    async def mark(self, number: str, who: str, why: str, *, prank: bool) -> int:
        """Marks a caller for a prank, or takes one such mark back; how many there are now.

        Raises:
            NotFoundError: nobody has called with this number.
        """
        rules.check_text("why", why)
        act = Act(0, 0, who, self._clock.wall_ms())
        return await self._do(partial(_mark, caller=self.digest(number), act=act, why=why, prank=prank))

    def _known(self, said: Said) -> tuple[Said, bytes | None]:
        """What was said with the number as everybody writes it, and the caller's digest."""
        said.check()
        number = of_caller(said.number) if said.number and said.number.strip() else None
        tidy = Said(number, (said.name or "").strip() or None, (said.words or "").strip() or None)
        return tidy, self.digest(number) if number else None

    async def _do(self, work: partial[Result]) -> Result:
        return await self._store.submit(work)


# --- inside the store's transaction ---------------------------------------------------------------


def _take(
    transaction: Transaction, who: str, at_ms: int, category: Category, said: Said, caller: bytes | None, where: Where
) -> int:
    book = cast("CallBook", transaction)
    if where.site is not None and not book.has_site(where.site):
        raise NotFoundError(f"there is no site {where.site[:40]!r}.")
    incident = book.insert_incident(NewIncident("call", category, at_ms, site=where.site))
    act = Act(incident, 0, who, at_ms)
    state = rules.step(State.NEW, Event.ACKNOWLEDGE)
    changes: dict[str, object] = {"state": str(state), "owner": who, "acknowledged_at_ms": at_ms}
    if where.is_exact:  # an address, were it empty, says that the place is exact: it expires with it
        changes |= {"address": where.address, "latitude": where.latitude, "longitude": where.longitude}
    book.change(incident, {**changes, **plans.fixed_for(book, acts.find(book, incident))})
    _insert(book, act, said, caller, {"opens": True, "category": str(category)})
    return incident


def _add(transaction: Transaction, act: Act, said: Said, caller: bytes | None) -> None:
    book = cast("CallBook", transaction)
    found = acts.find(book, act.incident)
    if found.state is State.CLOSED:
        raise TransitionError("this incident is closed.", "Reopen it first, or take the call down as a new one.")
    if found.drill:
        raise InvalidError("incident: expected a real one, got one of a drill.")
    book.change(act.incident, {})
    _insert(book, act, said, caller, {"opens": False})


def _insert(book: CallBook, act: Act, said: Said, caller: bytes | None, facts: dict[str, object]) -> None:
    """The call; in the history who took it, and apart from that, so that it can be erased alone, who called."""
    call = book.insert_call(act.incident, act.at_ms, act.who, caller, said)
    acts.remember(book, act, "call", {"call": call, **facts})
    told = {"number": said.number, "name": said.name, "words": said.words}
    personal = {key: value for key, value in told.items() if value is not None}
    if personal:
        told_of = canonical({"call": call})
        book.append(Entry(act.at_ms, Kind.INCIDENT, CALLER, str(act.incident), told_of, canonical(personal)))


def _mark(transaction: Transaction, caller: bytes, act: Act, why: str, prank: bool) -> int:  # noqa: FBT001
    book = cast("CallBook", transaction)
    if not book.has_called(caller):
        raise NotFoundError("nobody has called with this number.")
    pranks = book.mark_caller(caller, 1 if prank else -1, act.who, act.at_ms)
    personal = {"who": act.who, "note": why, "caller": caller.hex()}
    facts = canonical({"prank": prank, "pranks": pranks})
    book.append(Entry(act.at_ms, Kind.ACCESS, MARKED, CALLER, facts, canonical(personal)))
    return pranks
