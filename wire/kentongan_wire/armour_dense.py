"""Longer frames as one SMS, for gateways: base 62 behind the mark `K2`.

An envelope around a press is 114 bytes, too many for `armour`'s base32 in one message, and half a
message delivers nothing. Letters and digits of both cases survive the GSM alphabet as well; they
only cannot be repaired when somebody changes their case, so `K1` stays the rule where it fits.
A byte 1 before the frame keeps its length.
"""

from kentongan_wire.armour import MARK, SMS_CHARACTERS, armour, dearmour
from kentongan_wire.errors import FrameError

DENSE_MARK = "K2"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}


def sms_text(raw: bytes) -> str:
    """The one message that carries these bytes: `armour`'s where it fits, else the dense one.

    Raises:
        FrameError: more than one message can carry (117 bytes).
    """
    text = armour(raw)
    if len(text) > SMS_CHARACTERS:
        text = _dense(raw)
    if len(text) > SMS_CHARACTERS:
        raise FrameError("oversize", "expected a frame of at most 117 bytes, got %d" % len(raw))
    return text


def sms_frame(text: str) -> bytes:
    """The bytes in a message of either kind; white space is forgiven.

    Raises:
        FrameError: neither mark, a foreign character, or not what `sms_text` makes.
    """
    compact = "".join(text.split())
    if compact[: len(DENSE_MARK)].upper() != DENSE_MARK:
        if compact[: len(MARK)].upper() != MARK:
            raise FrameError("armour", "expected a text that starts with %s or %s" % (MARK, DENSE_MARK))
        return dearmour(compact)
    if len(compact) > SMS_CHARACTERS:
        raise FrameError("oversize", "expected at most %d characters, got %d" % (SMS_CHARACTERS, len(compact)))
    held = 0
    for character in compact[len(DENSE_MARK) :]:
        value = _VALUES.get(character)
        if value is None:
            raise FrameError("armour", "expected letters and digits, got %r" % character)
        held = held * 62 + value
    raw = held.to_bytes((held.bit_length() + 7) // 8, "big")
    if raw[:1] != b"\x01" or _dense(raw[1:])[len(DENSE_MARK) :] != compact[len(DENSE_MARK) :]:
        raise FrameError("armour", "the digits do not hold a frame")
    return raw[1:]


def _dense(raw: bytes) -> str:
    held = int.from_bytes(b"\x01" + raw, "big")
    digits = []
    while held:
        held, value = divmod(held, 62)
        digits.append(_ALPHABET[value])
    return DENSE_MARK + "".join(reversed(digits))
