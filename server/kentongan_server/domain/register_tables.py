"""The tables by which a city's register is brought in and taken out: columns, and what their cells may be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kentongan_server.domain import contact
from kentongan_server.domain.csv_table import Column
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.line import check_line
from kentongan_server.domain.number import checked
from kentongan_wire import topics
from kentongan_wire.errors import FrameError

TEXT_MAX = 500  # characters of a name or an address
USER_NAME_MAX = 64
AGENCY_KINDS: Final = ("police", "army", "fire", "medical", "disaster", "order", "transport", "other")
VARIANTS: Final = ("guard-post", "desk")
SITES_MAX = 500  # that one person is bound to; beyond it a role is meant
_DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,9})?", re.ASCII)
_LOCAL = re.compile(r"0\d{7,13}", re.ASCII)  # a number as Indonesia dials it inside the country


def code(cell: str) -> str:
    """A short name: a-z, 0-9 and '-'."""
    try:
        return topics.check_site(cell)
    except FrameError as error:
        expected = f"expected a short name of 1-{topics.SITE_NAME_MAX} of a-z, 0-9 and '-'"
        raise InvalidError(f"{expected}, got {cell[:40]!r}.") from error


def line(longest: int = TEXT_MAX, *, may_be_empty: bool = False) -> Callable[[str], str]:
    """A text of one line."""
    return lambda cell: check_line("text", cell, longest, may_be_empty=may_be_empty)


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words."""

    def read(cell: str) -> str:
        if cell.lower() not in words:
            raise InvalidError(f"expected one of {', '.join(words)}, got {cell[:40]!r}.")
        return cell.lower()

    return read


def degrees(limit: int) -> Callable[[str], float | None]:
    """Degrees up to `limit` to both sides, a decimal comma too; None for nothing."""

    def read(cell: str) -> float | None:
        if not cell:
            return None
        written = cell.replace(",", ".")
        if not _DEGREES.fullmatch(written) or abs(float(written)) > limit:
            raise InvalidError(f"expected degrees from -{limit} to {limit} such as -7.754321, got {cell[:40]!r}.")
        return float(written)

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number between these."""

    def read(cell: str) -> int:
        if not re.fullmatch(r"\d{1,9}", cell, re.ASCII) or not least <= int(cell) <= most:
            raise InvalidError(f"expected a whole number {least}-{most}, got {cell[:40]!r}.")
        return int(cell)

    return read


def maybe(read: Callable[[str], int]) -> Callable[[str], int | None]:
    """The same, or nothing."""
    return lambda cell: read(cell) if cell else None


def phone(cell: str) -> str:
    """A telephone number; 0812… is +62812…, and spaces and hyphens say nothing."""
    number = re.sub(r"[\s().-]", "", cell)
    return checked("+62" + number[1:] if _LOCAL.fullmatch(number) else number)


def codes(cell: str) -> tuple[str, ...]:
    """Codes with spaces between them, each once, in their order."""
    found = tuple(dict.fromkeys(code(part) for part in cell.split()))
    if len(found) > SITES_MAX:
        raise InvalidError(f"expected at most {SITES_MAX} codes, got {len(found)}.")
    return found


def user_name(cell: str) -> str:
    """What somebody logs in with."""
    if not cell.isprintable() or len(cell) > USER_NAME_MAX:
        raise InvalidError(f"expected 1-{USER_NAME_MAX} printable characters, got {cell[:40]!r}.")
    return cell


AGENCIES: Final = (
    Column("code", code, required=True),
    Column("name", line(), required=True),
    Column("kind", one_of(*AGENCY_KINDS), required=True),
)
POSTS: Final = (
    Column("site", code, required=True),
    Column("name", line(), required=True),
    Column("variant", one_of(*VARIANTS), required=True),
    Column("x", maybe(whole(0, 1000))),
    Column("y", maybe(whole(0, 1000))),
)
CONTACTS: Final = (
    Column("site", code, required=True),
    Column("place", whole(1, contact.CONTACTS_MAX), required=True),
    Column("name", line(contact.NAME_MAX), required=True),
    Column("role", line(contact.NAME_MAX, may_be_empty=True)),
    Column("number", phone, required=True),
    Column("hours", contact.hours_from_words),
)


def sites(zone: Callable[[str], str]) -> tuple[Column, ...]:
    """Of sites; `zone` reads the name of a time zone, which needs the system's list of them."""
    return (
        Column("code", code, required=True),
        Column("name", line(), required=True),
        Column("address", line(may_be_empty=True)),
        Column("zone", zone),
        Column("latitude", degrees(90)),
        Column("longitude", degrees(180)),
    )


def users(roles: tuple[str, ...]) -> tuple[Column, ...]:
    """Of people: what they may be, and to which agency and sites they are bound."""
    return (
        Column("name", user_name, required=True),
        Column("full_name", line(may_be_empty=True)),
        Column("role", one_of(*roles), required=True),
        Column("agency", lambda cell: code(cell) if cell else None),
        Column("sites", codes),
    )
