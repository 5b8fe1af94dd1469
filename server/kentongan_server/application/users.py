"""Enrolling people, changing what they are, taking them out: inside a transaction, for the console and the command."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from kentongan_server.application.access_log import entry
from kentongan_server.application.person import User
from kentongan_server.application.ports import Clock, Store
from kentongan_server.domain.errors import CentreError, InvalidError, NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.roles import NEEDS_AGENCY, NEEDS_SITES, Role

NAME_MAX = 64  # characters of a log-in name
FULL_NAME_MAX = 200  # characters
SITES_MAX = 1_000  # sites of one partner: a bank's branches in a province
PASSWORD_BYTES = 20  # random bytes of a one-time password: 160 bits
BY_EMAIL = "email:"  # before the e-mail address by which a person may come in from the issuer once
BY_SUBJECT = "sub:"  # before what the issuer calls them from then on

Result = TypeVar("Result")


class UserExistsError(CentreError):
    """There is such a person already."""

    code = "exists"


class LastAdminError(CentreError):
    """Nobody would be left to manage users."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who is enrolled; `agency` for an agency desk or a unit, `sites` for a partner."""

    name: str
    role: str
    full_name: str = ""
    agency: str | None = None
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes about a person; None: stays. `email`: may come in by it from the issuer; empty: no more."""

    role: str | None = None
    full_name: str | None = None
    agency: str | None = None
    sites: tuple[str, ...] | None = None
    disabled: bool | None = None
    email: str | None = None


class UserBook(Protocol):
    """The people of the store, in one transaction."""

    def append(self, entry: Entry) -> None: ...
    def person(self, user: int) -> User | None: ...
    def person_named(self, name: str) -> User | None: ...
    def person_at_issuer(self, subject: str) -> User | None: ...
    def other_admins(self, user: int) -> int:
        """How many others there are who have a way to come in."""

    def insert_person(
        self,
        name: str,
        full_name: str,
        role: str,
        agency: str | None,
        password_hash: str | None,
        at_ms: int,
        *,
        must_change: bool,
    ) -> int: ...
    def change_person(self, user: int, changes: Mapping[str, object]) -> None: ...
    def set_password(self, user: int, password_hash: str, at_ms: int, *, must_change: bool) -> None: ...
    def set_sites(self, user: int, sites: Iterable[str]) -> None: ...
    def sites_of_person(self, user: int) -> list[str]: ...
    def has_agency(self, code: str) -> bool: ...
    def has_site(self, code: str) -> bool: ...
    def sessions_of(self, user: int) -> list[bytes]: ...
    def delete_session(self, key: bytes) -> bool: ...
    def delete_passkeys_of(self, user: int) -> int: ...


class Users:
    """The same for a running centre. What is changed ends the person's sessions; their keys are returned.

    Args:
        hashed: hashes a password, in some 50 ms of work.
        run: runs that off the event loop.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        hashed: Callable[[str], str],
        run: Callable[[Callable[[], Any]], Awaitable[Any]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._hashed = hashed
        self._run = run

    async def add(self, person: NewPerson, by: str) -> tuple[int, str]:
        """Enrols somebody; their id, and a one-time password that nobody else will ever see.

        Raises:
            InvalidError: something given cannot be taken.
            UserExistsError: the name is taken.
        """
        password, password_hash = await self._one_time()
        at_ms = self._clock.wall_ms()
        work = partial(add_person, person=person, password_hash=password_hash, at_ms=at_ms, must_change=True, by=by)
        return await self._do(work), password

    async def change(self, user: int, changes: Changes, by: str) -> list[bytes]:
        """See `change_person`."""
        at_ms = self._clock.wall_ms()
        return await self._do(partial(change_person, user=user, changes=changes, at_ms=at_ms, by=by))

    async def reset(self, user: int, by: str) -> tuple[str, list[bytes]]:
        """A new one-time password; see `reset_person`."""
        password, password_hash = await self._one_time()
        at_ms = self._clock.wall_ms()
        work = partial(reset_person, user=user, password_hash=password_hash, at_ms=at_ms, by=by)
        return password, await self._do(work)

    async def _one_time(self) -> tuple[str, str]:
        password = one_time_password()
        return password, await self._run(partial(self._hashed, password))

    async def _do(self, work: Callable[[UserBook], Result]) -> Result:
        """The store's transactions are books of people as well."""
        return await self._store.submit(cast("Callable[[Any], Result]", work))


# --- inside a transaction -------------------------------------------------------------------------


def add_person(
    book: UserBook,
    person: NewPerson,
    password_hash: str | None,
    at_ms: int,
    *,
    must_change: bool = False,
    by: str | None = None,
) -> int:
    """Enrols somebody; their id.

    Raises:
        InvalidError: something given cannot be taken.
        UserExistsError: the name is taken.
    """
    name, full_name = person.name, person.full_name
    if not 0 < len(name) <= NAME_MAX or name != name.strip() or not name.isprintable():
        raise InvalidError(f"user name: expected 1-{NAME_MAX} printable characters, got {name!r}.")
    _check_full_name(full_name)
    role = _role(person.role)
    _check_binding(book, role, person.agency, person.sites)
    if book.person_named(name) is not None:
        raise UserExistsError(f"there is a user {name!r} already.", "Choose another name.")
    user = book.insert_person(name, full_name, role, person.agency, password_hash, at_ms, must_change=must_change)
    book.set_sites(user, person.sites)
    facts = {"role": role, "agency": person.agency, "sites": list(person.sites)}
    personal = {"name": name, **({"by": by} if by is not None else {})}
    book.append(Entry(at_ms, Kind.ENROLMENT, "user", str(user), canonical(facts), canonical(personal)))
    return user


def change_person(book: UserBook, user: int, changes: Changes, at_ms: int, by: str | None) -> list[bytes]:
    """Changes what somebody is; keys of the sessions that ended because they may now do other things.

    Raises:
        NotFoundError: there is no such user.
        InvalidError: something given cannot be taken.
        LastAdminError: no admin would be left.
    """
    found = find(book, user)
    role = _role(changes.role) if changes.role is not None else Role(found.role)
    agency = (changes.agency or None) if changes.agency is not None else found.agency
    sites = changes.sites if changes.sites is not None else tuple(book.sites_of_person(user))
    agency, sites = agency if role in NEEDS_AGENCY else None, sites if role in NEEDS_SITES else ()
    _check_binding(book, role, agency, sites)
    disabled = found.disabled if changes.disabled is None else changes.disabled
    stays = role is Role.ADMIN and not disabled
    if found.role == Role.ADMIN and not found.disabled and not stays and book.other_admins(user) == 0:
        raise LastAdminError("this is the last admin.", "Make somebody else an admin first.")
    ended: list[bytes] = []
    columns: dict[str, object] = {}
    if changes.full_name is not None:
        _check_full_name(changes.full_name)
        columns["full_name"] = changes.full_name
    columns |= _email(book, found, changes.email)
    bound = (role, agency, list(sites))
    if bound != (found.role, found.agency, book.sites_of_person(user)):
        columns |= {"role": str(role), "agency": agency}
        book.set_sites(user, sites)
        ended += end_sessions(book, user)
        facts = {"role": role, "before": found.role, "agency": agency, "sites": list(sites)}
        book.append(entry(at_ms, "role-changed", found.name, user, by, **facts))
    if disabled != found.disabled:
        columns["disabled_at_ms"] = at_ms if disabled else None
        ended += end_sessions(book, user)
        book.append(entry(at_ms, "user-disabled" if disabled else "user-enabled", found.name, user, by))
    elif "full_name" in columns or "oidc_subject" in columns:
        changed = sorted(columns.keys() & {"full_name", "oidc_subject"})
        book.append(entry(at_ms, "user-changed", found.name, user, by, changed=changed))
    book.change_person(user, columns)
    return ended


def reset_person(
    book: UserBook, user: int, password_hash: str, at_ms: int, by: str | None, *, must_change: bool = True
) -> list[bytes]:
    """Gives somebody another password, who lost theirs or whose account is another's: passkeys go, sessions end.

    Raises:
        NotFoundError: there is no such user.
    """
    found = find(book, user)
    book.set_password(user, password_hash, at_ms, must_change=must_change)
    passkeys, ended = book.delete_passkeys_of(user), end_sessions(book, user)
    facts = {"passkeys_removed": passkeys, "sessions_ended": len(ended)}
    book.append(entry(at_ms, "password-reset", found.name, user, by, **facts))
    return ended


class SessionBook(Protocol):
    """The sessions of the store, in one transaction."""

    def sessions_of(self, user: int) -> list[bytes]: ...
    def delete_session(self, key: bytes) -> bool: ...


def end_sessions(book: SessionBook, user: int) -> list[bytes]:
    """Ends all sessions of somebody; their keys."""
    return [key for key in book.sessions_of(user) if book.delete_session(key)]


def find(book: UserBook, user: int) -> User:
    """Raises `NotFoundError` when there is no such user."""
    found = book.person(user)
    if found is None:
        raise NotFoundError(f"there is no user {user}.")
    return found


def find_named(book: UserBook, name: str) -> User:
    """Raises `NotFoundError` when there is no such user."""
    found = book.person_named(name)
    if found is None:
        raise NotFoundError(f"there is no user {name!r}.")
    return found


def one_time_password() -> str:
    """A password that nobody can guess, to be shown once."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise InvalidError(f"role: expected one of {', '.join(Role)}, got {role!r}.") from None


def _check_full_name(full_name: str) -> None:
    if len(full_name) > FULL_NAME_MAX or not full_name.isprintable():
        raise InvalidError(f"full name: expected at most {FULL_NAME_MAX} printable characters.")


def _check_binding(book: UserBook, role: Role, agency: str | None, sites: tuple[str, ...]) -> None:
    """A role that sees a part must be told which; one that sees all, or nothing of the kind, must not."""
    if (agency is not None) != (role in NEEDS_AGENCY):
        raise InvalidError(f"agency: {f'expected one for role {role}' if agency is None else f'role {role} has none'}.")
    if agency is not None and not book.has_agency(agency):
        raise InvalidError(f"agency: there is no agency {agency!r}.")
    if bool(sites) != (role in NEEDS_SITES):
        raise InvalidError(f"sites: {f'role {role} has none' if sites else f'expected some for role {role}'}.")
    if len(set(sites)) != len(sites) or len(sites) > SITES_MAX:
        raise InvalidError(f"sites: expected at most {SITES_MAX}, each once.")
    for site in sites:
        if not book.has_site(site):
            raise InvalidError(f"sites: there is no site {site!r}.")


def _email(book: UserBook, found: User, email: str | None) -> dict[str, object]:
    """Allows a person to come in from the issuer by a verified e-mail address, once; then by what it calls them."""
    if email is None:
        return {}
    if not email:
        return {"oidc_subject": None}
    if "@" not in email or not email.isprintable() or len(email) > FULL_NAME_MAX:
        raise InvalidError("email: expected an e-mail address.")
    subject = BY_EMAIL + email.casefold()
    other = book.person_at_issuer(subject)
    if other is not None and other.id != found.id:
        raise UserExistsError("somebody else comes in by this e-mail address.", "Take it from them first.")
    return {"oidc_subject": subject}
