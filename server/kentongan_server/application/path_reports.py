"""Second paths: each device proves its own by a text now and then; one that does not is a trouble."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kentongan_server.application.fault_book import FaultBook
from kentongan_server.application.ports import Clock, Enrolled, SavedPath, Store
from kentongan_server.application.roll import Roll
from kentongan_server.domain.second_path import START_GRACE_MS, is_fresh, unproven_after_ms
from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import SIGNAL_UNKNOWN_DBM

LOOK_EVERY_MS = 60_000  # for texts that are missing: a small part of the hour and a half after which they are


class PathBook:
    """When each second path was proven last; every word is written down at once, for there are few."""

    def __init__(self, store: Store, clock: Clock, faults: FaultBook, roll: Roll) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._roll = roll
        self._paths: dict[int, SavedPath] = {}
        self._numbered: set[int] = set()
        self._started_ms = clock.monotonic_ms()
        self._look_at_ms = 0

    def load(self, paths: Iterable[SavedPath], numbered: set[int]) -> None:
        """Takes over what the store has, and who has a SIM of its own."""
        self._paths = {path.device: path for path in paths}
        self._numbered = numbered
        self._started_ms = self._clock.monotonic_ms()

    def enrolled(self, numbered: set[int]) -> None:
        """After an enrolment: who has a SIM now."""
        self._numbered = numbered

    def proven_at_ms(self, device: int) -> int | None:
        """Unix ms of the device's newest text; None when it never texted."""
        path = self._paths.get(device)
        return path.heard_at_ms if path else None

    def counter(self, device: Enrolled) -> int:
        """The highest counter that the device texted under its present key; 0 when none."""
        path = self._paths.get(device.device)
        return path.counter if path is not None and path.key_id == device.key_id else 0

    async def take(self, device: Enrolled, report: PathReport) -> bool:
        """Writes a report down; False when it is not news.

        Raises:
            StoreError: nothing was committed; the SMS must stay on its SIM.
        """
        known = self._paths.get(device.device)
        if not is_fresh(known.key_id if known else None, known.counter if known else 0, device.key_id, report.counter):
            return False
        at_ms = self._clock.wall_ms()
        signal = None if report.signal_dbm == SIGNAL_UNKNOWN_DBM else report.signal_dbm
        since_ms = known.since_ms if known else at_ms
        await self._save(SavedPath(device.device, device.key_id, report.counter, since_ms, at_ms, signal))
        await self._faults.end(device.device, TroubleKind.SMS_UNPROVEN)
        return True

    async def tick(self) -> None:
        """Call it every second; it looks once a minute.

        Raises:
            StoreError: something to be written down was not; the next look tries again.
        """
        now_ms = self._clock.monotonic_ms()
        if now_ms < self._look_at_ms:
            return
        self._look_at_ms = now_ms + LOOK_EVERY_MS
        for device in sorted(self._numbered):
            await self._look_at(device, now_ms)
        for device in self._faults.devices_with(TroubleKind.SMS_UNPROVEN):
            if device not in self._numbered:  # its SIM was taken away: nothing is expected any more
                await self._faults.end(device, TroubleKind.SMS_UNPROVEN)

    async def _look_at(self, device: int, now_ms: int) -> None:
        member = self._roll.get(device)
        if member is None:  # never heard: it is not installed yet
            return
        at_ms, path = self._clock.wall_ms(), self._paths.get(device)
        if path is None:
            await self._save(SavedPath(device, 0, 0, at_ms, None, None))
            return
        base_ms = max(path.since_ms, path.heard_at_ms or 0)
        if base_ms > at_ms:  # the centre's clock was set back: count from now
            path = replace(path, since_ms=at_ms, heard_at_ms=path.heard_at_ms and at_ms)
            await self._save(path)
            return
        is_late = at_ms - base_ms > unproven_after_ms(is_gateway=member.watch.is_gateway)
        if is_late and now_ms - self._started_ms > START_GRACE_MS and not self._is_known_why(device):
            detail = {"code": "never" if path.heard_at_ms is None else "late", "since_ms": base_ms}
            await self._faults.raise_once(device, TroubleKind.SMS_UNPROVEN, detail)

    def _is_known_why(self, device: int) -> bool:
        """Whether another trouble of the device says it already: it is dead, or its modem is."""
        kinds = (TroubleKind.SILENT, TroubleKind.SMS_DOWN, TroubleKind.SIM_FAULT)
        return any(self._faults.is_open(device, kind) for kind in kinds)

    async def _save(self, path: SavedPath) -> None:
        await self._store.submit(lambda transaction: transaction.save_second_path(path), urgent=False)
        self._paths[path.device] = path
