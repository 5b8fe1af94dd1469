"""Proving the history: the chain by itself, and the alarms against what the chain says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from kentongan_server.adapters import read_lists
from kentongan_server.adapters.database import Place
from kentongan_server.adapters.schema import alarm, feed_queue
from kentongan_server.adapters.store import reader
from kentongan_server.domain import feed
from kentongan_server.domain.errors import InvalidError
from kentongan_wire import topics

PAGE = 1_000  # rows read at once


@dataclass(frozen=True, slots=True)
class Result:
    """What an audit found.

    Attributes:
        findings: one line each; empty when the history is whole.
        head: POSITION:HASH of the newest row, to be noted outside of the centre.
    """

    findings: list[str]
    rows: int
    head: str


def verify(database: Place, noted_head: str | None = None) -> Result:
    """Walks the whole history.

    `noted_head` is the POSITION:HASH that an earlier audit gave, to find out whether the end was cut off.

    Raises:
        InvalidError: `noted_head` is no head.
    """
    engine = reader(database)
    try:
        with engine.connect() as connection, connection.begin():
            return verify_on(connection, noted_head)
    finally:
        engine.dispose()


def verify_on(connection: Connection, noted_head: str | None = None) -> Result:
    """See `verify`; what the open transaction sees.

    Raises:
        InvalidError: `noted_head` is no head.
    """
    noted = _parse_head(noted_head) if noted_head else None
    walk = _Walk(connection, noted)
    found = [f"row {one.position}: {one.fault}: {one.detail}" for one in feed.verify(walk)]
    if noted is not None and noted != (0, feed.GENESIS) and not walk.noted_is_there:
        found.append(f"row {noted[0]}: is not the one that was noted: the history was cut or rewritten")
    walk.note_waiting()
    found += _compare_alarms(connection, walk.alarms)
    head = f"{walk.last.position}:{walk.last.hash.hex()}" if walk.last else f"0:{feed.GENESIS.hex()}"
    return Result(found, walk.rows, head)


class _Walk:
    """Counts and remembers what passes by."""

    def __init__(self, connection: Connection, noted: tuple[int, bytes] | None) -> None:
        self._connection = connection
        self._noted = noted
        self.noted_is_there = False
        self.rows = 0
        self.last: feed.Row | None = None
        self.alarms: dict[int, tuple[str, str]] = {}  # alarm → (which row, identity as it has it)

    def __iter__(self) -> Iterator[feed.Row]:
        after = 0
        while rows := read_lists.feed_rows(self._connection, after, PAGE):
            for row in rows:
                self._note(row)
                yield row
            after = rows[-1].position

    def _note(self, row: feed.Row) -> None:
        self.rows += 1
        self.last = row
        self.noted_is_there |= (row.position, row.hash) == self._noted
        self._note_alarm(f"row {row.position}", row.entry.kind, row.entry.what, row.entry.facts)

    def note_waiting(self) -> None:
        """What was committed on PostgreSQL and has no place in the chain yet."""
        for row in self._connection.execute(select(feed_queue).order_by(feed_queue.c.id)):
            self._note_alarm(f"waiting row {row.id}", row.kind, row.what, row.facts)

    def _note_alarm(self, where: str, kind: str, what: str, told: str) -> None:
        if kind == feed.Kind.INCIDENT and what in ("opened", "alarm"):
            facts = json.loads(told)
            self.alarms[facts["alarm"]] = (where, f"{facts['device']}/{facts['sequence']}/{facts['nonce']}")


def _compare_alarms(connection: Connection, expected: dict[int, tuple[str, str]]) -> Iterator[str]:
    """Alarms that are not in the history, and entries of the history whose alarm is gone or another."""
    missing = dict(expected)
    query = select(alarm.c.id, alarm.c.device, alarm.c.sequence, alarm.c.nonce).order_by(alarm.c.id)
    for row in connection.execute(query):
        identity = f"{topics.device_name(row.device)}/{row.sequence}/{row.nonce.hex()}"
        where, wanted = missing.pop(row.id, ("", None))
        if wanted is None:
            yield f"alarm {row.id}: there is no row of the history for it"
        elif wanted != identity:
            yield f"alarm {row.id}: changed: {where} says {wanted}, the alarm says {identity}"
    for alarm_id, (where, _) in sorted(missing.items()):
        yield f"alarm {alarm_id}: missing: {where} tells of it"


def _parse_head(text: str) -> tuple[int, bytes]:
    position, _, hexadecimal = text.partition(":")
    try:
        return int(position), bytes.fromhex(hexadecimal)
    except ValueError as error:
        raise InvalidError(f"head: expected POSITION:HASH, got {text!r}.") from error
