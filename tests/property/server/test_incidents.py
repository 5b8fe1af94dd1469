"""Incidents under any order of presses, acknowledgements and closings, against a model that is only lists."""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kentongan_server.domain.errors import CentreError
from kentongan_wire.frame import parse
from kentongan_wire.receipts import Receipt
from tests.support.direct_centre import DirectCentre
from tests.support.presses import Made, attempt, body, message

BUTTONS, GATEWAY = (1, 2), 90


@dataclass
class ModelAlarm:
    id: int
    level: int = 1
    revision: int = 1
    answered: bool = False
    repeats: int = 0


@dataclass
class ModelIncident:
    button: int
    alarms: list[ModelAlarm] = field(default_factory=list)
    owner: str | None = None
    closed: bool = False

    @property
    def rings(self) -> bool:
        return not self.closed and any(not alarm.answered for alarm in self.alarms)


class Incidents(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.centre = DirectCentre()
        self.gateway = self.centre.gateway(GATEWAY)
        self.buttons = {number: self.centre.button(number) for number in BUTTONS}
        self.made: list[tuple[int, Made, ModelAlarm, ModelIncident]] = []
        self.incidents: list[ModelIncident] = []

    def deliver(self, button: int, made: Made, repeats: int = 0) -> None:
        self.centre.clock.now_ms += 1_000
        frame = attempt(self.buttons[button], made, self.centre.clock.now_ms, repeats=repeats)
        self.centre.run(self.centre.intake.take(*message(self.gateway, frame)))

    @rule(button=st.sampled_from(BUTTONS))
    def press(self, button: int) -> None:
        now_ms = self.centre.clock.now_ms
        sequence = len(self.made) + 1
        made = Made(body(sequence, sequence.to_bytes(8, "big"), 7, now_ms), now_ms, 0)
        self.deliver(button, made)
        open_one = next((one for one in self.incidents if one.button == button and not one.closed), None)
        if open_one is None:
            open_one = ModelIncident(button)
            self.incidents.append(open_one)
        alarm = ModelAlarm(len(self.made) + 1)
        open_one.alarms.append(alarm)
        self.made.append((button, made, alarm, open_one))

    @precondition(lambda self: self.made)
    @rule(data=st.data(), more=st.integers(0, 2))
    def deliver_again(self, data: st.DataObject, more: int) -> None:
        button, made, alarm, incident = data.draw(st.sampled_from(self.made))
        self.deliver(button, made, alarm.repeats + more)
        if more:
            alarm.repeats += more
            self.ring_again(button, alarm, incident)

    def ring_again(self, button: int, alarm: ModelAlarm, incident: ModelIncident) -> None:
        """Whoever presses again after the answer is heard, also when the incident was closed."""
        open_one = next((one for one in self.incidents if one.button == button and not one.closed), None)
        if incident.closed and open_one is not None:
            alarm = open_one.alarms[-1]
        elif alarm.answered:
            incident.closed = False
        if alarm.answered:
            alarm.answered, alarm.level, alarm.revision = False, 1, alarm.revision + 1

    @precondition(lambda self: self.incidents)
    @rule(data=st.data(), who=st.sampled_from(["sari", "budi"]), through=st.integers(0, 12))
    def acknowledge(self, data: st.DataObject, who: str, through: int) -> None:
        number = data.draw(st.integers(0, len(self.incidents) - 1))
        incident = self.incidents[number]
        try:
            self.centre.run(self.centre.operate.acknowledge(number + 1, through, who, self.centre.head))
        except CentreError:
            assert incident.closed or through > incident.alarms[-1].id
            return
        assert not incident.closed
        assert through <= incident.alarms[-1].id
        for alarm in incident.alarms:
            if not alarm.answered and alarm.id <= through:
                alarm.answered, alarm.level, alarm.revision = True, 2, alarm.revision + 1
                incident.owner = incident.owner or who

    @precondition(lambda self: self.incidents)
    @rule(data=st.data(), outcome=st.sampled_from(["real", "false", "", "nonsense"]))
    def close(self, data: st.DataObject, outcome: str) -> None:
        number = data.draw(st.integers(0, len(self.incidents) - 1))
        incident = self.incidents[number]
        may = not incident.closed and not incident.rings and outcome in {"real", "false"}
        try:
            self.centre.run(self.centre.operate.close(number + 1, outcome, "", "sari"))
        except CentreError:
            assert not may
            return
        assert may
        incident.closed = True
        for alarm in incident.alarms:
            alarm.level, alarm.revision = 5, alarm.revision + 1

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        states = {
            number + 1: "closed" if one.closed else "acknowledged" if one.owner else "new"
            for number, one in enumerate(self.incidents)
        }
        rows = self.centre.rows("SELECT id, device, state, owner FROM incident ORDER BY id")
        assert rows == [
            (number + 1, one.button, states[number + 1], one.owner) for number, one in enumerate(self.incidents)
        ]
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
