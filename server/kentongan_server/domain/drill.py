"""Drills: what one may be, and what it must never reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.incident import Incident
from kentongan_wire import press

NAME_MAX = 100  # characters
MINUTES_MAX = 240  # four hours: half a shift; a drill that nobody ends must not look like a night's alarms
ALARMS_MAX = 50  # a city's whole Friday, and few enough for one transaction
MINUTE_MS = 60_000

KINDS: Final[Mapping[str, int]] = {
    "hold-up": press.KIND_HOLD_UP,
    "duress": press.KIND_DURESS,
    "medical": press.KIND_MEDICAL,
    "fire": press.KIND_FIRE,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One alarm of a drill: which button seems to be pressed, of which kind, and when (Unix ms)."""

    device: int
    kind: int
    due_at_ms: int


def check(name: str, minutes: int, planned: Sequence[tuple[str, int]]) -> None:
    """Whether there can be such a drill.

    Args:
        name: what people call it.
        minutes: how long it lasts.
        planned: of each alarm its kind, and after how many seconds it comes.

    Raises:
        InvalidError: there cannot.
    """
    if not name.strip() or len(name) > NAME_MAX:
        raise InvalidError(f"name: expected 1 to {NAME_MAX} characters, got {len(name.strip())}.")
    if not 1 <= minutes <= MINUTES_MAX:
        raise InvalidError(f"minutes: expected 1 to {MINUTES_MAX}, got {minutes}.")
    if not 1 <= len(planned) <= ALARMS_MAX:
        raise InvalidError(f"alarms: expected 1 to {ALARMS_MAX}, got {len(planned)}.")
    for kind, in_s in planned:
        if kind not in KINDS:
            raise InvalidError(f"kind: expected one of {', '.join(KINDS)}, got {kind[:40]!r}.")
        if not 0 <= in_s < minutes * 60:
            raise InvalidError(f"in_s: expected 0 to {minutes * 60 - 1}, before the drill ends, got {in_s}.")


def sequence_of(drill: int) -> int:
    """The sequence of a drill's alarms: below 0, where no press can ever be."""
    return -drill


def may_reach_units(incident: Incident) -> bool:
    """Whether anybody may be sent, called or texted for it. Whatever tells units must ask this first."""
    return incident.drill == 0
