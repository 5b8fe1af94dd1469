"""What the centre may ask of a button. No command can silence a press."""

import struct

from kentongan_wire.frame import DIRECTION_DOWN, unpack_exactly
from kentongan_wire.record import Payload

COMMAND_REPORT_NOW = 1  # send a heartbeat at once
COMMAND_REPORT_BY_SMS = 2  # text a path report at once: a technician proves the second path

_COMMAND = ">IIQB"


class Command(Payload):
    """Bound to one boot of one device, so a replay after a restart means nothing.

    `counter` must exceed that of every command taken in this boot; after `expires_uptime_ms`
    (uptime of `boot_id`) the command is refused.
    """

    TYPE = DIRECTION_DOWN | 0x03
    FIELDS = ("counter", "boot_id", "expires_uptime_ms", "code")

    def __init__(self, counter: int, boot_id: int, expires_uptime_ms: int, code: int) -> None:
        self.counter = counter
        self.boot_id = boot_id
        self.expires_uptime_ms = expires_uptime_ms
        self.code = code

    def encode(self) -> bytes:
        return struct.pack(_COMMAND, self.counter, self.boot_id, self.expires_uptime_ms, self.code)

    @classmethod
    def decode(cls, data: bytes) -> "Command":
        return cls(*unpack_exactly(_COMMAND, data))


class CommandGuard:
    """Takes each command once: this boot, a rising counter, not expired."""

    def __init__(self, boot_id: int) -> None:
        self._boot_id = boot_id
        self._last_counter = 0

    def take(self, command: Command, uptime_ms: int) -> bool:
        """True when the (already verified) command may be carried out now."""
        if command.boot_id != self._boot_id or command.counter <= self._last_counter:
            return False
        self._last_counter = command.counter
        return uptime_ms <= command.expires_uptime_ms
