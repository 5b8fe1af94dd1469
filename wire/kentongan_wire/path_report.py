"""A device's word over its second path: proof that the path works, and what the first one cannot tell."""

import struct

from kentongan_wire.frame import DIRECTION_UP, unpack_exactly
from kentongan_wire.record import Payload

CAUSE_PERIODIC = 1  # hourly from gateways, daily from buttons
CAUSE_MAIN_LOST = 2  # the main path has just been lost: the site lives, nobody attacks all of its paths
CAUSE_MAIN_BACK = 3
CAUSE_ASKED = 4  # a technician tests the path

_REPORT = ">IIQQBBHHb"


class PathReport(Payload):
    """Sent by SMS only: 55 bytes as a frame, 90 characters.

    `counter` rises for ever, apart from what went over MQTT: an SMS may be hours late, and is
    compared with other path reports only. `state` are the `BUTTON_…` or `SITE_…` bits of
    `supervision`; `undelivered` presses in journal or custody; `signal_dbm` of the modem.
    """

    TYPE = DIRECTION_UP | 0x03
    FIELDS = (
        "counter",
        "boot_id",
        "uptime_ms",
        "wall_ms",
        "clock",
        "cause",
        "state",
        "undelivered",
        "signal_dbm",
    )

    def __init__(
        self,
        counter: int,
        boot_id: int,
        uptime_ms: int,
        wall_ms: int,
        clock: int,
        cause: int,
        state: int,
        undelivered: int,
        signal_dbm: int,
    ) -> None:
        self.counter = counter
        self.boot_id = boot_id
        self.uptime_ms = uptime_ms
        self.wall_ms = wall_ms
        self.clock = clock
        self.cause = cause
        self.state = state
        self.undelivered = undelivered
        self.signal_dbm = signal_dbm

    def encode(self) -> bytes:
        return struct.pack(_REPORT, *self.as_tuple())

    @classmethod
    def decode(cls, data: bytes) -> "PathReport":
        return cls(*unpack_exactly(_REPORT, data))
