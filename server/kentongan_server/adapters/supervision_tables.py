"""Signs of life, troubles, bells and outages: the plain SQL behind supervision."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kentongan_server.adapters.schema import INTEGER_MAX
from kentongan_server.adapters.statements import Statements
from kentongan_server.application.ports import Bell, OpenOutage, OpenTrouble, SavedPath, SavedWatch
from kentongan_server.domain.feed import canonical
from kentongan_server.domain.trouble import Detail, Trouble, TroubleKind, deadline_of


class SupervisionTables(Statements):
    """Part of `application.ports.Transaction`."""

    # --- signs of life -------------------------------------------------------------------------

    def set_seen(self, alarm: int, level: int, revision: int, at_ms: int) -> bool:
        return self._do("set_seen", level, revision, at_ms, alarm, level, revision).rowcount > 0

    def watches(self) -> list[SavedWatch]:
        return [SavedWatch(row[0], row[1], bool(row[2]), *row[3:]) for row in self._all("device_states")]

    def in_service(self) -> set[int]:
        return {device for (device,) in self._all("in_service")}

    def save_watches(self, watches: Sequence[SavedWatch]) -> None:
        self._connection.executemany(self.SQL["save_device_state"], [_saved_values(watch) for watch in watches])

    def next_command(self, device: int) -> int:
        row = self._one("next_command", device)
        assert row is not None
        return int(row[0])

    def second_paths(self) -> list[SavedPath]:
        return [SavedPath(*row) for row in self._all("second_paths")]

    def save_second_path(self, path: SavedPath) -> None:
        self._do(
            "save_second_path",
            path.device,
            path.key_id,
            path.counter,
            path.since_ms,
            path.heard_at_ms,
            path.signal_dbm,
        )

    def numbered(self) -> set[int]:
        return {device for (device,) in self._all("numbered")}

    # --- troubles ------------------------------------------------------------------------------

    def open_troubles(self) -> list[OpenTrouble]:
        return [OpenTrouble(row[0], row[1], TroubleKind(row[2]), row[3]) for row in self._all("open_troubles")]

    def raise_trouble(
        self, device: int, kind: TroubleKind, subject: str, at_ms: int, detail: Detail | None, *, again: bool
    ) -> tuple[int, str | None]:
        row = self._one("open_trouble", device, str(kind), subject)
        said = None if detail is None else canonical(detail)
        if row is None:
            deadline_at_ms = deadline_of(kind, at_ms)
            return self._insert(
                "insert_trouble", device, str(kind), subject, at_ms, at_ms, said, deadline_at_ms
            ), "opened"
        if not again:
            return row[0], None
        self._do("repeat_trouble", at_ms, said, row[0])
        return row[0], "repeated"

    def restore_trouble(self, trouble: int, at_ms: int) -> bool:
        return self._do("close_trouble", at_ms, trouble).rowcount > 0

    def trouble(self, trouble: int) -> Trouble | None:
        row = self._one("trouble", trouble)
        return Trouble(row[0], row[1], TroubleKind(row[2]), row[3], row[4], bool(row[5])) if row else None

    def own_trouble(self, trouble: int, who: str, at_ms: int) -> None:
        self._do("own_trouble", who, at_ms, trouble)

    def overdue_troubles(self, at_ms: int) -> int:
        row = self._one("overdue_troubles", at_ms)
        return int(row[0]) if row else 0

    # --- bells ---------------------------------------------------------------------------------

    def bell(self, incident: int) -> Bell | None:
        row = self._one("bell", incident)
        return Bell(*row) if row else None

    def set_bell(self, incident: int, again: int, rang_at_ms: int, quiet_until_ms: int | None) -> None:
        self._do("set_bell", again, rang_at_ms, quiet_until_ms, incident)

    def waiting_bells(self) -> list[tuple[int, int]]:
        return [(incident, until_ms) for incident, until_ms in self._all("waiting_bells")]

    # --- alarms that the centre makes ----------------------------------------------------------

    def gateway_of(self, site: str) -> int | None:
        row = self._one("gateway_of", site)
        return row[0] if row else None

    def accused_sites(self) -> dict[str, int]:
        return dict(self._all("accused_sites"))

    def unanswered_of_kind(self, incident: int, kind: int) -> tuple[int, int] | None:
        row = self._one("unanswered_of_kind", incident, kind)
        return (row[0], row[1]) if row else None

    def incident_of(self, alarm: int) -> int | None:
        row = self._one("incident_of", alarm)
        return row[0] if row else None

    def insert_outage(self, at_ms: int) -> int:
        return self._insert("insert_outage", at_ms)

    def join_outage(self, outage: int, site: str, lost_at_ms: int) -> None:
        self._do("join_outage", outage, site, lost_at_ms)

    def leave_outage(self, outage: int, site: str, at_ms: int) -> None:
        self._do("leave_outage", at_ms, outage, site)

    def sites_of_outage(self, outage: int) -> int:
        row = self._one("sites_of_outage", outage)
        return int(row[0]) if row else 0

    def outage_rings(self, outage: int, alarm: int) -> None:
        self._do("outage_rings", alarm, outage)

    def count_sites(self, alarm: int, sites: int) -> None:
        self._do("count_sites", sites - 1, alarm)

    def end_outage(self, outage: int, at_ms: int) -> None:
        self._do("leave_outage_all", at_ms, outage)
        self._do("end_outage", at_ms, outage)

    def open_outage(self) -> OpenOutage | None:
        row = self._one("open_outage")
        if row is None:
            return None
        return OpenOutage(row[0], row[1], tuple(site for (site,) in self._all("still_out", row[0])))


def detail_of(text: str | None) -> dict[str, object] | None:
    """A stored detail as it is told."""
    if text is None:
        return None
    found: dict[str, object] = json.loads(text)
    return found


def _saved_values(watch: SavedWatch) -> tuple[int | None, ...]:
    return (
        watch.device,
        watch.key_id,
        watch.counter,
        watch.boot_id,
        _clamped(watch.boot_started_ms),
        watch.heard_at_ms,
        watch.flags,
        watch.battery_mv,
        watch.signal_dbm,
        watch.firmware,
        min(watch.uptime_ms, INTEGER_MAX),
        watch.undelivered,
        watch.via,
    )


def _clamped(value: int) -> int:
    return max(-INTEGER_MAX, min(value, INTEGER_MAX))
