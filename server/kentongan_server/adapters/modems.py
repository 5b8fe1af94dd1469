"""The centre's modems: each hears for the same intake, takes from the same queue, and is watched by its name."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

from kentongan_host.balance import read_balance
from kentongan_host.log import logger
from kentongan_host.modem import Modem
from kentongan_host.secret_files import read_secret
from kentongan_host.tasks import Background
from kentongan_host.text_modem import Incoming, TextModem
from kentongan_server import shapes
from kentongan_server.application.fault_book import FaultBook
from kentongan_server.application.ports import Clock, StoreError
from kentongan_server.application.sms_out import SmsOut
from kentongan_server.application.troubles import CENTRE
from kentongan_server.domain.credit import Credit, CreditClock
from kentongan_server.domain.sms_queue import MINUTE_MS, Outcome
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.settings import CentreModem as Settings
from kentongan_wire import at_engine, second_path
from kentongan_wire.press import SIGNAL_UNKNOWN_DBM

HANDLED_MAX = 16  # messages of one modem in work at once: what a commit takes does not hold up the next message
AGAIN_S = 5.0  # before a port that could not be used is opened again
CREDIT_LOOK_S = 5.0  # how often a modem's credit clock is looked at

OUTCOMES = {
    second_path.TEXT_SENT: Outcome.SENT,
    second_path.TEXT_RETRY: Outcome.RETRY,
    second_path.TEXT_REROUTE: Outcome.REROUTE,
    second_path.TEXT_WAIT: Outcome.WAIT,
    second_path.TEXT_UNKNOWN: Outcome.UNKNOWN,
}
_FAULT_WORDS = {
    at_engine.FAULT_SILENT: "silent",
    at_engine.FAULT_NO_SIM: "no-sim",
    at_engine.FAULT_PIN: "pin",
    at_engine.FAULT_NOT_REGISTERED: "not-registered",
    at_engine.FAULT_STORAGE: "storage",
}
_STATE_WORDS = {at_engine.STATE_OFF: "off", at_engine.STATE_SEARCHING: "searching", at_engine.STATE_READY: "ready"}
_HOPELESS = (at_engine.FAULT_NO_SIM, at_engine.FAULT_PIN)

_log = logger("kentongan.modems")

Take = Callable[[str, str, str, int | None], Awaitable[bool]]


class Heard(Incoming, Protocol):
    """A message that came in, with what the network says of it."""

    @property
    def sender(self) -> str:
        """What the network says; it proves nothing."""

    @property
    def sent_at_ms(self) -> int | None:
        """When the network took it, as it says (Unix ms)."""


class Gsm(TextModem, Protocol):
    """What the centre needs of a modem (`kentongan_host.modem`)."""

    @property
    def state(self) -> int:
        """One of the AT engine's `STATE_…`."""

    def messages(self) -> AsyncIterator[Heard]:
        """See `TextModem`."""

    async def query(self, code: str) -> str | None:
        """The network's answer to a USSD code; None when there was none."""


OpenModem = Callable[[Settings], AbstractAsyncContextManager[Gsm]]


def open_modem(settings: Settings) -> AbstractAsyncContextManager[Gsm]:
    """The modem on its serial port.

    Raises:
        HostError: the file with its PIN cannot be read, or others can read it.
    """
    pin = read_secret(settings.pin_file).decode("ascii", "replace").strip() if settings.pin_file else ""
    return Modem(settings.port, baud=settings.baud, pin=pin, name=settings.name)


class CentreModem:
    """One modem with its SIM; implements `application.sms_out.Line` and `application.self_watch.Modem`.

    Args:
        settings: its section of `centre.toml`.
        clock: the centre's.
        take: handles (modem, sender, text, sent at) to its end; False leaves it on the SIM to be read again; raises
            `StoreError` when it was not committed.
        open_port: opens the modem itself.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        take: Take,
        open_port: OpenModem,
    ) -> None:
        self.name, self.operator = settings.name, settings.operator
        self._settings = settings
        self._clock = clock
        self._take = take
        self._open_port = open_port
        self._gsm: Gsm | None = None
        self._in_work: set[int] = set()
        self._heard: deque[int] = deque()
        self._credit_clock = CreditClock()
        self.credit = Credit(None, settings.valid_until)

    @property
    def works(self) -> bool:
        return self._gsm is not None and self._gsm.ready

    @property
    def state_word(self) -> str:
        """For the console: `ready`, or why not."""
        if self._gsm is None:
            return "off"
        if self._gsm.fault in _FAULT_WORDS:
            return _FAULT_WORDS[self._gsm.fault]
        if self._gsm.state == at_engine.STATE_READY and not self._gsm.ready:
            return "ready"  # it is just sending
        return _STATE_WORDS.get(self._gsm.state, "starting")

    @property
    def is_hopeless(self) -> bool:
        return self._gsm is not None and self._gsm.fault in _HOPELESS

    async def run(self, out: SmsOut, faults: FaultBook) -> None:
        """Hears and watches the credit, for ever; a modem that cannot be used ends nothing but itself."""
        while True:
            try:
                await self._use(out, faults)
            except* Exception as errors:  # noqa: BLE001 - the centre lives on its other paths; told as a trouble
                _log.error("modem given up for a moment", modem=self.name, why=[str(one) for one in errors.exceptions])
            await asyncio.sleep(AGAIN_S)

    async def _use(self, out: SmsOut, faults: FaultBook) -> None:
        async with self._open_port(self._settings) as gsm, Background() as jobs:
            self._gsm = gsm
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._hear(gsm, jobs))
                    group.create_task(self._watch_credit(gsm, faults))
                    group.create_task(jobs.watch())
                    out.wake()
            finally:
                self._gsm = None

    async def send(self, number: str, text: str) -> Outcome:
        """See `application.sms_out.Line`."""
        if self._gsm is None:
            return Outcome.REROUTE
        outcome = OUTCOMES.get(await self._gsm.send(number, text), Outcome.UNKNOWN)
        if outcome in (Outcome.SENT, Outcome.UNKNOWN):
            self._credit_clock.texted()
        return outcome

    async def _hear(self, gsm: Gsm, jobs: Background) -> None:
        room = asyncio.Semaphore(HANDLED_MAX)
        async for message in gsm.messages():
            if message.index in self._in_work:
                continue
            self._heard.append(self._clock.monotonic_ms())
            await room.acquire()
            self._in_work.add(message.index)
            jobs.start(self._handle(gsm, message, room))

    async def _handle(self, gsm: Gsm, message: Heard, room: asyncio.Semaphore) -> None:
        try:
            if await self._take(self.name, message.sender, message.text, message.sent_at_ms):
                gsm.stored(message.index)  # only now may it go from the SIM: what it carried is on disk
        except StoreError as error:
            _log.error("not stored, left on the SIM", modem=self.name, why=error.what, remedy=error.remedy)
        except Exception:  # noqa: BLE001 - one message must not end the modem; logged, and it comes again
            _log.exception("message not handled, left on the SIM", modem=self.name)
        finally:
            self._in_work.discard(message.index)
            room.release()

    async def _watch_credit(self, gsm: Gsm, faults: FaultBook) -> None:
        while True:
            code, now_ms = self._settings.balance_ussd, self._clock.monotonic_ms()
            if code is not None and gsm.ready and self._credit_clock.is_due(now_ms):
                answer = await gsm.query(code)
                self._credit_clock.asked(now_ms, answered=answer is not None)
                if answer is not None:
                    told = read_balance(answer)
                    self.credit = self.credit.merged(Credit(told.rupiah, told.valid_until))
                _log.info("credit", modem=self.name, answered=answer is not None, balance=self.credit.balance)
            await self._tell_credit(faults)
            await asyncio.sleep(CREDIT_LOOK_S)

    async def _tell_credit(self, faults: FaultBook) -> None:
        credit, today = self.credit, datetime.fromtimestamp(self._clock.wall_ms() / 1_000, UTC).date()
        if credit.is_low(self._settings.balance_least):
            detail = {"code": "balance", "rupiah": credit.balance}
            await faults.raise_once(CENTRE, TroubleKind.CREDIT_LOW, detail, subject=self.name)
        elif credit.balance is not None:
            await faults.end(CENTRE, TroubleKind.CREDIT_LOW, subject=self.name)
        if credit.valid_until is not None and credit.expires(today):
            detail = {"code": "valid-until", "date": credit.valid_until.isoformat()}
            await faults.raise_once(CENTRE, TroubleKind.CREDIT_EXPIRES, detail, subject=self.name)
        else:
            await faults.end(CENTRE, TroubleKind.CREDIT_EXPIRES, subject=self.name)

    def shape(self, out: SmsOut) -> shapes.Modem:
        """What the console shows of it."""
        now_ms, gsm, until = self._clock.monotonic_ms(), self._gsm, self.credit.valid_until
        while self._heard and now_ms - self._heard[0] >= MINUTE_MS:
            self._heard.popleft()
        return {
            "name": self.name,
            "operator": self.operator,
            "state": self.state_word,
            "signal_dbm": None if gsm is None or gsm.signal_dbm == SIGNAL_UNKNOWN_DBM else gsm.signal_dbm,
            "balance": self.credit.balance,
            "valid_until": until.isoformat() if until else None,
            "sent_last_minute": out.queue.sent_last_minute(self.name, now_ms),
            "received_last_minute": len(self._heard),
        }
