"""An incident: one table of states, and the rule of what rings.

The terms are those of ISA-18.2 and of dispatch: *parked* is what an alarm system calls shelved, for a
bounded time and by a named person. What rings is decided alarm by alarm, in every state but closed: an
alarm rings until somebody has answered it, so a press that comes after an acknowledgement rings again
although the incident stays with its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kentongan_server.domain.errors import CentreError, InvalidError
from kentongan_server.domain.flags import Flag
from kentongan_wire import receipts


class State(StrEnum):
    """Where an incident stands."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    ON_SCENE = "on-scene"
    PARKED = "parked"
    REOPENED = "reopened"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to an incident."""

    PRESS = "press"
    REPEAT = "repeat"
    ACKNOWLEDGE = "acknowledge"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    WITHDRAW = "withdraw"
    PARK = "park"
    UNPARK = "unpark"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    END_DRILL = "end-drill"


_OWNED = (State.ACKNOWLEDGED, State.DISPATCHED, State.ON_SCENE, State.PARKED, State.REOPENED)
_STAYS = (State.NEW, State.ACKNOWLEDGED, State.DISPATCHED, State.ON_SCENE, State.REOPENED)

# The one table. What is not in it is refused; `None` is a signal without an open incident.
TRANSITIONS: Final[dict[tuple[State | None, Event], State]] = {
    (None, Event.PRESS): State.NEW,
    **{(state, Event.PRESS): state for state in _STAYS},
    (State.PARKED, Event.PRESS): State.ACKNOWLEDGED,
    **{(state, Event.REPEAT): state for state in _STAYS},
    (State.PARKED, Event.REPEAT): State.ACKNOWLEDGED,
    (State.CLOSED, Event.REPEAT): State.REOPENED,
    (State.NEW, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.DISPATCHED, Event.ACKNOWLEDGE): State.DISPATCHED,
    (State.ON_SCENE, Event.ACKNOWLEDGE): State.ON_SCENE,
    (State.PARKED, Event.ACKNOWLEDGE): State.PARKED,
    (State.REOPENED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.DISPATCH): State.DISPATCHED,
    (State.REOPENED, Event.DISPATCH): State.DISPATCHED,
    (State.DISPATCHED, Event.DISPATCH): State.DISPATCHED,
    (State.ON_SCENE, Event.DISPATCH): State.ON_SCENE,
    (State.DISPATCHED, Event.ARRIVE): State.ON_SCENE,
    (State.DISPATCHED, Event.WITHDRAW): State.ACKNOWLEDGED,
    (State.ON_SCENE, Event.WITHDRAW): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.PARK): State.PARKED,
    (State.REOPENED, Event.PARK): State.PARKED,
    (State.PARKED, Event.UNPARK): State.ACKNOWLEDGED,
    **{(state, Event.CLOSE): State.CLOSED for state in _OWNED},
    (State.CLOSED, Event.REOPEN): State.REOPENED,
    (State.NEW, Event.MERGE): State.CLOSED,
    **{(state, Event.MERGE): State.CLOSED for state in _OWNED},
    # A drill ends with everything in it, answered or not.
    (State.NEW, Event.END_DRILL): State.CLOSED,
    **{(state, Event.END_DRILL): State.CLOSED for state in _OWNED},
}

# What the answered presses of an incident in this state are told.
LEVELS: Final[dict[State, int]] = {
    State.NEW: receipts.LEVEL_RECEIVED,
    State.ACKNOWLEDGED: receipts.LEVEL_ACKNOWLEDGED,
    State.PARKED: receipts.LEVEL_ACKNOWLEDGED,
    State.REOPENED: receipts.LEVEL_ACKNOWLEDGED,
    State.DISPATCHED: receipts.LEVEL_DISPATCHED,
    State.ON_SCENE: receipts.LEVEL_ARRIVED,
    State.CLOSED: receipts.LEVEL_CLOSED,
}

NOTE_MAX = 4_000  # characters: a few screens of text; longer is a pasted mistake
PARK_MAX_MS = 12 * 3_600_000  # a shift: what waits for longer is handed over, not parked


class TransitionError(CentreError):
    """The incident is in a state in which this cannot happen."""

    code = "conflict"


class RingingError(CentreError):
    """An incident cannot be closed while one of its alarms waits for an answer."""

    code = "ringing"


class StaleError(CentreError):
    """Something came to the incident that this screen did not show yet."""

    code = "stale"


class OwnedError(CentreError):
    """The incident is somebody else's."""

    code = "owned"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An alarm that nobody has acknowledged; `rung_version` is the incident's when it came or rang last."""

    alarm: int
    rung_version: int


@dataclass(frozen=True, slots=True)
class Incident:
    """What the rules need to know of an incident.

    Attributes:
        owner: who acknowledged it first, or took it over; None while it is new.
        version: counts every change of it.
        rang_version: the version at which its newest alarm came or was pressed again.
        unanswered: its alarms that nobody has acknowledged, ascending.
        reminded_version: the version since which it rings because its park has ended, or of duress; None when
            it does not.
        drill: number of the drill that it belongs to; 0: it is real.
        device: under which it stands; a device has one open incident at most (for review, of a drill).
        recovered: for review after a restore.
    """

    id: int
    state: State
    owner: str | None
    version: int
    rang_version: int
    unanswered: tuple[Unanswered, ...]
    reminded_version: int | None = None
    drill: int = 0
    site: str | None = None
    device: int | None = None
    recovered: bool = False

    @property
    def ringing(self) -> bool:
        """Whether somebody must answer now."""
        return self.state is not State.CLOSED and (bool(self.unanswered) or self.reminded_version is not None)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What an acknowledgement changes: nothing unless it `answers` something."""

    state: State
    owner: str | None
    answered: tuple[int, ...]
    reminder: bool

    @property
    def answers(self) -> bool:
        """Whether there was anything to answer."""
        return bool(self.answered) or self.reminder


def is_for_review(flags: int, latest_ms: int, restored_at_ms: int | None) -> bool:
    """Whether a new alarm goes to an incident for review instead of one that rings.

    Only one that the restored centre has surely confirmed before: offered again, late, and made
    before the restore by what its *button* signed. A gateway that flags a fresh press, and lies
    about the time it held it, hides nothing. When in doubt it is real.

    Args:
        flags: of the alarm.
        latest_ms: see `dating.Dating`.
        restored_at_ms: when the store was restored; None when it never was.
    """
    wanted = Flag.RECOVERED | Flag.LATE
    if restored_at_ms is None or flags & wanted != wanted or flags & Flag.TIME_SUSPECT:
        return False
    return latest_ms < restored_at_ms


def step(state: State | None, event: Event) -> State:
    """The state after the event.

    Raises:
        TransitionError: the table does not have it.
    """
    after = TRANSITIONS.get((state, event))
    if after is None:
        where = state.value if state else "none"
        raise TransitionError(
            f"cannot {event.value} an incident in state {where}.", "Load it again to see who did what."
        )
    return after


def acknowledge(incident: Incident, version: int, who: str) -> Acknowledgement:
    """Answers what came or rang again up to `version`, which is what this operator saw: alarms, and a reminder.

    Later ones keep ringing. Answering what is answered already changes nothing and is no error: a
    repeated request after a lost reply must not frighten anybody.

    Raises:
        InvalidError: there is no such version yet, so nobody can have seen it.
        TransitionError: the incident is closed.
    """
    _check_version(incident, version)
    state = step(incident.state, Event.ACKNOWLEDGE)
    answered = tuple(one.alarm for one in incident.unanswered if one.rung_version <= version)
    reminder = incident.reminded_version is not None and incident.reminded_version <= version
    result = Acknowledgement(state, incident.owner or who, answered, reminder)
    return result if result.answers else Acknowledgement(incident.state, incident.owner, (), reminder=False)


def act(incident: Incident, event: Event, version: int) -> State:
    """The state after what an operator does who saw the incident at `version`.

    Raises:
        InvalidError: there is no such version yet.
        StaleError: a signal came since, or a reminder that nobody has answered.
        TransitionError: the table does not have it.
    """
    _check_version(incident, version)
    rang_version = max(incident.rang_version, incident.reminded_version or 0)
    if version < rang_version and incident.state is not State.CLOSED:
        raise StaleError("this incident rang since your screen showed it.", "Look at it, then try again.")
    return step(incident.state, event)


def check_closing(incident: Incident, note: str) -> None:
    """Whether an incident can be closed with this note (`outcome.check` looks at the rest).

    Raises:
        InvalidError: a note longer than `NOTE_MAX`.
        RingingError: an alarm of it is unanswered.
    """
    check_text("note", note)
    if incident.ringing:
        rings = f"{len(incident.unanswered)} alarm(s) still ring" if incident.unanswered else "it still rings"
        raise RingingError(f"this incident cannot be closed: {rings}.", "Acknowledge first, then close.")


def check_text(name: str, value: str) -> None:
    """Raises `InvalidError` for a text longer than `NOTE_MAX`."""
    if len(value) > NOTE_MAX:
        raise InvalidError(f"{name}: expected at most {NOTE_MAX} characters, got {len(value)}.")


def check_park(until_ms: int, now_ms: int) -> None:
    """Raises `InvalidError` unless the park's end lies ahead, and not further than a shift."""
    if not now_ms < until_ms <= now_ms + PARK_MAX_MS:
        raise InvalidError(f"until_ms: expected a time within the next {PARK_MAX_MS // 3_600_000} h, got {until_ms}.")


def _check_version(incident: Incident, version: int) -> None:
    if version > incident.version:
        raise InvalidError(f"version: expected at most {incident.version}, got {version}.")
