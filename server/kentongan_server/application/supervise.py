"""Supervision: who lives, what ails them, and what their lamps should show.

A site report is a gateway's own sign of life and carries its buttons'. Each is verified by its
own key and counter; a gateway can bundle heartbeats, not make them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kentongan_host.log import logger
from kentongan_server.application.answers import Answers
from kentongan_server.application.fault_book import FaultBook
from kentongan_server.application.ports import AlarmRef, Clock, Enrolled, KeyRing, Store, Transaction
from kentongan_server.application.rejections import Rejections, sent_once
from kentongan_server.application.roll import Member, Roll
from kentongan_server.application.standings import Standings
from kentongan_server.application.verify import VerifiedReport, open_heartbeat, open_report
from kentongan_server.domain import receipt_level, supervision
from kentongan_server.domain.errors import CentreError, NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.supervision import Freshness
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.domain.verdict import Part, Reason, Rejected
from kentongan_wire import topics
from kentongan_wire.command import COMMAND_REPORT_NOW, Command
from kentongan_wire.press import BATTERY_UNKNOWN_MV, SIGNAL_UNKNOWN_DBM, PressIdentity
from kentongan_wire.supervision import UNKNOWN_MS, Beat, Heartbeat

COMMAND_LIFE_MS = 30_000  # a request for a heartbeat is pointless once three of them came anyway

_log = logger("kentongan.supervise")


class NotHeardError(CentreError):
    """A command needs to know in which boot the button is."""

    code = "not-heard"


@dataclass(frozen=True, slots=True)
class Heard:
    """A verified heartbeat; `is_fresh` is False when it was heard before."""

    button: Enrolled
    heartbeat: Heartbeat
    is_fresh: bool


class Supervise:
    """Takes what arrives on the gateways' report lanes, and notices what does not arrive.

    Args:
        may_answer: whether the centre could take an alarm now; while it cannot, no heartbeat is
            answered, so that buttons take their path for unproven instead of trusting it.
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
    ) -> None:
        self._keys = keys
        self._store = store
        self._answers = answers
        self._clock = clock
        self._roll = roll
        self._standings = standings
        self._rejections = rejections
        self._may_answer = may_answer
        self.faults = FaultBook(store, clock)

    async def load(self) -> None:
        """Takes over what the process before knew; call it once, before anything else."""
        saved, troubles = await self._store.submit(
            lambda transaction: (transaction.watches(), transaction.open_troubles())
        )
        self._roll.load(saved)
        self.faults.load(troubles)
        for watch in self._roll.watches():
            watch.silent = self.faults.is_open(watch.device, TroubleKind.SILENT)

    async def reload(self) -> None:
        """After an enrolment by another process: who is in service now, and which troubles it ended."""
        in_service, troubles = await self._store.submit(
            lambda transaction: (transaction.in_service(), transaction.open_troubles()), urgent=False
        )
        self._roll.keep_only(in_service)
        self.faults.load(troubles)

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
            supervision.gateway_is_back(self._roll.watches(), watch.site, now_ms)
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
        if fresh is Freshness.FRESH:
            held_ms = 0 if beat.held_ms == UNKNOWN_MS else beat.held_ms
            made_ms = self._clock.monotonic_ms() - held_ms
            supervision.hear(
                member.watch, button.key_id, heartbeat.counter, heartbeat.boot_id, heartbeat.uptime_ms, made_ms
            )
            self._note_vitals(member, heartbeat, report.gateway, held_ms)
        return Heard(found.button, found.heartbeat, fresh is Freshness.FRESH)

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

    async def _look_after_site(self, verified: VerifiedReport) -> None:
        """What follows from a report: the gateway's silence ends, its state is a trouble or none."""
        member = self._roll.of(verified.gateway)
        await self._end_silence(member)
        meaning = supervision.SITE_TROUBLES
        present = supervision.troubles_of(verified.report.state, meaning)
        await self.faults.reconcile(verified.gateway.device, meaning.values(), present)

    async def _look_after_button(self, heard: Heard, gateway: Enrolled) -> None:
        """What follows from a heartbeat: ended silence, troubles, a lamp that shows the wrong thing."""
        member = self._roll.of(heard.button)
        await self._end_silence(member)
        meaning = supervision.BUTTON_TROUBLES
        present = supervision.troubles_of(heard.heartbeat.state, meaning)
        await self.faults.reconcile(heard.button.device, meaning.values(), present)
        await self._compare_lamp(member, heard, gateway)

    async def _compare_lamp(self, member: Member, heard: Heard, gateway: Enrolled) -> None:
        beat = heard.heartbeat
        if not beat.sequence:
            return
        shown = (beat.sequence, beat.nonce, beat.level, beat.revision)
        pressed = PressIdentity(heard.button.device, beat.sequence, beat.nonce)
        ours = self._standings.get(pressed)
        if ours == (beat.level, beat.revision) and member.vitals.shown == shown:
            return
        work = partial(note_lamp, pressed=pressed, level=beat.level, revision=beat.revision, at_ms=member.vitals.heard_at_ms)
        alarm = await self._store.submit(work, urgent=False)
        if alarm is None:  # it has not arrived yet; its button goes on sending it
            return
        member.vitals.shown = shown
        self._standings.put(alarm.identity, alarm.standing)
        if receipt_level.must_be_told(alarm.standing, beat.level, beat.revision):
            self._answers.standing_of(alarm, [gateway.device])

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

    # --- what does not arrive ------------------------------------------------------------------

    async def tick(self) -> None:
        """Call it every second: who has fallen silent becomes a trouble."""
        for watch in supervision.fallen_silent(self._roll.watches(), self._clock.monotonic_ms()):
            watch.silent = True
            name = topics.device_name(watch.device)
            _log.warning("silent", device=name, site=watch.site, gateway=watch.is_gateway)
        for watch in self._roll.watches():
            if watch.silent and not self.faults.is_open(watch.device, TroubleKind.SILENT):
                await self.faults.raise_once(watch.device, TroubleKind.SILENT)

    async def save(self) -> None:
        """Call it every few seconds: counters outlive a restart, so that old heartbeats stay old.

        Raises:
            StoreError: nothing was saved; the next call tries again.
        """
        dirty = self._roll.take_dirty()
        try:
            await self._store.submit(lambda transaction: transaction.save_watches(dirty), urgent=False)
        except BaseException:
            self._roll.put_back(dirty)
            raise

    # --- commands ------------------------------------------------------------------------------

    async def report_now(self, device: int) -> None:
        """Asks a button for a heartbeat.

        Raises:
            NotFoundError: no such button in service.
            NotHeardError: it has never been heard, so nobody knows its boot.
            StoreError: the command's counter could not be committed.
        """
        member = self._roll.get(device)
        if member is None or member.vitals.via is None:
            raise NotHeardError(
                f"button {topics.device_name(device)} has not been heard yet.", "Connect it to its gateway first."
            )
        watch = member.watch
        button = self._keys.find(device, watch.key_id)
        if button is None:
            raise NotFoundError(f"there is no button {topics.device_name(device)}.")
        counter = await self._store.submit(lambda transaction: transaction.next_command(device))
        uptime_ms = self._clock.monotonic_ms() - watch.boot_started_ms
        command = Command(counter, watch.boot_id, uptime_ms + COMMAND_LIFE_MS, COMMAND_REPORT_NOW)
        self._answers.command(command, button, member.vitals.via)


def _stale(part: Part, source: str, device: int, counter: int, raw: bytes) -> Rejected:
    return Rejected(Reason.STALE, part, f"counter {counter} does not rise", source, device, raw)


# --- inside the store's transaction ---------------------------------------------------------------


def note_lamp(
    transaction: Transaction, pressed: PressIdentity, level: int, revision: int, at_ms: int
) -> AlarmRef | None:
    """Writes down what the guard is shown, if that is news; the alarm, or None while it has not arrived."""
    alarm = transaction.alarm(pressed)
    if alarm is not None and level and transaction.set_seen(alarm.id, level, revision, at_ms):
        facts = canonical({"alarm": alarm.id, "level": level, "revision": revision})
        transaction.append(Entry(at_ms, Kind.INCIDENT, "seen", str(alarm.incident), facts))
    return alarm
