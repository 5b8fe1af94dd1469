"""A modem on a serial port: texts one message after the other, hands out what comes in, survives unplugging."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Any, Final, Self

import serial  # type: ignore[import-untyped]

from kentongan_host.log import logger
from kentongan_host.modem_engine import ANSWERED, USSD, HostEngine
from kentongan_host.tasks import end_task
from kentongan_wire.at_engine import (
    FAILED,
    FAULT_SILENT,
    POWER_KEY,
    RECEIVED,
    REROUTE,
    RETRY,
    SENT,
    STATE,
    UNKNOWN,
    WAIT,
    WRITE,
)
from kentongan_wire.second_path import TEXT_REROUTE, TEXT_RETRY, TEXT_SENT, TEXT_UNKNOWN, TEXT_WAIT

BAUD: Final = 115_200
REOPEN_S: Final = 2.0  # between tries to open a port that is gone: a USB modem is back after some 10 s
CHUNK: Final = 4_096  # bytes read at once
WRITE_MAX: Final = 4_096  # bytes that may wait for a port that takes none; all commands together are less
INBOX_MAX: Final = 200  # messages that may wait; what finds no room is offered again by the engine
QUERY_S: Final = 60.0  # an answer to a USSD code that takes longer never comes

_NUMBER = re.compile(r"\+[0-9]{8,15}")
_CODE = re.compile(r"[*#0-9]{2,20}")
_OPERATOR = re.compile(r'\+COPS: \d,\d,"([^"]*)"')

_log = logger("kentongan.modem")


class Outcome(IntEnum):
    """What became of a message; the numbers are those of `kentongan_wire.second_path`."""

    SENT = TEXT_SENT
    RETRY = TEXT_RETRY
    REROUTE = TEXT_REROUTE
    WAIT = TEXT_WAIT
    UNKNOWN = TEXT_UNKNOWN


_FAILED = {RETRY: Outcome.RETRY, REROUTE: Outcome.REROUTE, WAIT: Outcome.WAIT}


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A message that came in.

    Attributes:
        index: names it for `Modem.stored`.
        sender: what the network says; it proves nothing.
        sent_at_ms: when the network took it (Unix ms), by the network's clock; None when it did not say.
    """

    index: int
    sender: str
    text: str
    sent_at_ms: int | None


class Modem:
    """Runs a modem while the context is open; entering does not wait for it.

    Attributes:
        operator: name of the network it is in; "" when not known.
        problem: why the port is not open, for people; "" while it is.

    Args:
        port: serial port, `/dev/serial/by-id/…` best.
        baud: its speed.
        pin: of the SIM; "" when it has none. It is tried once.
        name: for the log.
        on_change: called when `ready`, `fault` or `operator` may have changed.
        power_key: holds the modem's power key for that many ms; None when nobody can.
    """

    def __init__(
        self,
        port: str,
        *,
        baud: int = BAUD,
        pin: str = "",
        name: str = "modem",
        on_change: Callable[[], None] = lambda: None,
        power_key: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        self.operator = ""
        self.problem = "not opened yet"
        self._port = port
        self._baud = baud
        self._name = name
        self._on_change = on_change
        self._power_key = power_key
        self._engine = HostEngine(pin)
        self._serial: Any = None
        self._unwritten = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._lost = asyncio.Event()
        self._free = asyncio.Event()
        self._outcomes: dict[object, asyncio.Future[Outcome]] = {}
        self._inbox: asyncio.Queue[TextMessage] = asyncio.Queue(INBOX_MAX)
        self._ussd: asyncio.Future[str] | None = None
        self._querying = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._keys: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    # --- state -------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether a text could go out now."""
        return self._serial is not None and self._engine.ready

    @property
    def fault(self) -> int:
        """One of the AT engine's `FAULT_…`; a port that is gone is FAULT_SILENT."""
        return self._engine.fault if self._serial is not None else FAULT_SILENT

    @property
    def state(self) -> int:
        """One of the AT engine's `STATE_…`."""
        return self._engine.state

    @property
    def signal_dbm(self) -> int:
        """How strong the network is heard; SIGNAL_UNKNOWN_DBM when nobody knows."""
        return self._engine.signal_dbm

    # --- use ---------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep(), name=f"modem {self._name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await end_task(self._keeper)
        for task in list(self._keys):
            await end_task(task)

    async def send(self, number: str, text: str) -> Outcome:
        """Texts one message and says what became of it; WAIT at once while the modem is not ready.

        Raises:
            ValueError: the number is not E.164, or the text longer than one message.
        """
        if not _NUMBER.fullmatch(number) or len(text) > 160:
            raise ValueError("expected a number such as +6281234567890 and a text of at most 160 characters")
        async with self._sending:
            token = object()
            outcome: asyncio.Future[Outcome] = self._loop.create_future()
            self._outcomes[token] = outcome
            try:
                while not self._engine.send(token, number, text, self._now_ms()):
                    if not self.ready:
                        return Outcome.WAIT
                    self._free.clear()
                    await self._free.wait()  # for one whose sender was cancelled
                self._act()
                return await outcome
            finally:
                self._outcomes.pop(token, None)

    async def messages(self) -> AsyncIterator[TextMessage]:
        """Every message that comes in, for ever; one that is not `stored` comes again after a minute or two."""
        while True:
            yield await self._inbox.get()

    def stored(self, index: int) -> None:
        """The message is on disk: it may go from the modem."""
        self._engine.stored(index, self._now_ms())
        self._act()

    async def query(self, code: str) -> str | None:
        """What the network answers to a USSD code such as `*888#`; None when it does not.

        Raises:
            ValueError: no such code.
        """
        if not _CODE.fullmatch(code):
            raise ValueError("expected a code of *, # and digits, such as *888#")
        async with self._querying:
            if not self.ready:
                return None
            self._ussd = self._loop.create_future()
            self._engine.ask(f'+CUSD=1,"{code}",15', self._now_ms())
            self._act()
            try:
                async with asyncio.timeout(QUERY_S):
                    return await self._ussd
            except TimeoutError:
                return None
            finally:
                self._ussd = None

    # --- the port ----------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Opens the port again whenever it is gone."""
        try:
            while True:
                if self._open():
                    await self._lost.wait()
                    self._close()
                    _log.warning("modem's port is gone", modem=self._name, why=self.problem)
                await asyncio.sleep(REOPEN_S)
        finally:
            self._close()

    def _open(self) -> bool:
        try:
            opened = serial.Serial(self._port, self._baud, timeout=0, write_timeout=0, exclusive=True)
            opened.reset_input_buffer()
        except (OSError, ValueError) as error:  # SerialException is an OSError
            problem = f"cannot open {self._port}: {error}"
            if problem != self.problem:
                _log.warning("modem's port cannot be opened", modem=self._name, port=self._port, why=str(error))
                self._set_problem(problem)
            return False
        self._serial = opened
        self._lost.clear()
        self._set_problem("")
        self._loop.add_reader(opened.fileno(), self._readable)
        self._engine.power_on(self._now_ms())
        self._act()
        return True

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._serial is None:
            return
        descriptor = self._serial.fileno()
        self._loop.remove_reader(descriptor)
        self._loop.remove_writer(descriptor)
        with contextlib.suppress(OSError):
            self._serial.close()
        self._serial = None
        self._unwritten.clear()
        self._engine.unplug(self._now_ms())
        self._act()
        self._on_change()

    def _set_problem(self, problem: str) -> None:
        self.problem = problem
        self._on_change()

    def _readable(self) -> None:
        if not self._read() and not self._lost.is_set():
            self._lose("hung up")  # readable, and nothing to read
        self._act()

    def _read(self) -> bool:
        """Takes what has come; False when there is nothing."""
        try:
            data = os.read(self._serial.fileno(), CHUNK)
        except BlockingIOError:
            return True
        except OSError as error:
            self._lose(str(error))
            return False
        if data:
            self._engine.receive(data, self._now_ms())
        return bool(data)

    def _lose(self, why: str) -> None:
        self.problem = why
        self._loop.remove_reader(self._serial.fileno())
        self._lost.set()

    def _write(self, data: bytes) -> None:
        if self._serial is None or self._lost.is_set():
            return
        if len(self._unwritten) + len(data) <= WRITE_MAX:
            self._unwritten += data
        self._writable()

    def _writable(self) -> None:
        descriptor = self._serial.fileno()
        try:
            del self._unwritten[: os.write(descriptor, self._unwritten)]
        except BlockingIOError:
            pass
        except OSError as error:
            self._loop.remove_writer(descriptor)
            self._lose(str(error))
            return
        if self._unwritten:
            self._loop.add_writer(descriptor, self._writable)
        else:
            self._loop.remove_writer(descriptor)

    # --- the engine --------------------------------------------------------------------------

    def _now_ms(self) -> int:
        return int(self._loop.time() * 1000)

    def _due(self) -> None:
        if self._serial is None or self._lost.is_set():
            return
        self._read()  # what has come counts before the time does
        if not self._lost.is_set():
            self._engine.tick(self._now_ms())
            self._act()

    def _act(self) -> None:
        """Does what the engine says, and comes back when it wants to be told the time."""
        while actions := self._engine.take_actions():
            for action in actions:
                self._do(action)
        if self._timer is not None:
            self._timer.cancel()
        if self._serial is not None:
            # A ms later than asked: a timer may fire early by the clock's grain.
            self._timer = self._loop.call_at((self._engine.next_deadline() + 1) / 1000, self._due)

    def _do(self, action: tuple[Any, ...]) -> None:
        kind = action[0]
        if kind == WRITE:
            self._write(action[1])
        elif kind in (SENT, FAILED, UNKNOWN):
            self._ended(action)
        elif kind == RECEIVED:
            with contextlib.suppress(asyncio.QueueFull):
                self._inbox.put_nowait(TextMessage(*action[1:]))
        elif kind == STATE:
            self._changed()
        elif kind == POWER_KEY:
            self._press(action[1])
        elif kind == USSD:
            if self._ussd is not None and not self._ussd.done():
                self._ussd.set_result(action[1])
        elif kind == ANSWERED and action[1] == "+COPS?":
            found = _OPERATOR.search("\n".join(action[2] or ()))
            if (found[1] if found else "") != self.operator:
                self.operator = found[1] if found else ""
                self._on_change()

    def _ended(self, action: tuple[Any, ...]) -> None:
        kind, token, *rest = action
        outcome = Outcome.SENT if kind == SENT else Outcome.UNKNOWN if kind == UNKNOWN else _FAILED[rest[0]]
        waiting = self._outcomes.get(token)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)
        self._free.set()

    def _changed(self) -> None:
        if self._engine.ready:
            self._engine.ask("+COPS?", self._now_ms())
        _log.info("modem", modem=self._name, state=self._engine.state, fault=self._engine.fault)
        self._on_change()

    def _press(self, hold_ms: int) -> None:
        _log.warning("modem is silent: its power key is pressed", modem=self._name, hold_ms=hold_ms)
        if self._power_key is not None:
            task = asyncio.create_task(self._hold(self._power_key, hold_ms))
            self._keys.add(task)
            task.add_done_callback(self._keys.discard)

    async def _hold(self, power_key: Callable[[int], Awaitable[None]], hold_ms: int) -> None:
        try:
            await power_key(hold_ms)
        except OSError as error:
            _log.error("the modem's power key cannot be pressed", modem=self._name, why=str(error))
