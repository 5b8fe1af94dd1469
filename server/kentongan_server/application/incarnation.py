"""Is this the store that answered last, or one from a backup? Devices are told by the incarnation.

A receipt says *received* in the name of one incarnation. A store that was put back from yesterday's
backup has forgotten what it confirmed since: it must not keep the name, so that buttons and gateways
offer the presses of seven days again. A mark outside the database, a position of the history and its
hash, tells one from the other.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from kentongan_server.application.ports import Transaction
from kentongan_server.domain.feed import Entry, Kind, canonical

INCARNATION, RESTORED_AT = "incarnation", "restored_at_ms"
INCARNATION_MAX = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the history of an incarnation had come; `hash` of the row at `position`, as hex."""

    incarnation: int
    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Incarnation:
    """Who answers.

    Attributes:
        number: signed in every receipt and heartbeat answer.
        restored_at_ms: Unix ms at which this store was put back from a backup; None when it never was.
    """

    number: int
    restored_at_ms: int | None


class History(Transaction, Protocol):
    """What telling the store from its backup reads and writes."""

    def meta(self, key: str) -> str | None: ...
    def set_meta(self, key: str, value: str) -> None: ...
    def hash_at(self, position: int) -> bytes | None: ...


def begin(history: History, mark: Mark | None, at_ms: int) -> Incarnation:
    """At the start of the centre: the incarnation, a new one when the store is not the one that was marked.

    Without a mark nobody can know, and presses that are offered again needlessly are known by their
    identity: then it is a new one as well.
    """
    number = int(history.meta(INCARNATION) or 0)
    if mark is None or mark.incarnation != number or not _has(history, mark):
        number = _another_than({number, mark.incarnation if mark else 0})
        history.set_meta(INCARNATION, str(number))
        history.set_meta(RESTORED_AT, str(at_ms))
        facts = canonical({"marked": mark.position if mark else None})
        history.append(Entry(at_ms, Kind.ENROLMENT, "incarnation", str(number), facts))
    restored = history.meta(RESTORED_AT)
    return Incarnation(number, int(restored) if restored else None)


def _has(history: History, mark: Mark) -> bool:
    """Whether the history still has the row that was marked, as it was."""
    if mark.position == 0:
        return True
    found = history.hash_at(mark.position)
    return found is not None and found.hex() == mark.hash


def _another_than(taken: set[int]) -> int:
    number = 0
    while number in taken or not number:
        number = 1 + secrets.randbelow(INCARNATION_MAX)
    return number
