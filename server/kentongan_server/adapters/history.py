"""Appending to the history: SQLite's one writer gives each row its place; on PostgreSQL the sequencer does, later."""

from __future__ import annotations

import secrets

from kentongan_server.adapters.statements import Statements
from kentongan_server.domain import feed


class FeedTable(Statements):
    """Part of `application.ports.Transaction` where there is one writer."""

    def append(self, entry: feed.Entry) -> None:
        head = self._one("feed_head")
        position, prev_hash = (head[0] + 1, head[1]) if head else (1, feed.GENESIS)
        row = placed(prev_hash, position, entry)
        self._do("append_feed", *feed_values(row))


class FeedQueue(Statements):
    """Part of `application.ports.Transaction` where there are many writers."""

    def append(self, entry: feed.Entry) -> None:
        self._do("queue_feed", entry.at_ms, str(entry.kind), entry.what, entry.subject, entry.facts, entry.personal)
        self._connection.queued = True  # type: ignore[attr-defined]  # `postgres.PostgresConnection`


def placed(prev_hash: bytes, position: int, entry: feed.Entry) -> feed.Row:
    """The row that continues `prev_hash`."""
    salt = secrets.token_bytes(feed.SALT_SIZE) if entry.personal is not None else None
    return feed.chain(prev_hash, position, entry, salt)


def feed_values(row: feed.Row) -> tuple[object, ...]:
    """For the statement `append_feed`."""
    entry = row.entry
    return (
        row.position,
        entry.at_ms,
        str(entry.kind),
        entry.what,
        entry.subject,
        entry.facts,
        entry.personal,
        row.salt,
        row.commitment,
        row.prev_hash,
        row.hash,
    )
