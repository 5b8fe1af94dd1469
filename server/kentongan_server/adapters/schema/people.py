"""Tables of people, how they prove who they are, and what they may see. Times are Unix ms."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kentongan_server.adapters.schema.core import metadata

user = Table(
    "user",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("full_name", Text, nullable=False, server_default=""),
    Column("role", Text, nullable=False),
    Column("agency", Text, ForeignKey("agency.code")),  # the scope of an agency desk and a unit
    Column("password_hash", Text),  # NULL: comes in by a passkey or by OIDC only
    Column("password_changed_at_ms", BigInteger),
    Column("must_change", Integer, nullable=False, server_default=text("0")),
    Column("oidc_subject", Text, unique=True),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("disabled_at_ms", BigInteger),
    CheckConstraint(
        "role IN ('admin', 'supervisor', 'operator', 'agency-desk', 'technician', 'partner', 'unit', 'auditor')",
        name="role",
    ),
)

# The sites of a partner (and of whoever else is bound to some); nobody here means: by the role alone.
user_site = Table(
    "user_site",
    metadata,
    Column("user", Integer, ForeignKey("user.id"), primary_key=True),
    Column("site", Text, ForeignKey("site.code"), primary_key=True),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user", Integer, ForeignKey("user.id"), nullable=False, index=True),
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger),
    UniqueConstraint("credential"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user", Integer, ForeignKey("user.id"), nullable=False, index=True),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
    Column("seen_at_ms", BigInteger, nullable=False, server_default=text("0")),
    Column("method", Text, nullable=False, server_default="password"),
    CheckConstraint("method IN ('password', 'passkey', 'oidc')", name="method"),
)

# What may be used once (the challenge of a log-in), by its hash, for as long as it could be used again.
spent = Table(
    "spent",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("until_ms", BigInteger, nullable=False, index=True),
)
