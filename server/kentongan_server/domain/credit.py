"""What is known of a SIM's credit, when it is asked for, and when it is time to top up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

EXPIRES_WITHIN = timedelta(days=7)  # topping up takes somebody a walk to a shop, on a working day
ASK_EVERY_MS = 86_400_000  # once a day …
ASK_AFTER_TEXTS = 20  # … and after so many texts: some 7,000 rupiah
ASK_AGAIN_MS = 3_600_000  # after a question without an answer


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
