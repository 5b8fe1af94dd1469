"""Credit and validity of a prepaid SIM, read from the words in which an operator answers a USSD code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_AMOUNT = re.compile(r"\b(?:rp|idr)\.?\s*(\d[\d.,]*)", re.IGNORECASE)
_CREDIT = re.compile(r"pulsa|saldo|balance|credit|sisa", re.IGNORECASE)
_GROUPED = re.compile(r"(\d{1,3}(?:[.,]\d{3})+)(?:[.,]\d{1,2})?")
_PLAIN = re.compile(r"(\d+)(?:[.,]\d{1,2})?")
_VALID = re.compile(r"aktif|berlaku|s\.?/?d\b|hingga|sampai|valid|until|exp", re.IGNORECASE)
_GRACE = re.compile(r"tenggang|grace", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NAMED = re.compile(r"(?<!\d)(\d{1,2})[\s-]*([a-z]{3,9})[\s-]*(\d{4}|\d{2})(?!\d)", re.IGNORECASE)
_NEAR = 40  # characters before an amount or a date in which its meaning is told

# Beginnings of the months' names in Indonesian and English.
_MONTHS = (
    ("jan",),
    ("feb", "peb"),
    ("mar",),
    ("apr",),
    ("mei", "may"),
    ("jun",),
    ("jul",),
    ("agu", "aug", "ags"),
    ("sep",),
    ("okt", "oct"),
    ("nov", "nop"),
    ("des", "dec"),
)


@dataclass(frozen=True)
class Balance:
    """What an answer says; None for what it does not tell.

    Attributes:
        rupiah: the credit in whole rupiah.
        valid_until: last day on which the SIM can send.
    """

    rupiah: int | None
    valid_until: date | None


def read_balance(text: str) -> Balance:
    """Reads an answer such as "Sisa pulsa Anda Rp25.000. Aktif s.d. 31/12/2026"."""
    return Balance(_credit(text), _validity(text))


def _credit(text: str) -> int | None:
    known = []
    for match in _AMOUNT.finditer(text):
        amount = _rupiah(match[1])
        if amount is not None:
            known.append((_told_before(text, match.start(), _CREDIT), amount))
    # The first that is called credit, else the only one: among several nobody knows which it is.
    named = [amount for called, amount in known if called]
    if named:
        return named[0]
    return known[0][1] if len(known) == 1 else None


def _rupiah(digits: str) -> int | None:
    number = digits.rstrip(".,")
    grouped = _GROUPED.fullmatch(number)
    if grouped:
        return int(re.sub(r"[.,]", "", grouped.group(1)))
    plain = _PLAIN.fullmatch(number)
    return int(plain.group(1)) if plain else None


def _validity(text: str) -> date | None:
    found: list[tuple[bool, date]] = []
    for start, day in sorted(_dates(text)):
        if not _told_before(text, start, _GRACE):
            found.append((_told_before(text, start, _VALID), day))
    named = [day for called, day in found if called]
    if named:
        return named[0]
    return found[0][1] if len(found) == 1 else None


def _dates(text: str) -> list[tuple[int, date]]:
    found = [(match.start(), _date(match[3], match[2], match[1])) for match in _NUMERIC.finditer(text)]
    found += [(match.start(), _date(match[1], match[2], match[3])) for match in _ISO.finditer(text)]
    found += [(match.start(), _date(match[3], _month(match[2].lower()), match[1])) for match in _NAMED.finditer(text)]
    return [(start, day) for start, day in found if day is not None]


def _month(name: str) -> str:
    return str(next((index for index, names in enumerate(_MONTHS, 1) if name.startswith(names)), 0))


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _told_before(text: str, start: int, words: re.Pattern[str]) -> bool:
    """True when one of these words comes shortly before, with no other amount or date between."""
    before = text[max(0, start - _NEAR) : start]
    ends = [match.end() for other in (_AMOUNT, _NUMERIC, _ISO, _NAMED) for match in other.finditer(before)]
    return words.search(before, max(ends, default=0)) is not None
