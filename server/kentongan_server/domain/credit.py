"""What an operator's answer about the credit says, and when it is time to top up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

EXPIRES_WITHIN = timedelta(days=7)  # topping up takes somebody a walk to a shop, on a working day
ASK_EVERY_MS = 86_400_000  # once a day …
ASK_AFTER_TEXTS = 20  # … and after so many texts: some 7,000 rupiah
ASK_AGAIN_MS = 3_600_000  # after a question without an answer

_RUPIAH = re.compile(r"Rp\.?\s*(\d[\d.,]*)", re.IGNORECASE | re.ASCII)
_CENTS = re.compile(r"[.,]\d{2}$", re.ASCII)
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ](\d{4}|\d{2})(?!\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", re.ASCII)
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan",
            "feb peb",
            "mar",
            "apr",
            "mei may",
            "jun",
            "jul",
            "agu aug ags",
            "sep",
            "okt oct",
            "nov nop",
            "des dec",
        ),
        1,
    )
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class Credit:
    """What is known of a SIM's credit; None for what nobody said."""

    balance: int | None = None
    valid_until: date | None = None

    def merged(self, newer: Credit) -> Credit:
        """What is known after another answer, which may say only a part."""
        balance = self.balance if newer.balance is None else newer.balance
        return Credit(balance, newer.valid_until or self.valid_until)

    def is_low(self, least: int) -> bool:
        """Whether it is less than this (rupiah)."""
        return self.balance is not None and self.balance < least

    def expires(self, today: date) -> bool:
        """Whether the SIM stops within `EXPIRES_WITHIN`, or has stopped."""
        return self.valid_until is not None and self.valid_until - today <= EXPIRES_WITHIN


def parse(answer: str) -> Credit:
    """What an operator's words say: the first sum in rupiah and the first date; None for what is not there."""
    found = _RUPIAH.search(answer)
    balance = None
    if found:
        digits = re.sub(r"[.,]", "", _CENTS.sub("", found[1].rstrip(".,")))
        balance = int(digits[:12])
    return Credit(balance, _date(answer))


def _date(answer: str) -> date | None:
    for pattern, order in ((_YEAR_FIRST, (1, 2, 3)), (_DAY_FIRST, (3, 2, 1))):
        for found in pattern.finditer(answer):
            year, month, day = (found[part] for part in order)
            number = int(month) if month.isdecimal() else _MONTHS.get(month[:3].lower(), 0)
            try:
                return date(int(year) + (2_000 if len(year) == 2 else 0), number, int(day))
            except ValueError:
                continue
    return None


class CreditClock:
    """When a SIM's credit is asked for; monotonic ms."""

    def __init__(self) -> None:
        self._due_ms: int | None = None
        self._texts = 0

    def texted(self) -> None:
        """A message was sent."""
        self._texts += 1

    def is_due(self, now_ms: int) -> bool:
        return self._due_ms is None or now_ms >= self._due_ms or self._texts >= ASK_AFTER_TEXTS

    def asked(self, now_ms: int, *, answered: bool) -> None:
        """The operator was asked."""
        self._due_ms = now_ms + (ASK_EVERY_MS if answered else ASK_AGAIN_MS)
        self._texts = 0
