"""Signs of life: heartbeats, the site report that bundles them, and the centre's answers."""

import struct

from kentongan_wire.errors import FrameError
from kentongan_wire.frame import DIRECTION_DOWN, DIRECTION_UP, unpack_exactly
from kentongan_wire.record import Payload, Record

# State of a button (bits of Heartbeat.state).
BUTTON_LATCHED = 0x0001  # pressed and not yet reset with the key
BUTTON_TAMPER = 0x0002
BUTTON_LOOP_CUT = 0x0004
BUTTON_LOOP_SHORT = 0x0008
BUTTON_MAINS_LOST = 0x0010
BUTTON_BATTERY_LOW = 0x0020
BUTTON_JOURNAL_OVERFLOW = 0x0040
BUTTON_FLASH_FAULT = 0x0080
BUTTON_LATCH_NOT_RESET = 0x0100  # its press is closed at the centre, yet the latch still stands
BUTTON_CONTACT_STUCK = 0x0200
BUTTON_CLOCK_UNSET = 0x0400
BUTTON_SMS_DOWN = 0x0800  # its modem is silent, not registered, or has no credit to send
BUTTON_SIM_FAULT = 0x1000  # no SIM card, or it refused the PIN: nobody tries again before a technician

# State of a gateway (bits of SiteReport.state).
SITE_CUSTODY_FULL = 0x0001  # the disk is full: custody refuses, the buttons keep their alarms
SITE_BROKER_DOWN = 0x0002
SITE_REFUSED_FRAMES = 0x0004  # frames were refused at the site since the last report
SITE_SMS_DOWN = 0x0008  # as BUTTON_SMS_DOWN, of the gateway's modem
SITE_SIM_FAULT = 0x0010
SITE_MAINS_LOST = 0x0020
SITE_BATTERY_LOW = 0x0040
SITE_TAMPER = 0x0080
SITE_CLOCK_UNSET = 0x0100  # its clock is further than 5 s from the centre's, or was never set
SITE_PATH_LOST = 0x0200  # no answer of the centre over the main path for 10 s: said by the second path

UNKNOWN_MS = 0xFFFFFFFF  # a duration that nobody can know

_HEARTBEAT = ">IIQQBHHbBI8sBII"
_ANSWER = ">IIQI"
_BEHIND = ">II"
_REPORT = ">IIQQHIIIB"
_REPORT_SIZE = struct.calcsize(_REPORT)
_BEAT = ">IH"
_BEAT_SIZE = struct.calcsize(_BEAT)
BEATS_MAX = 64  # heartbeats in one report; a larger site sends several reports


class Heartbeat(Payload):
    """A button's own word that it lives, MAC'd by itself and only bundled by the gateway.

    `counter` rises for ever (reserve-ahead in flash), so an old heartbeat is refused as stale.
    `undelivered` presses in the journal (255 = 255 or more); `sequence`, `nonce`, `level` and
    `revision` are those of the newest press (zeros for none); `firmware` is 0xMMmmpppp.
    """

    TYPE = DIRECTION_UP | 0x02
    FIELDS = (
        "counter",
        "boot_id",
        "uptime_ms",
        "wall_ms",
        "clock",
        "state",
        "battery_mv",
        "signal_dbm",
        "undelivered",
        "sequence",
        "nonce",
        "level",
        "revision",
        "firmware",
    )

    def __init__(
        self,
        counter: int,
        boot_id: int,
        uptime_ms: int,
        wall_ms: int,
        clock: int,
        state: int,
        battery_mv: int,
        signal_dbm: int,
        undelivered: int,
        sequence: int,
        nonce: bytes,
        level: int,
        revision: int,
        firmware: int,
    ) -> None:
        self.counter = counter
        self.boot_id = boot_id
        self.uptime_ms = uptime_ms
        self.wall_ms = wall_ms
        self.clock = clock
        self.state = state
        self.battery_mv = battery_mv
        self.signal_dbm = signal_dbm
        self.undelivered = undelivered
        self.sequence = sequence
        self.nonce = nonce
        self.level = level
        self.revision = revision
        self.firmware = firmware

    def encode(self) -> bytes:
        return struct.pack(_HEARTBEAT, *self.as_tuple())

    @classmethod
    def decode(cls, data: bytes) -> "Heartbeat":
        return cls(*unpack_exactly(_HEARTBEAT, data))


class HeartbeatAnswer(Payload):
    """The centre heard this heartbeat or site report; signed end to end, it proves the path.

    It echoes `counter` and `boot_id`, and sets the clock with `centre_ms` (Unix time in ms).
    """

    TYPE = DIRECTION_DOWN | 0x02
    FIELDS = ("counter", "boot_id", "centre_ms", "incarnation")

    def __init__(self, counter: int, boot_id: int, centre_ms: int, incarnation: int) -> None:
        self.counter = counter
        self.boot_id = boot_id
        self.centre_ms = centre_ms
        self.incarnation = incarnation

    def encode(self) -> bytes:
        return struct.pack(_ANSWER, self.counter, self.boot_id, self.centre_ms, self.incarnation)

    @classmethod
    def decode(cls, data: bytes) -> "HeartbeatAnswer":
        return cls(*unpack_exactly(_ANSWER, data))


class Behind(Payload):
    """The centre knows a higher counter of this device than the report or heartbeat of `boot_id` had.

    Said once for each such message of a boot that it has not heard yet; the device goes on above
    `counter`. It proves no path, sets no clock, and makes nothing fresh that was stale.
    """

    TYPE = DIRECTION_DOWN | 0x05
    FIELDS = ("counter", "boot_id")

    def __init__(self, counter: int, boot_id: int) -> None:
        self.counter = counter
        self.boot_id = boot_id

    def encode(self) -> bytes:
        return struct.pack(_BEHIND, self.counter, self.boot_id)

    @classmethod
    def decode(cls, data: bytes) -> "Behind":
        return cls(*unpack_exactly(_BEHIND, data))


class Beat(Record):
    """One button's heartbeat frame inside a site report, and how long the gateway held it (ms)."""

    FIELDS = ("held_ms", "frame")

    def __init__(self, held_ms: int, frame: bytes) -> None:
        self.held_ms = held_ms
        self.frame = frame


class SiteReport(Payload):
    """A gateway's own heartbeat and its buttons' newest ones.

    `custody_count` presses wait for the centre, the oldest for `custody_oldest_ms`;
    `refused_count` frames were refused at the site since the gateway started.
    """

    TYPE = DIRECTION_UP | 0x12
    FIELDS = (
        "counter",
        "boot_id",
        "uptime_ms",
        "wall_ms",
        "state",
        "custody_count",
        "custody_oldest_ms",
        "refused_count",
        "beats",
    )

    def __init__(
        self,
        counter: int,
        boot_id: int,
        uptime_ms: int,
        wall_ms: int,
        state: int,
        custody_count: int,
        custody_oldest_ms: int,
        refused_count: int,
        beats: tuple[Beat, ...],
    ) -> None:
        self.counter = counter
        self.boot_id = boot_id
        self.uptime_ms = uptime_ms
        self.wall_ms = wall_ms
        self.state = state
        self.custody_count = custody_count
        self.custody_oldest_ms = custody_oldest_ms
        self.refused_count = refused_count
        self.beats = beats

    def encode(self) -> bytes:
        if len(self.beats) > BEATS_MAX:
            raise FrameError("oversize", "expected at most %d heartbeats, got %d" % (BEATS_MAX, len(self.beats)))
        parts = [
            struct.pack(
                _REPORT,
                self.counter,
                self.boot_id,
                self.uptime_ms,
                self.wall_ms,
                self.state,
                self.custody_count,
                self.custody_oldest_ms,
                self.refused_count,
                len(self.beats),
            )
        ]
        for beat in self.beats:
            parts.append(struct.pack(_BEAT, beat.held_ms, len(beat.frame)))
            parts.append(beat.frame)
        return b"".join(parts)

    @classmethod
    def decode(cls, data: bytes) -> "SiteReport":
        fields = unpack_exactly(_REPORT, data[:_REPORT_SIZE])
        count = fields[-1]
        if count > BEATS_MAX:
            raise FrameError("value", "expected at most %d heartbeats, got %d" % (BEATS_MAX, count))
        beats = []
        at = _REPORT_SIZE
        for _ in range(count):
            held_ms, size = unpack_exactly(_BEAT, data[at : at + _BEAT_SIZE])
            at += _BEAT_SIZE + size
            beats.append(Beat(held_ms, data[at - size : at]))
        if at != len(data):
            raise FrameError("length", "expected a payload of %d bytes, got %d" % (at, len(data)))
        arguments = list(fields[:-1])
        arguments.append(tuple(beats))
        return cls(*arguments)
