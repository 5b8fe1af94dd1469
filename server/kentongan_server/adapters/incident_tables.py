"""Incidents and what operators do to them: the plain SQL behind the money path and the desk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kentongan_server.adapters.schema import incident as table
from kentongan_server.adapters.statements import Statements
from kentongan_server.application.ports import AlarmRef, NewIncident
from kentongan_server.domain.category import PRIORITIES, REVIEW, Category
from kentongan_server.domain.correlation import Candidate
from kentongan_server.domain.incident import Incident, State, Unanswered
from kentongan_server.domain.merging import Side
from kentongan_server.domain.receipt_level import Standing
from kentongan_wire.press import PressIdentity

# Alarms of a button by which it is known whether it is new in an incident: while its bell waits for 30 s
# (`domain.ringing`), a contact that chatters once a second makes half as many; a day's are too many to look at.
NEWEST_LOOKED_AT = 64
_COLUMNS = frozenset(table.c.keys())


class IncidentTables(Statements):
    """Part of `application.ports.Transaction`."""

    # --- the money path ------------------------------------------------------------------------

    def candidates(self, site: str, device: int, *, recovered: bool, drill: int) -> list[Candidate]:
        rows = self._all("candidates", device, device, int(recovered), drill, site, int(recovered), drill)
        return [Candidate(row[0], bool(row[1]), row[2]) for row in rows]

    def open_incident(self, device: int, *, recovered: bool = False, drill: int = 0) -> tuple[int, State] | None:
        row = self._one("open_incident", device, int(recovered), drill)
        return (row[0], State(row[1])) if row else None

    def newest_of(self, incident: int, device: int) -> AlarmRef:
        row = self._one("newest_alarm_of", incident, device)
        assert row is not None, f"device {device} has no alarm in incident {incident}"
        return alarm_ref(row)

    def state_of(self, incident: int) -> tuple[State, Category]:
        row = self._one("state_of", incident)
        assert row is not None, f"there is no incident {incident}"
        return State(row[0]), Category(row[1])

    def insert_incident(self, incident: NewIncident) -> int:
        priority = REVIEW if incident.recovered else PRIORITIES[incident.category]
        return self._insert(
            "insert_incident",
            incident.source,
            incident.device,
            incident.site,
            str(incident.category),
            priority,
            incident.at_ms,
            incident.at_ms,
            int(incident.recovered),
            incident.drill,
        )

    def change(self, incident: int, changes: Mapping[str, object], once: Collection[str] = ()) -> int:
        unknown = changes.keys() - _COLUMNS
        if unknown:  # names of columns go into the statement as they are
            raise ValueError(f"incident has no columns {sorted(unknown)}")
        kept = {name: f"coalesce({name}, ?)" for name in once}
        sets = "".join(f", {name} = {kept.get(name, '?')}" for name in changes)
        if "reminded_at_ms" in changes:
            sets += f", reminded_version = {'NULL' if changes['reminded_at_ms'] is None else 'version + 1'}"
        statement = f"UPDATE incident SET version = version + 1{sets} WHERE id = ? RETURNING version"  # noqa: S608
        row = self._write(statement, (*changes.values(), incident)).fetchone()
        return int(row[0])

    def came_again(self, alarm: int, via: int | None, repeats: int) -> None:
        self._do("came_again", via, repeats, alarm)

    def rang(self, alarm: int, version: int) -> None:
        self._do("rang", version, alarm)

    def has_answered(self, incident: int, device: int, kind: int) -> bool:
        return self._one("has_answered", device, NEWEST_LOOKED_AT, incident, kind) is not None

    def unanswer(self, alarm: int, standing: Standing) -> None:
        self._do("unanswer", standing.level, standing.revision, alarm)

    # --- operating -----------------------------------------------------------------------------

    def incident(self, incident: int) -> Incident | None:
        row = self._one("incident", incident)
        if row is None:
            return None
        unanswered = tuple(Unanswered(*one) for one in self._all("unanswered_alarms", incident))
        seen = (row[2], row[3], row[4] or 0, unanswered)
        return Incident(row[0], State(row[1]), *seen, row[5], row[6], row[7], device=row[8], recovered=bool(row[9]))

    def alarms_of(self, incident: int) -> list[AlarmRef]:
        return [alarm_ref(row) for row in self._all("alarms_of_incident", incident)]

    def answer(self, alarm: int, standing: Standing, who: str, at_ms: int) -> None:
        self._do("answer_alarm", standing.level, standing.revision, who, at_ms, alarm)

    def set_standing(self, alarm: int, standing: Standing) -> None:
        self._do("set_standing", standing.level, standing.revision, alarm)

    def move_alarms(self, source: int, target: int, version: int, device: int | None = None) -> int:
        return self._do("move_alarms", target, version, source, device).rowcount

    def other_device(self, incident: int, device: int) -> int | None:
        row = self._one("other_device", incident, device, incident, device)
        return row[0] if row else None

    def split_incident(self, incident: int, device: int, other: int | None, at_ms: int) -> int:
        if other is None:
            self._do("leave_to_calls", incident)
        else:
            self._do("give_incident", other, incident)
        return self._insert("split_incident", device, device, at_ms, incident)

    def side(self, incident: int) -> Side:
        row = self._one("side", incident)
        assert row is not None, f"there is no incident {incident}"
        return Side(State(row[0]), Category(row[1]), bool(row[2]), *row[3:])

    def merged_into(self, incident: int) -> int | None:
        row = self._one("merged_into", incident)
        return row[0] if row else None

    def has_session(self, who: str, at_ms: int) -> bool:
        return self._one("has_session", who, at_ms) is not None

    def parks_over(self, at_ms: int) -> list[int]:
        return [incident for (incident,) in self._all("parks_over", at_ms)]


def alarm_ref(row: tuple[Any, ...]) -> AlarmRef:
    """A row of `alarm_by_identity`, `alarms_of_incident` or `newest_alarm_of`."""
    alarm, incident, state, device, sequence, nonce, key_id, level, revision, repeats, gateway = row[:11]
    answered, recovered, path = row[11:]
    return AlarmRef(
        id=alarm,
        incident=incident,
        incident_state=State(state),
        identity=PressIdentity(device, sequence, nonce),
        key_id=key_id,
        standing=Standing(level, revision),
        repeats=repeats,
        gateway=gateway,
        answered=bool(answered),
        recovered=bool(recovered),
        path=path,
    )
