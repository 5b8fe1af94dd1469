"""Supervision: who lives, what ails them, and what their lamps should show.

A site report is a gateway's own sign of life and carries its buttons'. Each is verified by its
own key and counter; a gateway can bundle heartbeats, not make them. What follows from a sign of
life, and from one that does not come, is in modules of its own: `conditions`, `path_reports`,
`site_watch`, `ringing`, `lamps`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from kentongan_host.log import logger
from kentongan_server.application.answers import Answers
from kentongan_server.application.commands import Commands
from kentongan_server.application.conditions import Conditions
from kentongan_server.application.fault_book import FaultBook
from kentongan_server.application.lamps import Lamps
from kentongan_server.application.path_reports import PathBook
from kentongan_server.application.ports import (
    Clock,
    Enrolled,
    KeyRing,
    SavedPath,
    SavedWatch,
    Store,
    StoreError,
    Transaction,
)
from kentongan_server.application.rejections import Rejections, sent_once
from kentongan_server.application.ringing import Bells
from kentongan_server.application.roll import Member, Roll
from kentongan_server.application.site_watch import SiteWatch
from kentongan_server.application.standings import Standings
from kentongan_server.application.take import Taken
from kentongan_server.application.verify import VerifiedReport, open_heartbeat, open_report
from kentongan_server.domain import second_path, supervision
from kentongan_server.domain.chatter import PRESSES_MAX, WINDOW_MS, Chatter
from kentongan_server.domain.flags import Flag
from kentongan_server.domain.supervision import Freshness
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.domain.verdict import Part, Reason, Rejected, Why, because
from kentongan_wire import topics
from kentongan_wire.keys import ROLE_GATEWAY
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import BATTERY_UNKNOWN_MV, SIGNAL_UNKNOWN_DBM, PressIdentity
from kentongan_wire.supervision import UNKNOWN_MS, Beat, Heartbeat

# Ticks come every second; after a longer pause this process was stopped or starved, and what came meanwhile
# may not have been read yet.
STALLED_MS = 4_000
SAVED_AT_ONCE = 100  # devices in one piece of work of the store: an alarm gets in between
COUNT_OVERDUE_EVERY_MS = 30_000  # for the metric; deadlines are hours

_log = logger("kentongan.supervise")


@dataclass(frozen=True, slots=True)
class Heard:
    """A verified heartbeat, made `held_ms` ago; `is_fresh` is False when it was heard before."""

    button: Enrolled
    heartbeat: Heartbeat
    is_fresh: bool
    held_ms: int


class Supervise:
    """Takes what arrives on the gateways' report lanes, and notices what does not arrive.

    Args:
        may_answer: whether the centre could take an alarm now; while it cannot, no heartbeat is
            answered, so that buttons take their path for unproven instead of trusting it.
        hears: whether reports could arrive now; while they cannot, nobody's silence counts.
        on_overdue: told now and then how many troubles are open beyond their deadline.
    """

    def __init__(
        self,
        keys: KeyRing,
        store: Store,
        answers: Answers,
        clock: Clock,
        roll: Roll,
        standings: Standings,
        rejections: Rejections,
        may_answer: Callable[[], bool] = lambda: True,
        hears: Callable[[], bool] = lambda: True,
        on_overdue: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._keys = keys
        self._store = store
        self._answers = answers
        self._clock = clock
        self._roll = roll
        self._rejections = rejections
        self._may_answer = may_answer
        self._hears = hears
        self._on_overdue = on_overdue
        self.faults = FaultBook(store, clock)
        self._bells = Bells(store, clock)
        self._sites = SiteWatch(store, clock, self.faults, self._bells, roll)
        self._conditions = Conditions(self.faults, roll, clock)
        self._paths = PathBook(store, clock, self.faults, roll)
        self.commands = Commands(keys, store, answers, clock, roll)
        self._lamps = Lamps(store, answers, standings)
        self._chatter = Chatter()
        self._chattering: set[int] = set()  # whose trouble is still to be raised
        now_ms = clock.monotonic_ms()
        self._hearing_since_ms = self._ticked_ms = now_ms
        self._count_overdue_at_ms = now_ms

    async def load(self) -> None:
        """Takes over what the process before knew; call it once, before anything else."""
        saved, troubles, paths = await self._store.submit(
            lambda transaction: (transaction.watches(), transaction.open_troubles(), transaction.second_paths())
        )
        waiting, numbered, accused, outage = await self._store.submit(
            lambda transaction: (
                transaction.waiting_bells(),
                transaction.numbered(),
                transaction.accused_sites(),
                transaction.open_outage(),
            )
        )
        now_ms = self._hearing_since_ms = self._ticked_ms = self._clock.monotonic_ms()
        self._roll.load(saved)
        self.faults.load(troubles)
        for watch in self._roll.watches():
            watch.silent = self.faults.is_open(watch.device, TroubleKind.SILENT)
        for device in self.faults.devices_with(TroubleKind.CHATTERING):
            self._chatter.chattered(device, now_ms)
        self._bells.load(waiting)
        self._paths.load(paths, numbered)
        self._sites.load(accused, self._texted(paths), outage)

    def _texted(self, paths: list[SavedPath]) -> dict[str, int]:
        """When the second path of each site was proven last, monotonic ms."""
        wall_ms, now_ms = self._clock.wall_ms(), self._clock.monotonic_ms()
        found: dict[str, int] = {}
        for path in paths:
            member = self._roll.get(path.device)
            if member is not None and member.watch.is_gateway and path.heard_at_ms is not None:
                site, texted_ms = member.watch.site, now_ms - max(0, wall_ms - path.heard_at_ms)
                found[site] = max(texted_ms, found.get(site, texted_ms))
        return found

    async def reload(self) -> None:
        """After an enrolment by another process: who is in service now, and which troubles it ended."""
        in_service, troubles, numbered = await self._store.submit(
            lambda transaction: (transaction.in_service(), transaction.open_troubles(), transaction.numbered()),
            urgent=False,
        )
        self._roll.keep_only(in_service)
        self._sites.keep_only()
        self.faults.load(troubles)
        self._paths.enrolled(numbered)

    # --- signs of life -------------------------------------------------------------------------

    async def take(self, topic: str, payload: bytes) -> None:
        """Handles one message of a report lane to its end.

        Raises:
            StoreError: something to be written down was not; what was answered stays true.
        """
        verified = open_report(self._keys, topic, payload)
        if isinstance(verified, Rejected):
            await self._refuse(verified)
            return
        report, gateway = verified.report, verified.gateway
        # Hearing and answering do not wait for the disk, so that reports are heard in their order.
        if not self._hear_gateway(verified):
            self._tell_behind(verified)
            await self._refuse(_stale(Part.REPORT, verified.source, gateway.device, report.counter, payload))
            return
        found = [self._hear_button(beat, verified) for beat in report.beats]
        heard = [one for one in found if isinstance(one, Heard)]
        self._answer(verified, heard)
        await self._look_after_site(verified)
        for one in found:
            if isinstance(one, Rejected):
                await self._refuse(one)
            elif one.is_fresh:
                await self._look_after_button(one, gateway)

    def _hear_gateway(self, verified: VerifiedReport) -> bool:
        """Takes the report as the gateway's own sign of life; False when it is stale."""
        report, gateway = verified.report, verified.gateway
        member = self._roll.of(gateway)
        watch, now_ms = member.watch, self._clock.monotonic_ms()
        fresh = supervision.freshness(watch, gateway.key_id, report.counter)
        if fresh is not Freshness.FRESH:
            return fresh is Freshness.REPEATED
        was_silent = watch.silent or now_ms - watch.heard_ms > supervision.SILENT_AFTER_MS
        supervision.hear(watch, gateway.key_id, report.counter, report.boot_id, report.uptime_ms, now_ms)
        watch.flags = report.state
        vitals = member.vitals
        vitals.heard_at_ms, vitals.uptime_ms = self._clock.wall_ms(), report.uptime_ms
        vitals.undelivered = report.custody_count
        self._roll.changed(member)
        if was_silent:
            supervision.gateway_is_back(self._roll.watches_of(watch.site), watch.site, now_ms)
        self._sites.word(watch.site, watch.heard_ms)
        return True

    def _hear_button(self, beat: Beat, report: VerifiedReport) -> Heard | Rejected:
        """Takes one heartbeat of a report."""
        found = open_heartbeat(self._keys, beat.frame, report.source)
        if isinstance(found, Rejected):
            return found
        heartbeat, button = found.heartbeat, found.button
        member = self._roll.of(button)
        fresh = supervision.freshness(member.watch, button.key_id, heartbeat.counter)
        if fresh is Freshness.STALE:
            return _stale(Part.HEARTBEAT, report.source, button.device, heartbeat.counter, beat.frame)
        held_ms = 0 if beat.held_ms == UNKNOWN_MS else beat.held_ms
        if fresh is Freshness.FRESH:
            made_ms = self._clock.monotonic_ms() - held_ms
            supervision.hear(
                member.watch, button.key_id, heartbeat.counter, heartbeat.boot_id, heartbeat.uptime_ms, made_ms
            )
            self._note_vitals(member, heartbeat, report.gateway, held_ms)
        return Heard(found.button, found.heartbeat, fresh is Freshness.FRESH, held_ms)

    def _note_vitals(self, member: Member, heartbeat: Heartbeat, gateway: Enrolled, held_ms: int) -> None:
        vitals = member.vitals
        member.watch.flags = heartbeat.state
        vitals.heard_at_ms = self._clock.wall_ms() - held_ms
        vitals.battery_mv = None if heartbeat.battery_mv == BATTERY_UNKNOWN_MV else heartbeat.battery_mv
        vitals.signal_dbm = None if heartbeat.signal_dbm == SIGNAL_UNKNOWN_DBM else heartbeat.signal_dbm
        vitals.firmware, vitals.uptime_ms = heartbeat.firmware, heartbeat.uptime_ms
        vitals.undelivered, vitals.via = heartbeat.undelivered, gateway.device
        self._roll.changed(member)

    def _answer(self, report: VerifiedReport, heard: list[Heard]) -> None:
        if not self._may_answer():
            return
        frames = [self._answers.heard(report.gateway, report.report.counter, report.report.boot_id)]
        frames += [self._answers.heard(one.button, one.heartbeat.counter, one.heartbeat.boot_id) for one in heard]
        self._answers.bundle(report.gateway, frames)

    def _tell_behind(self, stale: VerifiedReport) -> None:
        """A gateway that lost its counters would be taken for an old recording until its clock has passed them."""
        gateway, watch = stale.gateway, self._roll.of(stale.gateway).watch
        if supervision.has_lost_counters(watch, stale.report.boot_id):
            counter = max(watch.counter, self._paths.counter(gateway))
            self._answers.bundle(gateway, [self._answers.behind(gateway, counter, stale.report.boot_id)])

    async def _look_after_site(self, verified: VerifiedReport) -> None:
        """What follows from a report: the gateway's silence ends, its state is a trouble or none."""
        member = self._roll.of(verified.gateway)
        await self._sites.settle()
        await self._end_silence(member)
        await self._conditions.of_site(member, verified.report.state, verified.report.wall_ms)

    async def _look_after_button(self, heard: Heard, gateway: Enrolled) -> None:
        """What follows from a heartbeat: ended silence, troubles, a lamp that shows the wrong thing."""
        member, beat = self._roll.of(heard.button), heard.heartbeat
        await self._end_silence(member)
        await self._conditions.of_button(member, beat.state, beat.clock, beat.wall_ms, heard.held_ms)
        await self._lamps.compare(member, beat, gateway)

    async def _end_silence(self, member: Member) -> None:
        watch = member.watch
        if not watch.silent and not self.faults.is_open(watch.device, TroubleKind.SILENT):
            return
        if self._clock.monotonic_ms() - watch.heard_ms <= supervision.SILENT_AFTER_MS:
            watch.silent = False
            await self.faults.end(watch.device, TroubleKind.SILENT)

    async def _refuse(self, rejected: Rejected) -> None:
        now_ms = self._clock.wall_ms()
        await self._rejections.list(rejected, sent_once(rejected.raw, now_ms), now_ms)

    # --- by other ways -------------------------------------------------------------------------

    async def path_report(self, device: Enrolled, report: PathReport) -> bool:
        """Takes a verified report over a device's second path; False when it is not news.

        Raises:
            StoreError: it was not written down; the SMS must stay on its SIM.
        """
        if not await self._paths.take(device, report):
            return False
        member = self._roll.get(device.device)
        if member is None:  # it has never been heard over its main path: nobody waits for that
            return True
        watch = member.watch
        made_ms = second_path.made_ms(report, watch, self._clock.wall_ms(), self._clock.monotonic_ms())
        if device.role == ROLE_GATEWAY:
            self._sites.text(device.site, made_ms)
            await self._sites.settle()
        if made_ms > watch.heard_ms:
            watch.flags = report.state
            await self._conditions.texted(member, report.state)
        return True

    def pressed(self, identity: PressIdentity, taken: Taken) -> None:
        """A press was committed; one of long ago is no chatter."""
        if taken.quiet_until_ms is not None:
            self._bells.wait(taken.rings_in, taken.quiet_until_ms)
        if taken.flags & Flag.LATE:
            return
        now_ms = self._clock.monotonic_ms()
        if self._chatter.pressed(identity.device, identity.nonce, taken.repeats, now_ms, fresh=taken.fresh):
            self._chattering.add(identity.device)

    # --- what does not arrive ------------------------------------------------------------------

    async def tick(self) -> None:
        """Call it every second: who has fallen silent becomes a trouble, or an alarm.

        What the store does not take is tried again by the next call.
        """
        now_ms = self._clock.monotonic_ms()
        if not self._hears() or now_ms - self._ticked_ms > STALLED_MS:
            self._hearing_since_ms = now_ms
        self._ticked_ms = now_ms
        self._conditions.tick()
        self._sites.tick(self._hearing_since_ms)
        await self._sites.settle()
        await self._bells.tick()
        await self._note_silence(now_ms)
        await self._note_chatter(now_ms)
        try:
            await self._paths.tick()
            await self._count_overdue(now_ms)
        except StoreError as error:
            _log.error("supervision not stored", why=error.what)

    async def _count_overdue(self, now_ms: int) -> None:
        if now_ms < self._count_overdue_at_ms:
            return
        self._count_overdue_at_ms = now_ms + COUNT_OVERDUE_EVERY_MS
        wall_ms = self._clock.wall_ms()
        overdue = await self._store.submit(lambda transaction: transaction.overdue_troubles(wall_ms), urgent=False)
        self._on_overdue(overdue)

    async def _note_silence(self, now_ms: int) -> None:
        for watch in supervision.fallen_silent(self._roll.watches(), now_ms, self._hearing_since_ms):
            if watch.is_gateway and self._sites.is_explained(watch.site):
                continue
            watch.silent = True
            name = topics.device_name(watch.device)
            _log.warning("silent", device=name, site=watch.site, gateway=watch.is_gateway)
        for watch in self._roll.watches():
            if watch.silent and not self.faults.is_open(watch.device, TroubleKind.SILENT):
                await self.faults.raise_once(watch.device, TroubleKind.SILENT)

    async def _note_chatter(self, now_ms: int) -> None:
        for device in sorted(self._chattering):
            detail = {"code": "presses", "count": PRESSES_MAX, "ms": WINDOW_MS}
            await self.faults.raise_once(device, TroubleKind.CHATTERING, detail)
            if self.faults.is_open(device, TroubleKind.CHATTERING):
                self._chattering.discard(device)
        for device in self._chatter.calm(now_ms):
            await self.faults.end(device, TroubleKind.CHATTERING)

    async def save(self) -> None:
        """Call it every few seconds: counters outlive a restart, so that old heartbeats stay old.

        Raises:
            StoreError: not all was saved; the next call tries the rest again.
        """
        dirty = self._roll.take_dirty()
        for at in range(0, len(dirty), SAVED_AT_ONCE):
            piece = dirty[at : at + SAVED_AT_ONCE]
            try:
                await self._store.submit(partial(_save_watches, watches=piece), urgent=False)
            except BaseException:
                self._roll.put_back(dirty[at:])
                raise


def _save_watches(transaction: Transaction, watches: Sequence[SavedWatch]) -> None:
    transaction.save_watches(watches)


def _stale(part: Part, source: str, device: int, counter: int, raw: bytes) -> Rejected:
    return Rejected(Reason.STALE, part, because(Why.COUNTER, counter=counter), source, device, raw)
