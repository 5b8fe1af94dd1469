"""What becomes of an incident that gets all signals of another one: nothing of their urgency or help is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kentongan_server.domain import category
from kentongan_server.domain.category import Category
from kentongan_server.domain.incident import Event, State, step

# How far help has come: the further one goes on, so that no guard sees help withdrawn that is on its way.
_FAR: Final[dict[State, int]] = {
    State.NEW: 0,
    State.ACKNOWLEDGED: 1,
    State.PARKED: 1,
    State.REOPENED: 1,
    State.DISPATCHED: 2,
    State.ON_SCENE: 3,
}
_HELP: Final = ("dispatched_to", "dispatched_at_ms", "arrived_at_ms", "agency")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as it stands before; times in Unix ms."""

    state: State
    category: Category
    recovered: bool
    device: int | None
    site: str | None
    owner: str | None
    acknowledged_at_ms: int | None
    plan: int | None
    reminded_at_ms: int | None
    parked_until_ms: int | None
    dispatched_to: str | None
    dispatched_at_ms: int | None
    arrived_at_ms: int | None
    agency: str | None
    address: str | None
    latitude: float | None
    longitude: float | None


def gained(source: Side, target: Side, *, unanswered: bool) -> dict[str, object]:
    """The columns of the target that change; `unanswered` alarms move there, which ring at once."""
    changes: dict[str, object] = _urgency(source, target) | _park(source, target, unanswered) | _help(source, target)
    for name in ("site", "owner", "acknowledged_at_ms", "plan"):
        if getattr(target, name) is None and getattr(source, name) is not None:
            changes[name] = getattr(source, name)
    if source.reminded_at_ms is not None:  # it rings anew there, for nobody has seen it in the other one
        changes["reminded_at_ms"] = target.reminded_at_ms or source.reminded_at_ms
    if target.address is None and target.latitude is None and source.address is not None:
        # What a caller said of the place, exact, goes before what is known of the site.
        changes |= {"address": source.address, "latitude": source.latitude, "longitude": source.longitude}
    if unanswered:
        changes["quiet_until_ms"] = None
    return changes


def _urgency(source: Side, target: Side) -> dict[str, object]:
    """What is for review stays behind all others, unless something real comes to it: then it is real."""
    if source.recovered:
        return {}
    now = category.worse(target.category, source.category)
    if target.recovered:
        # It stands under the device of what comes, which no other open incident of that device can be in the way of.
        return {"category": str(now), "priority": category.PRIORITIES[now], "recovered": 0, "device": source.device}
    return {} if now is target.category else {"category": str(now), "priority": category.PRIORITIES[now]}


def _park(source: Side, target: Side, unanswered: bool) -> dict[str, object]:  # noqa: FBT001
    """Nothing that rings or is worked on is put off by what it comes to; of two parks the shorter one counts."""
    if target.state is not State.PARKED:
        return {}
    if source.state is not State.PARKED or unanswered or source.reminded_at_ms is not None:
        return {"state": str(step(State.PARKED, Event.PRESS)), "parked_until_ms": None}
    ends = [side.parked_until_ms for side in (source, target) if side.parked_until_ms is not None]
    return {"parked_until_ms": min(ends)}


def _help(source: Side, target: Side) -> dict[str, object]:
    if _FAR[source.state] <= _FAR[target.state]:
        return {}
    # Nobody waits for the park of an incident that is closed: what it became is answered.
    state = State.ACKNOWLEDGED if source.state is State.PARKED else source.state
    mine = {name: getattr(target, name) or getattr(source, name) for name in _HELP}
    if target.state is not State.DISPATCHED:  # whom a reopened one was sent long ago are not on their way
        mine["dispatched_to"] = source.dispatched_to
    return {"state": str(state), **{name: value for name, value in mine.items() if value is not None}}
