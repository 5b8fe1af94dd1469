"""the trouble desk: subject, owner and deadline of troubles, bells that wait, second paths, outages"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = "closed_at_ms IS NULL"
WAITING = "quiet_until_ms IS NOT NULL"
HOUR_MS = 3_600_000  # what a trouble of before has had no deadline for: the shortest of a lost path


def upgrade() -> None:
    _troubles()
    op.add_column("incident", sa.Column("rang_again", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("incident", sa.Column("rang_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("quiet_until_ms", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_incident_quiet_until_ms",
        "incident",
        ["quiet_until_ms"],
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
    op.create_table(
        "second_path",
        sa.Column("device", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("heard_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("signal_dbm", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.device"], name=op.f("fk_second_path_device")),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_second_path")),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("alarm", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["alarm"], ["alarm.id"], name=op.f("fk_outage_alarm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index("ix_outage_alarm", "outage", ["alarm"])
    op.create_table(
        "outage_site",
        sa.Column("outage", sa.Integer(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("lost_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("back_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["outage"], ["outage.id"], name=op.f("fk_outage_site_outage")),
        sa.ForeignKeyConstraint(["site"], ["site.code"], name=op.f("fk_outage_site_site")),
        sa.PrimaryKeyConstraint("outage", "site", name=op.f("pk_outage_site")),
    )
    op.create_index("ix_outage_site_site", "outage_site", ["site"])


def _troubles() -> None:
    op.add_column("trouble", sa.Column("subject", sa.Text(), nullable=False, server_default=""))
    op.add_column("trouble", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("trouble", sa.Column("taken_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("trouble", sa.Column("deadline_at_ms", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.execute(f"UPDATE trouble SET deadline_at_ms = opened_at_ms + {HOUR_MS}")  # noqa: S608 - a constant
    op.drop_index("uq_trouble_open", table_name="trouble")
    op.create_index(
        "uq_trouble_open",
        "trouble",
        ["device", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_index(
        "ix_trouble_deadline_at_ms",
        "trouble",
        ["deadline_at_ms"],
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id, detail FROM trouble WHERE detail IS NOT NULL")).all():
        detail = json.dumps({"code": "note", "text": row.detail}, ensure_ascii=False)
        connection.execute(sa.text("UPDATE trouble SET detail = :d WHERE id = :i"), {"d": detail, "i": row.id})
