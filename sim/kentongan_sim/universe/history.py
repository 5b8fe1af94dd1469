"""What the oracle knows of one life of the centre's store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kentongan_sim.universe.reading import Identity


@dataclass(slots=True)
class Alarm:
    """A row of the centre's table."""

    identity: Identity
    level: int
    revision: int
    repeats: int
    answered: bool
    incident: int


@dataclass(slots=True)
class History:
    """One life of the centre's store, from its making or from a backup on.

    Attributes:
        granted: press → revision → level that was ever committed.
        acts: (incident, through alarm, feed position of what was seen) of the operators.
        judged: the alarms' rows at the last look.
        pressed_after: alarm → feed position after which it was pressed again, of the last time.
        forged: (gateway, button's frame) → Unix ms at which it came to that gateway, of what was refused.
    """

    incarnation: int
    granted: dict[Identity, dict[int, int]] = field(default_factory=dict)
    alarms: dict[int, Alarm] = field(default_factory=dict)
    rows: dict[int, tuple[object, ...]] = field(default_factory=dict)
    judged: list[tuple[Any, ...]] = field(default_factory=list)
    by_identity: dict[Identity, int] = field(default_factory=dict)
    acts: list[tuple[int, int, int]] = field(default_factory=list)
    pressed_after: dict[int, int] = field(default_factory=dict)
    closes: set[int] = field(default_factory=set)
    position: int = 0
    head: bytes = bytes(32)
    forged: dict[tuple[int, bytes], list[int]] = field(default_factory=dict)
    texted: dict[Identity, int] = field(default_factory=dict)
    counters: dict[int, int] = field(default_factory=dict)

    def forged_of(self) -> Counter[str]:
        """How many refusals the list must show at least, of each gateway."""
        owed: Counter[str] = Counter()
        for (gateway, _), arrivals in self.forged.items():
            owed[f"{gateway:08x}"] += len(arrivals)
        return owed
