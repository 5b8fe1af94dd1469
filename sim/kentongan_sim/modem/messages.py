"""The commands about messages: stored, listed, read, deleted, sent."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kentongan_host.gsm_text import decode_gsm, decode_ucs2, encode_gsm, encode_ucs2, fits_gsm
from kentongan_sim.modem import pdu
from kentongan_sim.modem.command_line import (
    CMS_NO_NETWORK,
    CMS_NO_SIM,
    CMS_NOT_ALLOWED,
    CMS_PDU,
    CMS_PIN,
    CMS_PLACE,
    CMS_TEXT,
    Command,
    CommandError,
    Prompt,
    Session,
)
from kentongan_sim.modem.sim_card import READ, UNREAD, SimCard, Stored
from kentongan_sim.modem.sms_network import SubmitError

if TYPE_CHECKING:
    from kentongan_sim.modem.model import ModemModel

STAMPS = 1_024  # times that are kept written: of what lies on the SIMs, listed again every few seconds
TEXT_MAX = 160  # septets of one message


def submit(modem: ModemModel, prompt: Prompt, now_ms: int) -> int:
    """Hand a typed message to the network and return its reference.

    Raises:
        SubmitError: the network does not take it.
    """
    session, sim = modem.session, modem.sim
    if sim is None or not modem.registered(now_ms):
        raise SubmitError(CMS_NO_NETWORK)
    if session.text_mode:
        number, text = prompt.number, _typed_text(session, bytes(prompt.typed))
        if len(encode_gsm(text)) > TEXT_MAX:
            raise SubmitError(CMS_TEXT)
    else:
        try:
            message = pdu.parse_submit(prompt.typed.decode("latin-1").strip(), prompt.length)
        except pdu.PduError:
            raise SubmitError(CMS_PDU) from None
        number, text = message.number, message.text
    return modem.network.submit(sim.number, number, text, now_ms)


def _storage(modem: ModemModel) -> SimCard:
    if modem.sim is None:
        raise CommandError(CMS_NO_SIM, sms=True)
    if not modem.session.unlocked:
        raise CommandError(CMS_PIN, sms=True)
    if modem.faults.errors:
        raise CommandError(modem.faults.errors.popleft(), sms=True)
    return modem.sim


def cpms(modem: ModemModel, command: Command) -> list[str]:
    """Which storage, and how full."""
    if command.verb == "=?":
        return ['+CPMS: ("SM"),("SM"),("SM")']
    sim = _storage(modem)
    used = f"{len(sim.messages)},{sim.capacity}"
    if command.verb == "?":
        return ["+CPMS: " + ",".join([f'"SM",{used}'] * 3)]
    if any(name != "SM" for name in command.arguments):
        raise CommandError(CMS_NOT_ALLOWED, sms=True)
    return ["+CPMS: " + ",".join([used] * 3)]


def cmgs(modem: ModemModel, command: Command) -> Prompt | list[str]:
    """Ask for a message."""
    if command.verb != "=":
        return []
    _storage(modem)
    if not modem.session.text_mode:
        if not command.text(0).isdigit():
            raise CommandError(CMS_PDU, sms=True)
        return Prompt("", command.number(0))
    number = command.text(0)
    if modem.session.alphabet == "UCS2":
        number = decode_ucs2(number) or number
    if not re.fullmatch(r"\+?[0-9*#]{2,20}", number):
        raise CommandError(CMS_TEXT, sms=True)
    return Prompt(number, 0)


def cmgr(modem: ModemModel, command: Command) -> list[str]:
    """Read one place."""
    sim = _storage(modem)
    stored = sim.messages.get(command.number(0, -1))
    if stored is None:
        raise CommandError(CMS_PLACE, sms=True)
    lines = store_line(modem, stored, "+CMGR: ")
    stored.status = READ
    return [lines]


def cmgl(modem: ModemModel, command: Command) -> list[str]:
    """Read all places of some kind."""
    if command.verb == "=?":
        return ['+CMGL: ("REC UNREAD","REC READ","STO UNSENT","STO SENT","ALL")']
    sim = _storage(modem)
    wanted = command.text(0) or "0"
    if wanted.isdigit() == modem.session.text_mode and command.arguments:
        raise CommandError(CMS_NOT_ALLOWED, sms=True)
    statuses = {"0": (UNREAD,), "1": (READ,), UNREAD: (UNREAD,), READ: (READ,)}.get(wanted, (UNREAD, READ))
    lines = []
    for place, stored in sorted(sim.messages.items()):
        if stored.status in statuses:
            lines.append(store_line(modem, stored, f"+CMGL: {place},"))
            stored.status = READ
    return lines


def cmgd(modem: ModemModel, command: Command) -> list[str]:
    """Clear one place, or many at once."""
    sim = _storage(modem)
    if command.verb == "=?":
        return [f"+CMGD: ({','.join(map(str, sorted(sim.messages)))}),(0-4)"]
    chosen = command.number(1)
    if chosen == 0 and command.number(0, -1) not in range(sim.capacity):
        raise CommandError(CMS_PLACE, sms=True)
    for place, stored in list(sim.messages.items()):
        if (chosen == 0 and place == command.number(0)) or chosen == 4 or (chosen and stored.status == READ):
            del sim.messages[place]
    modem.deleted(command.now_ms)
    return []


def store_line(modem: ModemModel, stored: Stored, start: str) -> str:
    """Header and text of a stored message, as +CMGR and +CMGL show it."""
    session, message = modem.session, stored.message
    unix_ms = modem.epoch_ms + message.submitted_ms
    if not session.text_mode:
        length, digits = pdu.deliver(message.sender, message.text, unix_ms)
        return f"{start}{0 if stored.status == UNREAD else 1},,{length}\r\n{digits}"
    sender = encode_ucs2(message.sender) if session.alphabet == "UCS2" else message.sender
    header = f'{start}"{stored.status}","{sender}","","{stamp(unix_ms)}"'
    if session.header:
        header += f",145,4,0,0,{session.centre},{len(message.text)}"
    return f"{header}\r\n{shown(session, message.text)}"


def shown(session: Session, text: str) -> str:
    """A text in the modem's alphabet, one character a byte."""
    if session.alphabet == "UCS2" or not fits_gsm(text):
        return encode_ucs2(text)
    if session.alphabet == "GSM":
        return encode_gsm(text).decode("latin-1")
    return text.encode("ascii", errors="replace").decode()


def _typed_text(session: Session, typed: bytes) -> str:
    if session.alphabet == "UCS2":
        return decode_ucs2(typed.decode("latin-1").strip()) or ""
    return decode_gsm(typed) if session.alphabet == "GSM" else typed.decode("ascii", errors="replace")


@functools.lru_cache(STAMPS)
def stamp(unix_ms: int) -> str:
    """A time as messages and clocks show it."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC).astimezone(pdu.ZONE).strftime("%y/%m/%d,%H:%M:%S+28")
