"""The button's tasks: wires hardware, link and store to the decisions in core/.

`inputs` samples every 10 ms, decides and wakes the others, so nothing else polls. A press goes
into the journal and then out at once. Any exception that nobody expected ends `main`: boot.py
notes it and restarts the chip, and the journal carries on.
"""

import asyncio
import gc
from typing import TYPE_CHECKING

from kentongan_button.core import loop, press
from kentongan_button.core.clock import WallClock
from kentongan_button.core.debounce import SAMPLE_MS, next_sample_ms
from kentongan_button.core.delivery import RECEIPT_APPLIED, RECEIPT_OTHER_INCARNATION, Delivery
from kentongan_button.core.health import Health
from kentongan_button.core.heartbeat import Heartbeats
from kentongan_button.core.indicator import Indicator
from kentongan_button.hal import esp32 as hal
from kentongan_button.link.connection import GatewayLink
from kentongan_button.link.inbox import Inbox
from kentongan_button.link.mqtt import MqttClient
from kentongan_button.link.stream import LinkError
from kentongan_button.memory import forget, plain
from kentongan_button.sms import Sms
from kentongan_button.store import Store
from kentongan_wire import topics
from kentongan_wire.command import COMMAND_REPORT_BY_SMS, COMMAND_REPORT_NOW, Command, CommandGuard
from kentongan_wire.frame import seal
from kentongan_wire.press import KIND_HOLD_UP, NONCE_SIZE, SIGNAL_UNKNOWN_DBM, PressBody
from kentongan_wire.receipts import Receipt, Stored
from kentongan_wire.supervision import (
    BUTTON_BATTERY_LOW,
    BUTTON_CLOCK_UNSET,
    BUTTON_FLASH_FAULT,
    BUTTON_MAINS_LOST,
    HeartbeatAnswer,
)

if TYPE_CHECKING:
    from typing import Any

    from kentongan_button.config import Config
    from kentongan_wire.keys import DeviceKeys
    from kentongan_wire.press import Press
    from kentongan_wire.record import Payload

FIRMWARE = 0x00010000  # 0xMMmmpppp: 0.1.0
STATE_DIRECTORY = "/state"  # journal and counters; outside the slots, an update leaves it alone
CHORES_MS = 1_000  # period of what has time: watchdog, battery, garbage, reserves
COLLECT_MS = 5_000  # least time between two collections in idle moments; one takes 5-10 ms on an ESP32
GARBAGE_MAX = 4_096  # bytes allocated between two collections: 2-4 a second; keeps what stays together (ADR 11)
WINDOW = 8  # presses without PUBACK before older ones wait: half of what the link would take
BATTERY_LOW_MV = 3_500  # one lithium cell with about a tenth of its charge left


class Button:
    """One button's state and tasks.

    Args:
        settings: from device.json.
        keys: its keys.
        tls: the context of its TLS connections.
        wifi_password: of the site's network.
        board: its inputs and outputs.
        radio: its Wi-Fi.
        modem: its second path, None when none is fitted.
        sim_pin: of the modem's SIM, "" for none.
    """

    def __init__(
        self,
        settings: "Config",
        keys: "DeviceKeys",
        tls: "Any",
        wifi_password: str,
        board: hal.Board,
        radio: hal.Radio,
        modem: "hal.Modem | None",
        sim_pin: str,
    ) -> None:
        now_ms = board.uptime_ms()
        self._settings = settings
        self._board = board
        self.uptime_ms = board.uptime_ms
        self.boot_id = int.from_bytes(hal.random_bytes(4), "big") or 1
        self.store = Store(STATE_DIRECTORY)
        self.delivery = Delivery(settings.device, self.boot_id, self.store.load_journal())
        self._detector = press.PressDetector(settings.contacts, self.delivery.latched)
        self._indicator = Indicator(settings.variant, now_ms)
        self._heartbeats = Heartbeats(self.boot_id, FIRMWARE)
        self.clock = WallClock()
        self._commands = CommandGuard(self.boot_id)
        self._health = Health(now_ms)
        self.keys = keys
        self.inbox = Inbox(settings.device, settings.key_id, self.keys)
        name = topics.device_name(settings.device)
        self._alarm_topic = topics.button_up(settings.site, settings.device, topics.ALARM)
        self._beat_topic = topics.button_up(settings.site, settings.device, topics.BEAT)
        self._down_topic = topics.button_down(settings.site, settings.device)
        self._client = MqttClient(tls, name, self._message)
        self._link = GatewayLink(
            radio,
            self._client,
            (settings.gateway_host, settings.gateway_port, self._down_topic),
            (settings.wifi_ssid, wifi_password),
            board.uptime_ms,
            hal.reset,
            self._link_changed,
        )
        self._wake = asyncio.Event()  # the sender has something to do
        self._send_at_ms = now_ms
        self._pattern_at_ms = now_ms
        self._shown_level = self._indicator.level
        self._supply = 0  # BUTTON_… bits of mains and battery
        self.battery_mv = 0
        self._worst_gap_ms = 0
        self._sms: "Sms | None" = None
        if modem:
            self._sms = Sms(settings, modem, sim_pin, self)
        if self.delivery.latched:
            self._follow_newest(now_ms)

    async def run(self) -> None:
        """Work for ever; raises what any of the tasks raises."""
        broken: "list[BaseException]" = []
        ended = asyncio.Event()

        def unexpected(_loop: "Any", context: "dict[str, Any]") -> None:
            broken.append(context["exception"])
            ended.set()

        asyncio.get_event_loop().set_exception_handler(unexpected)
        work = [self._inputs, self._sender, self._chores, self._link.watch_radio, self._link.keep_connected]
        if self._sms:
            work.append(self._sms.link.run)
        tasks = [asyncio.create_task(task()) for task in work]
        hal.trace("running")
        await ended.wait()
        for task in tasks:
            task.cancel()
        raise broken[0]

    # --- inputs and outputs ----------------------------------------------------------------

    async def _inputs(self) -> None:
        last_ms = due_ms = self.uptime_ms()
        while True:
            now_ms = self.uptime_ms()
            self._worst_gap_ms = max(self._worst_gap_ms, now_ms - last_ms - SAMPLE_MS)
            last_ms = now_ms
            self._sample(now_ms)
            if now_ms >= self._pattern_at_ms:
                self._show(now_ms)
            save_ms = self.delivery.next_save_ms
            if save_ms is not None and now_ms >= save_ms:
                self._save(now_ms)
            if now_ms >= self._send_at_ms:
                self._wake.set()
            self._health.report("inputs", now_ms)
            due_ms = next_sample_ms(due_ms, now_ms)
            await asyncio.sleep_ms(due_ms - self.uptime_ms())

    def _sample(self, now_ms: int) -> None:
        board = self._board
        loops = tuple([loop.decode(board.contact_mv(index)) for index in range(self._settings.contacts)])
        edges = board.take_edges()
        for action, contacts in self._detector.sample(loops, edges, board.key_turned(), board.lid_open(), now_ms):
            if action == press.PRESS or (action == press.REPEAT and not self.delivery.repeat(now_ms)):
                self._pressed(contacts, now_ms)
            elif action == press.REPEAT:
                self._trace_newest("repeated")
                self.plan(now_ms)
            elif action == press.RESET:
                self.delivery.reset_latch(now_ms)
                self._indicator.follow(None, now_ms)
                self._show(now_ms)

    def _pressed(self, contacts: int, now_ms: int) -> None:
        wall_ms, clock = self.clock.read(now_ms)
        nonce = hal.random_bytes(NONCE_SIZE)
        sequence = self.store.sequence.take()
        body = PressBody(sequence, nonce, KIND_HOLD_UP, contacts, self.boot_id, now_ms, wall_ms, clock)
        self.delivery.offer(body, now_ms)
        # Into the journal first: what has left the button is then never forgotten by it, whenever
        # the power goes. A write that fails or is slow costs time, never the alarm.
        saved = self._save(now_ms)
        self._trace_newest("pressed", after=self.uptime_ms() - now_ms, saved=saved)
        self._follow_newest(now_ms)
        self.plan(now_ms)

    def _follow_newest(self, now_ms: int) -> None:
        _, _, level, revision = self.delivery.newest_receipt
        self._indicator.follow(self.delivery.newest_press, now_ms, level, revision)
        self._show(now_ms)

    def _show(self, now_ms: int) -> None:
        lamp, pulse = self._indicator.output(now_ms)
        self._board.show(lamp, pulse)
        self._pattern_at_ms = self._indicator.next_change(now_ms)
        if self._indicator.level != self._shown_level:
            self._shown_level = self._indicator.level
            self._trace_newest("lamp", level=self._shown_level)

    def _save(self, now_ms: int) -> bool:
        done = self.store.save_journal(self.delivery.journal)
        self.delivery.saved(now_ms, failed=not done)
        return done

    def _trace_newest(self, name: str, **values: "Any") -> None:
        newest = self.delivery.newest_press
        if newest is not None:
            hal.trace(name, sequence=newest.sequence, nonce=newest.nonce, **values)

    # --- up --------------------------------------------------------------------------------

    def plan(self, now_ms: int) -> None:
        """Set when the sender has to look again."""
        at_ms = self._heartbeats.deadline_ms(self.state(now_ms))
        due_ms = self.delivery.next_deadline() if self._may_send() else None  # else a PUBACK plans anew
        self._link.hurry = self.delivery.undelivered > 0
        self._send_at_ms = at_ms if due_ms is None else min(at_ms, due_ms)
        if self._client.up and now_ms >= self._send_at_ms:
            self._wake.set()

    async def _sender(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._send_due()
            except LinkError:  # keep_connected knows, tells and connects again
                pass
            now_ms = self.uptime_ms()
            self._health.report("delivery", now_ms)
            self.plan(now_ms)
            if not self._client.up:  # nothing to hurry for: `_link_changed` wakes us
                self._send_at_ms = max(self._send_at_ms, now_ms + CHORES_MS)
            await asyncio.sleep_ms(0)  # whatever was planned, the others have their turn

    async def _send_due(self) -> None:
        while self._client.up and self._may_send():
            attempt = self.delivery.next_send(self.uptime_ms(), self.battery_mv, self._signal_dbm())
            if attempt is None:
                break
            await self._publish(self._alarm_topic, attempt, self._press_settled(attempt))
        now_ms = self.uptime_ms()
        state = self.state(now_ms)
        if self._client.up and now_ms >= self._heartbeats.deadline_ms(state):
            beat = self._heartbeats.make(
                self.store.beat.take(),
                state,
                self.clock.read(now_ms),
                self.delivery.newest_receipt,
                self.delivery.undelivered,
                now_ms,
                self.battery_mv,
                self._signal_dbm(),
            )
            await self._publish(self._beat_topic, beat, None)

    def _may_send(self) -> bool:
        # A journal full of old presses goes out by and by; a new one never waits behind them.
        newest = self.delivery.newest
        return self._client.in_flight < WINDOW or (newest is not None and newest.attempt == 0)

    async def _publish(self, topic: str, payload: "Payload", settled: "Any") -> None:
        raw = seal(payload, self._settings.device, self._settings.key_id, self.keys.up_link)
        await self._client.publish(topic, raw, settled)

    def _press_settled(self, attempt: "Press") -> "Any":
        def settled(acknowledged: bool) -> None:
            if acknowledged:
                hal.trace("puback", sequence=attempt.body.sequence, nonce=attempt.body.nonce)
                self.plan(self.uptime_ms())  # there may be room for the next one

        return settled

    def state(self, now_ms: int) -> int:
        state = self._detector.flags | self.delivery.flags | self._supply
        if self.store.fault:
            state |= BUTTON_FLASH_FAULT
        if not self.clock.read(now_ms)[0]:
            state |= BUTTON_CLOCK_UNSET
        return state | self._sms.link.bits if self._sms else state

    def _signal_dbm(self) -> int:
        try:
            return self._link.signal_dbm()
        except OSError:
            return SIGNAL_UNKNOWN_DBM

    def _link_changed(self, error: "LinkError | None") -> None:
        now_ms = self.uptime_ms()
        if error is None:
            self.delivery.link_up(now_ms)
            self._heartbeats.ask()
            gc.collect()
            hal.trace("memory", free=gc.mem_free())
            hal.trace("link", up=True)
        else:
            hal.trace("link", up=False, step=error.step, detail=error.detail)
        self.plan(now_ms)

    # --- down ------------------------------------------------------------------------------

    def _message(self, topic: str, raw: bytes) -> None:
        payload = self.inbox.read(raw) if topic == self._down_topic else None
        now_ms = self.uptime_ms()
        if isinstance(payload, Receipt):
            self.take_receipt(payload, "mqtt")
        elif isinstance(payload, HeartbeatAnswer):
            self._answer(payload, now_ms)
        elif isinstance(payload, Stored):
            if self.delivery.handle_stored(payload, now_ms):
                hal.trace("stored", sequence=payload.sequence, nonce=payload.nonce)
        elif isinstance(payload, Command):
            if self._commands.take(payload, now_ms):
                if payload.code == COMMAND_REPORT_NOW:
                    self._heartbeats.ask()
                elif payload.code == COMMAND_REPORT_BY_SMS and self._sms:
                    self._sms.texts.ask(now_ms)
        else:
            hal.trace("rejected", reason=self.inbox.reason, count=self.inbox.rejected)
        self.plan(now_ms)

    def take_receipt(self, receipt: Receipt, path: str) -> None:
        """The centre (MAC verified) says something about a press, by either path."""
        now_ms = self.uptime_ms()
        result = self.delivery.handle_receipt(receipt, now_ms)
        self.clock.observe(receipt.centre_ms, now_ms)
        if result == RECEIPT_APPLIED:
            named = receipt.press
            hal.trace(
                "receipt",
                sequence=named.sequence,
                nonce=named.nonce,
                level=receipt.level,
                revision=receipt.revision,
                path=path,
            )
            self._indicator.handle_receipt(named, receipt.level, receipt.revision, now_ms)
            self._show(now_ms)
        elif result == RECEIPT_OTHER_INCARNATION:
            self._heartbeats.ask()
        self.plan(now_ms)

    def _answer(self, answer: HeartbeatAnswer, now_ms: int) -> None:
        round_trip_ms = self._heartbeats.answered(answer, now_ms)
        if round_trip_ms is None:
            return
        self.clock.observe(answer.centre_ms, now_ms, round_trip_ms)
        self.delivery.heard_answer(now_ms)
        wall_ms, _ = self.clock.read(now_ms)
        if self.delivery.learn_incarnation(answer.incarnation, wall_ms, now_ms) and self.delivery.latched:
            self._follow_newest(now_ms)
        hal.trace("answered", round_trip=round_trip_ms)

    # --- what has time ---------------------------------------------------------------------

    async def _chores(self) -> None:
        collected_ms = 0
        while True:
            now_ms = self.uptime_ms()
            if self._link.moves():
                self._health.report("link", now_ms)
            overdue = self._health.overdue(now_ms)
            if overdue:
                hal.trace("unhealthy", tasks=overdue)
            else:
                self._board.feed_watchdog()
            self.battery_mv = self._board.battery_mv()
            self._supply = BUTTON_MAINS_LOST if self._board.mains_lost() else 0
            if self.battery_mv < BATTERY_LOW_MV:
                self._supply |= BUTTON_BATTERY_LOW
            if not self.delivery.undelivered and now_ms - collected_ms >= COLLECT_MS:
                collected_ms = now_ms
                self.store.top_up()
                gc.collect()
                hal.trace("loop", worst_gap=self._worst_gap_ms)
                self._worst_gap_ms = 0
            self.plan(now_ms)
            await asyncio.sleep_ms(CHORES_MS)


def main() -> None:
    """Run the button; returns never, raises what boot.py has to note."""
    from kentongan_button import start  # noqa: PLC0415 # its memory only now

    settings, keys, *parts = start.prepare()
    settings = plain(settings)
    keys = plain(keys)
    del start
    forget()
    gc.collect()
    # Collected only when it is full, the heap is sown with what stays: of 21 kB free the largest hole was 450
    # bytes, and a connection that ended found no room for the next. Collected often, new things lie close together.
    gc.threshold(GARBAGE_MAX)
    asyncio.run(Button(settings, keys, *parts).run())
