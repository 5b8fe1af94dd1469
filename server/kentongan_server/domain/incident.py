"""An incident: one table of states, and the rule of what rings.

new → acknowledged → closed. Presses of a button whose incident is open join it; a press that was
merged into one of a closed incident opens that incident again, still owned. What rings is
decided alarm by alarm: an alarm rings until somebody has answered it, so a press that comes after
an acknowledgement rings again although the incident stays with its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kentongan_server.domain.errors import CentreError, InvalidError
from kentongan_server.domain.flags import Flag


class State(StrEnum):
    """Where an incident stands."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to an incident."""

    PRESS = "press"
    REPEAT = "repeat"
    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"


# The one table. What is not in it is refused; `None` is a button without an open incident.
TRANSITIONS: dict[tuple[State | None, Event], State] = {
    (None, Event.PRESS): State.NEW,
    (State.NEW, Event.PRESS): State.NEW,
    (State.NEW, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.PRESS): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Event.CLOSE): State.CLOSED,
    (State.NEW, Event.REPEAT): State.NEW,
    (State.ACKNOWLEDGED, Event.REPEAT): State.ACKNOWLEDGED,
    (State.CLOSED, Event.REPEAT): State.ACKNOWLEDGED,
}

OUTCOMES = ("real", "false", "test", "no-one-found")
NOTE_MAX = 4_000  # characters: a few screens of text; longer is a pasted mistake


class TransitionError(CentreError):
    """The incident is in a state in which this cannot happen."""

    code = "conflict"


class RingingError(CentreError):
    """An incident cannot be closed while one of its alarms waits for an answer."""

    code = "ringing"


@dataclass(frozen=True, slots=True)
class Incident:
    """What the rules need to know of an incident.

    Attributes:
        owner: who acknowledged it first; None while it is new.
        newest: id of its newest alarm.
        unanswered: ids of its alarms that nobody has acknowledged, ascending.
    """

    id: int
    state: State
    owner: str | None
    newest: int
    unanswered: tuple[int, ...]

    @property
    def ringing(self) -> bool:
        """Whether somebody must answer now."""
        return self.state is not State.CLOSED and bool(self.unanswered)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What an acknowledgement changes: nothing when `answered` is empty."""

    state: State
    owner: str | None
    answered: tuple[int, ...]


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


def acknowledge(
    incident: Incident, through_alarm: int, who: str, unseen: frozenset[int] = frozenset()
) -> Acknowledgement:
    """Answers the alarms up to `through_alarm`, which is the newest that this operator saw.

    A later one keeps ringing, and so does one of `unseen`: somebody pressed again after the operator
    looked. Answering what is answered already changes nothing and is no error: a repeated request
    after a lost reply must not frighten anybody.

    Raises:
        InvalidError: there is no such alarm yet, so nobody can have seen it.
        TransitionError: the incident is closed.
    """
    if through_alarm > incident.newest:
        raise InvalidError(f"through_alarm: expected at most {incident.newest}, got {through_alarm}.")
    state = step(incident.state, Event.ACKNOWLEDGE)
    answered = tuple(alarm for alarm in incident.unanswered if alarm <= through_alarm)
    answered = tuple(alarm for alarm in answered if alarm not in unseen)
    if not answered:
        return Acknowledgement(incident.state, incident.owner, ())
    return Acknowledgement(state, incident.owner or who, answered)


def close(incident: Incident, outcome: str, note: str) -> State:
    """The state after closing.

    Raises:
        InvalidError: no outcome of `OUTCOMES`, or a note longer than `NOTE_MAX`.
        RingingError: an alarm of it is unanswered.
        TransitionError: it is closed already.
    """
    if outcome not in OUTCOMES:
        raise InvalidError(f"outcome: expected one of {', '.join(OUTCOMES)}, got {outcome!r}.")
    if len(note) > NOTE_MAX:
        raise InvalidError(f"note: expected at most {NOTE_MAX} characters, got {len(note)}.")
    if incident.ringing:
        raise RingingError(
            f"{len(incident.unanswered)} alarm(s) of this incident still ring.", "Acknowledge them first, then close."
        )
    return step(incident.state, Event.CLOSE)
