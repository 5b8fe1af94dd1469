"""The judge. It believes hands, flash and tables, reads all of them by itself, and no core.

Its ledger: what hands pressed, what a button's flash holds (decoded here), what each life of the
centre's store ever said (read by SQL of its own), what operators did. Frames are taken apart by
their byte tables. Whatever contradicts the invariants raises `Violation` at the step that did it.
"""

from __future__ import annotations

import copy
import json
import sqlite3
import struct
from collections.abc import Sequence

from kentongan_sim.universe.history import Alarm, History
from kentongan_sim.universe.people import OPERATOR, gateway_of, number_of
from kentongan_sim.universe.reading import (
    ENVELOPED,
    Identity,
    Journalled,
    chain_hash,
    commitment,
    read_armour,
    read_journal,
    read_latch,
    read_refused,
)

PRESS_KINDS = (1, 2, 3, 4)  # alarms of other kinds are made by the centre itself
_HEADER = struct.Struct(">BBBBI")
_RECEIPT = struct.Struct(">II8sBIQIH")
_RECEIPT_TYPE = 0x41
_PRESS_TYPE = 0x01
FIRST = (1, 1)  # *received*, which whatever was answered later does not make untrue
PROVES_MS = 20_000  # an answer later than this proves nothing
SMS_RECEIPTS = 4  # for one genuine press, ever
_ALARMS = """
SELECT a.id, a.device, a.sequence, a.nonce, a.level, a.revision, a.repeats, a.acknowledged_by, a.incident, i.state
FROM alarm AS a JOIN incident AS i ON i.id = a.incident WHERE a.kind IN (1, 2, 3, 4)
"""
_FEED = """
SELECT position, at_ms, kind, what, subject, facts, personal, salt, commitment, prev_hash, hash
FROM feed WHERE position > ? ORDER BY position
"""


class Violation(Exception):  # noqa: N818 - it is what it is called everywhere
    """An invariant does not hold; `invariant` is its number."""

    def __init__(self, invariant: int, text: str) -> None:
        super().__init__(f"invariant {invariant}: {text}")
        self.invariant = invariant


def show(identity: Identity) -> str:
    """For people."""
    return f"{identity[0]:08x}-{identity[1]}-{identity[2].hex()}"


class Oracle:
    """The ledger and its rules.

    Attributes:
        genuine: every press that hands made.
        owed: those that must become an alarm, because somebody's durable memory holds them.
        history: of the centre's present store.
        custody: gateway → press → state, as its store has it.
    """

    def __init__(self) -> None:
        self.genuine: set[Identity] = set()
        self.journals: dict[str, dict[Identity, Journalled]] = {}
        self.custody: dict[int, dict[Identity, str]] = {}
        self.ended_without_centre: set[Identity] = set()
        self.history = History(1)
        self.lives: dict[int, History] = {1: self.history}
        self.frames: dict[bytes, Identity] = {}  # of presses, as their buttons sent them
        self.sequences: dict[int, set[int]] = {}
        self.rewound: set[int] = set()  # devices that were re-flashed or cloned
        self.beats: dict[tuple[str, int], int] = {}
        self.receipts = 0
        self.lamps = 0

    # --- hands and flash ----------------------------------------------------------------------

    def pressed(self, device: int, sequence: int, nonce: bytes) -> None:
        """Hands did it."""
        known = self.sequences.setdefault(device, set())
        if sequence in known and device not in self.rewound:
            raise Violation(2, f"{device:08x} gave out sequence {sequence} twice")
        known.add(sequence)
        self.genuine.add((device, sequence, nonce))

    def sent_beat(self, button: str, counter: int, now_ms: int) -> None:
        """A heartbeat went out."""
        self.beats[button, counter] = now_ms

    def answered(self, button: str, counter: int, now_ms: int) -> None:
        """A button takes its path for proven: by the first answer to a young heartbeat of its own."""
        sent_ms = self.beats.pop((button, counter), None)
        if sent_ms is None or now_ms - sent_ms > PROVES_MS:
            raise Violation(3, f"{button} takes an old answer ({counter}) for a proof of its path")

    def stored(self, identity: Identity, gateway: int) -> None:
        """An honest gateway says that it has a press."""
        if identity not in self.custody.get(gateway, {}):
            raise Violation(3, f"gateway {gateway:08x} says stored of {show(identity)}, which is not on its disk")

    def flash_saved(self, button: str, device: int, files: dict[str, bytes]) -> None:
        """A journal was reported as written; what was in it before must still be there, or be with the centre."""
        found = read_journal(device, files)
        if found is None:
            raise Violation(1, f"{button} reported a journal as written, and none is readable in its flash")
        for identity, was in self.journals.get(button, {}).items():
            if identity not in found and was.level == 0 and not self.ever_granted(identity):
                raise Violation(1, f"{button} forgot {show(identity)}, which the centre never had")
        for identity, now in found.items():
            if identity not in self.genuine:
                raise Violation(4, f"{button} journalled {show(identity)}, which nobody pressed")
            if now.level and not self.was_said(identity, now.level, now.revision):
                raise Violation(3, f"{button} keeps level {now.level}, revision {now.revision} for {show(identity)}")
        self.journals[button] = found

    def booted(self, button: str, device: int, files: dict[str, bytes], *, latched: bool | None = None) -> None:
        """After a power cut the newest journal that was reported, or a newer one, is there."""
        found = read_journal(device, files) or {}
        for identity, was in self.journals.get(button, {}).items():
            if identity not in found and not self.ever_granted(identity):
                raise Violation(1, f"{button} lost {show(identity)} (level {was.level}) in a power cut")
        self.journals[button] = found
        if latched is not None and latched != read_latch(files):
            raise Violation(2, f"{button} starts latched={latched}, its flash says otherwise: a press may come twice")

    def lamp(self, button: str, identity: Identity, lamp: int, level: int, revision: int) -> None:
        """What a guard sees now."""
        self.lamps += 1
        if lamp and not any(
            granted >= lamp for life in self.lives.values() for granted in life.granted.get(identity, {}).values()
        ):
            raise Violation(3, f"{button} shows level {lamp} for {show(identity)}, and no centre ever said so")
        if lamp and (lamp != min(level, 2) or not self.was_said(identity, level, revision)):
            raise Violation(3, f"{button} shows level {lamp} for {show(identity)} at ({level}, {revision})")

    # --- the gateway's table --------------------------------------------------------------------

    def gateway_committed(self, gateway: int, connection: sqlite3.Connection) -> None:
        """Custody ends only when the centre has it, or has refused it."""
        before = self.custody.get(gateway, {})
        now: dict[Identity, str] = {
            (row[0], row[1], row[2]): row[3]
            for row in connection.execute("SELECT device, sequence, nonce, state FROM press")
        }
        for identity, state in before.items():
            after = now.get(identity, "absent")
            if state == "held" != after and identity in self.genuine:
                if after == "received" and not self.ever_granted(identity):
                    raise Violation(1, f"gateway {gateway:08x} ended custody of {show(identity)} without the centre")
                if after == "refused":
                    self.ended_without_centre.add(identity)  # its frame was damaged on the way; its button has it
                if after == "absent":
                    raise Violation(1, f"gateway {gateway:08x} forgot {show(identity)}, which it held")
        self.custody[gateway] = now

    # --- the centre's tables --------------------------------------------------------------------

    def centre_committed(self, connection: sqlite3.Connection) -> None:
        """Reads what is durable now and compares it with what was."""
        history = self.history
        began = history.position
        logged, acts = self._read_feed(history, connection)
        before, history.judged = history.judged, connection.execute(_ALARMS).fetchall()
        if history.judged == before:
            return  # every one as it was, and none is gone
        for row in history.judged:
            if history.rows.get(row[0]) == row:
                continue
            alarm_id, device, sequence, nonce, level, revision, repeats, who, incident, state = row
            history.rows[alarm_id] = row
            identity = (device, sequence, nonce)
            was = history.alarms.get(alarm_id)
            now = Alarm(identity, level, revision, repeats, who is not None, incident)
            if was is None:
                self._new_alarm(history, alarm_id, now, logged)
            elif was != now:
                self._changed_alarm(alarm_id, was, now, acts, connection)
                self._answered(history, alarm_id, was, now, began)
            else:
                continue
            if level >= 2:
                self._entitled(history, alarm_id, now, who)
            if level == 5 and incident not in history.closes:
                raise Violation(3, f"alarm {alarm_id} is closed, and nobody closed incident {incident}")
            if who is None and state == "closed":
                raise Violation(5, f"alarm {alarm_id} is unanswered in a closed incident: nobody sees it")
            if was is not None and now.revision > was.revision + 1:
                self._between(history, alarm_id, was, now)
            history.alarms[alarm_id] = now
            history.granted.setdefault(identity, {})[revision] = level
        if gone := history.alarms.keys() - {row[0] for row in history.judged}:
            raise Violation(8, f"alarm {min(gone)} vanished from the table")

    def _new_alarm(self, history: History, alarm_id: int, now: Alarm, logged: set[int]) -> None:
        identity = now.identity
        if identity not in self.genuine:
            raise Violation(4, f"alarm {alarm_id} is {show(identity)}, which nobody pressed")
        if identity in history.by_identity:
            raise Violation(2, f"{show(identity)} is alarm {history.by_identity[identity]} and alarm {alarm_id}")
        if now.answered or now.level > 1:
            raise Violation(5, f"alarm {alarm_id} was answered before anybody could see it")
        if alarm_id not in logged:
            raise Violation(8, f"alarm {alarm_id} is not in the history")
        history.by_identity[identity] = alarm_id

    def _changed_alarm(
        self,
        alarm_id: int,
        was: Alarm,
        now: Alarm,
        acts: dict[str, str],
        connection: sqlite3.Connection,
    ) -> None:
        if now.identity != was.identity:
            raise Violation(8, f"alarm {alarm_id} was {show(was.identity)} and is {show(now.identity)}")
        if now.revision < was.revision or (now.level != was.level and now.revision == was.revision):
            raise Violation(
                3, f"alarm {alarm_id} went from ({was.level}, {was.revision}) to ({now.level}, {now.revision})"
            )
        if now.repeats < was.repeats:
            raise Violation(8, f"alarm {alarm_id} forgot repeats: {was.repeats}, then {now.repeats}")
        if now.repeats > was.repeats and not self._rings(connection, now.identity[0]):
            raise Violation(5, f"alarm {alarm_id} was pressed again ({now.repeats}), and nothing of its button rings")
        if (now.level != was.level or now.answered != was.answered) and str(now.incident) not in acts:
            raise Violation(8, f"alarm {alarm_id} changed, and the history says nothing of incident {now.incident}")

    @staticmethod
    def _answered(history: History, alarm_id: int, was: Alarm, now: Alarm, began: int) -> None:
        """An answer is about presses that were on the screen, not about one that came after the look."""
        if now.repeats > was.repeats or (was.answered and not now.answered):
            history.pressed_after[alarm_id] = began
        looks = [at for incident, through, at in history.acts if incident == now.incident and through >= alarm_id]
        if now.answered and not was.answered and looks and max(looks) <= history.pressed_after.get(alarm_id, -1):
            raise Violation(5, f"alarm {alarm_id} was pressed again after the look ({max(looks)}) that answered it")

    @staticmethod
    def _between(history: History, alarm_id: int, was: Alarm, now: Alarm) -> None:
        """One transaction changed it more than once: what lay in between was true as well, by an operator's act."""
        for revision in range(was.revision + 1, now.revision):
            closed = was.level == 2 and now.incident in history.closes
            entitled = closed or any(one == now.incident and through >= alarm_id for one, through, _ in history.acts)
            if entitled:
                history.granted[now.identity][revision] = 5 if closed else 2

    @staticmethod
    def _rings(connection: sqlite3.Connection, device: int) -> bool:
        query = (
            "SELECT 1 FROM alarm AS a JOIN incident AS i ON i.id = a.incident "
            "WHERE a.device = ? AND a.acknowledged_by IS NULL AND i.state <> 'closed' LIMIT 1"
        )
        return connection.execute(query, (device,)).fetchone() is not None

    @staticmethod
    def _entitled(history: History, alarm_id: int, now: Alarm, who: str | None) -> None:
        acts = [through for incident, through, _ in history.acts if incident == now.incident]
        if not acts or max(acts) < alarm_id:
            raise Violation(3, f"alarm {alarm_id} has level {now.level}, and nobody acknowledged it")
        if who != OPERATOR:
            raise Violation(3, f"alarm {alarm_id} has level {now.level}, and {who} is no operator")

    def _read_feed(self, history: History, connection: sqlite3.Connection) -> tuple[set[int], dict[str, str]]:
        """Continues the chain; returns alarms told as new, and incident → what was told of it last."""
        logged: set[int] = set()
        acts: dict[str, str] = {}
        for row in connection.execute(_FEED, (history.position,)):
            position, at_ms, kind, what, subject, facts, personal, salt, committed, prev_hash, digest = row
            if position != history.position + 1:
                raise Violation(8, f"history: row {history.position + 1} is missing before {position}")
            if prev_hash != history.head or digest != chain_hash(
                prev_hash, position, at_ms, (kind, what, subject, facts), committed
            ):
                raise Violation(8, f"history: row {position} does not continue the chain")
            if personal is not None and commitment(salt, personal.encode()) != committed:
                raise Violation(8, f"history: row {position} commits to another text")
            history.position, history.head = position, digest
            if kind == "incident":
                acts[subject] = what
                if what in ("opened", "alarm"):
                    logged.add(json.loads(facts).get("alarm", 0))
        return logged, acts

    def supervised(self, connection: sqlite3.Connection) -> None:
        """Counters of heartbeats never go back: an old one is no sign of life."""
        counters = self.history.counters
        for device, counter in connection.execute("SELECT device, counter FROM device_state"):
            if counter < counters.get(device, 0) and device not in self.rewound:
                raise Violation(6, f"{device:08x} was heard with counter {counters[device]}, then with {counter}")
            counters[device] = counter

    # --- what is said and done ------------------------------------------------------------------

    def centre_said(self, frames: Sequence[bytes]) -> None:
        """Receipts are true before they are sent."""
        for raw in frames:
            _, frame_type, _, _, _ = _HEADER.unpack_from(raw)
            if frame_type != _RECEIPT_TYPE:
                continue
            self.receipts += 1
            device, sequence, nonce, level, revision, _, incarnation, repeats = _RECEIPT.unpack_from(raw, _HEADER.size)
            identity = (device, sequence, nonce)
            history = self.history
            if incarnation != history.incarnation:
                raise Violation(3, f"a receipt of incarnation {incarnation} in the life of {history.incarnation}")
            granted = history.granted.get(identity, {})
            if granted.get(revision) != level and not (granted and (level, revision) == FIRST):
                raise Violation(3, f"a receipt says ({level}, {revision}) of {show(identity)}; nothing on disk does")
            if repeats > history.alarms[history.by_identity[identity]].repeats:
                raise Violation(3, f"a receipt says {repeats} repeats of {show(identity)}; the disk knows less")

    def sent_press(self, raw: bytes) -> None:
        """A button sent a press, by whatever way."""
        self.frames[raw] = (_HEADER.unpack_from(raw)[4], int.from_bytes(raw[8:12], "big"), raw[12:20])

    def texted_press(self, text: str) -> None:
        """A button texted; when it is a press, the centre owes it a place on its disk."""
        raw = read_armour(text)
        if raw is not None and raw[1] == _PRESS_TYPE:
            self.sent_press(raw)

    def centre_let_go(self, text: str) -> None:
        """A message left a SIM of the centre: what it carried must be on the disk."""
        raw = read_armour(text)
        for frame in (raw, raw[ENVELOPED] if raw else b""):
            identity = self.frames.get(frame or b"")
            if identity is not None and identity in self.genuine and not self.ever_granted(identity):
                raise Violation(1, f"the centre deleted the SMS with {show(identity)}, which is not on its disk")

    def centre_texted(self, number: str, text: str) -> None:
        """What goes out by SMS: true, to the enrolled number, and not too often."""
        raw = read_armour(text)
        if raw is None:
            return  # words for people
        self.centre_said([raw])
        device, identity = _HEADER.unpack_from(raw)[4], _RECEIPT.unpack_from(raw, _HEADER.size)[:3]
        holders = [gateway for gateway, presses in self.custody.items() if identity in presses]  # it was played there
        if number not in map(number_of, (device, gateway_of(device), *holders)):
            raise Violation(4, f"a receipt for {device:08x} was texted to {number}")
        self.history.texted[identity] = self.history.texted.get(identity, 0) + 1
        if self.history.texted[identity] > SMS_RECEIPTS:
            raise Violation(5, f"{self.history.texted[identity]} receipts by SMS for {show(identity)}")

    def acknowledged(self, incident: int, through: int, position: int) -> None:
        """An operator who looked at `position` presses the button; whether it is committed the tables tell."""
        self.history.acts.append((incident, through, position))

    def closed(self, incident: int) -> None:
        """An operator closes."""
        self.history.closes.add(incident)

    def refused(self, raw: bytes, topic: str, at_ms: int) -> None:
        """The centre worked off a forged press in custody, which it began with at `at_ms` (Unix ms, its own clock).

        One that came over the lane of another gateway (somebody played it there) is listed as that lane's.
        """
        arrival = read_refused(raw, topic, at_ms)
        arrivals = self.history.forged.setdefault((arrival.lane, arrival.what), [])
        if all(abs(arrival.came_ms - known) > arrival.one_ms for known in arrivals):
            arrivals.append(arrival.came_ms)

    def count_rejections(self, connection: sqlite3.Connection) -> None:
        """Every forged frame that was worked off is in the list, as its gateway's."""
        listed = dict(connection.execute("SELECT source, sum(count) FROM rejection GROUP BY source").fetchall())
        for gateway, forged in self.history.forged_of().items():
            if listed.get(gateway, 0) < forged:
                told = f"{forged} forged frames of {gateway} were worked off, {listed.get(gateway, 0)} are listed"
                raise Violation(4, told)

    # --- lives of the store ---------------------------------------------------------------------

    def backed_up(self) -> History:
        """Beside a backup of the database."""
        return copy.deepcopy(self.history)

    def restored(self, backup: History, incarnation: int) -> None:
        """The backup is the centre's store now, under a new incarnation."""
        life = copy.deepcopy(backup)
        life.incarnation = incarnation
        life.granted = {alarm.identity: {alarm.revision: alarm.level} for alarm in life.alarms.values()}
        self.history = self.lives[incarnation] = life

    def ever_granted(self, identity: Identity) -> bool:
        """Whether any life of the centre's store had it."""
        return any(identity in life.granted for life in self.lives.values())

    def was_said(self, identity: Identity, level: int, revision: int) -> bool:
        """Whether any life of the centre's store ever held this answer."""
        return any(
            life.granted.get(identity, {}).get(revision) == level
            or ((level, revision) == FIRST and identity in life.granted)
            for life in self.lives.values()
        )
