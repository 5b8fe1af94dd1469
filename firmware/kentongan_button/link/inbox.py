"""What comes down: frames for this button, and who may say what. No I/O.

The centre's words (receipts, heartbeat answers, commands) need the down-link key, the gateway's
hop answer the hop key: a stolen gateway can light no lamp.
"""

from typing import TYPE_CHECKING

from kentongan_wire.command import Command
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import parse
from kentongan_wire.receipts import Receipt, Stored
from kentongan_wire.supervision import HeartbeatAnswer

if TYPE_CHECKING:
    from kentongan_wire.keys import DeviceKeys
    from kentongan_wire.record import Payload

_FROM_CENTRE = (Receipt, HeartbeatAnswer, Command)
_ACCEPTED = (Receipt, HeartbeatAnswer, Command, Stored)


class Inbox:
    """Takes frames apart and believes only those with the right MAC.

    Attributes:
        rejected: frames that were not believed since this boot.
        reason: why the last one was not: a `FrameError` reason, "device", "key" or "mac".
    """

    def __init__(self, device: int, key_id: int, keys: "DeviceKeys") -> None:
        self._device = device
        self._key_id = key_id
        self._keys = keys
        self.rejected = 0
        self.reason = ""

    def read(self, raw: bytes) -> "Payload | None":
        """The verified payload, or None: counted, and to be ignored."""
        try:
            frame = parse(raw, _ACCEPTED)
        except FrameError as error:
            return self._reject(error.reason)
        if frame.device != self._device:
            return self._reject("device")
        if frame.key_id != self._key_id:
            return self._reject("key")
        key = self._keys.down_link if isinstance(frame.payload, _FROM_CENTRE) else self._keys.hop
        if not frame.verify(key):
            return self._reject("mac")
        return frame.payload

    def _reject(self, reason: str) -> None:
        self.rejected += 1
        self.reason = reason
