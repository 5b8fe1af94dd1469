"""The tables, as SQLAlchemy knows them; `migrations/` makes them, and a test holds the two equal.

Times are Unix ms. Wire numbers that do not fit a signed 64-bit integer are clamped, never refused.
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
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

OPEN = "state <> 'closed'"
CLOSED = "state = 'closed'"
REAL = "outcome = 'real'"
INTEGER_MAX = (1 << 63) - 1  # what the store can hold; a uptime or a wall clock on the wire may claim more

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

site = Table(
    "site",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", Text, ForeignKey("site.code"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("variant", Text, nullable=False),
    UniqueConstraint("site", "name"),
    CheckConstraint("variant IN ('guard-post', 'desk')", name="variant"),
)

device = Table(
    "device",
    metadata,
    Column("device", BigInteger, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("site", Text, ForeignKey("site.code"), nullable=False, index=True),
    Column("post", Integer, ForeignKey("post.id")),
    Column("enrolled_at_ms", BigInteger, nullable=False),
    Column("retired_at_ms", BigInteger),
    Column("number", Text),  # of its SIM, E.164: the only one that its receipts are texted to
    CheckConstraint("role IN ('button', 'gateway')", name="role"),
    Index("uq_device_number", "number", unique=True),
)

device_key = Table(
    "device_key",
    metadata,
    Column("device", BigInteger, ForeignKey("device.device"), primary_key=True, autoincrement=False),
    Column("key_id", Integer, primary_key=True, autoincrement=False),
    Column("sealed_root", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    CheckConstraint("state IN ('active', 'retired', 'compromised')", name="state"),
)

device_state = Table(
    "device_state",
    metadata,
    Column("device", BigInteger, ForeignKey("device.device"), primary_key=True, autoincrement=False),
    Column("key_id", Integer, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("boot_id", BigInteger, nullable=False),
    Column("boot_started_ms", BigInteger, nullable=False),
    Column("heard_at_ms", BigInteger, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("battery_mv", Integer),
    Column("signal_dbm", Integer),
    Column("firmware", BigInteger),
    Column("uptime_ms", BigInteger, nullable=False),
    Column("undelivered", BigInteger, nullable=False),
    Column("via", BigInteger),
)

# Apart from device_state, which is rewritten from memory every few seconds.
command_counter = Table(
    "command_counter",
    metadata,
    Column("device", BigInteger, ForeignKey("device.device"), primary_key=True, autoincrement=False),
    Column("counter", BigInteger, nullable=False),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False, server_default="button"),
    Column("device", BigInteger, ForeignKey("device.device")),  # the button that opened it; of a call there is none
    Column("site", Text, ForeignKey("site.code")),
    Column("category", Text, nullable=False, server_default="hold-up"),
    Column("priority", Integer, nullable=False, server_default=text("1")),  # domain/priority.py: 1 is first
    Column("agency", Text, ForeignKey("agency.code")),
    Column("state", Text, nullable=False),
    # Counts every change of the case; what an operator saw is named by it, on one worker or many.
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("last_alarm_at_ms", BigInteger, nullable=False),
    Column("owner", Text),
    Column("acknowledged_at_ms", BigInteger),
    Column("dispatched_at_ms", BigInteger),
    Column("dispatched_to", Text),
    Column("arrived_at_ms", BigInteger),
    Column("parked_until_ms", BigInteger),
    # A park that ended (or duress) rings until somebody answers: since when, and the version of the case
    # that it came with; both NULL while none does.
    Column("reminded_at_ms", BigInteger),
    Column("reminded_version", BigInteger),
    Column("closed_by", Text),
    Column("closed_at_ms", BigInteger),
    Column("outcome", Text),
    Column("cause", Text),
    Column("note", Text),
    Column("merged_into", Integer, ForeignKey("incident.id")),
    Column("split_from", Integer, ForeignKey("incident.id")),
    Column("plan", Integer, ForeignKey("plan.id")),
    # 0: real. Real and drilled presses of one button never share an incident.
    Column("drill", Integer, nullable=False, server_default=text("0")),
    # Of a call; a site's own place is the site's.
    Column("address", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    # Late presses that were offered again after this store was restored: for review, without sound.
    Column("recovered", Integer, nullable=False, server_default=text("0")),
    # The bell (domain/ringing.py): how often it rang again, since when it rings, until when it waits.
    Column("rang_again", Integer, nullable=False, server_default=text("0")),
    Column("rang_at_ms", BigInteger),
    Column("quiet_until_ms", BigInteger),
    CheckConstraint("source IN ('button', 'call', 'centre', 'phone', 'system')", name="source"),
    CheckConstraint(
        "state IN ('new', 'acknowledged', 'dispatched', 'on-scene', 'parked', 'reopened', 'closed')", name="state"
    ),
    CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="outcome"),
    CheckConstraint("(state = 'parked') = (parked_until_ms IS NOT NULL)", name="parked"),
    CheckConstraint("site IS NOT NULL OR source NOT IN ('button', 'centre')", name="site"),
    # A button has one open incident at most (and one for review, and one of a drill): presses join it.
    Index(
        "uq_incident_open_device",
        "device",
        "recovered",
        "drill",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
    # The queue, in its order, whatever lies behind it.
    Index("ix_incident_open", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_incident_open_site", "site", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_incident_open_owner", "owner", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_incident_open_drill", "drill", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_incident_closed_at_ms", "closed_at_ms"),
    # The closed ones of a partner, and of an agency: newest first, out of all there ever were.
    Index("ix_incident_closed_site", "site", "closed_at_ms", sqlite_where=text(CLOSED), postgresql_where=text(CLOSED)),
    Index(
        "ix_incident_closed_agency",
        "agency",
        "closed_at_ms",
        sqlite_where=text(f"{CLOSED} AND agency IS NOT NULL"),
        postgresql_where=text(f"{CLOSED} AND agency IS NOT NULL"),
    ),
    Index(
        "ix_incident_closed_dispatched_to",
        "dispatched_to",
        "closed_at_ms",
        sqlite_where=text(f"{CLOSED} AND dispatched_to IS NOT NULL"),
        postgresql_where=text(f"{CLOSED} AND dispatched_to IS NOT NULL"),
    ),
    Index("ix_incident_opened_at_ms", "opened_at_ms"),
    # What crimes are counted from: few of all.
    Index("ix_incident_real", "opened_at_ms", sqlite_where=text(REAL), postgresql_where=text(REAL)),
    # Exact places of callers, until they expire.
    Index(
        "ix_incident_exact_place",
        "opened_at_ms",
        sqlite_where=text("address IS NOT NULL"),
        postgresql_where=text("address IS NOT NULL"),
    ),
    Index(
        "ix_incident_quiet_until_ms",
        "quiet_until_ms",
        sqlite_where=text("quiet_until_ms IS NOT NULL"),
        postgresql_where=text("quiet_until_ms IS NOT NULL"),
    ),
    Index(
        "ix_incident_parked_until_ms",
        "parked_until_ms",
        sqlite_where=text("parked_until_ms IS NOT NULL"),
        postgresql_where=text("parked_until_ms IS NOT NULL"),
    ),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident", Integer, ForeignKey("incident.id"), nullable=False),
    Column("device", BigInteger, ForeignKey("device.device"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("key_id", Integer, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("boot_id", BigInteger, nullable=False),
    Column("uptime_ms", BigInteger, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    Column("clock", Integer, nullable=False),
    Column("pressed_at_ms", BigInteger),
    Column("dated", Text, nullable=False),
    Column("received_at_ms", BigInteger, nullable=False),
    Column("level", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_at_ms", BigInteger),
    Column("gateway", BigInteger),
    Column("path", Integer, nullable=False),
    Column("held_ms", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("seen_level", Integer),
    Column("seen_revision", BigInteger),
    Column("seen_at_ms", BigInteger),
    # `gateway`, `path` and `modem` are of the first arrival and stay; `answer_via` is the gateway of the newest.
    Column("modem", Text),
    Column("answer_via", BigInteger),
    Column("also_paths", Integer, nullable=False, server_default=text("0")),
    # The incident's `version` when it came, or was pressed again last: whoever saw less has not seen this.
    Column("rung_version", BigInteger, nullable=False, server_default=text("0")),
    # Who pressed when, for ever: the same triple is never a second alarm.
    UniqueConstraint("device", "sequence", "nonce", name="uq_alarm_identity"),
    CheckConstraint("length(nonce) = 8", name="nonce"),
    CheckConstraint("dated IN ('exact', 'estimated', 'unknown')", name="dated"),
    Index("ix_alarm_incident", "incident", "acknowledged_by", "id"),
    Index("ix_alarm_device_id", "device", "id"),
    Index("ix_alarm_device_boot_sequence", "device", "boot_id", "sequence"),
)

# Receipts that were texted, so that no replay and no restart makes the centre text more of them.
sms_receipt = Table(
    "sms_receipt",
    metadata,
    Column("alarm", Integer, ForeignKey("alarm.id"), primary_key=True),
    Column("device", BigInteger, ForeignKey("device.device"), primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Text, nullable=False),
    # Names and free text: erased by setting both to NULL; the commitment keeps the chain whole.
    Column("personal", Text),
    Column("salt", LargeBinary),
    Column("commitment", LargeBinary),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("ix_feed_kind_subject", "kind", "subject", "position"),
)

# What a transaction remembers on PostgreSQL, until the sequencer has given it its place in `feed`.
feed_queue = Table(
    "feed_queue",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("personal", Text),
)
