"""Judges a run: what was pressed, what rang, what was shown, what was true.

It knows nothing of the server's code: presses come from the buttons' own traces, facts from raw
SQL, the operator's view from the public stream.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kentongan_sim.evidence import Evidence, FinalState, Identity, show
from kentongan_sim.figures import figure

RECEIVED = 1  # docs/wire-protocol.md, levels; written here again on purpose
ACKNOWLEDGED = 2
PATH_SMS = 2  # docs/wire-protocol.md, paths
STATES = frozenset({"new", "acknowledged", "closed"})
PROBLEMS_SHOWN = 20  # of each kind, for people; the counts are complete


@dataclass(frozen=True)
class Verdict:
    """The judgement. `problems` is empty exactly when the run was right."""

    presses: int
    alarms: int
    alarms_by_sms: int
    alarms_by_centre: int
    incidents: int
    lost: int
    duplicates: int
    unexplained: int
    forged_injected: int
    rejected_frames: int
    replayed_injected: int
    lamp_transitions: int
    lamp_lies: int
    blinks_checked: int
    stream_events: int
    stream_gaps: int
    stream_doubles: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was lost, doubled, shown untruly or miscounted."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The counts and the problems by name."""
        return {**vars(self), "problems": list(self.problems), "ok": self.ok}


def judge(evidence: Evidence, final: FinalState, under_way: tuple[str, ...] = ()) -> Verdict:
    """Compare what was seen with what the database holds in the end.

    Args:
        evidence: what was seen.
        final: what the database holds.
        under_way: what had not come to rest in time, in words.
    """
    pressed = [row for row in final.alarms if not row.by_centre]
    by_centre = [row for row in final.alarms if row.by_centre]
    rows = Counter(row.identity for row in pressed)
    lost = [identity for identity in evidence.pressed if identity not in rows]
    doubled = {identity: count - 1 for identity, count in rows.items() if count > 1}
    unexplained = [identity for identity in rows if identity not in evidence.pressed]
    lies = [lamp for lamp in evidence.lamps if lamp.lies]
    false_blinks = [blink for blink in evidence.blinks if blink.claimed > blink.committed]
    stream_faults = _stream_faults(evidence, final)

    problems = [
        *_capped(f"lost: {show(identity)} was pressed and never rang" for identity in lost),
        *_capped(f"doubled: {show(identity)} rang {extra + 1} times" for identity, extra in doubled.items()),
        *_capped(f"unexplained: {show(identity)} rang and nobody pressed" for identity in unexplained),
        *_capped(
            f"lie: {show(lamp.identity)} showed level {lamp.shown}, the database held {lamp.committed}" for lamp in lies
        ),
        *_capped(
            f"lie: {blink.device:08x} blinked as for level {blink.claimed}, the database held {blink.committed}"
            for blink in false_blinks
        ),
        *_capped(
            f"unexplained: the centre suspects an attack on {row.site}, and nobody cut its paths"
            for row in by_centre
            if not evidence.paths_cut
        ),
        *_fingers(evidence),
        *_incident_problems(final),
        *_stream_problems(evidence, final, stream_faults),
        *_rejection_problems(evidence, final),
        *_capped(f"unsettled: {what}" for what in under_way),
    ]
    return Verdict(
        presses=len(evidence.pressed),
        alarms=len(pressed),
        alarms_by_sms=sum(row.path == PATH_SMS for row in pressed),
        alarms_by_centre=len(by_centre),
        incidents=len(final.incidents),
        lost=len(lost),
        duplicates=sum(doubled.values()),
        unexplained=len(unexplained),
        forged_injected=evidence.forged_injected,
        rejected_frames=final.rejected_frames,
        replayed_injected=evidence.replayed_injected,
        lamp_transitions=len(evidence.lamps),
        lamp_lies=len(lies) + len(false_blinks),
        blinks_checked=len(evidence.blinks),
        stream_events=len(evidence.stream),
        stream_gaps=len(stream_faults[0]),
        stream_doubles=len(stream_faults[1]),
        problems=tuple(problems),
    )


def latencies(evidence: Evidence) -> dict[str, dict[str, float | int | None]]:
    """The figures of NUMBERS.md, in ms, from the decision `pressed` (t0) unless the name says otherwise."""
    received = _first_lamps(evidence, RECEIVED)
    acknowledged = _first_lamps(evidence, ACKNOWLEDGED)
    return {
        "contact_to_pressed": figure(_contact_times(evidence)).as_json(),
        "press_to_stored": _since(evidence.pressed, evidence.stored),
        "press_to_received_lamp": _since(evidence.pressed, received),
        "press_to_console": _since(evidence.pressed, _first_on_console(evidence)),
        "press_to_acknowledged_lamp": _since(evidence.pressed, acknowledged),
        "acknowledge_to_lamp": _since(evidence.acknowledgements, acknowledged),
    }


def _fingers(evidence: Evidence) -> Iterator[str]:
    """Every gesture must have become a press of that button, and nothing else may have."""
    asked = Counter(device for device, _ in evidence.asked)
    decided = Counter(identity[0] for identity in evidence.pressed)
    for device in sorted(asked | decided):
        if asked[device] != decided[device]:
            yield f"missed: {device:08x} was pressed {asked[device]} times and decided {decided[device]} times"
    for identity in evidence.pressed_twice:
        yield f"repeated: {show(identity)} was decided twice"
    # Nothing breaks a flash in these runs: the firmware has no excuse, and a power cut now would take the press along.
    yield from _capped(f"unsaved: {show(identity)} went out, not in the journal" for identity in evidence.unsaved)


def _incident_problems(final: FinalState) -> Iterator[str]:
    incidents = {incident.id: incident for incident in final.incidents}
    levels: dict[int, list[int]] = {}
    for alarm in final.alarms:
        incident = incidents.get(alarm.incident)
        if incident is None:
            yield f"orphan: {show(alarm.identity)} belongs to incident {alarm.incident}, which does not exist"
            continue
        levels.setdefault(incident.id, []).append(alarm.level)
        if incident.site != alarm.site:
            yield f"mixed: {show(alarm.identity)} of {alarm.site} is in an incident of {incident.site}"
    for incident in final.incidents:
        held = levels.get(incident.id)
        if held is None:
            yield f"empty: incident {incident.id} has no alarm"
        elif incident.state not in STATES:
            yield f"state: incident {incident.id} is {incident.state!r}"
        elif incident.state == "new" and max(held) >= ACKNOWLEDGED and min(held) >= ACKNOWLEDGED:
            yield f"state: incident {incident.id} is new, yet every alarm of it was answered"
        elif incident.state == "closed" and min(held) < ACKNOWLEDGED:
            yield f"state: incident {incident.id} is closed over an alarm that nobody answered"


def _stream_faults(evidence: Evidence, final: FinalState) -> tuple[list[int], list[int], list[int]]:
    """Positions that never came, that came again or out of order, and that are not in the feed."""
    doubles = []
    last = evidence.stream_start
    for event in evidence.stream:
        if event.position <= last:
            doubles.append(event.position)
        last = max(last, event.position)
    seen = {event.position for event in evidence.stream}
    due = {position for position in final.feed_positions if position > evidence.stream_start}
    return sorted(due - seen), doubles, sorted(seen - due)


def _stream_problems(
    evidence: Evidence, final: FinalState, faults: tuple[list[int], list[int], list[int]]
) -> Iterator[str]:
    gaps, doubles, invented = faults
    yield from _capped(f"gap: feed position {position} never reached the console" for position in gaps)
    yield from _capped(f"double: the stream repeated position {position} or brought it late" for position in doubles)
    yield from _capped(f"invented: the stream's position {position} is not in the feed" for position in invented)
    on_console = _first_on_console(evidence)
    yield from _capped(
        f"invisible: {show(row.identity)} never reached the console"
        for row in final.alarms
        if not row.by_centre and row.identity not in on_console
    )


def _rejection_problems(evidence: Evidence, final: FinalState) -> Iterator[str]:
    if evidence.forged_injected != final.rejected_frames:
        yield f"rejections: {evidence.forged_injected} forged frames went in, {final.rejected_frames} were listed"


def _first_lamps(evidence: Evidence, level: int) -> dict[Identity, float]:
    first: dict[Identity, float] = {}
    for lamp in evidence.lamps:
        if lamp.shown == level:
            first.setdefault(lamp.identity, lamp.at_ms)
    return first


def _first_on_console(evidence: Evidence) -> dict[Identity, float]:
    first: dict[Identity, float] = {}
    for seen in evidence.stream:
        if seen.event == "incident":
            for alarm in seen.data["incident"]["alarms"]:
                if alarm["device"] is not None:
                    first.setdefault((int(alarm["device"], 16), alarm["sequence"], alarm["nonce"]), seen.at_ms)
    return first


def _contact_times(evidence: Evidence) -> list[float]:
    """The n-th contact of a button made its n-th decision."""
    decided: dict[int, list[float]] = {}
    for (device, _, _), at_ms in evidence.pressed.items():
        decided.setdefault(device, []).append(at_ms)
    times = []
    for device, at_ms in evidence.asked:
        if decided.get(device):
            times.append(decided[device].pop(0) - at_ms)
    return times


def _since(start: dict[Identity, float], end: dict[Identity, float]) -> dict[str, float | int | None]:
    return figure([end[identity] - at_ms for identity, at_ms in start.items() if identity in end]).as_json()


def _capped(lines: Iterator[str]) -> Iterator[str]:
    for count, line in enumerate(lines):
        if count == PROBLEMS_SHOWN:
            yield "… and more of the same kind"
            return
        yield line
