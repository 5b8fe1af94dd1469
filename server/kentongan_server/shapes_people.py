"""What the HTTP interface says of people: docs/operators-centre.md, "HTTP". Times are Unix ms."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic needs this one on Python 3.11


class User(TypedDict):
    """A person; `email`: may come in from the issuer by it, once; `at_issuer`: has done so."""

    id: int
    name: str
    full_name: str
    role: str
    agency: str | None
    sites: list[str]
    created_at_ms: int
    disabled_at_ms: int | None
    must_change: bool
    passkeys: int
    email: str | None
    at_issuer: bool


class Users(TypedDict):
    """Everybody who is enrolled, by name."""

    users: list[User]


class Session(TypedDict):
    """A session that has not ended; `method` is password, passkey or oidc."""

    session: str
    began_at_ms: int
    expires_at_ms: int
    seen_at_ms: int
    method: str


class Sessions(TypedDict):
    """Sessions of one person; `own` is the one that asks, if it is among them."""

    sessions: list[Session]
    own: str | None


class Passkey(TypedDict):
    """A passkey; `used_at_ms` null when it was never used."""

    id: int
    label: str
    made_at_ms: int
    used_at_ms: int | None


class Passkeys(TypedDict):
    """One's own passkeys."""

    passkeys: list[Passkey]
