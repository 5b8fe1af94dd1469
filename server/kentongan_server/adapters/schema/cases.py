"""Tables around a case: 112 calls, action plans and what was done of them, drills, crimes of the city's own counting.

Times are Unix ms. What identifies a citizen stands in `call` alone, so that it can expire by itself.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kentongan_server.adapters.schema.core import metadata

KEPT = "erased_at_ms IS NULL"
KNOWN = "caller IS NOT NULL"
RUNNING = "ended_at_ms IS NULL"
DUE = "alarm IS NULL"

# A phone call as an operator took it down. Number, name, words and exact place are erased when they expire.
call = Table(
    "call",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident", Integer, ForeignKey("incident.id"), nullable=False, index=True),
    # Where it was taken down: its lines of the history are there, and it goes back there when a merge is undone.
    Column("origin", Integer, ForeignKey("incident.id"), nullable=False, index=True),
    Column("taken_at_ms", BigInteger, nullable=False),
    Column("taken_by", Text, nullable=False),
    # Keyed digest of the E.164 number: knows a caller again after the number itself is gone.
    Column("caller", LargeBinary, index=True),
    Column("number", Text),
    Column("name", Text),
    Column("words", Text),
    Column("erased_at_ms", BigInteger),
    Index("ix_call_taken_at_ms", "taken_at_ms", sqlite_where=text(KEPT), postgresql_where=text(KEPT)),
    Index("ix_call_known", "taken_at_ms", sqlite_where=text(KNOWN), postgresql_where=text(KNOWN)),
)

caller_mark = Table(
    "caller_mark",
    metadata,
    Column("caller", LargeBinary, primary_key=True),
    Column("pranks", Integer, nullable=False),
    Column("marked_by", Text, nullable=False),
    Column("marked_at_ms", BigInteger, nullable=False, index=True),
)

# One version of an action plan. `site` NULL: the city's own; `category` empty: any kind. Versions are never changed.
plan = Table(
    "plan",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", Text, ForeignKey("site.code")),
    Column("category", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Column("steps", Text, nullable=False),  # JSON: [{key, id, en, mandatory}]
    Column("made_by", Text, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    UniqueConstraint("site", "category", "version"),
)

# What was done, or left out with a reason, of a case's plan.
plan_step = Table(
    "plan_step",
    metadata,
    Column("incident", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("done_by", Text, nullable=False),
    Column("done_at_ms", BigInteger, nullable=False),
    Column("left_out", Text),
)

# A drill in which alarms look real to whoever is drilled; an incident of it names it and reaches no unit.
drill = Table(
    "drill",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("ends_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
    Column("ended_by", Text),
    Index("ix_drill_running", "ends_at_ms", sqlite_where=text(RUNNING), postgresql_where=text(RUNNING)),
)

# What rings when in a drill; `alarm` once it has rung. A restart goes on with it.
drill_alarm = Table(
    "drill_alarm",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("drill", Integer, ForeignKey("drill.id"), nullable=False, index=True),
    Column("device", BigInteger, ForeignKey("device.device"), nullable=False),
    Column("kind", Integer, nullable=False),
    Column("due_at_ms", BigInteger, nullable=False),
    Column("alarm", Integer, ForeignKey("alarm.id")),
    Index("ix_drill_alarm_due", "due_at_ms", sqlite_where=text(DUE), postgresql_where=text(DUE)),
)

# Crimes as the city counts them, to compare with; `month` 0 is a whole year.
crime_count = Table(
    "crime_count",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("category", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("month BETWEEN 0 AND 12", name="month"),
)

# A shift's end: who gave it to whom, and the head of the history that was printed with it.
hand_over = Table(
    "hand_over",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("incidents", Text, nullable=False),  # JSON: ids
    Column("head_position", BigInteger, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
    Column("signed", Text, nullable=False),  # password, passkey
)

# --- what is known of a site ------------------------------------------------------------------------

agency = Table(
    "agency",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    CheckConstraint(
        "kind IN ('police', 'army', 'fire', 'medical', 'disaster', 'order', 'transport', 'other')", name="kind"
    ),
)

contact = Table(
    "contact",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", Text, ForeignKey("site.code"), nullable=False, index=True),
    Column("place", Integer, nullable=False),  # 1 is called first
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("number", Text, nullable=False),  # E.164
    Column("hours", Text),  # JSON: [[weekday 1-7, from minute, to minute], …] in the site's zone; NULL: always
    UniqueConstraint("site", "number"),
)

# What a person of the site says when called back; `duress` is what they say under threat. Sealed.
pass_phrase = Table(
    "pass_phrase",
    metadata,
    Column("site", Text, ForeignKey("site.code"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_duress", LargeBinary),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
)

site_picture = Table(
    "site_picture",
    metadata,
    Column("site", Text, ForeignKey("site.code"), primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    CheckConstraint("media_type IN ('image/png', 'image/jpeg', 'image/webp')", name="media_type"),
)

# Where a post is on the picture of its site, in thousandths of its width and height.
post_spot = Table(
    "post_spot",
    metadata,
    Column("post", Integer, ForeignKey("post.id"), primary_key=True),
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    CheckConstraint("x BETWEEN 0 AND 1000 AND y BETWEEN 0 AND 1000", name="spot"),
)

site_place = Table(
    "site_place",
    metadata,
    Column("site", Text, ForeignKey("site.code"), primary_key=True),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="place"),
)
