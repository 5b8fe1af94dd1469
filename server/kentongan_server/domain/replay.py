"""What happened to an incident, step by step, with how it stood after each: told from its history alone.

The same table of states that the acts go by (`domain.incident`) says what each line of the history did, so
that a replay cannot tell another story than the one that happened; a property test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kentongan_server.domain.category import Category
from kentongan_server.domain.feed import Row
from kentongan_server.domain.incident import TRANSITIONS, Event, State


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident stood; `unanswered` are ids of alarms, `reminding` a park that ended, or duress.

    The waits of a bell that rang too often (`domain.ringing`) are not told: what is unanswered counts as ringing.
    """

    state: State = State.NEW
    owner: str | None = None
    alarms: frozenset[int] = frozenset()
    unanswered: frozenset[int] = frozenset()
    reminding: bool = False
    dispatched_to: str | None = None
    parked_until_ms: int | None = None
    outcome: str | None = None
    cause: str | None = None
    calls: int = 0

    @property
    def rings(self) -> bool:
        """Whether somebody had to answer."""
        return self.state is not State.CLOSED and (bool(self.unanswered) or self.reminding)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history, and how the incident stood after it; `who` and `words` None once erased."""

    position: int
    at_ms: int
    what: str
    who: str | None
    words: str | None
    facts: Mapping[str, Any]
    after: Standing


def replay(rows: Iterable[Row]) -> list[Step]:
    """The steps of one incident, from its rows of the history, ascending."""
    steps: list[Step] = []
    standing = Standing()
    for row in rows:
        facts: dict[str, Any] = json.loads(row.entry.facts)
        personal: dict[str, Any] = json.loads(row.entry.personal) if row.entry.personal is not None else {}
        standing = _after(standing, row.entry.what, facts, personal)
        who, words = personal.get("who"), personal.get("note")
        steps.append(Step(row.position, row.entry.at_ms, row.entry.what, who, words, facts, standing))
    return steps


# Lines that are an event of the table, and nothing else.
_PLAIN = {"arrived": Event.ARRIVE, "unparked": Event.UNPARK}


def _after(was: Standing, what: str, facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    if what in _PLAIN:
        return _moved(was, _PLAIN[what])
    did = _DID.get(what)
    return did(was, facts, personal) if did is not None else was


def _moved(was: Standing, event: Event) -> Standing:
    """After an event of the table; a line of a history that was written by another table changes no state."""
    state = TRANSITIONS.get((was.state, event), was.state)
    parked_until_ms = was.parked_until_ms if state is State.PARKED else None
    return replace(was, state=state, parked_until_ms=parked_until_ms)


def _pressed(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    alarm = frozenset({facts["alarm"]}) if "alarm" in facts else frozenset()
    return replace(_moved(was, Event.PRESS), alarms=was.alarms | alarm, unanswered=was.unanswered | alarm)


def _repeated(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    rings = facts.get("rings", facts.get("alarm"))
    return replace(_moved(was, Event.REPEAT), unanswered=was.unanswered | ({rings} & was.alarms))


def _called(was: Standing, facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    counted = replace(was, calls=was.calls + 1)
    if not facts.get("opens"):
        return counted
    return replace(_moved(counted, Event.ACKNOWLEDGE), owner=personal.get("who"))


def _acknowledged(was: Standing, facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    owner = was.owner if was.owner is not None else personal.get("who")
    unanswered = was.unanswered - set(facts.get("alarms", ()))
    reminding = was.reminding and facts.get("still_reminding", False)
    return replace(_moved(was, Event.ACKNOWLEDGE), owner=owner, unanswered=unanswered, reminding=reminding)


def _taken(was: Standing, _facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    return replace(was, owner=personal.get("who"))


def _handed_over(was: Standing, _facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    return replace(was, owner=personal.get("to"))


def _dispatched(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    return replace(_moved(was, Event.DISPATCH), dispatched_to=facts.get("to"))


def _withdrawn(was: Standing, _facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    return replace(_moved(was, Event.WITHDRAW), dispatched_to=None)


def _parked(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    return replace(_moved(was, Event.PARK), parked_until_ms=facts.get("until_ms"))


def _park_over(was: Standing, _facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    return replace(_moved(was, Event.UNPARK), reminding=True)


def _asked(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    if facts.get("result") != Category.DURESS:
        return was
    return replace(_moved(was, Event.UNPARK), reminding=True)


def _closed(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    event = Event.END_DRILL if "drill" in facts else Event.CLOSE
    ended = replace(_moved(was, event), outcome=facts.get("outcome"), cause=facts.get("cause"))
    return replace(ended, reminding=False) if event is Event.END_DRILL else ended


def _reopened(was: Standing, facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    """By more presses that were merged into one of it, or by somebody, whose it is then."""
    if "alarm" in facts:
        return replace(_repeated(was, facts, personal), outcome=None, cause=None)
    opened = replace(_moved(was, Event.REOPEN), outcome=None, cause=None, owner=personal.get("who"))
    return replace(opened, calls=was.calls + facts.get("calls", 0))


def _merged(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    gone = replace(_moved(was, Event.MERGE), outcome="merged", cause="merged", reminding=False)
    return replace(gone, alarms=frozenset(), unanswered=frozenset(), calls=was.calls - facts.get("calls", 0))


def _gained(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    moved, unanswered = frozenset(facts.get("moved", ())), frozenset(facts.get("unanswered", ()))
    return replace(was, alarms=was.alarms | moved, unanswered=was.unanswered | unanswered)


def _merged_in(was: Standing, facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    """What came may bring its owner, its help and what it reminded of (`domain.merging`)."""
    now = _gained(was, facts, personal)
    state = State(facts["state"]) if "state" in facts else now.state
    return replace(
        now,
        state=state,
        calls=now.calls + facts.get("calls", 0),
        owner=personal.get("owner", now.owner),
        dispatched_to=facts.get("dispatched_to", now.dispatched_to),
        reminding=now.reminding or bool(facts.get("reminding")),
        parked_until_ms=facts.get("parked_until_ms", now.parked_until_ms) if state is State.PARKED else None,
    )


def _split(was: Standing, facts: Mapping[str, Any], _personal: Mapping[str, Any]) -> Standing:
    moved = frozenset(facts.get("moved", ()))
    calls = was.calls - facts.get("calls", 0)
    return replace(was, alarms=was.alarms - moved, unanswered=was.unanswered - moved, calls=calls)


def _split_off(was: Standing, facts: Mapping[str, Any], personal: Mapping[str, Any]) -> Standing:
    owner = personal.get("owner")
    begun = was if owner is None else replace(_moved(was, Event.ACKNOWLEDGE), owner=owner)
    return _gained(begun, facts, personal)


_DID = {
    "opened": _pressed,
    "alarm": _pressed,
    "repeated": _repeated,
    "call": _called,
    "acknowledged": _acknowledged,
    "taken": _taken,
    "handed-over": _handed_over,
    "dispatched": _dispatched,
    "withdrawn": _withdrawn,
    "parked": _parked,
    "park-over": _park_over,
    "pass-phrase": _asked,
    "closed": _closed,
    "reopened": _reopened,
    "merged": _merged,
    "merged-in": _merged_in,
    "split": _split,
    "split-off": _split_off,
}
