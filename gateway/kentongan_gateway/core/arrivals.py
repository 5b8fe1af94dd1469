"""What a button's message is: judged by its shape and by where it came in. Nobody here can verify a MAC."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_wire.errors import FrameError
from kentongan_wire.frame import Frame, parse
from kentongan_wire.press import Press
from kentongan_wire.supervision import Heartbeat
from kentongan_wire.topics import ALARM

LANE_TYPES: dict[str, type[Press | Heartbeat]] = {"alarm": Press, "beat": Heartbeat}


@dataclass(frozen=True, slots=True)
class Stray:
    """A message that does not belong where it came in.

    Attributes:
        reason: for the log.
        is_press: it has the shape of a press all the same, so it may be a real one.
    """

    reason: str
    is_press: bool = False


def read(lane: str, device: int, raw: bytes) -> Frame | Stray:
    """The frame when it has the lane's type and names the device of its topic.

    Args:
        lane: `alarm` or `beat`, of the topic.
        device: of the topic, which the broker has checked against the button's key.
        raw: the message.
    """
    try:
        frame = parse(raw, (Press, Heartbeat))
    except FrameError as error:
        return Stray(str(error))
    is_press = isinstance(frame.payload, Press)
    if frame.device != device:
        return Stray(f"names device {frame.device:08x} on the topic of {device:08x}", is_press)
    if not isinstance(frame.payload, LANE_TYPES[lane]):
        return Stray(f"{'a press' if lane != ALARM else 'no press'} on the lane {lane!r}", is_press)
    return frame
