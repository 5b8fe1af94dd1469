"""The alphabets of SMS and USSD: GSM 7-bit (3GPP TS 23.038) and UCS-2 written as hexadecimal digits."""

from __future__ import annotations

import codecs
import re

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40}
_EXTENSION["€"] = 0x65
_ESCAPE = 0x1B
_FROM_BASIC = {character: code for code, character in enumerate(_BASIC) if code != _ESCAPE}
_ENCODING: dict[int, int | bytes] = {ord(character): code for character, code in _FROM_BASIC.items()}
_ENCODING |= {ord(character): bytes((_ESCAPE, code)) for character, code in _EXTENSION.items()}
_DECODING = _BASIC + "?" * (256 - len(_BASIC))
_TO_EXTENSION = {code: character for character, code in _EXTENSION.items()}
_UCS2_HEX = re.compile(r"(?:[0-9A-Fa-f]{4})+")


def fits_gsm(text: str) -> bool:
    """True when every character is in the GSM alphabet or its extension."""
    return all(character in _FROM_BASIC or character in _EXTENSION for character in text)


def encode_gsm(text: str) -> bytes:
    """One byte a septet, not packed; "?" for what the alphabet lacks."""
    return codecs.charmap_encode(text, "replace", _ENCODING)[0]


def decode_gsm(septets: bytes) -> str:
    """The text of one byte a septet; what is no septet becomes "?"."""
    if _ESCAPE not in septets:
        return codecs.charmap_decode(septets, "strict", _DECODING)[0]
    out: list[str] = []
    escaped = False
    for code in septets:
        if escaped:
            out.append(_TO_EXTENSION.get(code, " "))
            escaped = False
        elif code == _ESCAPE:
            escaped = True
        else:
            out.append(_BASIC[code] if code < len(_BASIC) else "?")
    return "".join(out)


def encode_ucs2(text: str) -> str:
    """Four hexadecimal digits a character."""
    return text.encode("utf-16-be", errors="replace").hex().upper()


def decode_ucs2(digits: str) -> str | None:
    """The text that these digits write; None when they are no such thing."""
    if not _UCS2_HEX.fullmatch(digits):
        return None
    return bytes.fromhex(digits).decode("utf-16-be", errors="replace")


def pack_septets(septets: bytes) -> bytes:
    """Eight septets in seven bytes (3GPP TS 23.038 §6.1.2.1)."""
    held = bits = 0
    out = bytearray()
    for septet in septets:
        held |= septet << bits
        bits += 7
        while bits >= 8:
            out.append(held & 0xFF)
            held >>= 8
            bits -= 8
    if bits:
        out.append(held & 0xFF)
    return bytes(out)


def unpack_septets(packed: bytes, count: int) -> bytes:
    """The first `count` septets."""
    held = int.from_bytes(packed, "little")
    return bytes((held >> (7 * index)) & 0x7F for index in range(count))
