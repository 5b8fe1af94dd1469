"""Which open incident a new signal belongs to. Joining groups, it never silences: what joins rings by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Two buttons of one site this close together tell of one event: a robbery lasts 27 s to 3 min (FIELD), and
# whoever hid presses when it is over.
WINDOW_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open incident of the signal's site; times in Unix ms.

    Attributes:
        is_own: it already has a signal of the same button.
        last_signal_at_ms: when its newest signal came.
    """

    incident: int
    is_own: bool
    last_signal_at_ms: int


def joins(candidates: Sequence[Candidate], at_ms: int) -> int | None:
    """The incident that a signal at `at_ms` joins; None when it opens one of its own.

    A button's own incident comes first, however old it is: a case has one row for as long as it is open.
    """
    own = [one for one in candidates if one.is_own]
    near = [one for one in candidates if abs(at_ms - one.last_signal_at_ms) <= WINDOW_MS]
    best = max(own or near, key=lambda one: (one.last_signal_at_ms, one.incident), default=None)
    return best.incident if best else None
