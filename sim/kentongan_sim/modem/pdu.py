"""Messages as PDUs (3GPP TS 23.040), for clients that do not use text mode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from kentongan_host.gsm_text import decode_gsm, encode_gsm, fits_gsm, pack_septets, unpack_septets

ZONE = timezone(timedelta(hours=7))  # western Indonesia
_INTERNATIONAL = 0x91
_ALPHANUMERIC = 0xD0
_SUBMIT = 0x01
_HEADER = 0x40  # the text begins with a header (parts of a long message)
_UCS2 = 0x08
_EIGHT_BIT = 0x04


class PduError(ValueError):
    """No SMS-SUBMIT that we understand."""


@dataclass(frozen=True)
class Submit:
    """What a client wants to be sent."""

    number: str
    text: str


def parse_submit(digits: str, length: int) -> Submit:
    """Read what follows the prompt of +CMGS in PDU mode.

    Args:
        digits: hexadecimal, the service centre's address first.
        length: of the TPDU in bytes, as the command said.

    Raises:
        PduError: anything else than one SMS-SUBMIT of that length.
    """
    try:
        raw = bytes.fromhex(digits)
        tpdu = raw[1 + raw[0] :]
        if len(tpdu) != length or tpdu[0] & 0x03 != _SUBMIT:
            raise PduError(f"expected an SMS-SUBMIT of {length} bytes, got {len(tpdu)}")
        number_length = tpdu[2]
        end = 4 + (number_length + 1) // 2
        number = _unswap(tpdu[4:end])[:number_length]
        if tpdu[3] == _INTERNATIONAL:
            number = "+" + number
        coding = tpdu[end + 1]
        validity = {0x00: 0, 0x10: 1}.get(tpdu[0] & 0x18, 7)
        at = end + 2 + validity
        return Submit(number, _text(tpdu[0], coding, tpdu[at], tpdu[at + 1 :]))
    except (IndexError, ValueError) as error:
        raise PduError(str(error)) from error


def deliver(sender: str, text: str, unix_ms: int) -> tuple[int, str]:
    """An arrived message as (length of the TPDU in bytes, hexadecimal digits)."""
    if fits_gsm(text):
        septets = encode_gsm(text)
        coding, count, data = 0x00, len(septets), pack_septets(septets)
    else:
        data = text.encode("utf-16-be", errors="replace")
        coding, count = _UCS2, len(data)
    tpdu = bytes((0x04,)) + _address(sender) + bytes((0x00, coding)) + _stamp(unix_ms) + bytes((count,)) + data
    return len(tpdu), "00" + tpdu.hex().upper()


def _text(first: int, coding: int, count: int, data: bytes) -> str:
    header = data[0] + 1 if first & _HEADER else 0
    if coding & 0x0C == _UCS2:
        return data[header:count].decode("utf-16-be", errors="replace")
    if coding & 0x0C == _EIGHT_BIT:
        return data[header:count].decode("latin-1")
    skipped = (header * 8 + 6) // 7
    return decode_gsm(unpack_septets(data, count)[skipped:])


def _address(sender: str) -> bytes:
    digits = sender.removeprefix("+")
    if not digits.isdigit():
        packed = pack_septets(encode_gsm(sender))
        return bytes((2 * len(packed), _ALPHANUMERIC)) + packed
    kind = _INTERNATIONAL if sender.startswith("+") else 0x81
    return bytes((len(digits), kind)) + _swap(digits)


def _swap(digits: str) -> bytes:
    padded = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(padded[index + 1] + padded[index] for index in range(0, len(padded), 2)))


def _unswap(data: bytes) -> str:
    text = data.hex().upper()
    return "".join(text[index + 1] + text[index] for index in range(0, len(text), 2))


def _stamp(unix_ms: int) -> bytes:
    local = datetime.fromtimestamp(unix_ms / 1000, ZONE)
    quarters = int(ZONE.utcoffset(None).total_seconds()) // 900
    return _swap(local.strftime("%y%m%d%H%M%S") + f"{quarters:02d}")
