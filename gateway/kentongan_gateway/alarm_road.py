"""The road of a press through the gateway: in from the site, onto disk, up to the centre, and the answers down."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from kentongan_gateway.adapters.buttons import Button
from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import Store, StoreError
from kentongan_gateway.core.answers import sort_bundle
from kentongan_gateway.core.arrivals import Stray, read
from kentongan_gateway.core.custody import Copy, Custody, Forward, HeldRow
from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.strays import Strays
from kentongan_gateway.core.turns import Admission
from kentongan_gateway.identity import Identity
from kentongan_host.failpoints import (
    GATEWAY_AFTER_COMMIT_BEFORE_STORED,
    GATEWAY_AFTER_RECEIPT_BEFORE_CLEAR,
    GATEWAY_BEFORE_FORWARD,
    fail_point,
)
from kentongan_host.log import logger
from kentongan_host.mqtt import Connection, Message, MqttError
from kentongan_host.tasks import Background, Wake
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, ENVELOPE_OFFERED_AGAIN, Envelope
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import Frame, seal
from kentongan_wire.press import Press, PressIdentity
from kentongan_wire.receipts import LEVEL_RECEIVED, Receipt, Refusal, Stored
from kentongan_wire.topics import ALARM, device_name, gateway_up, parse_button_up

WINDOW = 64  # envelopes on their way to the centre's broker at once: bounds what a slow link holds in memory
BREATH = 32  # messages admitted between two looks at everything else: a few ms on a Raspberry Pi

_log = logger("kentongan.alarm")


class AlarmRoad:
    """Carries presses up and receipts down.

    Attributes:
        custody: what is held.
        strays: what cannot be held, and how much was refused.
        store_fails: the last write to the store failed.
        refusals: presses that custody refused since the start (disk full, or too many of one button).
        incarnation_in_doubt: a receipt named another incarnation of the centre than the confirmed one.
        on_held: called when a press has come into custody.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        buttons: dict[int, Button],
        site: SiteBroker,
        link: Connection,
        store: Store,
        clock: Clock,
        background: Background,
        wake: Wake,
    ) -> None:
        self.custody = Custody()
        self.strays = Strays()
        self.store_fails = False
        self.refusals = 0
        self.incarnation_in_doubt = False
        self.on_held: Callable[[], None] = lambda: None
        self.buttons = buttons
        self._identity = identity
        self._site = site
        self._link = link
        self._store = store
        self._clock = clock
        self._background = background
        self._wake = wake
        self._sending = 0
        self._committing: Counter[PressIdentity] = Counter()  # copies on their way to the disk
        self._ends_to_save: dict[PressIdentity, Receipt | int] = {}
        self._admission: Admission[Message] = Admission()
        self._admission_wake = Wake()
        self._told_dropped = 0  # of what found no room at the door

    def offered_again(self, rows: list[HeldRow]) -> None:
        """Takes over presses that are ours to deliver once more."""
        self.custody.load(rows)
        self._wake.set()
        self.on_held()

    # --- up ---------------------------------------------------------------------------------

    async def take(self) -> None:
        """Takes what comes in on the site's alarm lane, for ever."""
        async for message in self._site.alarms.messages():
            self.arrived(message)

    def arrived(self, message: Message) -> None:
        """One message of a button, of either lane; a heartbeat in its place is not for here."""
        self._admission.put(_device(message.topic), message)
        self._admission_wake.set()

    async def admit(self) -> None:
        """Lets in what has arrived, the devices in turn, for ever."""
        while True:
            for _ in range(BREATH):
                message = self._admission.take()
                if message is None:
                    await self._admission_wake.wait(None)
                    break
                self._admit(message)
            else:
                await asyncio.sleep(0)
            self.strays.counted(self._admission.dropped - self._told_dropped)
            self._told_dropped = self._admission.dropped

    def _admit(self, message: Message) -> None:
        now = self._clock.now()
        try:
            _, device, lane = parse_button_up(message.topic)
        except FrameError as error:  # the access list lets nobody publish there
            self.stray(Stray(str(error)), 0, message.payload, now)
            return
        found = read(lane, device, message.payload)
        if isinstance(found, Stray):
            self.stray(found, device, message.payload, now)
        else:
            self._press(found, now)

    def stray(self, stray: Stray, device: int, raw: bytes, now: Moment) -> None:
        """Counts a message that does not belong where it came in, and shows it to the centre."""
        is_new = self.strays.misplaced_press(raw, now, device) if stray.is_press else self.strays.junk(raw, now)
        if is_new:
            _log.warning("refused at the site", device=device_name(device), why=stray.reason, size=len(raw))
            self._wake.set()

    def _press(self, frame: Frame, now: Moment) -> None:
        assert isinstance(frame.payload, Press)
        identity, copy = frame.payload.identity(frame.device), Copy(frame.raw, now)
        if self.custody.holds(identity, frame.raw):
            self._admission.begun(identity.device)
            self._background.start(self._answer_stored(identity))
        elif not self.custody.admits(identity):
            self._cannot_hold(identity, copy, "too many presses of this button are held already")
        else:
            try:
                committed = self._store.hold(identity, copy)
            except StoreError as error:
                self._cannot_hold(identity, copy, error.what)
            else:
                self._admission.begun(identity.device)
                self._committing[identity] += 1
                committed.add_done_callback(partial(self._committed, identity, copy))

    def _committed(self, identity: PressIdentity, copy: Copy, committed: asyncio.Future[object]) -> None:
        self._committing[identity] -= 1
        if not self._committing[identity]:
            del self._committing[identity]
        if committed.cancelled():
            return  # the gateway is ending
        error = committed.exception()
        if error is not None:
            self._done_with(identity)
            if not isinstance(error, StoreError):
                self._background.start(_raise(error))
            self.store_fails = True
            self._cannot_hold(identity, copy, str(error))
            return
        self.store_fails = False
        self.custody.committed(identity, copy)
        self._wake.set()
        self.on_held()
        fail_point(GATEWAY_AFTER_COMMIT_BEFORE_STORED)
        self._background.start(self._answer_stored(identity))

    def _cannot_hold(self, identity: PressIdentity, copy: Copy, why: str) -> None:
        """No *stored* for the button, which keeps the press and goes on trying; the centre hears of it at once."""
        self.refusals += 1
        _log.error("press not in custody, forwarded without", alarm_id=alarm_id(identity), why=why)
        self.strays.unheld_press(copy.raw, copy.arrived, identity.device)
        self._wake.set()

    def _done_with(self, identity: PressIdentity) -> None:
        self._admission.ended(identity.device)
        self._admission_wake.set()

    async def _answer_stored(self, identity: PressIdentity) -> None:
        try:
            await self._say_stored(identity)
        finally:
            self._done_with(identity)

    async def _say_stored(self, identity: PressIdentity) -> None:
        button = self.buttons.get(identity.device)
        if button is None:
            _log.warning("press of a button without hop key", alarm_id=alarm_id(identity))
            return
        frame = seal(Stored(identity.sequence, identity.nonce), button.device, button.key_id, button.hop)
        await self._site.answer(self._site.alarms, button.device, frame)

    async def forward(self) -> None:
        """Sends to the centre whatever is due, for ever."""
        while True:
            await self._link.wait_up()
            self.custody.link_up()
            while self._link.up:
                self._send_due()
                due_ms = self.custody.next_due_ms() if self._sending < WINDOW else None
                await self._wake.wait(None if due_ms is None else due_ms - self._clock.uptime_ms())

    def _send_due(self) -> None:
        now = self._clock.now()
        for forward in self.custody.due(now, WINDOW - self._sending):
            fail_point(GATEWAY_BEFORE_FORWARD)
            self._send(envelope_of(forward), forward.identity)
        while self._sending < WINDOW and (envelope := self.strays.take(now)) is not None:
            self._send(envelope, None)

    def _send(self, envelope: Envelope, identity: PressIdentity | None) -> None:
        self._sending += 1
        self._background.start(self._publish(envelope, identity))

    async def _publish(self, envelope: Envelope, identity: PressIdentity | None) -> None:
        try:
            await self._link.publish(gateway_up(self._identity.device, ALARM), self._identity.seal(envelope))
        except MqttError as error:
            # A press in custody is due again by its own clock; a stray is sent once only.
            _log.warning("not forwarded", alarm_id=alarm_id(identity) if identity else None, why=error.what)
        else:
            _log.info(
                "forwarded",
                alarm_id=alarm_id(identity) if identity else None,
                held_ms=envelope.held_ms,
                in_custody=identity is not None,
            )
        finally:
            self._sending -= 1
            self._wake.set()

    # --- down -------------------------------------------------------------------------------

    async def answers(self) -> None:
        """Takes what the centre sends down the alarm lane, for ever."""
        async for message in self._link.messages():
            for payload in self.carry(message.payload, self._site.alarms):
                if isinstance(payload, Receipt):
                    self.receipt(payload)
                elif isinstance(payload, Refusal):
                    self._refusal(payload)

    def carry(self, bundle: bytes, connection: Connection) -> list[object]:
        """Passes a bundle's frames on to their buttons, unopened; returns what is for us, verified."""
        identity = self._identity
        found = sort_bundle(bundle, identity.device, identity.key_id, identity.down_link)
        for device, raw in found.carried:
            if device in self.buttons:
                self._background.start(_ignore_result(self._site.answer(connection, device, raw)))
            else:
                found.refused.append(f"device {device_name(device)} is no button of this site")
        for why in found.refused:
            self.strays.counted()
            _log.warning("refused from the centre", why=why)
        return list(found.own)

    def receipt(self, receipt: Receipt) -> None:
        """The centre's verified word for us, by whatever path."""
        if receipt.level < LEVEL_RECEIVED:
            return
        if receipt.incarnation != self.custody.incarnation:
            self.incarnation_in_doubt = True
        if self.custody.receipt(receipt.press):
            fail_point(GATEWAY_AFTER_RECEIPT_BEFORE_CLEAR)
            _log.info("received by the centre", alarm_id=alarm_id(receipt.press), held=len(self.custody))
            self._ends_to_save[receipt.press] = receipt
            self._background.start(self.save_ends())

    def _refusal(self, refusal: Refusal) -> None:
        identity = self.custody.refusal(refusal.digest)
        self._wake.set()
        if identity is not None:
            _log.warning("refused by the centre", alarm_id=alarm_id(identity), reason=refusal.reason)
            self._ends_to_save[identity] = refusal.reason
            self._background.start(self.save_ends())

    @property
    def has_ends_to_save(self) -> bool:
        """Whether the disk did not take an end of custody yet."""
        return bool(self._ends_to_save)

    def has_saved(self, identity: PressIdentity) -> bool:
        """Whether no end of this press's custody waits for the disk."""
        return identity not in self._ends_to_save

    async def save_ends(self) -> None:
        """Writes down whose custody has ended; what the disk does not take is tried again later."""
        ends, self._ends_to_save = self._ends_to_save, {}
        now = self._clock.now()
        wall_ms = self._clock.system_wall_ms() if now.wall_ms is None else now.wall_ms
        written: list[tuple[PressIdentity, asyncio.Future[object]]] = []
        for identity, end in ends.items():
            if identity in self.custody:
                continue  # offered again meanwhile: an end written behind that copy would end it unsent
            if identity in self._committing:  # is it? When the disk does not take the copy, this end is the last word
                self._ends_to_save.setdefault(identity, end)
                continue
            try:
                if isinstance(end, Receipt):
                    written.append((identity, self._store.received(identity, end.incarnation, wall_ms)))
                else:
                    written.append((identity, self._store.refused(identity, end, wall_ms)))
            except StoreError as error:
                self._end_not_written(identity, end, error)
        for identity, future in written:
            try:
                await future
            except StoreError as error:
                self._end_not_written(identity, ends[identity], error)

    def _end_not_written(self, identity: PressIdentity, end: Receipt | int, error: StoreError) -> None:
        self.store_fails = True
        self._ends_to_save.setdefault(identity, end)
        _log.warning("end of custody not written", alarm_id=alarm_id(identity), why=error.what)


def envelope_of(forward: Forward) -> Envelope:
    """How a press in custody travels to the centre, by whatever path."""
    flags = ENVELOPE_IN_CUSTODY | (ENVELOPE_OFFERED_AGAIN if forward.offered_again else 0)
    return Envelope(forward.held_ms, flags, forward.raw)


def alarm_id(identity: PressIdentity) -> str:
    """How logs on every hop name a press."""
    return f"{device_name(identity.device)}-{identity.sequence}-{identity.nonce.hex()}"


def _device(topic: str) -> int:
    """Whose turn a message takes; 0 for all whose topic names nobody."""
    try:
        return parse_button_up(topic)[1]
    except FrameError:
        return 0


async def _raise(error: BaseException) -> None:
    """Ends the program with a bug's error, through `Background.watch`."""
    raise error


async def _ignore_result(job: Coroutine[Any, Any, bool]) -> None:
    await job
