"""A whole button without hardware, put together as kentongan_button.core says, and a centre that answers it.

Runs on both interpreters; the store writes real files. Frames are handed over as payloads: that
nobody forges them is the business of the wire's tests.
"""

import hashlib

from kentongan_button.core import press
from kentongan_button.core.clock import WallClock
from kentongan_button.core.debounce import SAMPLE_MS
from kentongan_button.core.delivery import RECEIPT_APPLIED, RECEIPT_OTHER_INCARNATION, Delivery
from kentongan_button.core.heartbeat import Heartbeats
from kentongan_button.core.indicator import Indicator
from kentongan_button.core.loop import LOOP_ALARM, LOOP_NORMAL
from kentongan_button.store import Store
from kentongan_wire.press import KIND_HOLD_UP, Press, PressBody
from kentongan_wire.receipts import LEVEL_RECEIVED, Receipt, Stored
from kentongan_wire.record import Payload
from kentongan_wire.supervision import BUTTON_CLOCK_UNSET, BUTTON_FLASH_FAULT, Heartbeat, HeartbeatAnswer
from tests.support.portable import DEVICE, WALL_MS

FIRMWARE = 0x00010000


class Rig:
    """One boot of one button.

    `trace(name, *values)` is called for everything that a person or the centre could notice.
    """

    def __init__(self, directory, boot_id, contacts=2, variant="guard-post", now_ms=0, trace=None):
        self.boot_id = boot_id
        self.contacts = contacts
        self.trace = trace or (lambda *_: None)
        self.store = Store(directory)
        self.delivery = Delivery(DEVICE, boot_id, self.store.load_journal())
        self.detector = press.PressDetector(contacts, self.delivery.latched)
        self.indicator = Indicator(variant, now_ms)
        self.heartbeats = Heartbeats(boot_id, FIRMWARE)
        self.clock = WallClock()
        self.drawn = 0
        self.output = (False, False)
        if self.delivery.latched:
            self.follow(now_ms)

    def follow(self, now_ms):
        _, _, level, revision = self.delivery.newest_receipt
        self.indicator.follow(self.delivery.newest_press, now_ms, level, revision)

    def nonce(self):
        self.drawn += 1
        return hashlib.sha256(b"%d %d" % (self.boot_id, self.drawn)).digest()[:8]

    def sample(self, loops, edges, now_ms, key=False, tamper=False):
        """One sample of the inputs; returns the actions."""
        actions = self.detector.sample(loops, edges, key, tamper, now_ms)
        for action, contacts in actions:
            self.trace(press.ACTION_NAMES[action], now_ms, contacts)
            if action == press.RESET:
                self.delivery.reset_latch(now_ms)
                self.indicator.follow(None, now_ms)
            elif action == press.PRESS or not self.delivery.repeat(now_ms):
                wall_ms, quality = self.clock.read(now_ms)
                sequence = self.store.sequence.take()
                nonce = self.nonce()
                self.delivery.offer(
                    PressBody(sequence, nonce, KIND_HOLD_UP, contacts, self.boot_id, now_ms, wall_ms, quality), now_ms
                )
                self.follow(now_ms)
        self.show(now_ms)
        return actions

    def show(self, now_ms):
        output = self.indicator.output(now_ms)
        if output != self.output:
            self.output = output
            self.trace("output", now_ms, *output)

    def hold(self, loops, from_ms, until_ms, key=False):
        """Normal sampling of unchanging inputs; edges at its start when contacts close."""
        edges = (1 << self.contacts) - 1 if LOOP_ALARM in loops else 0
        for now_ms in range(from_ms, until_ms, SAMPLE_MS):
            self.sample(loops, edges, now_ms, key)
            edges = 0

    def press(self, from_ms):
        """All contacts closed for 100 ms and open for 100 ms; returns the time after it."""
        self.hold((LOOP_ALARM,) * self.contacts, from_ms, from_ms + 100)
        self.hold((LOOP_NORMAL,) * self.contacts, from_ms + 100, from_ms + 200)
        return from_ms + 200

    def save(self, now_ms):
        """Write the journal when it is due."""
        due_ms = self.delivery.next_save_ms
        if due_ms is not None and due_ms <= now_ms:
            done = self.store.save_journal(self.delivery.journal)
            self.delivery.saved(now_ms, failed=not done)

    def state(self, now_ms):
        state = self.detector.flags | self.delivery.flags
        if self.store.fault:
            state |= BUTTON_FLASH_FAULT
        return state if self.clock.read(now_ms)[0] else state | BUTTON_CLOCK_UNSET

    def sendings(self, now_ms):
        """All that is due now, over a link that stands."""
        out: list[Payload] = []
        while True:
            attempt = self.delivery.next_send(now_ms)
            if attempt is None:
                break
            out.append(attempt)
        state = self.state(now_ms)
        if now_ms >= self.heartbeats.deadline_ms(state):
            out.append(
                self.heartbeats.make(
                    self.store.beat.take(),
                    state,
                    self.clock.read(now_ms),
                    self.delivery.newest_receipt,
                    self.delivery.undelivered,
                    now_ms,
                )
            )
        for payload in out:
            self.trace("sent", now_ms, payload)
        return out

    def receive(self, payload, now_ms):
        """A verified frame arrived."""
        if isinstance(payload, Stored):
            self.trace("stored", now_ms, self.delivery.handle_stored(payload, now_ms))
        elif isinstance(payload, Receipt):
            outcome = self.delivery.handle_receipt(payload, now_ms)
            self.clock.observe(payload.centre_ms, now_ms)
            self.trace("receipt", now_ms, outcome, payload.level, payload.revision)
            if outcome == RECEIPT_OTHER_INCARNATION:
                self.heartbeats.ask()
            if outcome == RECEIPT_APPLIED and self.indicator.handle_receipt(
                payload.press, payload.level, payload.revision, now_ms
            ):
                self.trace("lamp", now_ms, self.indicator.level)
        elif isinstance(payload, HeartbeatAnswer):
            round_trip_ms = self.heartbeats.answered(payload, now_ms)
            self.trace("answer", now_ms, round_trip_ms)
            if round_trip_ms is not None:
                self.clock.observe(payload.centre_ms, now_ms, round_trip_ms)
                self.delivery.heard_answer(now_ms)
                restored = self.delivery.learn_incarnation(payload.incarnation, self.clock.read(now_ms)[0], now_ms)
                if restored and self.delivery.latched:
                    self.follow(now_ms)
        self.show(now_ms)


class Centre:
    """What the centre holds, and its answers. `said` keeps every (identity, incarnation, revision) → level."""

    def __init__(self):
        self.incarnation = 1
        self.presses = {}  # identity → [level, revision, repeats]
        self.said = {}
        self.taken = 0

    def receipt(self, identity, wall_ms):
        level, revision, repeats = self.presses[identity]
        self.said[identity, self.incarnation, revision] = level
        return Receipt(identity, level, revision, wall_ms, self.incarnation, repeats)

    def take(self, payload, wall_ms):
        """The answer to a press or a heartbeat."""
        if isinstance(payload, Heartbeat):
            return HeartbeatAnswer(payload.counter, payload.boot_id, wall_ms, self.incarnation)
        assert isinstance(payload, Press)
        identity = payload.identity(DEVICE)
        if identity not in self.presses:
            self.taken += 1
            self.presses[identity] = [LEVEL_RECEIVED, 1, 0]
        known = self.presses[identity]
        known[2] = max(known[2], payload.sending.repeats)
        return self.receipt(identity, wall_ms)

    def set_level(self, identity, level, wall_ms):
        """An operator's act, up or down."""
        self.presses[identity][0] = level
        self.presses[identity][1] += 1
        return self.receipt(identity, wall_ms)

    def backup(self):
        # Sorted, because a dict has no order on MicroPython.
        copies = [(identity, list(known)) for identity, known in self.presses.items()]
        return sorted(copies, key=lambda pair: pair[0].as_tuple())

    def restore(self, backup):
        self.incarnation += 1
        self.presses = {identity: list(known) for identity, known in backup}


def wall(now_ms):
    """The centre's time while the button's uptime counter (of all boots together) says this."""
    return WALL_MS + now_ms
