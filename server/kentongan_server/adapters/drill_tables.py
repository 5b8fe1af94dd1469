"""Drills and hand-overs: plain SQL behind what supervisors and shifts do."""

from __future__ import annotations

import json

from kentongan_server.adapters.statements import Statements
from kentongan_server.application.drills import Due
from kentongan_server.application.hand_over import NewHandOver
from kentongan_server.domain.drill import Planned
from kentongan_server.domain.incident import State


class DrillTables(Statements):
    """Implements `application.drills.DrillBook` and `application.hand_over.ShiftBook` beside the transaction."""

    def site_of_button(self, device: int) -> str | None:
        row = self._one("site_of_button", device)
        return row[0] if row else None

    def insert_drill(self, name: str, who: str, at_ms: int, ends_at_ms: int) -> int:
        return self._insert("insert_drill", name, who, at_ms, ends_at_ms)

    def plan_alarm(self, drill: int, planned: Planned) -> None:
        self._do("plan_alarm", drill, planned.device, planned.kind, planned.due_at_ms)

    def drill_ended(self, drill: int) -> bool | None:
        row = self._one("drill_ended", drill)
        return bool(row[0]) if row else None

    def due_alarms(self, at_ms: int) -> list[Due]:
        return [Due(*row) for row in self._all("due_alarms", at_ms)]

    def drills_over(self, at_ms: int) -> list[int]:
        return [drill for (drill,) in self._all("drills_over", at_ms)]

    def has_rung(self, due: int, alarm: int) -> None:
        self._do("has_rung", alarm, due)

    def open_in_drill(self, drill: int) -> list[tuple[int, State]]:
        return [(incident, State(state)) for incident, state in self._all("open_in_drill", drill)]

    def end_drill(self, drill: int, at_ms: int, who: str | None) -> None:
        self._do("end_drill", at_ms, who, drill)

    def owned_by(self, who: str) -> list[int]:
        return [incident for (incident,) in self._all("owned_by", who)]

    def insert_hand_over(self, new: NewHandOver) -> int:
        return self._insert(
            "insert_hand_over",
            new.at_ms,
            new.given_by,
            new.taken_by,
            new.note,
            json.dumps(new.incidents),
            new.head.position,
            new.head.hash,
            new.signed,
        )
