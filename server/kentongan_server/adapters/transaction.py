"""One write transaction on SQLite: the plain SQL behind the application's `Transaction`."""

from __future__ import annotations

import json
import secrets
from typing import Any, ClassVar

from kentongan_server.adapters import queries
from kentongan_server.adapters.schema import INTEGER_MAX
from kentongan_server.adapters.sms_tables import SmsTables
from kentongan_server.adapters.supervision_tables import SupervisionTables
from kentongan_server.application.ports import AlarmRef, Arrival, NewAlarm
from kentongan_server.domain import feed
from kentongan_server.domain.incident import Incident, State
from kentongan_server.domain.receipt_level import Standing
from kentongan_server.domain.sequence import Known, Neighbours
from kentongan_server.domain.verdict import Rejected
from kentongan_wire.press import PressIdentity

# Rejections of one cause from one claimed sender share a row while they keep coming.
REJECTION_MERGE_MS = 600_000
# Live streams are told each of the first ones of a row, then now and then: a flood of forgeries
# must not drown the queue in which alarms are shown. The row always has the exact count.
REJECTIONS_TOLD = 20
REJECTIONS_TOLD_EVERY_MS = 5_000
REJECTION_ROWS = 200  # of one source while they keep coming; then its claimed senders share a row
REJECTION_SAMPLE = 64  # bytes kept of what was refused: header and body of a press, to look at
ARRIVALS_KEPT_MS = 3_600_000  # far longer than any redelivery; a gateway's custody tells its own age


class SqliteTransaction(SmsTables, SupervisionTables):
    """Implements `application.ports.Transaction` on a connection whose transaction is open."""

    SQL: ClassVar[dict[str, str]] = queries.load("press", "operate", "supervise", "meta", "sms")

    def append(self, entry: feed.Entry) -> int:
        head = self._one("feed_head")
        position, prev_hash = (head[0] + 1, head[1]) if head else (1, feed.GENESIS)
        salt = secrets.token_bytes(feed.SALT_SIZE) if entry.personal is not None else None
        row = feed.chain(prev_hash, position, entry, salt)
        self._do(
            "append_feed",
            position,
            entry.at_ms,
            str(entry.kind),
            entry.what,
            entry.subject,
            entry.facts,
            entry.personal,
            row.salt,
            row.commitment,
            row.prev_hash,
            row.hash,
        )
        return position

    def prove_writable(self, at_ms: int) -> None:
        self._do("set_meta", "proven_at_ms", str(at_ms))

    def insert_session(self, key: bytes, user: int, at_ms: int, expires_at_ms: int) -> None:
        """See `application.people.SessionWriter`."""
        self._do("delete_old_sessions", at_ms)
        self._do("insert_session", key, user, at_ms, expires_at_ms)

    def delete_session(self, key: bytes) -> bool:
        return self._do("delete_session", key).rowcount > 0

    # --- the money path ------------------------------------------------------------------------

    def alarm(self, identity: PressIdentity) -> AlarmRef | None:
        row = self._one("alarm_by_identity", identity.device, identity.sequence, identity.nonce)
        return _alarm_ref(row) if row else None

    def neighbours(self, device: int, boot_id: int, sequence: int) -> Neighbours:
        return Neighbours(
            same=self._one("same_sequence", device, sequence) is not None,
            below=_known(self._one("below_in_boot", device, boot_id, sequence)),
            above=_known(self._one("above_in_boot", device, boot_id, sequence)),
            highest=_known(self._one("highest_sequence", device)),
        )

    def open_incident(self, device: int, *, recovered: bool = False) -> tuple[int, State] | None:
        row = self._one("open_incident", device, int(recovered))
        return (row[0], State(row[1])) if row else None

    def insert_incident(self, device: int, site: str, at_ms: int, *, recovered: bool = False) -> int:
        return self._insert("insert_incident", device, site, at_ms, at_ms, int(recovered))

    def no_longer_recovered(self, incident: int) -> None:
        self._do("no_longer_recovered", incident)

    def touch_incident(self, incident: int, at_ms: int) -> None:
        self._do("touch_incident", at_ms, incident)

    def insert_alarm(self, alarm: NewAlarm) -> int:
        return self._insert(
            "insert_alarm",
            alarm.incident,
            alarm.identity.device,
            alarm.identity.sequence,
            alarm.identity.nonce,
            alarm.key_id,
            alarm.kind,
            alarm.contacts,
            alarm.boot_id,
            min(alarm.uptime_ms, INTEGER_MAX),
            min(alarm.wall_ms, INTEGER_MAX),
            alarm.clock,
            alarm.pressed_at_ms,
            alarm.dated,
            alarm.received_at_ms,
            alarm.standing.level,
            alarm.standing.revision,
            alarm.repeats,
            alarm.gateway,
            alarm.path,
            alarm.held_ms,
            alarm.attempt,
            alarm.flags,
            alarm.modem,
        )

    def came_again(self, alarm: int, via: int | None, repeats: int) -> None:
        self._do("came_again", via, repeats, alarm)

    def unanswer(self, alarm: int, standing: Standing) -> None:
        self._do("unanswer", standing.level, standing.revision, alarm)

    def reopen_incident(self, incident: int) -> None:
        self._do("reopen_incident", incident)

    # --- operating -----------------------------------------------------------------------------

    def incident(self, incident: int) -> Incident | None:
        row = self._one("incident", incident)
        if row is None:
            return None
        unanswered = tuple(alarm for (alarm,) in self._all("unanswered_alarms", incident))
        return Incident(row[0], State(row[1]), row[2], row[3], unanswered)

    def alarms_of(self, incident: int) -> list[AlarmRef]:
        return [_alarm_ref(row) for row in self._all("alarms_of_incident", incident)]

    def position(self) -> int:
        head = self._one("feed_head")
        return int(head[0]) if head else 0

    def rung_since(self, incident: int, position: int) -> set[int]:
        told = [json.loads(facts) for (facts,) in self._all("rung_since", str(incident), position)]
        return {facts.get("rings", facts.get("alarm")) for facts in told}

    def answer(self, alarm: int, standing: Standing, who: str, at_ms: int) -> None:
        self._do("answer_alarm", standing.level, standing.revision, who, at_ms, alarm)

    def set_standing(self, alarm: int, standing: Standing) -> None:
        self._do("set_standing", standing.level, standing.revision, alarm)

    def own(self, incident: int, state: State, who: str, at_ms: int) -> None:
        self._do("own_incident", str(state), who, at_ms, incident)

    def close(self, incident: int, who: str, at_ms: int, outcome: str, note: str) -> None:
        self._do("close_incident", who, at_ms, outcome, note, incident)

    # --- rejections ----------------------------------------------------------------------------

    def is_repetition(self, source: str, arrival: Arrival, at_ms: int) -> bool:
        first, last = arrival.at_ms - arrival.tolerance_ms, arrival.at_ms + arrival.tolerance_ms
        if self._one("same_arrival", source, arrival.digest, first, last):
            return True
        self._do("forget_arrivals", at_ms - ARRIVALS_KEPT_MS)
        self._do("insert_arrival", source, arrival.digest, arrival.at_ms, at_ms)
        return False

    def count_rejections(self, rejected: Rejected, times: int, at_ms: int) -> tuple[int, int, bool]:
        claimed, since_ms = rejected.claimed_device, at_ms - REJECTION_MERGE_MS
        row = self._one("rejection_row", rejected.source, str(rejected.reason), claimed, since_ms)
        if row is None and claimed is not None and self._rows_of_source(rejected.source, since_ms) >= REJECTION_ROWS:
            claimed = None  # somebody claims to be everybody
            row = self._one("rejection_row", rejected.source, str(rejected.reason), claimed, since_ms)
        what = (rejected.detail, len(rejected.raw), rejected.raw[:REJECTION_SAMPLE])
        if row is None:
            cause = (str(rejected.reason), str(rejected.part), rejected.source, claimed)
            return self._insert("insert_rejection", *cause, times, at_ms, at_ms, at_ms, *what), times, True
        row_id, count, told_at_ms = row[0], row[1] + times, row[2]
        tell = count <= REJECTIONS_TOLD or at_ms - told_at_ms >= REJECTIONS_TOLD_EVERY_MS
        self._do("repeat_rejection", count, at_ms, at_ms if tell else told_at_ms, *what, row_id)
        return row_id, count, tell

    def _rows_of_source(self, source: str, since_ms: int) -> int:
        row = self._one("rejection_rows_of_source", source, since_ms, REJECTION_ROWS)
        return int(row[0]) if row else 0


def _alarm_ref(row: tuple[Any, ...]) -> AlarmRef:
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


def _known(row: tuple[Any, ...] | None) -> Known | None:
    return Known(*row) if row else None
