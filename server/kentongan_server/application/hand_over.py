"""The end of a shift: whoever leaves gives their open incidents to whoever comes, who signs with a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from kentongan_server.application.acts import Act, remember
from kentongan_server.application.person import Session, User
from kentongan_server.application.ports import Clock, Store, Transaction
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.incident import check_text
from kentongan_server.domain.roles import Role

TAKES_SHIFTS = frozenset({Role.ADMIN, Role.SUPERVISOR, Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class Head:
    """How far the history had come: a position, and the hash of the row there."""

    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class NewHandOver:
    """Who gave which incidents to whom, and when (Unix ms); `head` is the history's just before."""

    at_ms: int
    given_by: str
    taken_by: str
    note: str
    incidents: Sequence[int]
    head: Head


class ShiftBook(Transaction, Protocol):
    """What this needs of the store; its transactions can do this as well."""

    def owned_by(self, who: str) -> list[int]:
        """The open incidents of a person."""

    def insert_hand_over(self, new: NewHandOver) -> int: ...


class Signing(Protocol):
    """Proves that somebody is there."""

    async def sign(self, name: str, password: str, session: Session) -> User: ...


class Heads(Protocol):
    """Reads the history's end."""

    async def head(self) -> Head: ...


class HandOver:
    """Hands shifts over."""

    def __init__(self, store: Store, clock: Clock, people: Signing, heads: Heads) -> None:
        self._store = store
        self._clock = clock
        self._people = people
        self._heads = heads

    async def give(self, session: Session, to: str, password: str, note: str) -> int:
        """All open incidents of the session's person are now `to`'s, who signs; the number of the hand-over.

        Raises:
            InvalidError: it is the same person, one who sits at no desk, or the note is too long.
            WrongPasswordError: name and password of the taker do not belong together.
            TooManyTriesError: wait before the next try.
            StoreError: nothing was committed.
        """
        check_text("note", note)
        if to == session.name:
            raise InvalidError("to: expected somebody else, got yourself.")
        taker = await self._people.sign(to, password, session)
        if taker.role not in TAKES_SHIFTS:
            raise InvalidError(f"to: expected somebody who sits at the desk, got a {taker.role}.")
        if taker.must_change:
            raise InvalidError("to: expected a password of their own, got a one-time one.", "Log in and change it.")
        head = await self._heads.head()
        give = partial(_give, given_by=session.name, taker=taker.name, note=note, head=head)
        return await self._store.submit(partial(give, at_ms=self._clock.wall_ms()))


def _give(transaction: Transaction, given_by: str, taker: str, note: str, head: Head, at_ms: int) -> int:
    book = cast("ShiftBook", transaction)
    incidents = book.owned_by(given_by)
    number = book.insert_hand_over(NewHandOver(at_ms, given_by, taker, note, incidents, head))
    for incident in incidents:
        book.change(incident, {"owner": taker})
        act = Act(incident, 0, given_by, at_ms)
        remember(book, act, "handed-over", {"hand_over": number}, more={"to": taker})
    facts = canonical({"incidents": incidents, "head": head.position})
    personal = canonical({"who": given_by, "to": taker, "note": note})
    book.append(Entry(at_ms, Kind.ACCESS, "hand-over", str(number), facts, personal))
    return number
