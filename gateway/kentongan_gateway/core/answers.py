"""What comes down from the centre: sorted by the device in each header, our own verified, the others untouched."""

from __future__ import annotations

from dataclasses import dataclass, field

from kentongan_wire.bundle import unpack
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import DIRECTION_DOWN, parse, parse_header
from kentongan_wire.mac import PadKey
from kentongan_wire.receipts import Receipt, Refusal
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Behind, HeartbeatAnswer

_DIRECTION_MASK = 0xC0
OWN_TYPES = (Receipt, Refusal, HeartbeatAnswer, Behind)


@dataclass(slots=True)
class Sorted:
    """A bundle taken apart.

    Attributes:
        own: payloads made for this gateway, verified.
        carried: (device, bytes) for its buttons, unopened and in order.
        refused: what was wrong with the others, for the log.
    """

    own: list[Payload] = field(default_factory=list)
    carried: list[tuple[int, bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def sort_bundle(data: bytes, gateway: int, key_id: int, key: PadKey) -> Sorted:
    """Takes a down message apart; nothing in it can raise.

    Args:
        data: the MQTT payload.
        gateway: our device number; what is addressed to it must verify.
        key_id: the epoch of our key.
        key: our down-link key.
    """
    result = Sorted()
    try:
        frames = unpack(data)
    except FrameError as error:
        result.refused.append(str(error))
        return result
    for raw in frames:
        try:
            _sort_frame(raw, gateway, key_id, key, result)
        except FrameError as error:
            result.refused.append(str(error))
    return result


def _sort_frame(raw: bytes, gateway: int, key_id: int, key: PadKey, result: Sorted) -> None:
    frame_type, _, device = parse_header(raw)
    if frame_type & _DIRECTION_MASK != DIRECTION_DOWN:
        result.refused.append(f"type 0x{frame_type:02x} does not travel down")
    elif device != gateway:
        result.carried.append((device, raw))
    else:
        frame = parse(raw, OWN_TYPES)
        if frame.key_id == key_id and frame.verify(key):
            result.own.append(frame.payload)
        else:
            result.refused.append(f"type 0x{frame_type:02x} for us with a MAC that is not the centre's")
