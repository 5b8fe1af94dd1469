"""The AT commands of an emulated modem, one function each, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kentongan_host.gsm_text import decode_ucs2, encode_ucs2
from kentongan_sim.modem import messages
from kentongan_sim.modem.command_line import (
    CME_NO_NETWORK,
    CME_NO_SIM,
    CME_NOT_ALLOWED,
    CME_NOT_SUPPORTED,
    CME_PIN,
    CME_PUK,
    CME_WRONG_PIN,
    Command,
    CommandError,
    Outcome,
    Prompt,
    Reply,
    parse,
)
from kentongan_sim.modem.sim_card import SimCard

if TYPE_CHECKING:
    from kentongan_sim.modem.model import ModemModel

Handler = Callable[["ModemModel", Command], "list[str] | Prompt"]


def answer(modem: ModemModel, line: str, now_ms: int) -> Outcome:
    """What the modem says to a line that was typed."""
    if line[:2].upper() != "AT":
        return Reply(final="ERROR")
    lines: list[str] = []
    try:
        for command in parse(line[2:], now_ms):
            said = _HANDLERS.get(command.name, _unknown)(modem, command)
            if isinstance(said, Prompt):
                return said
            lines += said
    except CommandError as error:
        if error.sms:
            return Reply(lines, f"+CMS ERROR: {error.code}")
        return Reply(lines, f"+CME ERROR: {error.code}" if modem.session.errors else "ERROR")
    return Reply(lines)


# --- who it is ---------------------------------------------------------------------------------------


def _nothing(_modem: ModemModel, _command: Command) -> list[str]:
    return []


def _says(*lines: str) -> Handler:
    return lambda _modem, command: [] if command.verb == "=?" else list(lines)


def _unknown(_modem: ModemModel, _command: Command) -> list[str]:
    raise CommandError(CME_NOT_SUPPORTED)


def _echo(modem: ModemModel, command: Command) -> list[str]:
    modem.session.echo = command.text(0) != "0"
    return []


def _imsi(modem: ModemModel, _command: Command) -> list[str]:
    return [_ready_sim(modem).imsi]


def _iccid(modem: ModemModel, _command: Command) -> list[str]:
    return [f"+ICCID: {_sim(modem).iccid}"]


def _own_number(modem: ModemModel, _command: Command) -> list[str]:
    return [f'+CNUM: "","{_ready_sim(modem).number}",145']


# --- SIM and network -----------------------------------------------------------------------------------


def _sim(modem: ModemModel) -> SimCard:
    if modem.sim is None:
        raise CommandError(CME_NO_SIM)
    return modem.sim


def _ready_sim(modem: ModemModel) -> SimCard:
    sim = _sim(modem)
    if not modem.session.unlocked:
        raise CommandError(CME_PIN if sim.pin_tries else CME_PUK)
    return sim


def _cpin(modem: ModemModel, command: Command) -> list[str]:
    sim = _sim(modem)
    if command.verb == "?":
        if modem.session.unlocked:
            return ["+CPIN: READY"]
        return ["+CPIN: SIM PIN" if sim.pin_tries else "+CPIN: SIM PUK"]
    if command.verb != "=":
        return []
    if modem.session.unlocked:
        raise CommandError(CME_NOT_ALLOWED)
    accepted = sim.unblock(command.text(0), command.text(1)) if not sim.pin_tries else sim.try_pin(command.text(0))
    if not accepted:
        modem.counts.wrong_pins += 1
        raise CommandError(CME_WRONG_PIN if sim.pin_tries else CME_PUK)
    modem.unlocked(command.now_ms)
    return []


def _spic(modem: ModemModel, _command: Command) -> list[str]:
    sim = _sim(modem)
    return [f"+SPIC: {sim.pin_tries},{sim.puk_tries},3,10"]


def _registration(name: str) -> Handler:
    attribute = "cereg" if name == "+CEREG" else "creg"

    def handle(modem: ModemModel, command: Command) -> list[str]:
        if command.verb == "=":
            setattr(modem.session, attribute, command.number(0))
            return []
        if command.verb == "=?":
            return [f"{name}: (0-2)"]
        status = 1 if modem.registered(command.now_ms) else 2 if modem.radio and modem.session.unlocked else 0
        return [f"{name}: {getattr(modem.session, attribute)},{status}"]

    return handle


def _signal(modem: ModemModel, command: Command) -> list[str]:
    return [] if command.verb == "=?" else [f"+CSQ: {20 if modem.radio and modem.sim else 99},99"]


def _operator(modem: ModemModel, command: Command) -> list[str]:
    if command.verb != "?":
        return []
    return [f'+COPS: 0,0,"{_sim(modem).operator}",7' if modem.registered(command.now_ms) else "+COPS: 0"]


def _ussd(modem: ModemModel, command: Command) -> list[str]:
    if command.verb != "=" or not command.text(1):
        return []
    sim = _ready_sim(modem)
    if not modem.registered(command.now_ms):
        raise CommandError(CME_NO_NETWORK)
    code = command.text(1)
    if modem.session.alphabet == "UCS2":
        code = decode_ucs2(code) or code
    text = sim.ussd.get(code, "Kode tidak dikenal")
    hexadecimal = sim.ussd_ucs2 or modem.session.alphabet == "UCS2"
    shown = encode_ucs2(text) if hexadecimal else messages.shown(modem.session, text)
    modem.later(command.now_ms, 2 * modem.timing.submit_ms, f'+CUSD: 0,"{shown}",{72 if sim.ussd_ucs2 else 15}')
    return []


# --- settings ---------------------------------------------------------------------------------------------


def _cmee(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        modem.session.errors = command.number(0)
    return [f"+CMEE: {modem.session.errors}"] if command.verb == "?" else []


def _cmgf(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        modem.session.text_mode = command.number(0) == 1
    if command.verb == "=?":
        return ["+CMGF: (0,1)"]
    return [f"+CMGF: {int(modem.session.text_mode)}"] if command.verb == "?" else []


def _csdh(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        modem.session.header = command.number(0) == 1
    return []


def _cscs(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        if command.text(0) not in ("GSM", "IRA", "UCS2"):
            raise CommandError(CME_NOT_ALLOWED)
        modem.session.alphabet = command.text(0)
    if command.verb == "=?":
        return ['+CSCS: ("IRA","GSM","UCS2")']
    return [f'+CSCS: "{modem.session.alphabet}"'] if command.verb == "?" else []


def _csmp(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        modem.session.parameters = ",".join(command.arguments)
    return [f"+CSMP: {modem.session.parameters}"] if command.verb == "?" else []


def _cnmi(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        modem.session.announce = ",".join(command.arguments)
    if command.verb == "=?":
        return ["+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)"]
    return [f"+CNMI: {modem.session.announce}"] if command.verb == "?" else []


def _csca(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        modem.session.centre = f'"{command.text(0)}",145'
    return [f"+CSCA: {modem.session.centre}"] if command.verb == "?" else []


def _clip(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=":
        modem.session.clip = command.number(0)
    return [f"+CLIP: {modem.session.clip},1"] if command.verb == "?" else []


def _cfun(modem: ModemModel, command: Command) -> list[str]:
    if command.verb == "=" and command.number(1) == 1:
        modem.restart(command.now_ms)
    return ["+CFUN: 1"] if command.verb == "?" else []


def _reset(modem: ModemModel, command: Command) -> list[str]:
    modem.restart(command.now_ms)
    return []


def _cpof(modem: ModemModel, command: Command) -> list[str]:
    modem.switch_off(command.now_ms)
    return []


def _clock(modem: ModemModel, command: Command) -> list[str]:
    return [f'+CCLK: "{messages.stamp(modem.epoch_ms + command.now_ms)}"'] if command.verb == "?" else []


_IMEI = "867000000000001"
_HANDLERS: dict[str, Handler] = {
    "E": _echo,
    **dict.fromkeys(("Z", "&F", "V", "Q", "X", "&C", "&D", "H", "S", "&W"), _nothing),
    "I": _says(
        "Manufacturer: SIMCOM INCORPORATED", "Model: A7670E-LASE", "Revision: A7670M7_V1.11.1", "IMEI: 867000000000001"
    ),
    **dict.fromkeys(("+CGMI", "+GMI"), _says("SIMCOM INCORPORATED")),
    **dict.fromkeys(("+CGMM", "+GMM"), _says("A7670E-LASE")),
    **dict.fromkeys(("+CGMR", "+GMR"), _says("+CGMR: A7670M7_V1.11.1")),
    **dict.fromkeys(("+CGSN", "+GSN"), _says(_IMEI)),
    "+CIMI": _imsi,
    **dict.fromkeys(("+ICCID", "+CICCID", "+CCID"), _iccid),
    "+CNUM": _own_number,
    "+CPIN": _cpin,
    "+SPIC": _spic,
    **{name: _registration(name) for name in ("+CREG", "+CGREG", "+CEREG")},
    "+CSQ": _signal,
    "+COPS": _operator,
    "+CUSD": _ussd,
    "+CMEE": _cmee,
    "+CMGF": _cmgf,
    "+CSDH": _csdh,
    "+CSCS": _cscs,
    "+CSMP": _csmp,
    "+CNMI": _cnmi,
    "+CSCA": _csca,
    "+CLIP": _clip,
    "+CFUN": _cfun,
    "+CRESET": _reset,
    "+CPOF": _cpof,
    "+CCLK": _clock,
    "+CBC": _says("+CBC: 3.950V"),
    "+CPAS": _says("+CPAS: 0"),
    "+CGATT": _says("+CGATT: 1"),
    "+CSMS": _says("+CSMS: 1,1,1,1"),
    "+GCAP": _says("+GCAP: +CGSM,+FCLASS,+DS"),
    **dict.fromkeys(("+CRC", "+COLP", "+CMMS", "+CTZU", "+CTZR", "+CLCK", "+CGDCONT"), _nothing),
    "+CPMS": messages.cpms,
    "+CMGS": messages.cmgs,
    "+CMGR": messages.cmgr,
    "+CMGL": messages.cmgl,
    "+CMGD": messages.cmgd,
}
