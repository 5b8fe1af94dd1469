"""The AT engine with what only hosts ask of a modem: its operator, USSD codes, and when a message was sent."""

from __future__ import annotations

import re
from collections import deque
from datetime import UTC, datetime, timedelta

from kentongan_host.gsm_text import decode_gsm, decode_ucs2
from kentongan_wire import at_steps as at
from kentongan_wire.at_engine import FAULT_SILENT, RECEIVED, STATE_STARTING, AtEngine

# Kinds of actions beside those of the AT engine.
ANSWERED = 100  # (ANSWERED, command, lines): lines is None when it failed
USSD = 101  # (USSD, text)

ASK = 100  # the step in which a command of `ask` is under way
ASK_MS = 20_000  # +COPS? and +CUSD may take long when the network is slow
LINES_MAX = 20  # of one answer
ASKED_MAX = 8  # commands that wait

_STAMP = re.compile(r"(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)([+-])(\d\d)")
_USSD = re.compile(r'\+CUSD:\s*(\d)(?:,"(.*)"(?:,(\d+))?)?\s*', re.DOTALL)
_USSD_BEGINS = re.compile(r'\+CUSD:\s*\d\s*,\s*"')
_USSD_ENDS = re.compile(r'"\s*(?:,\s*\d+)?\s*$')
_OPEN = "1"  # first number of +CUSD: the network waits for more input
_HEX_LEAST = 8  # digits from which a text may be UCS-2: a shorter one is more likely a number


class HostEngine(AtEngine):
    """Actions `(RECEIVED, index, sender, text, sent_at_ms)` have the network's time stamp (Unix ms or None) as well."""

    def __init__(self, pin: str = "") -> None:
        super().__init__(pin)
        self._asked: deque[str] = deque(maxlen=ASKED_MAX)
        self._asking = ""
        self._told: list[str] = []
        self._ussd: list[str] = []

    def ask(self, command: str, now_ms: int) -> None:
        """Put a command between the others, such as `+COPS?`."""
        if command not in self._asked:
            self._asked.append(command)
        if self._step == at.IDLE:
            self._work(now_ms)

    def unplug(self, now_ms: int) -> None:
        """The port is gone: what is under way has ended."""
        self._restart(now_ms)
        self._set(STATE_STARTING, FAULT_SILENT)

    def _restart(self, now_ms: int) -> None:
        if self._asking:
            self._actions.append((ANSWERED, self._asking, None))
            self._asking = ""
        super()._restart(now_ms)

    def _work(self, now_ms: int) -> None:
        if self._asked and not self._sending and not self._deletes and not self._reads:
            self._asking = self._asked.popleft()
            self._told = []
            self._pause(ASK, now_ms + ASK_MS)
            self._open = True
            self._code = at.NONE
            self._bound_ms = self._due_ms
            self._actions.append((0, f"AT{self._asking}\r".encode()))
            return
        super()._work(now_ms)

    def _hear(self, line: str, text: str, now_ms: int) -> None:
        reading = self._open and self._step in (at.LIST, at.READ)
        if not reading and (self._ussd or text.startswith("+CUSD:")):
            self._hear_ussd(line, text, now_ms)
            return
        super()._hear(line, text, now_ms)

    def _hear_ussd(self, line: str, text: str, now_ms: int) -> None:
        """An answer may have several lines; it ends with the closing quote."""
        self._ussd.append(text if not self._ussd else line)
        whole = "\n".join(self._ussd)
        begun = _USSD_BEGINS.match(whole)
        if begun and not _USSD_ENDS.search(whole[begun.end() :]) and len(self._ussd) < LINES_MAX:
            return
        self._ussd = []
        match = _USSD.fullmatch(whole)
        if match and match[2] is not None:
            self._actions.append((USSD, plain(match[2])))
        if match and match[1] == _OPEN:
            self.ask("+CUSD=2", now_ms)  # nobody will answer the menu

    def _answer(self, line: str, text: str, now_ms: int) -> None:
        if self._step != ASK:
            super()._answer(line, text, now_ms)
            return
        code = at.final_code(text)
        if code != at.NONE:
            self._finish(code, now_ms)
        elif len(self._told) < LINES_MAX:
            self._told.append(text)

    def _finish(self, code: int, now_ms: int) -> None:
        if self._step != ASK:
            super()._finish(code, now_ms)
            return
        self._actions.append((ANSWERED, self._asking, self._told if code == 0 else None))
        self._asking = ""
        self._open = False
        if code == at.NONE:
            self._restart(now_ms)
        else:
            self._work(now_ms)

    def _offer(self, index: int, header: list[str], text: str) -> None:
        stamps = [sent_at_ms(field) for field in header[4:]]
        known = [at_ms for at_ms in stamps if at_ms is not None]
        self._actions.append((RECEIVED, index, header[3], plain(text), known[0] if known else None))


def plain(text: str) -> str:
    """What a modem wrote in its alphabet, one character a byte, as text.

    What is not in that alphabet comes as hexadecimal digits, without a word that it does.
    """
    wide = decode_ucs2(text) if len(text) >= _HEX_LEAST and text == text.upper() else None
    if wide is not None and wide.replace("\n", " ").replace("\r", " ").isprintable():
        return wide
    return decode_gsm(text.encode("latin-1", errors="replace"))


def sent_at_ms(field: str) -> int | None:
    """A time stamp as Unix ms; None when it is none."""
    match = _STAMP.fullmatch(field)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[index]) for index in range(1, 7))
    away = timedelta(minutes=15 * int(match[8])) * (-1 if match[7] == "-" else 1)
    try:
        local = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int((local - away).timestamp() * 1000)
