"""Whom to call at a site, when they can be reached, and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Final

from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.line import check_line
from kentongan_server.domain.number import checked

NAME_MAX = 200  # characters of a name or a role: a line on the operator's screen
CONTACTS_MAX = 30  # of one site: nobody calls more while it matters
WINDOWS_MAX = 21  # three a day, a week long
DAY_MINUTES = 1_440
DAYS: Final = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
_ENGLISH: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# "Min" is Sunday in Indonesian and nothing in English; no other short name means two days.
_DAY_NUMBERS: Final = {
    **{name.lower(): number for number, name in enumerate(_ENGLISH, 1)},
    **{name.lower(): number for number, name in enumerate(DAYS, 1)},
}
_WINDOW = re.compile(
    r"(?P<first>[a-z]{3})(?:\s*-\s*(?P<last>[a-z]{3}))?\s+(?P<from>\d{1,2}:\d\d)\s*-\s*(?P<to>\d{1,2}:\d\d)",
    re.ASCII | re.IGNORECASE,
)


class Result(StrEnum):
    """What came of calling somebody."""

    REACHED = "reached"
    NOT_REACHED = "not-reached"
    WRONG_NUMBER = "wrong-number"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of a week, in the site's own time.

    Attributes:
        weekday: on which it begins; 1 is Monday.
        begins: minute of that day, 0-1439.
        ends: minute, 0-1440; when it is not after `begins`, of the day after.
    """

    weekday: int
    begins: int
    ends: int

    def has(self, weekday: int, minute: int) -> bool:
        """Whether this minute of the week lies in it."""
        if self.ends > self.begins:
            return weekday == self.weekday and self.begins <= minute < self.ends
        after = self.weekday % 7 + 1
        return (weekday == self.weekday and minute >= self.begins) or (weekday == after and minute < self.ends)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call; `place` 1 is first, `hours` None means always."""

    place: int
    name: str
    role: str
    number: str
    hours: tuple[Window, ...] | None = None


def is_now(hours: Sequence[Window] | None, now_ms: int, zone: tzinfo) -> bool:
    """Whether somebody with these hours can be called at this moment.

    Args:
        hours: in the site's own time; None means always.
        now_ms: Unix time.
        zone: of the site.
    """
    if hours is None:
        return True
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    return any(window.has(local.isoweekday(), local.hour * 60 + local.minute) for window in hours)


def in_order(contacts: Iterable[tuple[Contact, bool]]) -> list[tuple[Contact, bool]]:
    """Contacts with whether they can be called now: those first, each group in its own order."""
    return sorted(contacts, key=lambda one: (not one[1], one[0].place, one[0].number))


def check(contact: Contact) -> Contact:
    """The contact, when it can be taken.

    Raises:
        InvalidError: name, role, number or hours cannot be taken.
    """
    if not 1 <= contact.place <= CONTACTS_MAX:
        raise InvalidError(f"place: expected 1-{CONTACTS_MAX}, got {contact.place}.")
    check_line("name", contact.name, NAME_MAX)
    check_line("role", contact.role, NAME_MAX, may_be_empty=True)
    checked(contact.number)
    check_hours(contact.hours)
    return contact


def check_hours(hours: Sequence[Window] | None) -> None:
    """Raises `InvalidError` when these are no hours: None means always, but nobody can have no hour at all."""
    if hours is None:
        return
    if not 1 <= len(hours) <= WINDOWS_MAX:
        raise InvalidError(f"hours: expected 1-{WINDOWS_MAX} windows, got {len(hours)}.", "Leave them out for always.")
    for one in hours:
        right = 1 <= one.weekday <= 7 and 0 <= one.begins < DAY_MINUTES and 0 <= one.ends <= DAY_MINUTES
        if not right or one.begins == one.ends:
            raise InvalidError(
                "hours: expected [weekday 1-7, from minute 0-1439, to minute 0-1440, another than from], "
                f"got [{one.weekday}, {one.begins}, {one.ends}]."
            )


def hours_to_json(hours: Sequence[Window] | None) -> str | None:
    """Hours as the store keeps them."""
    return None if hours is None else json.dumps([[one.weekday, one.begins, one.ends] for one in hours])


def hours_from_json(text: str | None) -> tuple[Window, ...] | None:
    """What `hours_to_json` made."""
    return None if text is None else tuple(Window(*one) for one in json.loads(text))


def hours_to_words(hours: Sequence[Window] | None) -> str:
    """Hours as a person writes them in a table: `Sen 08:00-17:00 | Sab 22:00-06:00`; empty for always."""
    return " | ".join(f"{DAYS[one.weekday - 1]} {_clock(one.begins)}-{_clock(one.ends)}" for one in hours or ())


def hours_from_words(words: str) -> tuple[Window, ...] | None:
    """What a person wrote; days in Indonesian or English, also as `Sen-Jum 08:00-17:00`.

    Raises:
        InvalidError: it is not like that.
    """
    if not words.strip():
        return None
    found: list[Window] = []
    for part in words.split("|"):
        match = _WINDOW.fullmatch(part.strip())
        if match is None:
            raise InvalidError(f"hours: expected such as Sen-Jum 08:00-17:00 | Sab 22:00-06:00, got {part[:40]!r}.")
        first = _day(match["first"])
        last = _day(match["last"] or match["first"])
        begins, ends = _minute(match["from"]), _minute(match["to"])
        found += [Window((first + offset - 1) % 7 + 1, begins, ends) for offset in range((last - first) % 7 + 1)]
    check_hours(found)
    return tuple(found)


def _day(name: str) -> int:
    number = _DAY_NUMBERS.get(name.lower())
    if number is None:
        raise InvalidError(f"hours: expected a day such as {', '.join(DAYS)}, got {name!r}.")
    return number


def _minute(clock: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    if minutes > 59 or hours * 60 + minutes > DAY_MINUTES:
        raise InvalidError(f"hours: expected a time 00:00-24:00, got {clock!r}.")
    return hours * 60 + minutes


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
