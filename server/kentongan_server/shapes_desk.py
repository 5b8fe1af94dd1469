"""What the HTTP interface says of callers, drills, hand-overs and replays. Times are Unix ms."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from kentongan_server.shapes import Post, Site


class EarlierCall(TypedDict):
    """One of a caller's earlier calls; `outcome` null while its incident is open."""

    at_ms: int
    category: str
    outcome: str | None
    incident: int


class Caller(TypedDict):
    """What is known of a number, also when the number itself has expired; newest call first."""

    calls: int
    pranks: int
    newest: list[EarlierCall]


class DrillAlarm(TypedDict):
    """What rings when in a drill; `alarm` once it has rung."""

    device: str
    site: Site
    post: Post | None
    kind: str
    due_at_ms: int
    alarm: int | None


class Drill(TypedDict):
    """A drill; `ended_by` null while it runs, and when its time was over."""

    id: int
    name: str
    started_by: str
    started_at_ms: int
    ends_at_ms: int
    ended_at_ms: int | None
    ended_by: str | None
    alarms: list[DrillAlarm]


class Drills(TypedDict):
    """Drills, true for this feed position; newest first."""

    position: int
    drills: list[Drill]


class HandOver(TypedDict):
    """A shift's end; `head`: POSITION:HASH of the history just before, as `kentongan audit verify --head` takes it.

    `signed`: how the taker did, `password` or `passkey`.
    """

    id: int
    at_ms: int
    given_by: str
    taken_by: str
    note: str
    incidents: list[int]
    head: str
    signed: str


class Taker(TypedDict):
    """Somebody who may take a shift; `passkey`: they can sign with one."""

    name: str
    full_name: str
    passkey: bool


class Takers(TypedDict):
    """Who may take a shift, by name."""

    takers: list[Taker]


class HandOvers(TypedDict):
    """Hand-overs, newest first."""

    hand_overs: list[HandOver]


class HandedCase(TypedDict):
    """An incident on the page of a hand-over, as it stands now."""

    id: int
    category: str
    priority: int
    state: str
    opened_at_ms: int
    site: Site | None
    address: str


class HandOverPage(HandOver):
    """A hand-over with its incidents."""

    cases: list[HandedCase]


class Standing(TypedDict):
    """How an incident stood."""

    state: str
    owner: str | None
    rings: bool
    alarms: int
    unanswered: int
    calls: int
    dispatched_to: str | None
    parked_until_ms: int | None
    outcome: str | None
    cause: str | None


class ReplayStep(TypedDict):
    """What happened, and how the incident stood after it."""

    position: int
    at_ms: int
    what: str
    who: str | None
    words: str | None
    facts: dict[str, Any]
    after: Standing


class Replay(TypedDict):
    """Everything that happened to an incident, in order; `more`: it was cut at the limit."""

    incident: int
    steps: list[ReplayStep]
    more: bool
