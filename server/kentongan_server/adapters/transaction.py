"""One write transaction: the plain SQL behind the application's `Transaction`, on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any, ClassVar

from kentongan_server.adapters import queries
from kentongan_server.adapters.call_tables import CallTables
from kentongan_server.adapters.crime_tables import CrimeTables
from kentongan_server.adapters.drill_tables import DrillTables
from kentongan_server.adapters.history import FeedTable
from kentongan_server.adapters.incident_tables import IncidentTables, alarm_ref
from kentongan_server.adapters.people_tables import PeopleTables
from kentongan_server.adapters.retention_tables import RetentionTables
from kentongan_server.adapters.schema import INTEGER_MAX
from kentongan_server.adapters.site_tables import SiteTables
from kentongan_server.adapters.sms_tables import SmsTables
from kentongan_server.adapters.supervision_tables import SupervisionTables
from kentongan_server.application.ports import AlarmRef, Arrival, NewAlarm
from kentongan_server.domain.feed import canonical
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


class SqlTransaction(
    CallTables,
    CrimeTables,
    DrillTables,
    FeedTable,
    IncidentTables,
    PeopleTables,
    RetentionTables,
    SiteTables,
    SmsTables,
    SupervisionTables,
):
    """Implements `application.ports.Transaction` on a connection whose transaction is open."""

    SQL: ClassVar[dict[str, str]] = queries.load(
        *("press", "operate", "supervise", "meta", "plans", "sites", "sms", "people", "crimes"),
        *("calls", "drills", "retention"),
    )

    def prove_writable(self, at_ms: int) -> None:
        self._do("set_meta", "proven_at_ms", str(at_ms))

    # --- the money path ------------------------------------------------------------------------

    def alarm(self, identity: PressIdentity) -> AlarmRef | None:
        row = self._one("alarm_by_identity", identity.device, identity.sequence, identity.nonce)
        return alarm_ref(row) if row else None

    def neighbours(self, device: int, boot_id: int, sequence: int) -> Neighbours:
        return Neighbours(
            same=self._one("same_sequence", device, sequence) is not None,
            below=_known(self._one("below_in_boot", device, boot_id, sequence)),
            above=_known(self._one("above_in_boot", device, boot_id, sequence)),
            highest=_known(self._one("highest_sequence", device)),
        )

    def insert_alarm(self, alarm: NewAlarm) -> int:
        return self._insert(
            "insert_alarm",
            alarm.incident,
            alarm.rung_version,
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
        row = self._rejection_row(rejected, claimed, since_ms)
        if row is None and claimed is not None and self._rows_of_source(rejected.source, since_ms) >= REJECTION_ROWS:
            claimed = None  # somebody claims to be everybody
            row = self._rejection_row(rejected, claimed, since_ms)
        what = (canonical(rejected.detail), len(rejected.raw), rejected.raw[:REJECTION_SAMPLE])
        if row is None:
            cause = (str(rejected.reason), str(rejected.part), rejected.source, claimed)
            return self._insert("insert_rejection", *cause, times, at_ms, at_ms, at_ms, *what), times, True
        row_id, count, told_at_ms = row[0], row[1] + times, row[2]
        tell = count <= REJECTIONS_TOLD or at_ms - told_at_ms >= REJECTIONS_TOLD_EVERY_MS
        self._do("repeat_rejection", count, at_ms, at_ms if tell else told_at_ms, *what, row_id)
        return row_id, count, tell

    def _rejection_row(self, rejected: Rejected, claimed: int | None, since_ms: int) -> tuple[Any, ...] | None:
        if claimed is None:
            return self._one("rejection_row_of_nobody", rejected.source, str(rejected.reason), since_ms)
        return self._one("rejection_row", rejected.source, str(rejected.reason), claimed, since_ms)

    def _rows_of_source(self, source: str, since_ms: int) -> int:
        row = self._one("rejection_rows_of_source", source, since_ms, REJECTION_ROWS)
        return int(row[0]) if row else 0


def _known(row: tuple[Any, ...] | None) -> Known | None:
    return Known(*row) if row else None
