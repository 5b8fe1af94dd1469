"""People as the centre knows them, their sessions, and what the store does for them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from kentongan_server.application.ports import Transaction
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.roles import Reach, Scope

SESSION_NAME = 32  # characters by which a session is named to people: half of its key's hexadecimal digits


NOTHING_YET = Scope(Reach.OWN)  # until a route is asked for


class SessionOverError(CentreError):
    """The session was ended while something was done in it."""

    code = "login-required"

    def __init__(self) -> None:
        super().__init__("this session was ended.", "Log in.")


@dataclass(frozen=True, slots=True)
class User:
    """A person as the store has them; `password_hash` None: comes in by passkey or OIDC only."""

    id: int
    name: str
    role: str
    password_hash: str | None = field(repr=False)
    full_name: str = ""
    agency: str | None = None
    must_change: bool = False
    oidc_subject: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as the store has it."""

    id: int
    user: int
    credential: bytes
    public_key: bytes
    sign_count: int
    label: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as the store has it, with its person, who is not disabled; times in Unix ms."""

    user: User
    began_at_ms: int
    expires_at_ms: int
    seen_at_ms: int
    method: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in.

    Attributes:
        key: the hash under which the session is stored; not the token.
        csrf: to be echoed in `X-CSRF-Token`.
        scope: how far they see on the route that they asked for.
        must_change: their password is not their own yet.
        method: how they came in: password, passkey or oidc.
    """

    name: str
    role: str
    key: bytes
    csrf: str
    expires_at_ms: int
    user_id: int
    began_at_ms: int
    agency: str | None = None
    full_name: str = ""
    must_change: bool = False
    method: str = "password"
    scope: Scope = NOTHING_YET

    def __repr__(self) -> str:
        return f"Session({self.name!r}, {self.role})"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session, the token for its cookie, which is nowhere stored, and the mark of the browser."""

    session: Session
    token: str
    browser: str

    def __repr__(self) -> str:
        return f"LoggedIn({self.session!r})"


class PeopleReader(Protocol):
    """Looking people up; takes microseconds."""

    def user(self, name: str) -> User | None:
        """An enabled user."""

    def session(self, key: bytes, now_ms: int) -> StoredSession | None:
        """A session that has not expired, of an enabled user."""


class PeopleWriter(Transaction, Protocol):
    """What log-in writes."""

    def insert_session(self, key: bytes, user: int, at_ms: int, expires_at_ms: int, method: str) -> None: ...
    def delete_session(self, key: bytes) -> bool: ...
    def sessions_of(self, user: int) -> list[bytes]:
        """Keys, the oldest session's first."""

    def seen_session(self, key: bytes, at_ms: int) -> None: ...
    def spend(self, digest: bytes, until_ms: int, at_ms: int) -> bool:
        """Whether this was not spent before; it is remembered until then."""

    def person(self, user: int) -> User | None: ...
    def person_at_issuer(self, subject: str) -> User | None: ...
    def change_person(self, user: int, changes: Mapping[str, object]) -> None: ...
    def set_password(self, user: int, password_hash: str, at_ms: int, *, must_change: bool) -> None: ...
    def insert_passkey(
        self, user: int, credential: bytes, public_key: bytes, sign_count: int, label: str, at_ms: int
    ) -> int | None: ...
    def passkey(self, credential: bytes) -> Passkey | None: ...
    def credentials_of(self, user: int) -> list[bytes]: ...
    def used_passkey(self, passkey: int, sign_count: int, at_ms: int) -> None: ...
    def delete_passkey(self, passkey: int, user: int) -> bool: ...


class Passwords(Protocol):
    """argon2, in some 50 ms of work each."""

    def matches(self, stored: str | None, password: str) -> bool:
        """None stands for somebody who does not exist."""

    def hashed(self, password: str) -> str: ...


def check_stands(writer: PeopleWriter, session: Session) -> None:
    """Whoever was reset or disabled while their request was being worked on must not get a foot in the door.

    Raises:
        SessionOverError: the session has ended.
    """
    if session.key not in writer.sessions_of(session.user_id):
        raise SessionOverError


def csrf_matches(session: Session, given: str) -> bool:
    """Whether the header belongs to the session, told in constant time."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


def session_name(key: bytes) -> str:
    """By what lists name a session."""
    return key.hex()[:SESSION_NAME]
