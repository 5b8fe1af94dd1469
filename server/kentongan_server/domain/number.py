"""Telephone numbers as modems take and show them: E.164."""

from __future__ import annotations

import re

from kentongan_server.domain.errors import InvalidError

_E164 = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)
_ON_PAPER = re.compile(r"[\s().\-/]+")
COUNTRY = "+62"
SHOWN_DIGITS = 3  # of a stranger's number: enough to tell two apart, too few to call anybody


def checked(number: str) -> str:
    """The number, which is E.164: `+`, country code, 8-15 digits in all.

    Raises:
        InvalidError: it is not.
    """
    if not _E164.fullmatch(number):
        raise InvalidError(
            f"number: expected E.164 such as +6281234567890, got {number[:20]!r}.",
            "Write it with its country code: 0812… is +62812….",
        )
    return number


def of_caller(text: str) -> str:
    """A number as somebody reads it out, or as a telephone shows it, as E.164: 08…, 628… and +628… are the same.

    Raises:
        InvalidError: it is none.
    """
    bare = _ON_PAPER.sub("", text)
    for prefix, instead in (("00", "+"), ("0", COUNTRY), ("62", COUNTRY), ("8", COUNTRY + "8"), ("+620", COUNTRY)):
        if bare.startswith(prefix):
            return checked(instead + bare.removeprefix(prefix))
    return checked(bare)


def masked(number: str) -> str:
    """A number of which only the end is shown; `name` or `short` for a sender's name or a short number."""
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return "name"
    if len(digits) <= SHOWN_DIGITS * 2:
        return "short"
    return f"…{digits[-SHOWN_DIGITS:]}"
