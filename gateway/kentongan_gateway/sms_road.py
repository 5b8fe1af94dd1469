"""The second path: what custody holds and how the site does, by SMS to the centre; receipts by SMS back."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.alarm_road import AlarmRoad, alarm_id, envelope_of
from kentongan_gateway.core.main_path import MainPath
from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.path_texts import PathTexts
from kentongan_gateway.core.report import Reporter
from kentongan_gateway.core.sentence import pressed_ms, sentence
from kentongan_gateway.core.texts_in import Carried, read_text
from kentongan_gateway.identity import Identity
from kentongan_gateway.report_road import ReportRoad
from kentongan_host.failpoints import GATEWAY_AFTER_TEXT_BEFORE_RECEIPT, fail_point
from kentongan_host.log import logger
from kentongan_host.tasks import Wake
from kentongan_host.text_modem import TextModem
from kentongan_wire.armour_dense import sms_text
from kentongan_wire.at_engine import FAULT_NO_SIM, FAULT_NONE, FAULT_PIN
from kentongan_wire.frame import parse
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import Press
from kentongan_wire.receipts import Receipt
from kentongan_wire.second_path import TEXT_FRAME, TEXT_SENT, SecondPath, Text
from kentongan_wire.supervision import SITE_PATH_LOST, SITE_SIM_FAULT, SITE_SMS_DOWN
from kentongan_wire.topics import device_name

BEHIND_MAX = 2  # texts of presses before a path report that waits: both numbers of one press, 6 s of the 10 s left
FAILED_MAX = 3  # texts in a row that did not go out: the SIM has no credit, or the network lets nothing out
UNDELIVERED_MAX = 0xFFFF  # of a path report
SHOWN_DIGITS = 3  # of a telephone number in the log

_log = logger("kentongan.sms")


@dataclass(frozen=True, slots=True)
class Words:
    """What the plain sentence says.

    Attributes:
        site: name of the site.
        zone: one of `core.sentence.ZONES`.
    """

    site: str
    zone: str


class SmsRoad:
    """Texts what is due and takes what comes in.

    Attributes:
        strangers: messages since the start that were none of ours.

    Args:
        centre_numbers: whom frames and path reports go to.
        duty_numbers: who gets the plain sentence.
        words: for that sentence.
        wake: set when something may be due.
    """

    def __init__(
        self,
        *,
        modem: TextModem,
        identity: Identity,
        alarms: AlarmRoad,
        reports: ReportRoad,
        reporter: Reporter,
        main_path: MainPath,
        site: SiteBroker,
        clock: Clock,
        centre_numbers: tuple[str, ...],
        duty_numbers: tuple[str, ...],
        words: Words,
        wake: Wake,
    ) -> None:
        self.strangers = 0
        self._modem = modem
        self._identity = identity
        self._alarms = alarms
        self._reports = reports
        self._reporter = reporter
        self._main_path = main_path
        self._site = site
        self._clock = clock
        self._words = words
        self._wake = wake
        self._has_numbers = bool(centre_numbers)
        self._second_path = SecondPath(centre_numbers, duty_numbers)
        self._path_texts = PathTexts(centre_numbers)
        self._behind = 0  # texts of presses since a path report waits
        self._failed = 0  # texts in a row that did not go out
        alarms.on_held = wake.set
        reports.on_answer = wake.set
        reports.conditions.append(self.state)

    def state(self) -> int:
        """The `SITE_…` bits of the second path."""
        fault = self._modem.fault
        if fault in {FAULT_NO_SIM, FAULT_PIN}:
            return SITE_SMS_DOWN | SITE_SIM_FAULT
        works = fault == FAULT_NONE and self._failed < FAILED_MAX and self._has_numbers
        return 0 if works else SITE_SMS_DOWN

    # --- out --------------------------------------------------------------------------------

    async def text(self) -> None:
        """Texts whatever is due, for ever."""
        while True:
            if not await self.text_once():
                await self._wake.wait(self.wait_ms())

    async def text_once(self) -> bool:
        """Texts what is due now; False when nothing is."""
        if not self._modem.ready:
            return False
        now = self._clock.now()
        self._plan_path_report(now)
        text = self._second_path.next_text(self._held(now), self._is_proven(now), now.uptime_ms)
        number = self._path_texts.next_number(now.uptime_ms)
        if number is not None and (text is None or self._behind >= BEHIND_MAX):
            self._behind = 0
            await self._text_path_report(number)
        elif text is not None:
            self._behind += number is not None
            await self._text_press(text, now)
        return number is not None or text is not None

    def wait_ms(self) -> int | None:
        """Ms until something is due; None while only an event can change that."""
        if not self._modem.ready:
            return None
        now = self._clock.now()
        of_presses = self._second_path.next_deadline(self._held(now), self._is_proven(now), now.uptime_ms)
        deadlines = (self._main_path.next_deadline(), of_presses, self._path_texts.next_deadline())
        return max(0, min(deadline for deadline in deadlines if deadline is not None) - now.uptime_ms)

    def _held(self, now: Moment) -> list[tuple[object, int]]:
        return list(self._alarms.custody.held_since(now))

    def _is_proven(self, now: Moment) -> bool:
        return self._main_path.is_proven(now.uptime_ms)

    def _plan_path_report(self, now: Moment) -> None:
        cause = self._main_path.due(now.uptime_ms)
        if cause is None:
            return
        report = PathReport(
            counter=self._reporter.counters.take(),
            boot_id=self._reporter.boot_id,
            uptime_ms=self._reporter.uptime_ms(now),
            wall_ms=now.wall_ms or 0,
            clock=self._clock.quality(now),
            cause=cause,
            state=self._reports.state() | (SITE_PATH_LOST if self._main_path.is_lost else 0),
            undelivered=min(len(self._alarms.custody), UNDELIVERED_MAX),
            signal_dbm=self._modem.signal_dbm,
        )
        self._path_texts.load(self._identity.seal(report), now.uptime_ms)
        self._main_path.told(cause, now.uptime_ms)
        _log.info("path report", cause=cause, state=report.state, counter=report.counter)

    async def _text_path_report(self, number: str) -> None:
        raw = self._path_texts.raw
        outcome = await self._send(number, sms_text(raw), what="path report")
        if raw == self._path_texts.raw:
            self._path_texts.outcome(number, outcome, self._clock.uptime_ms())

    async def _text_press(self, text: Text, now: Moment) -> None:
        forward = self._alarms.custody.forward(text.key, now)
        if text.kind == TEXT_FRAME:
            what, body = "press", sms_text(self._identity.seal(envelope_of(forward)))
        else:
            what, body = "sentence", self._sentence(text, now)
        outcome = await self._send(text.number, body, what=what, alarm=alarm_id(text.key))
        self._second_path.outcome(text, outcome, self._clock.uptime_ms())
        fail_point(GATEWAY_AFTER_TEXT_BEFORE_RECEIPT)

    def _sentence(self, text: Text, now: Moment) -> str:
        forward = self._alarms.custody.forward(text.key, now)
        press = parse(forward.raw, (Press,)).payload
        assert isinstance(press, Press)
        button = self._alarms.buttons.get(text.key.device)
        post = button.post if button and button.post else f"tombol {device_name(text.key.device)}"
        return sentence(self._words.site, post, pressed_ms(press, forward.arrived, now), self._words.zone)

    async def _send(self, number: str, body: str, *, what: str, alarm: str | None = None) -> int:
        outcome = await self._modem.send(number, body)
        self._failed = 0 if outcome == TEXT_SENT else self._failed + 1
        _log.info("texted", what=what, alarm_id=alarm, to=number[-SHOWN_DIGITS:], outcome=outcome)
        return outcome

    # --- in ---------------------------------------------------------------------------------

    async def receive(self) -> None:
        """Takes what comes in, for ever; it goes from the modem once it is on disk or handed on."""
        async for message in self._modem.messages():
            if await self.take(message.text):
                self._modem.stored(message.index)

    async def take(self, text: str) -> bool:
        """One message; False when it must be taken again later."""
        identity = self._identity
        found = read_text(text, identity.device, identity.key_id, identity.down_link, self._alarms.buttons)
        if isinstance(found, Receipt):
            self._alarms.receipt(found)
            await self._alarms.save_ends()
            return self._alarms.has_saved(found.press)
        if isinstance(found, Carried):
            return await self._site.answer(self._site.alarms, found.device, found.raw)
        self.strangers += 1  # advertisements come to every SIM, and nobody else's words go into a log
        self._alarms.strays.counted(found.forged)
        _log.info("message of a stranger", why=found.why, count=self.strangers)
        return True
