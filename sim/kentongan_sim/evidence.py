"""What was seen during a run, in plain values: the oracle judges this and nothing else.

Times are milliseconds of one clock, the monotonic clock of the demo's own process, taken when
something reached it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

# (device, sequence, nonce in hex): the identity of a press, for ever.
Identity = tuple[int, int, str]


def now_ms() -> float:
    """The clock of all evidence, ms."""
    return time.monotonic_ns() / 1e6


def show(identity: Identity) -> str:
    """An identity for people."""
    device, sequence, nonce = identity
    return f"{device:08x} #{sequence} {nonce}"


@dataclass(frozen=True)
class LampSeen:
    """A button changed what it shows.

    Attributes:
        shown: the receipt level that the lamp now claims.
        committed: the level that the centre's database held at that very moment, None without a row.
    """

    identity: Identity
    shown: int
    committed: int | None
    at_ms: float

    @property
    def lies(self) -> bool:
        """Whether it shows more than anybody had done: 0 claims nothing and needs nothing."""
        return self.shown > (self.committed or 0)


@dataclass(frozen=True)
class BlinkSeen:
    """What the rhythm of the lamp's own pin claims, whatever the firmware says about it.

    Attributes:
        claimed: the receipt level that a guard reads from it.
        committed: the highest level that the database held then for the button's two newest presses.
    """

    device: int
    claimed: int
    committed: int
    at_ms: float


@dataclass(frozen=True)
class StreamSeen:
    """One event of the console's live stream. `position` is its place in the feed."""

    position: int
    event: str
    data: dict[str, Any]
    at_ms: float


@dataclass(frozen=True)
class AlarmRow:
    """An alarm as the database holds it at the end.

    Attributes:
        path: what brought it first (docs/wire-protocol.md); 0 for nothing.
        by_centre: no button's: the centre suspects an attack on a site, or sees many sites gone.
    """

    identity: Identity
    incident: int
    site: str
    level: int
    path: int = 1
    by_centre: bool = False


@dataclass(frozen=True)
class IncidentRow:
    """An incident as the database holds it at the end; `state` is new, acknowledged or closed."""

    id: int
    site: str
    state: str


@dataclass(frozen=True)
class FinalState:
    """What the database holds when everything has come to rest.

    `feed_positions` are those of the kinds that the stream carries.
    """

    alarms: tuple[AlarmRow, ...]
    incidents: tuple[IncidentRow, ...]
    feed_positions: tuple[int, ...]
    rejected_frames: int


@dataclass
class Evidence:
    """Everything seen so far.

    Attributes:
        asked: presses that the presser's fingers made, each with its device and the time of the contact.
        pressed: identity → when the button decided (t0).
        unsaved: presses that went out although their journal could not be written: a power cut then loses what
            nobody else has, and the lamp.
        stored: identity → when the button verified the gateway's hop answer.
        lamps: every change of a lamp.
        blinks: every blink whose rhythm could be read.
        stream: every event of the console's stream, in the order of arrival.
        received: presses whose button has a receipt: its journal may forget them.
        acknowledgements: identity → when an operator's hand was on the key that answered it.
        forged_injected: frames that must be rejected, each once.
        replayed_injected: copies of real frames, which must change nothing.
        paths_cut: somebody took whole sites their paths, so the centre may rightly suspect an attack.
    """

    asked: list[tuple[int, float]] = field(default_factory=list)
    pressed: dict[Identity, float] = field(default_factory=dict)
    stored: dict[Identity, float] = field(default_factory=dict)
    lamps: list[LampSeen] = field(default_factory=list)
    blinks: list[BlinkSeen] = field(default_factory=list)
    stream: list[StreamSeen] = field(default_factory=list)
    stream_start: int = 0
    received: set[Identity] = field(default_factory=set)
    acknowledgements: dict[Identity, float] = field(default_factory=dict)
    forged_injected: int = 0
    replayed_injected: int = 0
    pressed_twice: list[Identity] = field(default_factory=list)
    unsaved: list[Identity] = field(default_factory=list)
    paths_cut: bool = False

    def note_pressed(self, identity: Identity, at_ms: float, *, saved: bool = True) -> None:
        """A button decided that it was pressed, and has it in its journal or not."""
        if not saved:
            self.unsaved.append(identity)
        if identity in self.pressed:
            self.pressed_twice.append(identity)
        else:
            self.pressed[identity] = at_ms

    def unanswered(self, device: int) -> int:
        """How many presses of this button have no receipt yet."""
        return sum(identity[0] == device and identity not in self.received for identity in self.pressed)

    def note_stored(self, identity: Identity, at_ms: float) -> None:
        """The first hop answer for this press."""
        self.stored.setdefault(identity, at_ms)

    def note_acknowledged(self, identity: Identity, at_ms: float) -> None:
        """The first acknowledgement for this press."""
        self.acknowledgements.setdefault(identity, at_ms)
