"""the operator's centre: cases, calls, plans, what is known of a site, who may do what"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = "state <> 'closed'"
CLOSED = "state = 'closed'"
PARKED = "parked_until_ms IS NOT NULL"
KEPT = "erased_at_ms IS NULL"
STATES = "state IN ('new', 'acknowledged', 'dispatched', 'on-scene', 'parked', 'reopened', 'closed')"
ROLES = "role IN ('admin', 'supervisor', 'operator', 'agency-desk', 'technician', 'partner', 'unit', 'auditor')"


def upgrade() -> None:
    _sites()
    _cases()
    _incidents()
    _of_incidents()
    _alarms()
    _drills()
    _users()
    _people()
    _rejections()
    if op.get_bind().dialect.name == "postgresql":  # two thousand million rows are a country's year
        op.alter_column("feed", "position", type_=sa.BigInteger())


def _incidents() -> None:
    op.drop_index("uq_incident_open_device", table_name="incident")
    # The tables are made anew on SQLite, which cannot change a constraint in place.
    with op.batch_alter_table("incident") as batch:
        batch.add_column(sa.Column("source", sa.Text(), server_default="button", nullable=False))
        batch.add_column(sa.Column("category", sa.Text(), server_default="hold-up", nullable=False))
        batch.add_column(sa.Column("priority", sa.Integer(), server_default=sa.text("1"), nullable=False))
        batch.add_column(sa.Column("agency", sa.Text(), nullable=True))
        batch.add_column(sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False))
        for name in ("dispatched_at_ms", "arrived_at_ms", "parked_until_ms", "reminded_at_ms", "reminded_version"):
            batch.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        for name in ("dispatched_to", "cause", "address"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=True))
        for name in ("merged_into", "split_from", "plan"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
        batch.add_column(sa.Column("drill", sa.Integer(), server_default=sa.text("0"), nullable=False))
        for name in ("latitude", "longitude"):
            batch.add_column(sa.Column(name, sa.Float(), nullable=True))
        batch.alter_column("device", existing_type=sa.BigInteger(), nullable=True)
        batch.alter_column("site", existing_type=sa.Text(), nullable=True)
        batch.drop_constraint(op.f("ck_incident_state"), type_="check")
        batch.create_check_constraint(op.f("ck_incident_state"), STATES)
        batch.create_check_constraint(
            op.f("ck_incident_source"), "source IN ('button', 'call', 'centre', 'phone', 'system')"
        )
        batch.create_check_constraint(op.f("ck_incident_parked"), "(state = 'parked') = (parked_until_ms IS NOT NULL)")
        batch.create_check_constraint(
            op.f("ck_incident_site"), "site IS NOT NULL OR source NOT IN ('button', 'centre')"
        )
        batch.create_foreign_key(op.f("fk_incident_merged_into"), "incident", ["merged_into"], ["id"])
        batch.create_foreign_key(op.f("fk_incident_split_from"), "incident", ["split_from"], ["id"])
        batch.create_foreign_key(op.f("fk_incident_plan"), "plan", ["plan"], ["id"])
        batch.create_foreign_key(op.f("fk_incident_agency"), "agency", ["agency"], ["code"])
    _index("uq_incident_open_device", ["device", "recovered", "drill"], OPEN, unique=True)
    _index("ix_incident_open", ["id"], OPEN)
    _index("ix_incident_open_site", ["site"], OPEN)
    _index("ix_incident_open_owner", ["owner"], OPEN)
    _index("ix_incident_open_drill", ["drill"], OPEN)
    _index("ix_incident_parked_until_ms", ["parked_until_ms"], PARKED)
    op.create_index("ix_incident_opened_at_ms", "incident", ["opened_at_ms"])
    _index("ix_incident_closed_site", ["site", "closed_at_ms"], CLOSED)
    for column in ("agency", "dispatched_to"):
        _index(f"ix_incident_closed_{column}", [column, "closed_at_ms"], f"{CLOSED} AND {column} IS NOT NULL")
    _index("ix_incident_real", ["opened_at_ms"], "outcome = 'real'")
    _index("ix_incident_exact_place", ["opened_at_ms"], "address IS NOT NULL")
    # What the gateways' own rows were made by, told from the device that they stand under.
    op.execute(
        "UPDATE incident SET source = 'centre', category = 'suspected-attack' "
        "WHERE device IN (SELECT device FROM device WHERE role = 'gateway')"
    )


def _index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, "incident", columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _alarms() -> None:
    op.add_column("alarm", sa.Column("rung_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.drop_index("ix_alarm_incident", table_name="alarm")
    op.create_index("ix_alarm_incident", "alarm", ["incident", "acknowledged_by", "id"])
    op.create_index("ix_alarm_device_id", "alarm", ["device", "id"])


def _rejections() -> None:
    """What was a sentence is a code with facts; the sentences of before stay, as notes."""
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id, detail FROM rejection")).all():
        detail = json.dumps({"code": "note", "text": row.detail}, ensure_ascii=False)
        connection.execute(sa.text("UPDATE rejection SET detail = :d WHERE id = :i"), {"d": detail, "i": row.id})


def _users() -> None:
    with op.batch_alter_table("user") as batch:
        batch.add_column(sa.Column("full_name", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("agency", sa.Text(), nullable=True))
        batch.add_column(sa.Column("password_changed_at_ms", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("must_change", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch.add_column(sa.Column("oidc_subject", sa.Text(), nullable=True))
        batch.alter_column("password_hash", existing_type=sa.Text(), nullable=True)
        batch.drop_constraint(op.f("ck_user_role"), type_="check")
        batch.create_check_constraint(op.f("ck_user_role"), ROLES)
        batch.create_unique_constraint(op.f("uq_user_oidc_subject"), ["oidc_subject"])
        batch.create_foreign_key(op.f("fk_user_agency"), "agency", ["agency"], ["code"])
    with op.batch_alter_table("session") as batch:
        batch.add_column(sa.Column("seen_at_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
        batch.add_column(sa.Column("method", sa.Text(), server_default="password", nullable=False))
        batch.create_check_constraint(op.f("ck_session_method"), "method IN ('password', 'passkey', 'oidc')")


def _sites() -> None:
    op.create_table(
        "agency",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('police', 'army', 'fire', 'medical', 'disaster', 'order', 'transport', 'other')",
            name=op.f("ck_agency_kind"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_agency")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_contact_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("site", "number", name=op.f("uq_contact_site")),
    )
    op.create_index(op.f("ix_contact_site"), "contact", ["site"])
    op.create_table(
        "pass_phrase",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_duress", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_pass_phrase_site")),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_pass_phrase")),
    )
    op.create_table(
        "site_picture",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('image/png', 'image/jpeg', 'image/webp')", name=op.f("ck_site_picture_media_type")
        ),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_site_picture_site")),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_picture")),
    )
    op.create_table(
        "site_place",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("ck_site_place_place")
        ),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_site_place_site")),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_place")),
    )
    op.create_table(
        "post_spot",
        sa.Column("post", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.CheckConstraint("x BETWEEN 0 AND 1000 AND y BETWEEN 0 AND 1000", name=op.f("ck_post_spot_spot")),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name=op.f("fk_post_spot_post")),
        sa.PrimaryKeyConstraint("post", name=op.f("pk_post_spot")),
    )


def _cases() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_plan_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("site", "category", "version", name=op.f("uq_plan_site")),
    )
    op.create_table(
        "drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )
    op.create_table(
        "crime_count",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("month BETWEEN 0 AND 12", name=op.f("ck_crime_count_month")),
        sa.PrimaryKeyConstraint("year", "month", "category", name=op.f("pk_crime_count")),
    )
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("incidents", sa.Text(), nullable=False),
        sa.Column("head_position", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_table(
        "caller_mark",
        sa.Column("caller", sa.LargeBinary(), nullable=False),
        sa.Column("pranks", sa.Integer(), nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=False),
        sa.Column("marked_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", name=op.f("pk_caller_mark")),
    )
    op.create_index(op.f("ix_caller_mark_marked_at_ms"), "caller_mark", ["marked_at_ms"])
    op.create_table(
        "feed_queue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_queue")),
    )


def _of_incidents() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("taken_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("erased_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_call_incident")),
        sa.ForeignKeyConstraint(["origin"], ["incident.id"], name=op.f("fk_call_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index(op.f("ix_call_caller"), "call", ["caller"])
    op.create_index(op.f("ix_call_incident"), "call", ["incident"])
    op.create_index(op.f("ix_call_origin"), "call", ["origin"])
    op.create_index(
        "ix_call_taken_at_ms", "call", ["taken_at_ms"], sqlite_where=sa.text(KEPT), postgresql_where=sa.text(KEPT)
    )
    known = sa.text("caller IS NOT NULL")
    op.create_index("ix_call_known", "call", ["taken_at_ms"], sqlite_where=known, postgresql_where=known)
    op.create_table(
        "plan_step",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("left_out", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_plan_step_incident")),
        sa.PrimaryKeyConstraint("incident", "step", name=op.f("pk_plan_step")),
    )


def _drills() -> None:
    op.create_table(
        "drill_alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drill", sa.Integer(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("alarm", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["alarm"], ["alarm.id"], name=op.f("fk_drill_alarm_alarm")),
        sa.ForeignKeyConstraint(["device"], ["device.device"], name=op.f("fk_drill_alarm_device")),
        sa.ForeignKeyConstraint(["drill"], ["drill.id"], name=op.f("fk_drill_alarm_drill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_alarm")),
    )
    op.create_index(op.f("ix_drill_alarm_drill"), "drill_alarm", ["drill"])
    running = sa.text("ended_at_ms IS NULL")
    due = sa.text("alarm IS NULL")
    op.create_index("ix_drill_alarm_due", "drill_alarm", ["due_at_ms"], sqlite_where=due, postgresql_where=due)
    op.create_index("ix_drill_running", "drill", ["ends_at_ms"], sqlite_where=running, postgresql_where=running)


def _people() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_passkey_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
    )
    op.create_index(op.f("ix_passkey_user"), "passkey", ["user"])
    op.create_table(
        "user_site",
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_user_site_site")),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_user_site_user")),
        sa.PrimaryKeyConstraint("user", "site", name=op.f("pk_user_site")),
    )
    op.create_table(
        "spent",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent")),
    )
    op.create_index(op.f("ix_spent_until_ms"), "spent", ["until_ms"])
