"""AT command lines: what they look like, what is answered, and what a modem remembers between them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kentongan_sim.modem.faults import SendFault

_ARGUMENT = re.compile(r'\s*("[^"]*"|[^,"]*)\s*(?:,|$)')

CME_NOT_ALLOWED = 3
CME_NOT_SUPPORTED = 4
CME_NO_SIM = 10
CME_PIN = 11
CME_PUK = 12
CME_WRONG_PIN = 16
CME_NO_NETWORK = 30
CMS_NOT_ALLOWED = 302
CMS_PDU = 304
CMS_TEXT = 305
CMS_NO_SIM = 310
CMS_PIN = 311
CMS_PLACE = 321
CMS_NO_NETWORK = 331


@dataclass
class Session:
    """What a modem forgets when it boots."""

    unlocked: bool = False
    echo: bool = True
    errors: int = 0  # +CMEE
    text_mode: bool = False
    header: bool = False  # +CSDH
    alphabet: str = "IRA"
    parameters: str = "17,167,0,0"
    announce: str = "2,0,0,0,0"
    creg: int = 0
    cereg: int = 0
    centre: str = '"+6281100000",145'
    clip: int = 0

    @property
    def announces(self) -> bool:
        """+CMTI is wanted."""
        return self.announce.split(",")[1:2] == ["1"]


@dataclass
class Reply:
    """Lines, then the final one."""

    lines: list[str] = field(default_factory=list)
    final: str = "OK"


@dataclass
class Prompt:
    """A message is to be typed."""

    number: str  # text mode: to whom
    length: int  # PDU mode: bytes of the TPDU
    typed: bytearray = field(default_factory=bytearray)
    fault: SendFault | int | None = None


Outcome = Reply | Prompt


class CommandError(Exception):
    """+CME ERROR or, with `sms`, +CMS ERROR."""

    def __init__(self, code: int, *, sms: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.sms = sms


@dataclass(frozen=True)
class Command:
    """One command: `verb` is "" to act, "?" to read, "=?" to ask what there is, "=" to set."""

    name: str
    verb: str
    arguments: tuple[str, ...]
    now_ms: int

    def number(self, index: int, default: int = 0) -> int:
        text = self.arguments[index] if index < len(self.arguments) else ""
        return int(text) if text.isdigit() else default

    def text(self, index: int) -> str:
        return self.arguments[index] if index < len(self.arguments) else ""


def parse(text: str, now_ms: int) -> list[Command]:
    """`E0+CMEE=1;+CSQ` as three commands."""
    found: list[Command] = []
    rest = text.strip()
    while rest:
        head = rest.upper()
        if head[0] in "+*^$":
            part, _, rest = _until_semicolon(rest)
            name = re.match(r"[+*^$][A-Za-z0-9]*", part)
            verb_text = part[name.end() :] if name else part
            verb = next(verb for verb in ("=?", "=", "?", "") if verb_text.startswith(verb))
            arguments = _arguments(verb_text[len(verb) :]) if verb == "=" else ()
            found.append(Command(name.group().upper() if name else part, verb, arguments, now_ms))
        else:
            short = re.match(r"&?[A-Z](?:\d*=?\d*)", head)
            part = short.group() if short else head
            found.append(Command(part.rstrip("0123456789="), "", (re.sub(r"\D", "", part[1:]),), now_ms))
            rest = rest[len(part) :].lstrip(" ;")
    return found


def _until_semicolon(text: str) -> tuple[str, str, str]:
    quoted = False
    for index, character in enumerate(text):
        quoted ^= character == '"'
        if character == ";" and not quoted:
            return text[:index], ";", text[index + 1 :].strip()
    return text, "", ""


def _arguments(text: str) -> tuple[str, ...]:
    return tuple(match.group(1).strip('"') for match in _ARGUMENT.finditer(text) if match.group())
