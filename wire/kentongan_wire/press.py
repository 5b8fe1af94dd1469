"""A press on the wire: a body that never changes and a part that every attempt writes anew."""

import struct

from kentongan_wire.frame import DIRECTION_UP, unpack_exactly
from kentongan_wire.record import Payload, Record

NONCE_SIZE = 8  # bytes from the hardware random source, drawn at the press
REPEATS_MAX = 0xFFFF

# Kinds of press. A kind that the centre does not know rings as a hold-up: when in doubt it is real.
KIND_HOLD_UP = 1
KIND_DURESS = 2
KIND_MEDICAL = 3
KIND_FIRE = 4

# Which contacts made the press (bits).
CONTACT_A = 0x01
CONTACT_B = 0x02
CONTACT_AT_BOOT = 0x80  # found closed at power-on: pressed while the power was off

# How well the wall clock was known.
CLOCK_UNSET = 0
CLOCK_HELD = 1  # set in this boot by the centre, but not within the last hour
CLOCK_SET = 2  # set by the centre within the last hour

# Which path an attempt took.
PATH_MQTT = 1
PATH_SMS = 2
PATH_HTTP = 3

# Flags of the sending part.
SENDING_JOURNAL_OVERFLOW = 0x0001  # presses were merged into this one because the journal was full
SENDING_OFFERED_AGAIN = 0x0002  # another incarnation of the centre had confirmed it: for review, not for panic

SIGNAL_UNKNOWN_DBM = -128
BATTERY_UNKNOWN_MV = 0

_BODY = ">I8sBBIQQB"
BODY_SIZE = struct.calcsize(_BODY)
_SENDING = ">QIHHBHbIH"
SENDING_SIZE = struct.calcsize(_SENDING)


class PressIdentity(Record):
    """(device, sequence, nonce): the same triple is the same press, for ever, by any path."""

    FIELDS = ("device", "sequence", "nonce")

    def __init__(self, device: int, sequence: int, nonce: bytes) -> None:
        self.device = device
        self.sequence = sequence
        self.nonce = nonce

    def as_tuple(self) -> tuple[object, ...]:
        """The same without a look-up by name: every press, receipt and answer is looked for by it."""
        return self.device, self.sequence, self.nonce


class PressBody(Record):
    """What was true at the press. `wall_ms` is Unix time in ms, 0 when unset; uptime is of `boot_id`."""

    FIELDS = ("sequence", "nonce", "kind", "contacts", "boot_id", "uptime_ms", "wall_ms", "clock")

    def __init__(
        self,
        sequence: int,
        nonce: bytes,
        kind: int,
        contacts: int,
        boot_id: int,
        uptime_ms: int,
        wall_ms: int,
        clock: int,
    ) -> None:
        self.sequence = sequence
        self.nonce = nonce
        self.kind = kind
        self.contacts = contacts
        self.boot_id = boot_id
        self.uptime_ms = uptime_ms
        self.wall_ms = wall_ms
        self.clock = clock

    def encode(self) -> bytes:
        """The `BODY_SIZE` bytes that the journal and the frame both hold."""
        return struct.pack(
            _BODY,
            self.sequence,
            self.nonce,
            self.kind,
            self.contacts,
            self.boot_id,
            self.uptime_ms,
            self.wall_ms,
            self.clock,
        )

    @classmethod
    def decode(cls, data: bytes) -> "PressBody":
        """Read a body back; raises FrameError when it is not `BODY_SIZE` bytes."""
        sequence, nonce, kind, contacts, boot_id, uptime_ms, wall_ms, clock = unpack_exactly(_BODY, data)
        return cls(sequence, nonce, kind, contacts, boot_id, uptime_ms, wall_ms, clock)


class PressSending(Record):
    """What was true at this attempt.

    `uptime_ms` of `boot_id` now; `attempt` from 1; `repeats` presses merged into this one;
    `receipt_revision` the last one seen for this press (0 for none); `battery_mv` 0 and
    `signal_dbm` -128 when unknown.
    """

    FIELDS = (
        "uptime_ms",
        "boot_id",
        "attempt",
        "repeats",
        "path",
        "battery_mv",
        "signal_dbm",
        "receipt_revision",
        "flags",
    )

    def __init__(
        self,
        uptime_ms: int,
        boot_id: int,
        attempt: int,
        repeats: int,
        path: int,
        battery_mv: int,
        signal_dbm: int,
        receipt_revision: int,
        flags: int,
    ) -> None:
        self.uptime_ms = uptime_ms
        self.boot_id = boot_id
        self.attempt = attempt
        self.repeats = repeats
        self.path = path
        self.battery_mv = battery_mv
        self.signal_dbm = signal_dbm
        self.receipt_revision = receipt_revision
        self.flags = flags


class Press(Payload):
    """One attempt to deliver one press: 85 bytes as a frame, 139 characters as an SMS."""

    TYPE = DIRECTION_UP | 0x01
    FIELDS = ("body", "sending")

    def __init__(self, body: PressBody, sending: PressSending) -> None:
        self.body = body
        self.sending = sending

    def identity(self, device: int) -> PressIdentity:
        """The press that this is an attempt of."""
        return PressIdentity(device, self.body.sequence, self.body.nonce)

    def age_ms(self) -> int | None:
        """From the press to this attempt, in ms; None across a reboot, when nobody can know."""
        if self.body.boot_id != self.sending.boot_id or self.sending.uptime_ms < self.body.uptime_ms:
            return None
        return self.sending.uptime_ms - self.body.uptime_ms

    def encode(self) -> bytes:
        sending = self.sending
        return self.body.encode() + struct.pack(
            _SENDING,
            sending.uptime_ms,
            sending.boot_id,
            sending.attempt,
            sending.repeats,
            sending.path,
            sending.battery_mv,
            sending.signal_dbm,
            sending.receipt_revision,
            sending.flags,
        )

    @classmethod
    def decode(cls, data: bytes) -> "Press":
        body = PressBody.decode(data[:BODY_SIZE])
        return cls(body, PressSending(*unpack_exactly(_SENDING, data[BODY_SIZE:])))
