"""What operators do to an incident, inside the store's transaction: each act is a compare-and-set on what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kentongan_server.application import plans
from kentongan_server.application.ports import AlarmRef, Transaction
from kentongan_server.domain import incident as rules
from kentongan_server.domain import merging
from kentongan_server.domain import outcome as outcomes
from kentongan_server.domain.category import Category
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.incident import Event, Incident, OwnedError, State
from kentongan_server.domain.receipt_level import moved_to

# What response times are measured to, and whose case it is: a second unit that is sent, or comes, does not move it.
_ONCE: Mapping[Event, tuple[str, ...]] = {
    Event.DISPATCH: ("dispatched_at_ms", "agency"),
    Event.ARRIVE: ("arrived_at_ms",),
}


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to which incident, as it was on the screen, and when (Unix ms)."""

    incident: int
    version: int
    who: str
    at_ms: int


def find(transaction: Transaction, incident_id: int) -> Incident:
    """Raises `NotFoundError` when there is no such incident."""
    found = transaction.incident(incident_id)
    if found is None:
        raise NotFoundError(f"there is no incident {incident_id}.")
    return found


def acknowledge(transaction: Transaction, act: Act) -> list[AlarmRef]:
    """The alarms that this acknowledgement answered, as they stand now."""
    found = find(transaction, act.incident)
    result = rules.acknowledge(found, act.version, act.who)
    if not result.answers:
        return []
    changes: dict[str, object] = {"state": str(result.state)}
    if result.reminder:
        changes["reminded_at_ms"] = None
    if found.owner is None:
        changes |= {"owner": act.who, "acknowledged_at_ms": act.at_ms, **plans.fixed_for(transaction, found)}
    transaction.change(act.incident, changes)
    answered = []
    for alarm in transaction.alarms_of(act.incident):
        if alarm.id in result.answered:
            standing = moved_to(alarm.standing, rules.LEVELS[result.state])
            transaction.answer(alarm.id, standing, act.who, act.at_ms)
            answered.append(replace(alarm, standing=standing, answered=True))
    facts = {"alarms": list(result.answered), "still_ringing": len(found.unanswered) - len(result.answered)}
    if found.reminded_version is not None and not result.reminder:
        facts["still_reminding"] = True
    remember(transaction, act, "acknowledged", facts)
    return answered


def move(
    transaction: Transaction,
    act: Act,
    event: Event,
    what: str,
    changes: Mapping[str, object] | None = None,
    facts: Mapping[str, Any] | None = None,
    words: str = "",
) -> list[AlarmRef]:
    """One step of the table by a person; the alarms whose receipt changes with it, as they stand now.

    `what` is the word of the history, `changes` are columns beside the state, `words` what the person wrote.
    """
    rules.check_text("text", words)
    state = rules.act(find(transaction, act.incident), event, act.version)
    parked = {} if state is State.PARKED else {"parked_until_ms": None}
    transaction.change(act.incident, {"state": str(state), **parked, **(changes or {})}, _ONCE.get(event, ()))
    told = _tell_answered(transaction, act.incident, state)
    remember(transaction, act, what, facts or {}, words)
    return told


def take(transaction: Transaction, act: Act, *, may_always: bool, over: bool) -> list[AlarmRef]:
    """Makes the incident one's own.

    `may_always`: the role allows it while its owner is at work. `over`: the person knows that it is somebody else's.

    Raises:
        OwnedError: it is somebody else's, who has not gone or was not to be asked.
    """
    found = find(transaction, act.incident)
    if found.state in (State.NEW, State.CLOSED):
        rules.step(found.state, Event.CLOSE)  # nobody owns what is new or over: acknowledge, or reopen it
    if found.owner == act.who:
        return []
    if found.owner is not None and not over:
        raise OwnedError(f"this incident is {found.owner}'s.", "Say that you take it over.")
    if found.owner is not None and not may_always and transaction.has_session(found.owner, act.at_ms):
        raise OwnedError(f"{found.owner} is at work and owns this incident.", "Ask them, or a supervisor.")
    transaction.change(act.incident, {"owner": act.who})
    remember(transaction, act, "taken", {}, more={"from": found.owner})
    return []


def close(transaction: Transaction, act: Act, outcome: str, cause: str, note: str) -> list[AlarmRef]:
    """Closes the incident with what it was; all its alarms, as they stand now."""
    found = find(transaction, act.incident)
    ended = outcomes.check(outcome, cause, drill=found.drill != 0)
    rules.check_closing(found, note)
    rules.act(found, Event.CLOSE, act.version)  # what is stale or over is told before what is not finished
    plans.check_closing(transaction, act.incident)
    changes = {"closed_by": act.who, "closed_at_ms": act.at_ms, "outcome": str(ended), "cause": cause, "note": note}
    return move(transaction, act, Event.CLOSE, "closed", changes, {"outcome": str(ended), "cause": cause}, note)


def reopen(transaction: Transaction, act: Act, why: str) -> list[AlarmRef]:
    """Opens a closed incident again, for whoever does it."""
    found = find(transaction, act.incident)
    if found.state is State.CLOSED and transaction.merged_into(act.incident) is not None:
        return _unmerge(transaction, act, why)
    if found.state is State.CLOSED:
        if found.drill and transaction.drill_ended(found.drill):
            raise rules.TransitionError("the drill of this incident has ended.", "Start another drill.")
        _refuse_a_second(transaction, found, found.device)
    changes = {**UNCLOSED, "owner": act.who}
    return move(transaction, act, Event.REOPEN, "reopened", changes, {}, why)


def _unmerge(transaction: Transaction, act: Act, why: str) -> list[AlarmRef]:
    """The calls that were taken down in it come back, with whoever does it; alarms stay where they are worked on."""
    left = transaction.calls_back(act.incident)
    if not left:
        raise rules.TransitionError("this incident was merged into another one.", "Open that one, or split it.")
    for incident, calls in left:
        transaction.change(incident, {})
        facts = {"into": act.incident, "alarms": 0, "calls": calls}
        remember(transaction, replace(act, incident=incident), "split", facts)
    back = {"source": "call", "device": None, "merged_into": None, "owner": act.who, **UNCLOSED}
    calls = sum(count for _, count in left)
    return move(transaction, act, Event.REOPEN, "reopened", back, {"calls": calls}, why)


def _refuse_a_second(transaction: Transaction, found: Incident, device: int | None) -> None:
    """Raises `TransitionError` when another open incident stands under the device: one is all there may be."""
    if device is None:
        return
    other = transaction.open_incident(device, recovered=found.recovered, drill=found.drill)
    if other is not None and other[0] != found.id:
        raise rules.TransitionError(
            f"this button has incident {other[0]}, which is open.", "Go on there, or close or merge that one first."
        )


UNCLOSED: Mapping[str, object] = {
    "closed_by": None,
    "closed_at_ms": None,
    "outcome": None,
    "cause": None,
    "note": None,
}


def park_is_over(transaction: Transaction, incident_id: int, at_ms: int) -> bool:
    """The time of a parked incident has come: it rings, for whoever answers; False when it is parked no more."""
    found = find(transaction, incident_id)
    if found.state is not State.PARKED:
        return False
    state = rules.step(found.state, Event.UNPARK)
    changes = {"state": str(state), "parked_until_ms": None, "reminded_at_ms": at_ms}
    transaction.change(incident_id, changes)
    transaction.append(Entry(at_ms, Kind.INCIDENT, "park-over", str(incident_id), canonical({})))
    return True


def merge(transaction: Transaction, act: Act, into: int) -> list[AlarmRef]:
    """All signals of the incident go to another one of the same site; this one is closed as merged."""
    found, target = find(transaction, act.incident), find(transaction, into)
    if into == act.incident:
        raise InvalidError("into: expected another incident, got the same one.")
    if target.state is State.CLOSED:
        raise rules.TransitionError("the other incident is closed.", "Reopen it first, or choose another one.")
    if found.site is not None and target.site is not None and found.site != target.site:
        raise InvalidError("into: expected an incident of the same site, got one of another.")
    if found.drill != target.drill:
        raise InvalidError("into: a drill and what is real are never one incident.")
    rules.act(found, Event.MERGE, act.version)
    signals = _signals(transaction, act.incident)
    gained = merging.gained(
        transaction.side(act.incident), transaction.side(into), unanswered=bool(signals["unanswered"])
    )
    if "category" in gained and (target.owner is not None or "owner" in gained):
        there = replace(target, site=target.site or found.site)
        gained |= plans.fixed_for(transaction, there, Category(str(gained["category"])))
    # It is closed first: the other one may stand under its device from then on.
    closing = {"closed_by": act.who, "closed_at_ms": act.at_ms, "outcome": "merged", "cause": "merged"}
    state = rules.step(found.state, Event.MERGE)
    transaction.change(
        act.incident,
        {"state": str(state), "parked_until_ms": None, "reminded_at_ms": None, "merged_into": into, **closing},
    )
    version = transaction.change(into, gained)
    transaction.move_alarms(act.incident, into, version)
    calls = transaction.move_calls(act.incident, into)
    signals |= {"calls": calls} if calls else {}
    remember(transaction, act, "merged", {"into": into, **signals})
    told: dict[str, object] = {"reminding": True} if "reminded_at_ms" in gained else {}
    told |= {name: gained[name] for name in ("state", "dispatched_to", "parked_until_ms") if name in gained}
    owner = {"owner": gained["owner"]} if "owner" in gained else {}
    facts = {"from": act.incident, **signals, **told}
    remember(transaction, replace(act, incident=into), "merged-in", facts, more=owner)
    return _tell_answered(transaction, into, State(str(gained.get("state", target.state))))


def split(transaction: Transaction, act: Act, device: int) -> tuple[int, list[AlarmRef]]:
    """All alarms of one button go to an incident of their own, with the same owner; its id.

    Whoever was sent goes where they were sent, so the alarms of the new one are told that nobody is on the way.
    """
    found = find(transaction, act.incident)
    rules.act(found, Event.ACKNOWLEDGE, act.version)
    _refuse_a_second(transaction, found, device)
    other = transaction.other_device(act.incident, device)
    if other is None:
        _check_leaves_calls(transaction, act.incident, device)
    made = transaction.split_incident(act.incident, device, other, act.at_ms)
    signals = _signals(transaction, act.incident, device)
    transaction.move_alarms(act.incident, made, 1, device)
    remember(transaction, act, "split", {"into": made, **signals})
    owner = {"owner": found.owner} if found.owner is not None else {}
    remember(transaction, replace(act, incident=made), "split-off", {"from": act.incident, **signals}, more=owner)
    state = State.NEW if found.owner is None else State.ACKNOWLEDGED
    return made, _tell_answered(transaction, made, state)


def _check_leaves_calls(transaction: Transaction, incident: int, device: int) -> None:
    """Raises unless what is left without the button is an incident of calls alone."""
    devices = {one.identity.device for one in transaction.alarms_of(incident)}
    if device in devices and len(devices) > 1:
        raise rules.TransitionError("the other buttons have open incidents of their own.", "Merge with those.")
    if devices != {device} or not transaction.calls_of(incident):
        raise InvalidError("device: expected one of several buttons of this incident.", "One alone stays where it is.")


def _signals(transaction: Transaction, incident: int, device: int | None = None) -> dict[str, Any]:
    """The alarms (of one button) that are about to go elsewhere, for the history: which, and which are unanswered."""
    going = [one for one in transaction.alarms_of(incident) if device in (None, one.identity.device)]
    return {
        "alarms": len(going),
        "moved": [one.id for one in going],
        "unanswered": [one.id for one in going if not one.answered],
    }


def note(transaction: Transaction, act: Act, words: str) -> list[AlarmRef]:
    """A remark with its time; anybody's, on any incident."""
    find(transaction, act.incident)
    rules.check_text("text", words)
    if not words.strip():
        raise InvalidError("text: expected some words, got none.")
    transaction.change(act.incident, {})
    remember(transaction, act, "noted", {}, words)
    return []


def remember(
    transaction: Transaction,
    act: Act,
    what: str,
    facts: Mapping[str, Any],
    words: str = "",
    more: Mapping[str, Any] | None = None,
) -> None:
    """A line of the history; names and words are its personal part."""
    personal = {"who": act.who, **({"note": words} if words else {}), **(more or {})}
    transaction.append(
        Entry(act.at_ms, Kind.INCIDENT, what, str(act.incident), canonical(dict(facts)), canonical(personal))
    )


def _tell_answered(transaction: Transaction, incident_id: int, state: State) -> list[AlarmRef]:
    """Moves the receipts of all answered alarms to what the state says."""
    told = []
    for alarm in transaction.alarms_of(incident_id):
        standing = moved_to(alarm.standing, rules.LEVELS[state])
        if alarm.answered and standing != alarm.standing:
            transaction.set_standing(alarm.id, standing)
            told.append(replace(alarm, standing=standing))
    return told
