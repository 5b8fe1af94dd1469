"""Bringing a city's register in from tables: all rows of one or none, every mistake named, twice the same as once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from kentongan_server.application import sites as register
from kentongan_server.application.sites import HOME_ZONE, Agency, By, PostFacts, SiteBook, SiteFacts
from kentongan_server.application.users import end_sessions
from kentongan_server.domain import contact, register_tables
from kentongan_server.domain.contact import Contact
from kentongan_server.domain.csv_table import Column, Line, Mistake, Reading, read
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.roles import NEEDS_AGENCY, NEEDS_SITES, Role

NEW, CHANGED, SAME = "new", "changed", "same"


class Person(Protocol):
    """Somebody who is enrolled."""

    @property
    def id(self) -> int: ...
    @property
    def full_name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def agency(self) -> str | None: ...


class ImportBook(SiteBook, Protocol):
    """What an import needs of the store; its transactions can do this as well."""

    def person_named(self, name: str) -> Person | None: ...
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
    def set_sites(self, user: int, sites: Iterable[str]) -> None: ...
    def sites_of_person(self, user: int) -> list[str]: ...
    def other_admins(self, user: int) -> int: ...
    def roles_with_a_way_in(self) -> dict[int, str]: ...
    def sessions_of(self, user: int) -> list[bytes]: ...
    def delete_session(self, key: bytes) -> bool: ...


@dataclass(slots=True)
class Result:
    """What an import came to; with mistakes nothing of it may stay.

    Attributes:
        rows: how many were `new`, `changed`, `same`.
        touched: the lines that are not the same as what is there.
        new_users: names, in the order of the table.
    """

    rows: Counter[str] = field(default_factory=Counter)
    mistakes: list[Mistake] = field(default_factory=list)
    touched: list[Line] = field(default_factory=list)
    new_users: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Import:
    """An import at work."""

    book: ImportBook
    by: By
    result: Result
    passwords: Mapping[str, str]
    no_admins: list[Line] = field(default_factory=list)  # of people who were one until now
    roles: dict[int, str] = field(default_factory=dict)  # of people who get another one
    new_admins: list[Line] = field(default_factory=list)  # who can come in
    # As they were before, by site and name or number: each site is read once, for the store may be held meanwhile.
    sites: dict[str, bool] = field(default_factory=dict)  # whether there is one of this code
    posts: dict[str, dict[str, PostFacts]] = field(default_factory=dict)
    contacts: dict[str, dict[str, Contact]] = field(default_factory=dict)
    more_contacts: Counter[str] = field(default_factory=Counter)  # new ones, by site

    def wrong(self, line: Line, column: str, what: str) -> None:
        self.result.mistakes.append(Mistake(line.number, column, what))


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table: its columns, which of them name a row, and how a row is checked and written.

    `check` is asked of every row, also of one of which a cell was wrong; `write` only when nothing was.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    check: Callable[[_Import, Line], None]
    write: Callable[[_Import, Line], str]


def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind of table."""
    return TABLES[kind].columns


def read_table(kind: str, data: bytes) -> Reading:
    """Reads a table of this kind; what is wrong with it is in `mistakes`."""
    return read(data, TABLES[kind].columns)


def bring_in(
    book: ImportBook, kind: str, reading: Reading, by: By, passwords: Mapping[str, str] | None = None
) -> Result:
    """Checks all rows against the store, and writes them when nothing is wrong.

    Args:
        book: the open transaction; the caller takes it back when the result has mistakes. Each row is about
            something else, so that a book of which all writing goes nowhere tells the same result: a rehearsal.
        kind: of the table.
        reading: it, as `read_table` read it.
        by: who does it.
        passwords: hashes of one-time passwords, by the names of new users.
    """
    table = TABLES[kind]
    work = _Import(book, by, Result(mistakes=list(reading.mistakes)), passwords or {})
    _check_keys(work, table.key, reading.lines)
    for line in reading.lines:
        table.check(work, line)
    if not work.result.mistakes:
        for line in reading.lines:
            what = table.write(work, line)
            work.result.rows[what] += 1
            if what != SAME:
                work.result.touched.append(line)
        _check_admins(work)
    work.result.mistakes.sort()
    return work.result


def _check_keys(work: _Import, key: Sequence[str], lines: Sequence[Line]) -> None:
    """Two rows about the same would undo each other."""
    first: dict[tuple[Any, ...], int] = {}
    for line in lines:
        if not all(name in line.values for name in key):
            continue
        named = tuple(line.values[name] for name in key)
        before = first.setdefault(named, line.number)
        if before != line.number:
            told = ", ".join(repr(part) for part in named)
            work.wrong(line, key[-1], f"expected each row once, got {told} again, which is in line {before}.")


def _check_site(work: _Import, line: Line) -> None:
    _both(work, line, "latitude", "longitude")


def _write_site(work: _Import, line: Line) -> str:
    given = line.values
    before = work.book.site_facts(given["code"])
    place = before.place if before is not None else None
    if "latitude" in given:
        place = None if given["latitude"] is None else (given["latitude"], given["longitude"])
    address = given.get("address", before.address if before is not None else "")
    zone = given.get("zone") or (before.zone if before is not None else HOME_ZONE)
    return register.put_site(work.book, SiteFacts(given["code"], given["name"], address, zone, place), work.by)


def _write_agency(work: _Import, line: Line) -> str:
    given = line.values
    return register.put_agency(work.book, Agency(given["code"], given["name"], given["kind"]), work.by)


def _check_post(work: _Import, line: Line) -> None:
    _both(work, line, "x", "y")
    post = _post(work, line) if _has_site(work, line) else None
    if post is not None and post.fitted and line.values.get("variant", post.variant) != post.variant:
        got = line.values["variant"]
        work.wrong(line, "variant", f"expected {post.variant}, for the post has its button, got {got}.")


def _post(work: _Import, line: Line) -> PostFacts | None:
    site, name = line.values.get("site"), line.values.get("name")
    if site is None or name is None:
        return None
    if site not in work.posts:
        work.posts[site] = work.book.posts_at(site)
    return work.posts[site].get(name)


def _write_post(work: _Import, line: Line) -> str:
    given = line.values
    before = _post(work, line)
    spot = before.spot if before is not None else None
    if "x" in given:
        spot = None if given["x"] is None else (given["x"], given["y"])
    if before is not None and (before.variant, before.spot) == (given["variant"], spot):
        return SAME
    post = before.id if before is not None else None
    if before is None or before.variant != given["variant"]:
        post = work.book.save_post(given["site"], given["name"], given["variant"])
    assert post is not None
    work.book.save_spot(post, spot)
    facts = {"post": post, "variant": given["variant"]}
    register.remember(work.book, work.by, "post", given["site"], facts)
    return NEW if before is None else CHANGED


def _check_contact(work: _Import, line: Line) -> None:
    if not _has_site(work, line) or "number" not in line.values:
        return
    site, there = line.values["site"], _contacts(work, line)
    if line.values["number"] in there:
        return
    work.more_contacts[site] += 1
    count = len(there) + work.more_contacts[site]
    if count > contact.CONTACTS_MAX:
        work.wrong(line, "number", f"expected at most {contact.CONTACTS_MAX} people of one site, got {count}.")


def _contacts(work: _Import, line: Line) -> dict[str, Contact]:
    site = line.values["site"]
    if site not in work.contacts:
        work.contacts[site] = work.book.contacts_at(site)
    return work.contacts[site]


def _write_contact(work: _Import, line: Line) -> str:
    given = line.values
    before = _contacts(work, line).get(given["number"])
    role = given.get("role", before.role if before is not None else "")
    hours = given.get("hours", before.hours if before is not None else None)
    person = Contact(given["place"], given["name"], role, given["number"], hours)
    contact.check(person)
    return SAME if person == before else register.put_contact(work.book, given["site"], person, work.by)


def _check_user(work: _Import, line: Line) -> None:
    given = line.values
    name = given.get("name")
    before = work.book.person_named(name) if name is not None else None
    agency = given.get("agency", before.agency if before is not None else None)
    if "agency" in given and agency is not None and work.book.agency(agency) is None:
        work.wrong(line, "agency", f"expected the code of an agency, got {agency!r}: bring the agencies in first.")
    for site in given.get("sites", ()):
        if not _is_site(work, site):
            work.wrong(line, "sites", f"expected codes of sites, got {site!r}: bring the sites in first.")
    role = given.get("role")
    if role in NEEDS_AGENCY and agency is None:
        work.wrong(line, "agency", f"expected an agency, for role {role} sees nothing without one, got nothing.")
    bound = given.get("sites", tuple(work.book.sites_of_person(before.id)) if before is not None else ())
    if role in NEEDS_SITES and not bound:
        work.wrong(line, "sites", f"expected a site, for role {role} sees nothing without one, got nothing.")
    was_admin = before is not None and before.role == Role.ADMIN and not work.book.other_admins(before.id)
    if was_admin and role is not None and role != Role.ADMIN:
        work.wrong(line, "role", f"expected admin, for this is the only one, got {role}.")


def _check_admins(work: _Import) -> None:
    """Rows of which each leaves somebody in charge may together leave nobody: told once all were gone through."""
    if not work.no_admins or work.new_admins:
        return
    roles = work.book.roles_with_a_way_in()
    if Role.ADMIN in {work.roles.get(user, role) for user, role in roles.items()}:
        return
    for line in work.no_admins:
        got = line.values["role"]
        work.wrong(line, "role", f"expected admin, for these rows together leave nobody who is one, got {got}.")


def _write_user(work: _Import, line: Line) -> str:
    given, book = line.values, work.book
    name = given["name"]
    before = book.person_named(name)
    if before is None:
        hashed = work.passwords.get(name)
        user = book.insert_person(
            name,
            given.get("full_name", ""),
            given["role"],
            given.get("agency"),
            hashed,
            work.by.at_ms,
            must_change=hashed is not None,
        )
        book.set_sites(user, given.get("sites", ()))
        work.result.new_users.append(name)
        if hashed is not None and given["role"] == Role.ADMIN:
            work.new_admins.append(line)
        _remember_person(work, "user", user, name, given["role"])
        return NEW
    changes = {column: given[column] for column in ("full_name", "role", "agency") if column in given}
    changes = {column: value for column, value in changes.items() if value != getattr(before, column)}
    sites = sorted(given.get("sites", ())) if "sites" in given else None
    moved = sites is not None and sites != book.sites_of_person(before.id)
    if not changes and not moved:
        return SAME
    if before.role == Role.ADMIN and "role" in changes:
        work.no_admins.append(line)
    work.roles[before.id] = given["role"]
    if moved or changes.keys() & {"role", "agency"}:
        end_sessions(book, before.id)  # as when an admin changes it in the console
    book.change_person(before.id, changes)
    if moved and sites is not None:
        book.set_sites(before.id, sites)
    _remember_person(work, "user-changed", before.id, name, given["role"])
    return CHANGED


def _remember_person(work: _Import, what: str, user: int, name: str, role: str) -> None:
    personal = canonical({"name": name, "who": work.by.who})
    work.book.append(Entry(work.by.at_ms, Kind.ENROLMENT, what, str(user), canonical({"role": role}), personal))


def _has_site(work: _Import, line: Line) -> bool:
    site = line.values.get("site")
    if site is None:
        return False
    if not _is_site(work, site):
        work.wrong(line, "site", f"expected the code of a site, got {site!r}: bring the sites in first.")
        return False
    return True


def _is_site(work: _Import, code: str) -> bool:
    if code not in work.sites:
        work.sites[code] = work.book.site_facts(code) is not None
    return work.sites[code]


def _both(work: _Import, line: Line, one: str, other: str) -> None:
    """Two columns of which each means nothing without the other; a cell that is wrong was told already."""
    for name, partner in ((one, other), (other, one)):
        if line.values.get(name) is not None and partner in line.values and line.values[partner] is None:
            work.wrong(line, partner, f"expected a number beside {name}, got nothing.")
        elif line.values.get(name) is not None and partner not in line.values:
            known = any(mistake.line == line.number and mistake.column == partner for mistake in work.result.mistakes)
            if not known:
                work.wrong(line, partner, f"expected this column beside {name}, got a table without it.")


def _nothing(_work: _Import, _line: Line) -> None:
    """An agency stands for itself."""


TABLES: Final[dict[str, Table]] = {
    "agencies": Table(register_tables.AGENCIES, ("code",), _nothing, _write_agency),
    "sites": Table(
        register_tables.sites(lambda cell: register.zone_name(cell) if cell else ""),
        ("code",),
        _check_site,
        _write_site,
    ),
    "posts": Table(register_tables.POSTS, ("site", "name"), _check_post, _write_post),
    "contacts": Table(register_tables.CONTACTS, ("site", "number"), _check_contact, _write_contact),
    "users": Table(register_tables.users(tuple(Role)), ("name",), _check_user, _write_user),
}
KINDS: Final = tuple(TABLES)
