"""How an incident ended, and why: one table of which causes go with which outcome.

The words are those of the alarm trade: what was real, what was false and what made it so. Reports
count by them (docs/reports.md), so a word that is here once stays.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from kentongan_server.domain.errors import InvalidError


class Outcome(StrEnum):
    """What it was."""

    REAL = "real"
    FALSE = "false"
    TEST = "test"
    DRILL = "drill"
    NO_ONE_FOUND = "no-one-found"
    DUPLICATE = "duplicate"
    MERGED = "merged"  # its signals are in another incident; set by merging alone


CAUSES: Final[dict[Outcome, tuple[str, ...]]] = {
    Outcome.REAL: ("robbery", "theft", "threat", "violence", "fire", "medical", "accident", "disaster", "other"),
    Outcome.FALSE: ("pressed-by-mistake", "misunderstood", "device-fault", "path-fault", "weather", "prank", "unknown"),
    Outcome.TEST: ("announced", "not-announced"),
    Outcome.DRILL: ("drill",),
    Outcome.NO_ONE_FOUND: ("nobody-there", "gone-on-arrival", "address-not-found"),
    Outcome.DUPLICATE: ("reported-elsewhere",),
    Outcome.MERGED: ("merged",),
}
BY_HAND: Final = tuple(outcome for outcome in Outcome if outcome is not Outcome.MERGED)


def check(outcome: str, cause: str, *, drill: bool) -> Outcome:
    """The outcome, when a person may close with it and this cause.

    Args:
        outcome: as it was chosen.
        cause: as it was chosen.
        drill: the incident belongs to a drill, which can end as nothing else, and nothing else as a drill.

    Raises:
        InvalidError: it is no pair of the table.
    """
    found = next((one for one in BY_HAND if one == outcome), None)
    if found is None:
        raise InvalidError(f"outcome: expected one of {', '.join(BY_HAND)}, got {outcome!r}.")
    if drill != (found is Outcome.DRILL):
        expected = "drill, for this incident belongs to one" if drill else "another, for this incident is no drill"
        raise InvalidError(f"outcome: expected {expected}, got {outcome!r}.")
    if cause not in CAUSES[found]:
        raise InvalidError(f"cause: expected one of {', '.join(CAUSES[found])}, got {cause!r}.")
    return found
