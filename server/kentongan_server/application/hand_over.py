"""The end of a shift: whoever leaves gives their open incidents to whoever comes, who signs for them.

A signature is a password or a passkey. That of a passkey is for this session, this taker and this note; which
incidents go is decided when it is used, for what rings meanwhile must not be left to somebody who has gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, cast

from kentongan_server.application.acts import Act, remember
from kentongan_server.application.passkeys import NotSignedError, Passkeys
from kentongan_server.application.people import People
from kentongan_server.application.person import PeopleWriter, Session, User, check_stands
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
    """Who gave which incidents to whom, when (Unix ms), signed how; `head` is the history's just before."""

    at_ms: int
    given_by: str
    taken_by: str
    note: str
    incidents: Sequence[int]
    head: Head
    signed: str


class ShiftBook(PeopleWriter, Protocol):
    """What this needs of the store; its transactions can do this as well."""

    def owned_by(self, who: str) -> list[int]:
        """The open incidents of a person."""

    def insert_hand_over(self, new: NewHandOver) -> int: ...


class Signature(Protocol):
    """Somebody has signed; `method` tells how."""

    @property
    def user(self) -> User: ...
    @property
    def method(self) -> str: ...
    def use(self, writer: PeopleWriter, at_ms: int) -> bool:
        """Spends it in the transaction of what is signed. False, with what is told committed: it does not count."""


class Proof(Protocol):
    """What somebody gave to prove that they are there."""

    async def of(self, name: str, text: str, session: Session) -> Signature:
        """Their signature under this text, at the desk of this session; raises what says that it is none."""


@dataclass(frozen=True, slots=True)
class PasswordSignature:
    """Somebody typed their password: it was right, and is not used up."""

    user: User
    method = "password"

    def use(self, writer: PeopleWriter, at_ms: int) -> bool:
        """See `Signature`."""
        del writer, at_ms
        return True


@dataclass(frozen=True, slots=True)
class ByPassword:
    """Proof by a password."""

    people: People
    password: str

    async def of(self, name: str, text: str, session: Session) -> Signature:
        """See `Proof`; raises `WrongPasswordError`, `TooManyTriesError`."""
        del text  # who types a password signs what is on the screen
        return PasswordSignature(await self.people.sign(name, self.password, session))


@dataclass(frozen=True, slots=True)
class ByPasskey:
    """Proof by a passkey: what `HandOver.begin` asked for, with the browser's ticket."""

    passkeys: Passkeys
    answer: Mapping[str, Any]
    ticket: str | None

    async def of(self, name: str, text: str, session: Session) -> Signature:
        """See `Proof`; raises `NotSignedError`."""
        return await self.passkeys.signature(session, name, text, self.answer, self.ticket)


class Heads(Protocol):
    """Reads the history's end."""

    async def head(self) -> Head: ...


class HandOver:
    """Hands shifts over."""

    def __init__(self, store: Store, clock: Clock, heads: Heads) -> None:
        self._store = store
        self._clock = clock
        self._heads = heads

    def begin(self, session: Session, to: str, note: str, passkeys: Passkeys) -> tuple[dict[str, Any], str]:
        """What the browser is to ask a passkey of `to`, and its ticket.

        Raises:
            InvalidError: it is the same person, or the note is too long.
        """
        _check(session, to, note)
        return passkeys.begin_signature(session, to, note)

    async def give(self, session: Session, to: str, proof: Proof, note: str) -> int:
        """All open incidents of the session's person are now `to`'s, who signs; the number of the hand-over.

        Raises:
            InvalidError: it is the same person, one who sits at no desk, or the note is too long.
            WrongPasswordError: name and password of the taker do not belong together.
            TooManyTriesError: wait before the next try.
            NotSignedError: it is no passkey's signature of the taker under this.
            SessionOverError: somebody ended the session meanwhile.
            StoreError: nothing was committed.
        """
        _check(session, to, note)
        signature = await proof.of(to, note, session)
        _check_taker(signature.user)
        head = await self._heads.head()
        give = partial(_give, session=session, signature=signature, note=note, head=head)
        number = await self._store.submit(partial(give, at_ms=self._clock.wall_ms()))
        if number is None:
            raise NotSignedError(
                "this passkey's counter went back: there may be a copy of it.", "Sign by password and remove it."
            )
        return number


def _check(session: Session, to: str, note: str) -> None:
    check_text("note", note)
    if to == session.name:
        raise InvalidError("to: expected somebody else, got yourself.")


def _check_taker(taker: User | None) -> None:
    if taker is None or taker.disabled:
        raise InvalidError("to: expected somebody who may log in.")
    if taker.role not in TAKES_SHIFTS:
        raise InvalidError(f"to: expected somebody who sits at the desk, got a {taker.role}.")
    if taker.must_change:
        raise InvalidError("to: expected a password of their own, got a one-time one.", "Log in and change it.")


def _give(
    transaction: Transaction, session: Session, signature: Signature, note: str, head: Head, at_ms: int
) -> int | None:
    """None, and told, when the signature does not count."""
    book = cast("ShiftBook", transaction)
    check_stands(book, session)
    _check_taker(book.person(signature.user.id))  # as they are in this transaction
    if not signature.use(book, at_ms):
        return None
    given_by, taker = session.name, signature.user.name
    incidents = book.owned_by(given_by)
    number = book.insert_hand_over(NewHandOver(at_ms, given_by, taker, note, incidents, head, signature.method))
    for incident in incidents:
        book.change(incident, {"owner": taker})
        act = Act(incident, 0, given_by, at_ms)
        remember(book, act, "handed-over", {"hand_over": number}, more={"to": taker})
    facts = canonical({"incidents": incidents, "head": head.position, "signed": signature.method})
    personal = canonical({"who": given_by, "to": taker, "note": note})
    book.append(Entry(at_ms, Kind.ACCESS, "hand-over", str(number), facts, personal))
    return number
