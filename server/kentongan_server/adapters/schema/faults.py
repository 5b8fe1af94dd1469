"""What does not work, and what was refused: troubles, paths, outages, rejections."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from kentongan_server.adapters.schema.core import metadata

trouble = Table(
    "trouble",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device", BigInteger, nullable=False),  # 0: the centre itself
    Column("kind", Text, nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),
    Column("closed_at_ms", BigInteger),
    Column("count", Integer, nullable=False),
    Column("detail", Text),  # JSON: a code and its facts
    Column("subject", Text, nullable=False, server_default=""),  # which modem, which worker; mostly empty
    Column("owner", Text),
    Column("taken_at_ms", BigInteger),
    Column("deadline_at_ms", BigInteger, nullable=False, server_default=text("0")),
    Index(
        "ix_trouble_deadline_at_ms",
        "deadline_at_ms",
        sqlite_where=text("closed_at_ms IS NULL"),
        postgresql_where=text("closed_at_ms IS NULL"),
    ),
    Index(
        "uq_trouble_open",
        "device",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("closed_at_ms IS NULL"),
        postgresql_where=text("closed_at_ms IS NULL"),
    ),
)

# Signs of life by SMS. `since_ms` is when they were first expected.
second_path = Table(
    "second_path",
    metadata,
    Column("device", BigInteger, ForeignKey("device.device"), primary_key=True, autoincrement=False),
    Column("key_id", Integer, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("heard_at_ms", BigInteger),
    Column("signal_dbm", Integer),
)

# Many sites that lost their paths together; `alarm` is NULL while all of them live on their second paths.
outage = Table(
    "outage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
    Column("alarm", Integer, ForeignKey("alarm.id"), index=True),
)

outage_site = Table(
    "outage_site",
    metadata,
    Column("outage", Integer, ForeignKey("outage.id"), primary_key=True),
    Column("site", Text, ForeignKey("site.code"), primary_key=True, index=True),
    Column("lost_at_ms", BigInteger, nullable=False),
    Column("back_at_ms", BigInteger),
)

rejection = Table(
    "rejection",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("claimed_device", BigInteger),
    Column("count", Integer, nullable=False),
    Column("first_at_ms", BigInteger, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),
    Column("told_at_ms", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),  # JSON: a code and its facts (domain/verdict.py)
    Column("size", Integer, nullable=False),
    Column("sample", LargeBinary, nullable=False),
    Index("ix_rejection_cause", "source", "reason", "claimed_device", "last_at_ms"),
    Index("ix_rejection_last_at_ms", "last_at_ms"),
)

# What was counted lately, so that a redelivery is not counted again, also across a restart.
rejection_arrival = Table(
    "rejection_arrival",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("arrived_at_ms", BigInteger, nullable=False),
    Column("listed_at_ms", BigInteger, nullable=False, index=True),
    Index("ix_rejection_arrival_digest", "source", "digest", "arrived_at_ms"),
)
