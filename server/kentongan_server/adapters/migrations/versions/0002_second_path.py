"""the second path: numbers of devices, how a press came, receipts by SMS, presses of a restored centre"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = "state <> 'closed'"


def upgrade() -> None:
    op.add_column("device", sa.Column("number", sa.Text(), nullable=True))
    op.create_index("uq_device_number", "device", ["number"], unique=True)

    op.add_column("alarm", sa.Column("modem", sa.Text(), nullable=True))
    op.add_column("alarm", sa.Column("answer_via", sa.BigInteger(), nullable=True))
    op.add_column("alarm", sa.Column("also_paths", sa.Integer(), nullable=False, server_default=sa.text("0")))

    op.add_column("incident", sa.Column("recovered", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.drop_index("uq_incident_open_device", table_name="incident")
    op.create_index(
        "uq_incident_open_device",
        "incident",
        ["device", "recovered"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )

    op.create_table(
        "sms_receipt",
        sa.Column("alarm", sa.Integer(), nullable=False),
        sa.Column("device", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["alarm"], ["alarm.id"], name=op.f("fk_sms_receipt_alarm")),
        sa.ForeignKeyConstraint(["device"], ["device.device"], name=op.f("fk_sms_receipt_device")),
        sa.PrimaryKeyConstraint("alarm", "device", name=op.f("pk_sms_receipt")),
    )
