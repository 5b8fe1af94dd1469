"""The modem's task: lets the AT engine speak over the UART, hands it the texts, and takes receipts by SMS.

The modem is kept on and watched; whatever it does, the button's other tasks do not wait for it.
"""

import asyncio
from typing import TYPE_CHECKING

from kentongan_wire import at_engine
from kentongan_wire.armour import dearmour
from kentongan_wire.errors import FrameError
from kentongan_wire.second_path import TEXT_RETRY, TEXT_SENT, TEXT_UNKNOWN
from kentongan_wire.supervision import BUTTON_SIM_FAULT, BUTTON_SMS_DOWN

if TYPE_CHECKING:
    from typing import Any

    from kentongan_wire.second_path import Text

POLL_MS = 50  # how late the modem is heard; at 115,200 baud it says at most 576 bytes meanwhile (hal: room for 2048)
READ_MAX = 768  # bytes taken at a time: more than come meanwhile, and bounds what one turn takes from the others
FAILURES_MAX = 3  # refused texts in a row, whatever the modem says of itself: no credit, no service


class ModemLink:
    """One modem.

    Args:
        port: `hal.esp32.Modem` or what quacks like it.
        pin: of the SIM, "" for none.
        desk: says what to text: `next_text(signal_dbm)` → (text, its words) or None,
            `text_outcome(text, outcome)`, and takes what came in: `sms(raw)`.
        uptime_ms: the clock.
        on_state: called with (state, fault) of the engine when they change.
    """

    def __init__(self, port: "Any", pin: str, desk: "Any", uptime_ms: "Any", on_state: "Any") -> None:
        self._port = port
        self._desk = desk
        self._uptime_ms = uptime_ms
        self._on_state = on_state
        self._engine = at_engine.AtEngine(pin)
        self._key_until_ms = 0
        self._text: "Text | None" = None  # under way
        self._failures = 0

    @property
    def bits(self) -> int:
        """`BUTTON_…` bits: whether this path is known not to work."""
        fault = self._engine.fault
        if fault in (at_engine.FAULT_NO_SIM, at_engine.FAULT_PIN):
            return BUTTON_SIM_FAULT
        if fault in (at_engine.FAULT_SILENT, at_engine.FAULT_NOT_REGISTERED) or self._failures >= FAILURES_MAX:
            return BUTTON_SMS_DOWN
        return 0

    async def run(self) -> None:
        """Keep the modem working; for ever."""
        self._engine.power_on(self._uptime_ms())
        while True:
            now_ms = self._uptime_ms()
            if self._key_until_ms and now_ms >= self._key_until_ms:
                self._key_until_ms = 0
                self._port.press_key(False)
            self._turn(now_ms)
            await asyncio.sleep_ms(POLL_MS)

    def _turn(self, now_ms: int) -> None:
        engine = self._engine
        data = self._port.read(READ_MAX)
        if data:
            engine.receive(data, now_ms)
        if now_ms >= engine.next_deadline():
            engine.tick(now_ms)
        if engine.ready and self._text is None:
            self._offer(now_ms)
        for action in engine.take_actions():
            self._do(action, now_ms)

    def _offer(self, now_ms: int) -> None:
        job = self._desk.next_text(self._engine.signal_dbm)
        if job is not None:
            text, words = job
            if self._engine.send(text, text.number, words, now_ms):
                self._text = text
                self._desk.text_taken(text)

    def _do(self, action: "Any", now_ms: int) -> None:
        kind = action[0]
        if kind == at_engine.WRITE:
            self._port.write(action[1])
        elif kind == at_engine.POWER_KEY:
            self._port.press_key(True)
            self._key_until_ms = now_ms + action[1]
        elif kind == at_engine.SENT:
            self._settle(TEXT_SENT)
        elif kind == at_engine.FAILED:
            self._settle(TEXT_RETRY + action[2])  # RETRY, REROUTE, WAIT stand in the same order
        elif kind == at_engine.UNKNOWN:
            self._settle(TEXT_UNKNOWN)
        elif kind == at_engine.RECEIVED:
            try:
                self._desk.sms(dearmour(action[3]))
            except FrameError:  # people and operators text, too
                pass
            # Whatever it was: what a receipt changed is on its way into the journal, and one that a
            # power cut takes with it comes again, because this press will be texted again.
            self._engine.stored(action[1], now_ms)
        else:
            self._on_state(self._engine.state, self._engine.fault)

    def _settle(self, outcome: int) -> None:
        text, self._text = self._text, None
        self._failures = 0 if outcome in (TEXT_SENT, TEXT_UNKNOWN) else self._failures + 1
        if text is not None:
            self._desk.text_outcome(text, outcome)
