"""Taking a verified press inside the store's transaction: one alarm of one incident, once for ever.

Nothing here rejects a press with a valid MAC: late, moved, rewound or of suspect time, it rings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kentongan_host.failpoints import CENTRE_BEFORE_COMMIT, fail_point
from kentongan_server.application import ringing
from kentongan_server.application.acts import UNCLOSED
from kentongan_server.application.joining import join
from kentongan_server.application.ports import AlarmRef, NewAlarm, NewIncident, Transaction
from kentongan_server.application.troubles import raise_trouble
from kentongan_server.application.verify import VerifiedPress
from kentongan_server.domain import category, correlation, dating, incident, sms_quota
from kentongan_server.domain.dating import NetworkDelay
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.flags import Flag, names
from kentongan_server.domain.receipt_level import RECEIVED, Standing, moved_to
from kentongan_server.domain.sequence import Arrived, went_backwards
from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire import topics
from kentongan_wire.press import CONTACT_AT_BOOT, PATH_SMS
from kentongan_wire.receipts import LEVEL_RECEIVED
from kentongan_wire.supervision import UNKNOWN_MS


@dataclass(frozen=True, slots=True)
class Granted:
    """Receipts to be texted, counted in the transaction that took the press.

    Attributes:
        number: the enrolled number of the device whose frame came by SMS.
        devices: for whom a receipt is made.
    """

    number: str
    devices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else taking a press needs to know, beside the press itself.

    Attributes:
        started_ms: Unix ms at which the boot of the press began, as heartbeats told.
        network: set when it came by SMS.
        proven: whether the path by MQTT of the device that texted works now.
        restored_at_ms: Unix ms at which this store was restored from a backup; None when it never was.
    """

    started_ms: int | None = None
    network: NetworkDelay | None = None
    proven: bool = False
    restored_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a committed press came to.

    Attributes:
        fresh: it is a new alarm; False for another delivery of a known one.
        repeats: presses merged into it, as far as the centre knows now.
        flags: of a fresh one.
        rings_instead: the alarm of the button's open incident that rings again because more presses were
            merged into this one after its incident was closed.
        quiet_until_ms: when the bell of the incident that rings starts, Unix ms; None for at once (`ringing.begin`).
    """

    alarm: int
    incident: int
    standing: Standing
    fresh: bool
    repeats: int
    flags: int = 0
    rings_instead: AlarmRef | None = None
    granted: Granted | None = None
    quiet_until_ms: int | None = None

    @property
    def rings_in(self) -> int:
        """The incident whose bell this concerns."""
        return self.rings_instead.incident if self.rings_instead else self.incident


def take_press(transaction: Transaction, press: VerifiedPress, at_ms: int, known: Circumstances) -> Taken:
    """Makes a verified press an alarm of an incident, once for ever."""
    alarm = transaction.alarm(press.identity)
    taken = _take_again(transaction, alarm, press, at_ms) if alarm else _take_new(transaction, press, at_ms, known)
    if press.texter is not None:
        first_by_sms = alarm is None or alarm.path == PATH_SMS
        taken = replace(taken, granted=_grant(transaction, taken.alarm, press, at_ms, first_by_sms or not known.proven))
    fail_point(CENTRE_BEFORE_COMMIT)
    return taken


def _grant(
    transaction: Transaction,
    alarm: int,
    press: VerifiedPress,
    at_ms: int,
    may_text: bool,  # noqa: FBT001
) -> Granted | None:
    """Receipts to be texted for this arrival, counted for ever.

    A press that came by MQTT first, of a device whose MQTT works, is answered there: its text was on
    the way already. One that came by SMS first is answered by both, for nobody knows why it did.
    """
    number = transaction.number_of(press.texter) if may_text and press.texter is not None else None
    if number is None or press.texter is None:
        return None
    button = press.identity.device
    devices = sms_quota.addressees(transaction.sms_receipts(alarm), press.texter, button, at_ms)
    for _ in devices:
        transaction.count_sms_receipt(alarm, press.texter, at_ms)
    return Granted(number, devices) if devices else None


def _take_new(transaction: Transaction, press: VerifiedPress, at_ms: int, known: Circumstances) -> Taken:
    body, device = press.press.body, press.identity.device
    dated = dating.date(press.press, press.held_ms, at_ms, known.started_ms, known.network)
    neighbours = transaction.neighbours(device, body.boot_id, body.sequence)
    rewound = went_backwards(Arrived(body.sequence, body.boot_id, body.uptime_ms, dated.counted_at_ms), neighbours)
    flags = _flags(press, dated, rewound=rewound)
    review = incident.is_for_review(flags, dated.latest_ms, known.restored_at_ms)
    place = _place(transaction, press, at_ms, review=review)
    in_incident, what = place.incident, "opened" if place.is_new else "alarm"
    quiet_until_ms = None
    if not place.is_new and not review:
        # The pace is for a contact that chatters: another button, or another kind, is never behind it.
        news = not transaction.has_answered(in_incident, device, body.kind)
        quiet_until_ms = ringing.begin(transaction, in_incident, at_ms, news=news)
    alarm = transaction.insert_alarm(_new_alarm(press, place, at_ms, dated, flags))
    facts = {
        "alarm": alarm,
        "device": topics.device_name(device),
        "sequence": body.sequence,
        "nonce": body.nonce.hex(),
        "gateway": topics.device_name(press.via) if press.via is not None else None,
        "modem": press.modem,
        "flags": names(flags),
    }
    transaction.append(Entry(at_ms, Kind.INCIDENT, what, str(in_incident), canonical(facts)))
    if rewound:
        detail = {"code": "counter-went-back", "sequence": body.sequence}
        raise_trouble(transaction, device, TroubleKind.REWOUND, at_ms, detail)
    repeats = press.press.sending.repeats
    return Taken(alarm, in_incident, RECEIVED, fresh=True, repeats=repeats, flags=flags, quiet_until_ms=quiet_until_ms)


@dataclass(frozen=True, slots=True)
class _Place:
    """The incident that a new alarm goes to, and its version with that alarm."""

    incident: int
    version: int
    is_new: bool


def _place(transaction: Transaction, press: VerifiedPress, at_ms: int, *, review: bool) -> _Place:
    """Joins the press to an open incident of its button or its site, or opens one."""
    device, site, kind = press.identity.device, press.button.site, category.of_kind(press.press.body.kind)
    candidates = transaction.candidates(site, device, recovered=review, drill=0)
    joined = correlation.joins(candidates, at_ms)
    if joined is None:
        began = NewIncident("button", kind, at_ms, device, site, recovered=review)
        return _Place(transaction.insert_incident(began), 1, is_new=True)
    return _Place(joined, join(transaction, joined, kind, at_ms, review=review), is_new=False)


def _take_again(transaction: Transaction, known: AlarmRef, press: VerifiedPress, at_ms: int) -> Taken:
    """Another delivery of a known press: nothing new, unless more presses were merged into it."""
    repeats = press.press.sending.repeats
    transaction.came_again(known.id, press.via, max(repeats, known.repeats))
    if transaction.also_came_by(known.id, press.path):  # once for each path: a replay does not flood the history
        facts = canonical({"alarm": known.id, "path": press.path, "modem": press.modem})
        transaction.append(Entry(at_ms, Kind.INCIDENT, "also", str(known.incident), facts))
    if repeats <= known.repeats:
        return Taken(known.id, known.incident, known.standing, fresh=False, repeats=known.repeats)
    rings = _where_it_rings(transaction, known)
    quiet_until_ms = _ring_again(transaction, known, rings, at_ms)
    instead = {} if rings.id == known.id else {"rings": rings.id}
    facts = canonical({"alarm": known.id, "repeats": repeats, **instead})
    reopened = rings.id == known.id and known.incident_state is incident.State.CLOSED
    what = "reopened" if reopened else "repeated"
    transaction.append(Entry(at_ms, Kind.INCIDENT, what, str(rings.incident), facts))
    now = _unanswered(rings)
    taken = Taken(known.id, known.incident, known.standing, fresh=False, repeats=repeats, quiet_until_ms=quiet_until_ms)
    return replace(taken, rings_instead=now) if now.id != known.id else replace(taken, standing=now.standing)


def _where_it_rings(transaction: Transaction, known: AlarmRef) -> AlarmRef:
    """The alarm that rings for more presses merged into `known`.

    The press that was merged into one of a closed incident opens that incident again. Where the
    button has another open one by now, the newest alarm there rings for it. An incident for review
    becomes one that rings in the same way: somebody has pressed since.
    """
    if known.incident_state is not incident.State.CLOSED and not known.recovered:
        return known
    device = known.identity.device
    candidates = transaction.candidates("", device, recovered=False, drill=0)
    own = correlation.joins([one for one in candidates if one.is_own], 0)
    return known if own is None else transaction.newest_of(own, device)


def _ring_again(transaction: Transaction, known: AlarmRef, rings: AlarmRef, at_ms: int) -> int | None:
    """Somebody pressed again: it rings and wants an answer of its own; when its bell starts (see `ringing.begin`)."""
    state = incident.step(rings.incident_state, incident.Event.REPEAT)
    changes: dict[str, object] = {"state": str(state), "parked_until_ms": None}
    if rings.incident_state is incident.State.CLOSED:
        changes |= UNCLOSED
    if rings.id == known.id and (known.recovered or rings.incident_state is incident.State.CLOSED):
        # It stands under who pressed: the one that opened it may have another open incident by now.
        changes |= {"device": known.identity.device}
    if rings.id == known.id and known.recovered:
        changes |= {"recovered": 0, "priority": category.PRIORITIES[transaction.state_of(rings.incident)[1]]}
    version = transaction.change(rings.incident, changes)
    quiet_until_ms = None
    if rings.answered:
        quiet_until_ms = ringing.begin(transaction, rings.incident, at_ms)
        transaction.unanswer(rings.id, _unanswered(rings).standing)
    transaction.rang(rings.id, version)
    return quiet_until_ms


def _unanswered(alarm: AlarmRef) -> AlarmRef:
    """The alarm as it stands once it waits for an answer."""
    if not alarm.answered:
        return alarm
    return replace(alarm, answered=False, standing=moved_to(alarm.standing, LEVEL_RECEIVED))


def _flags(press: VerifiedPress, dated: dating.Dating, *, rewound: bool) -> int:
    return (
        (int(Flag.LATE) if dated.late else 0)
        | (int(Flag.MOVED) if _moved(press) else 0)
        | (int(Flag.REWOUND) if rewound else 0)
        | (int(Flag.RETIRED) if press.button.retired else 0)
        | (int(Flag.TIME_SUSPECT) if dated.time_suspect else 0)
        | (int(Flag.AT_BOOT) if press.press.body.contacts & CONTACT_AT_BOOT else 0)
        | (int(Flag.RECOVERED) if press.offered_again else 0)
    )


def _moved(press: VerifiedPress) -> bool:
    """Whether it came through another site than its own; a button's own SMS comes through none."""
    if press.texted:
        return False
    return press.gateway is None or press.button.site != press.gateway.site


def _new_alarm(press: VerifiedPress, place: _Place, at_ms: int, dated: dating.Dating, flags: int) -> NewAlarm:
    body, sending = press.press.body, press.press.sending
    return NewAlarm(
        incident=place.incident,
        rung_version=place.version,
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
        path=press.path,
        held_ms=None if press.held_ms == UNKNOWN_MS or press.texted else press.held_ms,
        attempt=sending.attempt,
        flags=flags,
        modem=press.modem,
    )
