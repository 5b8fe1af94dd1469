"""Frames as SMS text: upper-case base32 (RFC 4648, no padding) behind the mark `K1`.

Upper-case base32 survives every GSM alphabet; MicroPython has no `base64.b32encode`.
"""

from kentongan_wire.errors import FrameError
from kentongan_wire.frame import MAX_SIZE

MARK = "K1"
SMS_CHARACTERS = 160  # one GSM 7-bit message
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def armour(raw: bytes) -> str:
    """The text that carries these bytes."""
    bits = 0
    held = 0
    at = 0
    # No list of letters: its 2 kB in one piece are more than a button's heap has after an hour.
    out = bytearray((len(raw) * 8 + 4) // 5)
    for byte in raw:
        held = (held << 8) | byte
        bits += 8
        while bits >= 5:
            bits -= 5
            out[at] = ord(_ALPHABET[(held >> bits) & 31])
            at += 1
        held &= (1 << bits) - 1
    if bits:
        out[at] = ord(_ALPHABET[(held << (5 - bits)) & 31])
    return MARK + str(out, "ascii")


def dearmour(text: str) -> bytes:
    """The bytes that `armour` put into this text; white space and lower case are forgiven.

    Raises:
        FrameError: no mark, a foreign character, too long, or left-over bits that are not zero.
    """
    compact = "".join(text.split()).upper()
    if not compact.startswith(MARK):
        raise FrameError("armour", "expected a text that starts with " + MARK)
    if len(compact) > len(MARK) + (MAX_SIZE * 8 + 4) // 5:
        raise FrameError("oversize", "expected a frame of at most %d bytes" % MAX_SIZE)
    bits = 0
    held = 0
    out = bytearray()
    for character in compact[len(MARK) :]:
        value = _ALPHABET.find(character)
        if value < 0:
            raise FrameError("armour", "expected A-Z and 2-7, got %r" % character)
        held = (held << 5) | value
        bits += 5
        if bits >= 8:
            bits -= 8
            out.append(held >> bits)
            held &= (1 << bits) - 1
    if held or bits >= 5:
        raise FrameError("armour", "the last character does not end a byte")
    return bytes(out)
