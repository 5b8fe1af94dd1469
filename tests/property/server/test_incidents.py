"""Incidents under any order of presses, acknowledgements and closings, against a model that is only lists."""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kentongan_server.domain.correlation import WINDOW_MS
from kentongan_server.domain.errors import CentreError
from kentongan_wire.frame import parse
from kentongan_wire.receipts import Receipt
from tests.support.direct_centre import DirectCentre
from tests.support.presses import Made, attempt, body, message

BUTTONS, GATEWAY = (1, 2), 90


@dataclass
class ModelAlarm:
    id: int
    button: int
    rang_at: int
    level: int = 1
    revision: int = 1
    answered: bool = False
    repeats: int = 0


@dataclass
class ModelIncident:
    button: int
    newest_ms: int = 0
    alarms: list[ModelAlarm] = field(default_factory=list)
    owner: str | None = None
    state: str = "new"

    @property
    def closed(self) -> bool:
        return self.state == "closed"

    @property
    def rings(self) -> bool:
        return not self.closed and any(not alarm.answered for alarm in self.alarms)


@dataclass
class Look:
    """What somebody had on the screen: an incident at a version, after so many steps."""

    incident: int
    version: int
    at: int


class Incidents(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.centre = DirectCentre()
        self.gateway = self.centre.gateway(GATEWAY)
        self.buttons = {number: self.centre.button(number) for number in BUTTONS}
        self.made: list[tuple[int, Made, ModelAlarm]] = []
        self.incidents: list[ModelIncident] = []
        self.looks: list[Look] = []
        self.steps = 0

    def deliver(self, button: int, made: Made, repeats: int = 0) -> None:
        self.steps += 1
        self.centre.clock.now_ms += 1_000
        frame = attempt(self.buttons[button], made, self.centre.clock.now_ms, repeats=repeats)
        self.centre.run(self.centre.intake.take(*message(self.gateway, frame)))

    @rule(minutes=st.sampled_from([1, 11]))
    def time_passes(self, minutes: int) -> None:
        self.centre.clock.now_ms += minutes * 60_000

    @rule(button=st.sampled_from(BUTTONS))
    def press(self, button: int) -> None:
        now_ms = self.centre.clock.now_ms
        sequence = len(self.made) + 1
        made = Made(body(sequence, sequence.to_bytes(8, "big"), 7, now_ms), now_ms, 0)
        self.deliver(button, made)
        joined = self.own(button) or self.near()
        if joined is None:
            joined = ModelIncident(button)
            self.incidents.append(joined)
        joined.newest_ms = self.centre.clock.now_ms
        alarm = ModelAlarm(len(self.made) + 1, button, self.steps)
        joined.alarms.append(alarm)
        self.made.append((button, made, alarm))

    def own(self, button: int) -> ModelIncident | None:
        """The open one with signals of this button."""
        found = [one for one in self.incidents if not one.closed and any(a.button == button for a in one.alarms)]
        return max(found, key=self.newest, default=None)

    def near(self) -> ModelIncident | None:
        """The open one of the site to which a signal came within the window."""
        since_ms = self.centre.clock.now_ms - WINDOW_MS
        found = [one for one in self.incidents if not one.closed and one.newest_ms >= since_ms]
        return max(found, key=self.newest, default=None)

    def newest(self, incident: ModelIncident) -> tuple[int, int]:
        return incident.newest_ms, self.incidents.index(incident)

    @precondition(lambda self: self.made)
    @rule(data=st.data(), more=st.integers(0, 2))
    def deliver_again(self, data: st.DataObject, more: int) -> None:
        button, made, alarm = data.draw(st.sampled_from(self.made))
        self.deliver(button, made, alarm.repeats + more)
        if more:
            alarm.repeats += more
            self.ring_again(button, alarm)

    def ring_again(self, button: int, alarm: ModelAlarm) -> None:
        """Whoever presses again after the answer is heard, also when the incident was closed."""
        incident = next(one for one in self.incidents if alarm in one.alarms)
        if incident.closed:
            other = self.own(button)
            if other is not None:
                incident = other
                alarm = [one for one in other.alarms if one.button == button][-1]
            else:
                incident.state, incident.button = "reopened", button
        alarm.rang_at = self.steps
        if alarm.answered:
            alarm.answered, alarm.level, alarm.revision = False, 1, alarm.revision + 1

    @precondition(lambda self: self.incidents)
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.incidents) - 1))
        self.looks.append(Look(number, self.centre.version(number + 1), self.steps))

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), who=st.sampled_from(["sari", "budi"]))
    def acknowledge(self, data: st.DataObject, who: str) -> None:
        seen = data.draw(st.sampled_from(self.looks))
        incident = self.incidents[seen.incident]
        try:
            self.centre.run(self.centre.operate.acknowledge(seen.incident + 1, seen.version, who))
        except CentreError:
            assert incident.closed
            return
        assert not incident.closed
        for alarm in incident.alarms:
            if not alarm.answered and alarm.rang_at <= seen.at:
                alarm.answered, alarm.level, alarm.revision = True, 2, alarm.revision + 1
                incident.owner = incident.owner or who
                incident.state = "acknowledged"

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), ending=st.sampled_from([("real", "robbery"), ("false", "robbery"), ("", ""), ("test", "x")]))
    def close(self, data: st.DataObject, ending: tuple[str, str]) -> None:
        seen = data.draw(st.sampled_from(self.looks))
        incident = self.incidents[seen.incident]
        saw_all = all(alarm.rang_at <= seen.at for alarm in incident.alarms)
        may = not incident.closed and not incident.rings and saw_all and ending == ("real", "robbery")
        try:
            self.centre.run(self.centre.operate.close(seen.incident + 1, seen.version, "sari", *ending, ""))
        except CentreError:
            assert not may
            return
        assert may
        incident.state = "closed"
        for alarm in incident.alarms:
            alarm.level, alarm.revision = 5, alarm.revision + 1

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        rows = self.centre.rows("SELECT id, device, state, owner FROM incident ORDER BY id")
        assert rows == [(number + 1, one.button, one.state, one.owner) for number, one in enumerate(self.incidents)]
        alarms = self.centre.rows(
            "SELECT id, incident, level, revision, acknowledged_by IS NOT NULL, repeats FROM alarm ORDER BY id"
        )
        expected = [
            (alarm.id, number + 1, alarm.level, alarm.revision, int(alarm.answered), alarm.repeats)
            for number, one in enumerate(self.incidents)
            for alarm in one.alarms
        ]
        assert alarms == sorted(expected)

    @invariant()
    def every_receipt_said_what_was_stored(self) -> None:
        """The last word to each button is what the store holds now."""
        last: dict[bytes, Receipt] = {}
        for _, _, frame in self.centre.outbox.sent:
            receipt = parse(frame.raw, (Receipt,)).payload
            assert isinstance(receipt, Receipt)
            before = last.get(receipt.press.nonce)
            assert before is None or receipt.revision >= before.revision
            last[receipt.press.nonce] = receipt
        stored = self.centre.rows("SELECT nonce, level, revision FROM alarm")
        assert sorted(stored) == sorted((nonce, one.level, one.revision) for nonce, one in last.items())


TestIncidents = Incidents.TestCase
TestIncidents.settings = settings(max_examples=25, stateful_step_count=25)
