"""What the guard sees, compared with what is true: a receipt is sent again until the heartbeat shows it."""

from __future__ import annotations

from functools import partial

from kentongan_server.application.answers import Answers
from kentongan_server.application.ports import AlarmRef, Enrolled, Store, Transaction
from kentongan_server.application.roll import Member
from kentongan_server.application.standings import Standings
from kentongan_server.domain import receipt_level
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_wire.press import PressIdentity
from kentongan_wire.supervision import Heartbeat


class Lamps:
    """Compares each heartbeat's newest press with the store; costs no query while nothing has changed."""

    def __init__(self, store: Store, answers: Answers, standings: Standings) -> None:
        self._store = store
        self._answers = answers
        self._standings = standings

    async def compare(self, member: Member, beat: Heartbeat, gateway: Enrolled) -> None:
        """Writes down what the guard is shown, and corrects it through the gateway of this heartbeat.

        Raises:
            StoreError: what is shown was not written down; the next heartbeat tries again.
        """
        if not beat.sequence:
            return
        shown = (beat.sequence, beat.nonce, beat.level, beat.revision)
        pressed = PressIdentity(member.watch.device, beat.sequence, beat.nonce)
        ours = self._standings.get(pressed)
        if ours == (beat.level, beat.revision) and member.vitals.shown == shown:
            return
        work = partial(
            note_lamp, pressed=pressed, level=beat.level, revision=beat.revision, at_ms=member.vitals.heard_at_ms
        )
        alarm = await self._store.submit(work, urgent=False)
        if alarm is None:  # it has not arrived yet; its button goes on sending it
            return
        member.vitals.shown = shown
        self._standings.put(alarm.identity, alarm.standing)
        if receipt_level.must_be_told(alarm.standing, beat.level, beat.revision):
            self._answers.standing_of(alarm, [gateway.device])


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
