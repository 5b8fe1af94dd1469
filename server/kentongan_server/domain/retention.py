"""How long what identifies a citizen is kept (UU PDP 27/2022: no longer than needed); the case record stays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DAY_MS: Final = 86_400_000
# A place of which this many decimals are left is a square of some 1.1 km: a district, for statistics, no house.
COARSE_DECIMALS: Final = 2


class Rule(StrEnum):
    """What expires together."""

    CALLER = "caller"  # number, name and words of calls, and the lines of the history that say them
    EXACT_PLACE = "exact-place"  # address and coordinates that a caller gave
    CALLER_DIGEST = "caller-digest"  # by what a caller is known again, and prank marks
    ACCESS = "access"  # names in the lines of the history about log-ins


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how many days what each rule is about is kept."""

    caller_days: int
    exact_place_days: int
    caller_digest_days: int
    access_days: int

    def days(self, rule: Rule) -> int:
        """Of one rule."""
        return {
            Rule.CALLER: self.caller_days,
            Rule.EXACT_PLACE: self.exact_place_days,
            Rule.CALLER_DIGEST: self.caller_digest_days,
            Rule.ACCESS: self.access_days,
        }[rule]

    def before_ms(self, rule: Rule, now_ms: int) -> int:
        """What is older than this (Unix ms) has expired."""
        return now_ms - self.days(rule) * DAY_MS


def coarse(degrees: float) -> float:
    """What stays of a coordinate."""
    return round(degrees, COARSE_DECIMALS)
