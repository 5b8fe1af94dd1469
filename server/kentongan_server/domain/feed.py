"""The history: append-only rows at dense positions, each with the hash of the one before.

Personal facts enter the chain as salted commitments, so that they can lawfully be erased later
and the chain still proves everything else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

GENESIS = bytes(32)  # what the first row continues
SALT_SIZE = 16  # bytes: a commitment to a short name must not be guessed by trying names
HOME_WITHIN = 1_000  # positions around a row that does not fit, where its true place is looked for
_DOMAIN = b"kentongan/feed/1"
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Kind(StrEnum):
    """Whom a row concerns; live streams carry the first four."""

    INCIDENT = "incident"
    TROUBLE = "trouble"
    REJECTION = "rejection"
    DRILL = "drill"
    ENROLMENT = "enrolment"
    ACCESS = "access"


STREAMED = (Kind.INCIDENT, Kind.TROUBLE, Kind.REJECTION, Kind.DRILL)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be remembered.

    Attributes:
        at_ms: the centre's Unix time in ms.
        what: a word: opened, alarm, acknowledged, raised, ….
        subject: id of the incident, trouble, rejection, device or user.
        facts: canonical JSON without anything personal.
        personal: canonical JSON of names and free text; None when there is none.
    """

    at_ms: int
    kind: Kind
    what: str
    subject: str
    facts: str
    personal: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry at its place in the chain; `salt` and `entry.personal` are None once erased, `commitment` stays."""

    position: int
    entry: Entry
    salt: bytes | None
    commitment: bytes | None
    prev_hash: bytes
    hash: bytes


class Fault(StrEnum):
    """What can be wrong with a row."""

    MISSING = "missing"
    CHANGED = "changed"
    REORDERED = "reordered"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, at one position."""

    position: int
    fault: Fault
    detail: str


def canonical(facts: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces: the same facts are the same text."""
    return _ENCODER.encode(facts)


def commitment(salt: bytes, personal: str) -> bytes:
    """What stands in the chain for a personal text."""
    return hmac.digest(salt, personal.encode(), "sha256")


def row_hash(prev_hash: bytes, position: int, entry: Entry, committed: bytes | None) -> bytes:
    """The hash that binds a row to its place, its content and everything before it."""
    digest = hashlib.sha256(_DOMAIN + prev_hash + struct.pack(">QQ", position, entry.at_ms))
    for text in (entry.kind, entry.what, entry.subject, entry.facts):
        data = text.encode()
        digest.update(struct.pack(">I", len(data)) + data)
    digest.update(committed or b"")
    return digest.digest()


def chain(prev_hash: bytes, position: int, entry: Entry, salt: bytes | None) -> Row:
    """The row that continues `prev_hash`; `salt` (fresh, `SALT_SIZE` bytes) when the entry has a personal part."""
    committed = None
    if entry.personal is not None:
        if salt is None or len(salt) != SALT_SIZE:
            raise ValueError(f"salt: expected {SALT_SIZE} bytes beside a personal text")
        committed = commitment(salt, entry.personal)
    return Row(position, entry, salt, committed, prev_hash, row_hash(prev_hash, position, entry, committed))


def verify(rows: Iterable[Row]) -> Iterator[Finding]:
    """Walks all rows, ascending by position, and names every one that is missing, changed or out of place."""
    before: Row | None = None
    for row in rows:
        due = before.position + 1 if before else 1
        for position in range(due, row.position):
            yield Finding(position, Fault.MISSING, "there is no row at this position")
        fault = _fault_of(row)
        if fault is not None:
            yield fault
        elif row.position == due and row.prev_hash != (before.hash if before else GENESIS):
            at = before.position if before else 0
            yield Finding(at, Fault.REWRITTEN, f"it is not the row that row {row.position} continues")
        before = row


def _fault_of(row: Row) -> Finding | None:
    """What is wrong with a row by itself."""
    entry = row.entry
    if entry.personal is not None and (row.salt is None or commitment(row.salt, entry.personal) != row.commitment):
        return Finding(row.position, Fault.CHANGED, "its personal part is not the one that was committed to")
    if row_hash(row.prev_hash, row.position, entry, row.commitment) == row.hash:
        return None
    for home in range(max(1, row.position - HOME_WITHIN), row.position + HOME_WITHIN):
        if row_hash(row.prev_hash, home, entry, row.commitment) == row.hash:
            return Finding(row.position, Fault.REORDERED, f"this row belongs at position {home}")
    return Finding(row.position, Fault.CHANGED, "its content does not match its hash")
