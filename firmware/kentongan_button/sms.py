"""The button's second path put together: what it texts, in which words, and what comes in by SMS."""

from typing import TYPE_CHECKING

from kentongan_button.core.texts import TEXT_REPORT, Texts, timed
from kentongan_button.hal import esp32 as hal
from kentongan_button.link.modem import ModemLink
from kentongan_wire.armour import armour
from kentongan_wire.frame import seal
from kentongan_wire.path_report import PathReport
from kentongan_wire.receipts import Receipt
from kentongan_wire.second_path import TEXT_FRAME, SecondPath

if TYPE_CHECKING:
    from typing import Any

    from kentongan_wire.record import Payload
    from kentongan_wire.second_path import Text

KINDS = ("frame", "sentence", "report")  # in traces
OUTCOMES = ("sent", "retry", "reroute", "wait", "unknown")


class Sms:
    """The desk of the modem's task.

    Args:
        settings: `config.Config` with numbers of the centre.
        port: the modem.
        pin: of its SIM, "" for none.
        button: the `Button`, which holds what is to be told and takes receipts.
    """

    def __init__(self, settings: "Any", port: "Any", pin: str, button: "Any") -> None:
        self._settings = settings
        self._button = button
        path = SecondPath(settings.centre_numbers, settings.duty_numbers)
        self.texts = Texts(path, button.delivery, settings.device)
        self.link = ModemLink(port, pin, self, button.uptime_ms, self._state)

    def next_text(self, signal_dbm: int) -> "tuple[Text, str] | None":
        """What to send now, and its words."""
        button = self._button
        now_ms = button.uptime_ms()
        text = self.texts.next(now_ms, self._settings.centre_numbers)
        if text is None:
            return None
        if text.kind == TEXT_FRAME:
            payload: "Payload | None" = button.delivery.text(text.key, now_ms, button.battery_mv, signal_dbm)
        elif text.kind == TEXT_REPORT:
            payload = self._report(now_ms, signal_dbm)
        else:
            return text, self._sentence(text.key)
        if payload is None:
            return None
        return text, armour(seal(payload, self._settings.device, self._settings.key_id, button.keys.up_link))

    def text_taken(self, text: "Text") -> None:
        """The modem has begun with it."""
        hal.trace("sms", to=text.number, kind=KINDS[text.kind], **self._named(text))

    def text_outcome(self, text: "Text", outcome: int) -> None:
        """What became of it."""
        now_ms = self._button.uptime_ms()
        hal.trace("sms-outcome", to=text.number, kind=KINDS[text.kind], outcome=OUTCOMES[outcome], **self._named(text))
        self.texts.outcome(text, outcome, now_ms, self._button.clock.read(now_ms)[0])

    def sms(self, raw: bytes) -> None:
        """A frame came by SMS: a receipt, or nothing that belongs there."""
        inbox = self._button.inbox
        payload = inbox.read(raw)
        if isinstance(payload, Receipt):
            self._button.take_receipt(payload, "sms")
        elif payload is None:
            hal.trace("rejected", reason=inbox.reason, count=inbox.rejected)

    def _state(self, state: int, fault: int) -> None:
        hal.trace("modem", state=state, fault=fault)
        self._button.plan(self._button.uptime_ms())

    def _report(self, now_ms: int, signal_dbm: int) -> PathReport:
        button = self._button
        wall_ms, clock = button.clock.read(now_ms)
        return PathReport(
            button.store.beat.take(),
            button.boot_id,
            now_ms,
            wall_ms,
            clock,
            self.texts.cause,
            button.state(now_ms),
            button.delivery.undelivered,
            signal_dbm,
        )

    def _sentence(self, key: bytes) -> str:
        entry = self._button.delivery.entry(key)
        settings = self._settings
        return timed(settings.sentence, entry.body.wall_ms if entry else 0, settings.utc_offset_minutes)

    def _named(self, text: "Text") -> "dict[str, Any]":
        entry = self._button.delivery.entry(text.key)
        if entry is None:
            return {}
        body = entry.body
        return {"sequence": body.sequence, "nonce": body.nonce}
