"""A whole button without hardware and tasks, put together as `kentongan_button.core` says.

Runs on both interpreters, so that a trace of the simulator can be replayed on the real one: every
call is an input, what it leaves in `out` and `said` is the output.
"""

from kentongan_button.core import press
from kentongan_button.core.clock import WallClock
from kentongan_button.core.debounce import SAMPLE_MS
from kentongan_button.core.delivery import RECEIPT_APPLIED, RECEIPT_OTHER_INCARNATION, Delivery
from kentongan_button.core.heartbeat import Heartbeats
from kentongan_button.core.indicator import Indicator
from kentongan_button.core.texts import Texts
from kentongan_button.link.inbox import Inbox
from kentongan_button.store import Store
from kentongan_wire.armour_dense import sms_frame, sms_text
from kentongan_wire.command import COMMAND_REPORT_NOW, Command, CommandGuard
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import seal
from kentongan_wire.keys import DeviceKeys
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import KIND_HOLD_UP, SIGNAL_UNKNOWN_DBM, PressBody
from kentongan_wire.receipts import Receipt, Stored
from kentongan_wire.record import Payload
from kentongan_wire.second_path import TEXT_FRAME, TEXT_SENTENCE, SecondPath, Text
from kentongan_wire.supervision import BUTTON_CLOCK_UNSET, BUTTON_FLASH_FAULT, HeartbeatAnswer

FIRMWARE = 0x00010000
DIRECTORY = "/state"
WINDOW = 8  # as the application: presses without PUBACK before older ones wait
TOP_UP_MS = 5_000  # as the application: how often an idle button looks at its reserves

LOOK_MS = 1_000  # how often a free modem is offered something while a press waits

# What a frame in `out` is for.
ALARM = 0
BEAT = 1
TEXT = 2  # "number text", for the modem
CENTRE_NUMBERS = ("+6281100001", "+6285700002")
DUTY_NUMBERS = ("+6281999999",)
SENTENCE = "Tombol darurat ditekan"


class ButtonBody:
    """One boot of one button.

    Args:
        device: its number.
        key_id: epoch of its keys.
        keys: its keys.
        boot_id: of this boot.
        contacts: 2 for two buttons that count together, 1 for a recessed one.
        variant: `guard-post` or `desk`.
        nonces: called for 8 random bytes at each press.
        directory: where its records lie.
        has_modem: it can text.

    Attributes:
        out: (lane, frame) to be sent, oldest first; take them out.
        said: (name, …) of what a person, or the oracle, could notice; take them out.
        connected: the link stands, as far as the button knows.
        in_flight: presses published without PUBACK.
        shown: what the lamp shows of which press; None until the first sample after a boot.
    """

    def __init__(
        self,
        device: int,
        key_id: int,
        keys: DeviceKeys,
        boot_id: int,
        contacts: int,
        variant: str,
        nonces: "object",
        directory: str = DIRECTORY,
        has_modem: bool = True,  # noqa: FBT001, FBT002 - MicroPython knows no keyword-only arguments cheaply
    ) -> None:
        self.out: list[tuple[int, bytes]] = []
        self.said: list[tuple[object, ...]] = []
        self.connected = False
        self.in_flight = 0
        self.device = device
        self.boot_id = boot_id
        self.contacts = contacts
        self.store = Store(directory)
        self.delivery = Delivery(device, boot_id, self.store.load_journal())
        self.detector = press.PressDetector(contacts, self.delivery.latched)
        self.indicator = Indicator(variant, 0)
        self.heartbeats = Heartbeats(boot_id, FIRMWARE)
        self.clock = WallClock()
        self.commands = CommandGuard(boot_id)
        self.inbox = Inbox(device, key_id, keys)
        self.texts = Texts(SecondPath(CENTRE_NUMBERS, DUTY_NUMBERS), self.delivery, device)
        self.modem_free = has_modem
        self._texting: Text | None = None
        self._key_id = key_id
        self._keys = keys
        self._nonces = nonces
        self._topped_ms = 0
        self.shown: object = None
        if self.delivery.latched:
            self._follow_newest(0)

    # --- inputs ----------------------------------------------------------------------------

    def sample(self, loops: "tuple[int, ...]", edges: int, key: bool, now_ms: int) -> None:  # noqa: FBT001 - a contact
        """One sample of the contacts and the reset key."""
        actions = self.detector.sample(loops, edges, key, False, now_ms)
        if actions or self.shown is None:
            self.act(actions, now_ms)

    def act(self, actions: "list[tuple[int, int]]", now_ms: int) -> None:
        """What the detector made of a sample."""
        for action, contacts in actions:
            if action == press.PRESS or (action == press.REPEAT and not self.delivery.repeat(now_ms)):
                self._pressed(contacts, now_ms)
            elif action == press.REPEAT:
                self.said.append(("repeated", self._newest()))
            elif action == press.RESET:
                self.delivery.reset_latch(now_ms)
                self.indicator.follow(None, now_ms)
                self.said.append(("reset",))
        self._show()

    def link_up(self, now_ms: int) -> None:
        """A connection stands."""
        self.connected = True
        self.in_flight = 0
        self.delivery.link_up(now_ms)
        self.heartbeats.ask()

    def link_down(self) -> None:
        """It was noticed that it does not stand any more."""
        self.connected = False
        self.in_flight = 0

    def frame(self, raw: bytes, now_ms: int) -> None:
        """A message came down."""
        payload = self.inbox.read(raw)
        if isinstance(payload, Receipt):
            self._receipt(payload, now_ms)
        elif isinstance(payload, HeartbeatAnswer):
            self._answer(payload, now_ms)
        elif isinstance(payload, Stored):
            if self.delivery.handle_stored(payload, now_ms):
                self.said.append(("stored", payload.sequence, payload.nonce))
        elif isinstance(payload, Command):
            if self.commands.take(payload, now_ms) and payload.code == COMMAND_REPORT_NOW:
                self.heartbeats.ask()
        else:
            self.said.append(("rejected", self.inbox.reason))
        self._show()

    def sms(self, text: str, now_ms: int) -> None:
        """A message came in; only receipts come that way."""
        try:
            raw = sms_frame(text)
        except FrameError:
            return
        payload = self.inbox.read(raw)
        if isinstance(payload, Receipt):
            self._receipt(payload, now_ms)
        self._show()

    def modem(self, free: bool) -> None:  # noqa: FBT001 - a switch
        """The modem can take a text, or cannot."""
        self.modem_free = free and self._texting is None

    def texted(self, outcome: int, now_ms: int) -> None:
        """What became of the text under way: `TEXT_SENT` … `TEXT_UNKNOWN`."""
        text = self._texting
        assert text is not None
        self._texting = None
        self.modem_free = True
        self.texts.outcome(text, outcome, now_ms, self.clock.read(now_ms)[0])

    def turn(self, now_ms: int) -> None:
        """Whatever is due: the journal, what is to be sent, the reserves."""
        save_ms = self.delivery.next_save_ms
        if save_ms is not None and now_ms >= save_ms:
            self._save(now_ms)
        if self.connected:
            self._send_due(now_ms)
        if self.modem_free:
            self._text_due(now_ms)
        if not self.delivery.undelivered and now_ms - self._topped_ms >= TOP_UP_MS:
            self._topped_ms = now_ms
            self.store.top_up()

    def next_ms(self, now_ms: int) -> int:
        """Uptime at which `turn` has something to do."""
        due = [now_ms + (LOOK_MS if self.modem_free and self.delivery.undelivered else TOP_UP_MS)]
        if self.delivery.next_save_ms is not None:
            due.append(self.delivery.next_save_ms)
        if self.connected:
            due.append(self.heartbeats.deadline_ms(self.state(now_ms)))
            deadline_ms = self.delivery.next_deadline() if self._may_send() else None
            if deadline_ms is not None:
                due.append(deadline_ms)
        return max(min(due), now_ms + 1)

    def state(self, now_ms: int) -> int:
        """The `BUTTON_…` bits of now."""
        state = self.detector.flags | self.delivery.flags
        if self.store.fault:
            state |= BUTTON_FLASH_FAULT
        return state if self.clock.read(now_ms)[0] else state | BUTTON_CLOCK_UNSET

    # --- what follows from them --------------------------------------------------------------

    def _pressed(self, contacts: int, now_ms: int) -> None:
        wall_ms, clock = self.clock.read(now_ms)
        nonce = self._nonces()  # type: ignore[operator]
        sequence = self.store.sequence.take()
        body = PressBody(sequence, nonce, KIND_HOLD_UP, contacts, self.boot_id, now_ms, wall_ms, clock)
        entry = self.delivery.offer(body, now_ms)
        merged = entry.body.nonce != nonce
        # Before the journal is written: a power cut in the middle may still leave it there.
        self.said.append(("pressed", sequence, nonce, merged))
        self._save(now_ms)
        self._follow_newest(now_ms)

    def _follow_newest(self, now_ms: int) -> None:
        _, _, level, revision = self.delivery.newest_receipt
        self.indicator.follow(self.delivery.newest_press, now_ms, level, revision)
        self._show()

    def _show(self) -> None:
        newest = self.delivery.newest
        shown = (self.indicator.level, newest.raw if newest else b"", newest.revision if newest else 0)
        if shown != self.shown:
            self.shown = shown
            if newest:
                lamp = self.indicator.level
                self.said.append(("lamp", self._newest(), lamp, newest.level, newest.revision))

    def _newest(self) -> "tuple[int, bytes]":
        newest = self.delivery.newest
        assert newest is not None
        return newest.body.sequence, newest.body.nonce

    def _save(self, now_ms: int) -> None:
        done = self.store.save_journal(self.delivery.journal)
        self.delivery.saved(now_ms, failed=not done)
        self.said.append(("saved", done))

    def _send_due(self, now_ms: int) -> None:
        while self._may_send():
            attempt = self.delivery.next_send(now_ms)
            if attempt is None:
                break
            self.in_flight += 1
            self._put(ALARM, attempt)
        state = self.state(now_ms)
        if now_ms >= self.heartbeats.deadline_ms(state):
            beat = self.heartbeats.make(
                self.store.beat.take(),
                state,
                self.clock.read(now_ms),
                self.delivery.newest_receipt,
                self.delivery.undelivered,
                now_ms,
            )
            self._put(BEAT, beat)

    def _text_due(self, now_ms: int) -> None:
        text = self.texts.next(now_ms, CENTRE_NUMBERS)
        if text is None:
            return
        if text.kind == TEXT_SENTENCE:
            words = SENTENCE
        elif text.kind == TEXT_FRAME:
            attempt = self.delivery.text(text.key, now_ms, 0, SIGNAL_UNKNOWN_DBM)
            if attempt is None:
                return
            words = self._armoured(attempt)
        else:
            wall_ms, clock = self.clock.read(now_ms)
            report = PathReport(
                self.store.beat.take(),
                self.boot_id,
                now_ms,
                wall_ms,
                clock,
                self.texts.cause,
                self.state(now_ms),
                self.delivery.undelivered,
                SIGNAL_UNKNOWN_DBM,
            )
            words = self._armoured(report)
        self._texting = text
        self.modem_free = False
        self.out.append((TEXT, bytes(text.number + " " + words, "utf-8")))

    def _armoured(self, payload: Payload) -> str:
        return sms_text(seal(payload, self.device, self._key_id, self._keys.up_link))

    def _may_send(self) -> bool:
        newest = self.delivery.newest
        return self.in_flight < WINDOW or (newest is not None and newest.attempt == 0)

    def _put(self, lane: int, payload: Payload) -> None:
        self.out.append((lane, seal(payload, self.device, self._key_id, self._keys.up_link)))

    def _receipt(self, receipt: Receipt, now_ms: int) -> None:
        result = self.delivery.handle_receipt(receipt, now_ms)
        self.clock.observe(receipt.centre_ms, now_ms)
        if result == RECEIPT_APPLIED:
            named = receipt.press
            self.said.append(
                ("receipt", named.sequence, named.nonce, receipt.level, receipt.revision, receipt.incarnation)
            )
            self.indicator.handle_receipt(named, receipt.level, receipt.revision, now_ms)
        elif result == RECEIPT_OTHER_INCARNATION:
            self.heartbeats.ask()

    def _answer(self, answer: HeartbeatAnswer, now_ms: int) -> None:
        round_trip_ms = self.heartbeats.answered(answer, now_ms)
        if round_trip_ms is None:
            return
        self.clock.observe(answer.centre_ms, now_ms, round_trip_ms)
        self.delivery.heard_answer(now_ms)
        self.said.append(("answered", answer.counter, answer.incarnation))
        wall_ms, _ = self.clock.read(now_ms)
        if self.delivery.learn_incarnation(answer.incarnation, wall_ms, now_ms) and self.delivery.latched:
            self._follow_newest(now_ms)


SAMPLES_MS = SAMPLE_MS
