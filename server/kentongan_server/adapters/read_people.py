"""Reading users, sessions and passkeys for their pages, on SQLAlchemy Core."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from kentongan_server import shapes_people as shapes
from kentongan_server.adapters.schema import passkey, session, user, user_site
from kentongan_server.application.person import session_name
from kentongan_server.application.users import BY_EMAIL, BY_SUBJECT
from kentongan_server.domain.roles import idle_ms

USERS_MAX = 10_000  # far beyond the desks, technicians and partners of a city


def users(connection: Connection) -> list[shapes.User]:
    """Everybody, by name."""
    keys = select(func.count()).where(passkey.c.user == user.c.id).scalar_subquery().label("keys")
    rows = connection.execute(select(user, keys).order_by(user.c.name).limit(USERS_MAX)).all()
    sites: dict[int, list[str]] = {}
    for one, site in connection.execute(select(user_site.c.user, user_site.c.site).order_by(user_site.c.site)):
        sites.setdefault(one, []).append(site)
    return [_user(row, sites.get(row.id, [])) for row in rows]


def one(connection: Connection, number: int) -> shapes.User | None:
    """This user."""
    return next((found for found in users(connection) if found["id"] == number), None)


def sessions(connection: Connection, number: int, now_ms: int) -> list[shapes.Session]:
    """A user's sessions that have not ended, newest first."""
    query = (
        select(session, user.c.role)
        .join(user, user.c.id == session.c.user)
        .where(session.c.user == number, session.c.expires_at_ms > now_ms)
        .order_by(session.c.created_at_ms.desc())
    )
    found = connection.execute(query).all()
    return [_session(row) for row in found if not _was_left(row, now_ms)]


def passkeys(connection: Connection, number: int) -> list[shapes.Passkey]:
    """A user's passkeys, oldest first."""
    query = select(passkey).where(passkey.c.user == number).order_by(passkey.c.id)
    return [
        {"id": row.id, "label": row.label, "made_at_ms": row.made_at_ms, "used_at_ms": row.used_at_ms}
        for row in connection.execute(query)
    ]


def _user(row: Row[Any], sites: list[str]) -> shapes.User:
    subject = row.oidc_subject or ""
    return {
        "id": row.id,
        "name": row.name,
        "full_name": row.full_name,
        "role": row.role,
        "agency": row.agency,
        "sites": sites,
        "created_at_ms": row.created_at_ms,
        "disabled_at_ms": row.disabled_at_ms,
        "must_change": bool(row.must_change),
        "passkeys": row.keys,
        "email": subject.removeprefix(BY_EMAIL) if subject.startswith(BY_EMAIL) else None,
        "at_issuer": subject.startswith(BY_SUBJECT),
    }


def _session(row: Row[Any]) -> shapes.Session:
    return {
        "session": session_name(bytes(row.token_hash)),
        "began_at_ms": row.created_at_ms,
        "expires_at_ms": row.expires_at_ms,
        "seen_at_ms": max(row.seen_at_ms, row.created_at_ms),
        "method": row.method,
    }


def _was_left(row: Row[Any], now_ms: int) -> bool:
    idle = idle_ms(row.role)
    return idle is not None and now_ms - max(row.seen_at_ms, row.created_at_ms) >= idle
