"""Intake: verify, de-duplicate, commit, and only then answer.

Nothing here rejects a press with a valid MAC: late, moved, rewound or of suspect time, it rings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from kentongan_host.failpoints import CENTRE_AFTER_COMMIT_BEFORE_RECEIPT, CENTRE_BEFORE_COMMIT, fail_point
from kentongan_host.log import logger
from kentongan_server.application.answers import Answers
from kentongan_server.application.ports import AlarmRef, Arrival, Clock, KeyRing, NewAlarm, Store, Transaction
from kentongan_server.application.rejections import Rejections, digest, sent_once
from kentongan_server.application.troubles import raise_trouble
from kentongan_server.application.verify import Opened, VerifiedPress, open_envelope, open_press, salvage_press
from kentongan_server.domain import dating, incident
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.flags import Flag, names
from kentongan_server.domain.receipt_level import RECEIVED, Standing, moved_to
from kentongan_server.domain.sequence import Arrived, went_backwards
from kentongan_server.domain.supervision import TroubleKind
from kentongan_server.domain.verdict import Rejected
from kentongan_wire import topics
from kentongan_wire.press import CONTACT_AT_BOOT, PressIdentity
from kentongan_wire.receipts import LEVEL_RECEIVED
from kentongan_wire.supervision import UNKNOWN_MS

# A gateway sends a frame in custody again until it is answered, each time with the time held; two
# tries of one arrival differ by the jitter of the way only.
CUSTODY_ARRIVAL_TOLERANCE_MS = 5_000

_log = logger("kentongan.intake")


class BootClock(Protocol):
    """What supervision knows of boots, to date presses across a reboot."""

    def boot_started_ms(self, device: int, boot_id: int) -> int | None:
        """Unix ms at which that boot's uptime was 0; None when no heartbeat told."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a committed press came to.

    Attributes:
        fresh: it is a new alarm; False for another delivery of a known one.
        repeats: presses merged into it, as far as the centre knows now.
        flags: of a fresh one.
        rings_instead: the alarm of the button's open incident that rings again because more presses were
            merged into this one after its incident was closed.
    """

    alarm: int
    incident: int
    standing: Standing
    fresh: bool
    repeats: int
    flags: int = 0
    rings_instead: AlarmRef | None = None


class Intake:
    """Takes what arrives on the gateways' alarm lanes.

    Args:
        on_taken: told (press, what it came to) after each commit, before anything is answered.
    """

    def __init__(
        self,
        keys: KeyRing,
        store: Store,
        answers: Answers,
        clock: Clock,
        boots: BootClock,
        rejections: Rejections,
        on_taken: Callable[[PressIdentity, Taken], None] = lambda _identity, _taken: None,
    ) -> None:
        self._keys = keys
        self._store = store
        self._answers = answers
        self._clock = clock
        self._boots = boots
        self._rejections = rejections
        self._on_taken = on_taken

    async def take(self, topic: str, payload: bytes) -> Taken | Rejected:
        """Handles one message of an alarm lane to its end.

        Raises:
            StoreError: nothing was committed and nothing was answered; the gateway sends it again.
        """
        received_at_ms = self._clock.wall_ms()
        opened = open_envelope(self._keys, topic, payload)
        if isinstance(opened, Rejected):
            await self._rejections.list(opened, sent_once(payload, received_at_ms), received_at_ms)
            salvaged = salvage_press(self._keys, topic, payload)
            return await self._accept(salvaged, received_at_ms) if salvaged else opened
        press = open_press(self._keys, opened)
        if isinstance(press, Rejected):
            arrival = arrival_of(opened, payload, received_at_ms)
            if await self._rejections.list(press, arrival, received_at_ms) and opened.in_custody:
                self._answers.refused(press.raw, press.reason, opened.gateway)
            return press
        return await self._accept(press, received_at_ms)

    async def _accept(self, press: VerifiedPress, received_at_ms: int) -> Taken:
        body = press.press.body
        started_ms = self._boots.boot_started_ms(press.identity.device, body.boot_id)
        taken = await self._store.submit(partial(take_press, press=press, at_ms=received_at_ms, started_ms=started_ms))
        fail_point(CENTRE_AFTER_COMMIT_BEFORE_RECEIPT)
        self._on_taken(press.identity, taken)
        self._answers.press_taken(
            press.identity, taken.standing, taken.repeats, press.button, press.gateway, press.via
        )
        if taken.fresh:
            device = topics.device_name(press.identity.device)
            _log.info("alarm", alarm_id=taken.alarm, incident=taken.incident, device=device, flags=names(taken.flags))
        return taken


def arrival_of(opened: Opened, payload: bytes, received_at_ms: int) -> Arrival:
    """When the bytes in an envelope reached the gateway, as far as the envelope tells."""
    envelope = opened.envelope
    if not opened.in_custody or envelope.held_ms == UNKNOWN_MS:
        return sent_once(payload, received_at_ms)
    return Arrival(digest(envelope.inner), received_at_ms - envelope.held_ms, CUSTODY_ARRIVAL_TOLERANCE_MS)


# --- inside the store's transaction ---------------------------------------------------------------


def take_press(transaction: Transaction, press: VerifiedPress, at_ms: int, started_ms: int | None) -> Taken:
    """Makes a verified press an alarm of an incident, once for ever."""
    known = transaction.alarm(press.identity)
    taken = _take_again(transaction, known, press, at_ms) if known else _take_new(transaction, press, at_ms, started_ms)
    fail_point(CENTRE_BEFORE_COMMIT)
    return taken


def _take_new(transaction: Transaction, press: VerifiedPress, at_ms: int, started_ms: int | None) -> Taken:
    body, device, site = press.press.body, press.identity.device, press.button.site
    dated = dating.date(press.press, press.held_ms, at_ms, started_ms)
    neighbours = transaction.neighbours(device, body.boot_id, body.sequence)
    rewound = went_backwards(Arrived(body.sequence, body.boot_id, body.uptime_ms, dated.counted_at_ms), neighbours)
    flags = _flags(press, dated, rewound=rewound)
    found = transaction.open_incident(device)
    incident.step(found[1] if found else None, incident.Event.PRESS)
    if found:
        in_incident, what = found[0], "alarm"
        transaction.touch_incident(in_incident, at_ms)
    else:
        in_incident, what = transaction.insert_incident(device, site, at_ms), "opened"
    alarm = transaction.insert_alarm(_new_alarm(press, in_incident, at_ms, dated, flags))
    facts = {
        "alarm": alarm,
        "device": topics.device_name(device),
        "sequence": body.sequence,
        "nonce": body.nonce.hex(),
        "gateway": topics.device_name(press.via) if press.via is not None else None,
        "flags": names(flags),
    }
    transaction.append(Entry(at_ms, Kind.INCIDENT, what, str(in_incident), canonical(facts)))
    if rewound:
        detail = f"press {body.sequence} rang although its counter went backwards"
        raise_trouble(transaction, device, TroubleKind.REWOUND, at_ms, detail)
    return Taken(alarm, in_incident, RECEIVED, fresh=True, repeats=press.press.sending.repeats, flags=flags)


def _take_again(transaction: Transaction, known: AlarmRef, press: VerifiedPress, at_ms: int) -> Taken:
    """Another delivery of a known press: nothing new, unless more presses were merged into it."""
    repeats = press.press.sending.repeats
    transaction.came_again(known.id, press.via, max(repeats, known.repeats))
    if repeats <= known.repeats:
        return Taken(known.id, known.incident, known.standing, fresh=False, repeats=known.repeats)
    ringing = _ring_again(transaction, known) if known.answered else known
    facts = canonical({"alarm": known.id, "repeats": repeats})
    reopened = ringing.id == known.id and ringing.incident_state is not known.incident_state
    what = "reopened" if reopened else "repeated"
    transaction.append(Entry(at_ms, Kind.INCIDENT, what, str(ringing.incident), facts))
    if ringing.id != known.id:
        return Taken(known.id, known.incident, known.standing, fresh=False, repeats=repeats, rings_instead=ringing)
    return Taken(known.id, known.incident, ringing.standing, fresh=False, repeats=repeats)


def _ring_again(transaction: Transaction, known: AlarmRef) -> AlarmRef:
    """Somebody pressed again after the answer: it rings and wants its own.

    The press that was merged into one of a closed incident opens that incident again. Where the
    button has another open one by now, the newest alarm there rings for it.

    Returns:
        The alarm that rings now, as it stands after this.
    """
    ringing, state = known, incident.step(known.incident_state, incident.Event.REPEAT)
    if state is not known.incident_state:
        other = transaction.open_incident(known.identity.device)
        if other is None:
            transaction.reopen_incident(known.incident)
        else:
            ringing, state = transaction.alarms_of(other[0])[-1], other[1]
    if ringing.answered:
        ringing = replace(ringing, answered=False, standing=moved_to(ringing.standing, LEVEL_RECEIVED))
        transaction.unanswer(ringing.id, ringing.standing)
    return replace(ringing, incident_state=state)


def _flags(press: VerifiedPress, dated: dating.Dating, *, rewound: bool) -> int:
    return (
        (int(Flag.LATE) if dated.late else 0)
        | (int(Flag.MOVED) if press.gateway is None or press.button.site != press.gateway.site else 0)
        | (int(Flag.REWOUND) if rewound else 0)
        | (int(Flag.RETIRED) if press.button.retired else 0)
        | (int(Flag.TIME_SUSPECT) if dated.time_suspect else 0)
        | (int(Flag.AT_BOOT) if press.press.body.contacts & CONTACT_AT_BOOT else 0)
    )


def _new_alarm(press: VerifiedPress, in_incident: int, at_ms: int, dated: dating.Dating, flags: int) -> NewAlarm:
    body, sending = press.press.body, press.press.sending
    return NewAlarm(
        incident=in_incident,
        identity=press.identity,
        key_id=press.button.key_id,
        kind=body.kind,
        contacts=body.contacts,
        boot_id=body.boot_id,
        uptime_ms=body.uptime_ms,
        wall_ms=body.wall_ms,
        clock=body.clock,
        pressed_at_ms=dated.pressed_at_ms,
        dated=dated.dated,
        received_at_ms=at_ms,
        standing=RECEIVED,
        repeats=sending.repeats,
        gateway=press.via,
        path=sending.path,
        held_ms=None if press.held_ms == UNKNOWN_MS else press.held_ms,
        attempt=sending.attempt,
        flags=flags,
    )
