"""What a message that came in by SMS is: a receipt for us, one for a button of ours, or a stranger's. No I/O."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from kentongan_wire.armour_dense import sms_frame
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import parse, parse_header
from kentongan_wire.mac import PadKey
from kentongan_wire.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Carried:
    """The frame of a receipt for one of our buttons, unopened."""

    device: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Stranger:
    """None of ours.

    Attributes:
        why: for the log; nothing of what the message says.
        forged: it claims to be the centre's word for us, and is not.
    """

    why: str
    forged: bool = False


def read_text(
    text: str, gateway: int, key_id: int, key: PadKey, buttons: Container[int]
) -> Receipt | Carried | Stranger:
    """Takes a message apart; nothing in it can raise. Who sent it proves nothing and is not asked.

    Args:
        text: the message.
        gateway: our device number; what is addressed to it must verify.
        key_id: the epoch of our key.
        key: our down-link key.
        buttons: device numbers of this site's buttons.
    """
    try:
        raw = sms_frame(text)
        frame_type, _, device = parse_header(raw)
        if frame_type != Receipt.TYPE:
            return Stranger(f"type 0x{frame_type:02x} does not come by SMS")
        frame = parse(raw, (Receipt,))
    except FrameError as error:
        return Stranger(f"no frame: {error.reason}")
    if device in buttons:
        return Carried(device, raw)
    if device != gateway:
        return Stranger(f"for device {device:08x}, no button of this site")
    if frame.key_id != key_id or not frame.verify(key):
        return Stranger("a receipt for us with a MAC that is not the centre's", forged=True)
    assert isinstance(frame.payload, Receipt)
    return frame.payload
