"""Frames that must be refused, each with a reason of its own, and copies of real ones that must change nothing.

No I/O. Every forged frame differs from every other, so that none passes for a redelivery.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import MAX_SIZE, seal
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.mac import MAC_SIZE, PadKey
from kentongan_wire.press import CLOCK_UNSET, CONTACT_A, KIND_HOLD_UP, PATH_MQTT, Press, PressBody, PressSending

UNKNOWN_DEVICE = 0x0BADCAFE  # enrolment draws numbers at random; the forger is told those that exist


@dataclass(frozen=True)
class StolenGateway:
    """A gateway's kit in the wrong hands: its certificate and its root secret."""

    device: int
    key_id: int
    site: str
    root: bytes

    def envelope(self, inner: bytes, flags: int = 0) -> bytes:
        """A genuine envelope of this gateway around anything."""
        keys = DeviceKeys(self.root, ROLE_GATEWAY, self.device, self.key_id, self.site)
        return seal(Envelope(0, flags, inner), self.device, self.key_id, keys.up_link)


@dataclass(frozen=True)
class StolenButton:
    """A button's transport key in the wrong hands (as a stolen gateway has it), not its root secret."""

    device: int
    key_id: int


class Forger:
    """Draws forged frames from a seed.

    Args:
        fate: the randomness.
        victims: devices that are real buttons.
        gateway: the stolen gateway, whose envelopes are genuine.
    """

    def __init__(self, fate: random.Random, victims: list[int], gateway: StolenGateway) -> None:
        self._fate = fate
        self._victims = victims
        self._gateway = gateway

    def for_site(self, count: int) -> list[bytes]:
        """What somebody with a button's transport key sends on its alarm topic at the site."""
        makers = (self._bad_mac, self._truncated, self._random, self._oversize, self._version, self._stranger)
        return self._draw(makers, count)

    def for_centre(self, count: int) -> list[bytes]:
        """What somebody with a gateway's certificate sends on its alarm lane at the centre."""
        makers = (
            self._random,
            self._oversize,
            self._bare_press,
            self._envelope_bad_mac,
            self._envelope_truncated,
            self._envelope_of_another,
            self._envelope_with_bad_mac_inside,
            self._envelope_with_stranger_inside,
            self._envelope_with_garbage_inside,
        )
        return self._draw(makers, count)

    def _draw(self, makers: tuple[Callable[[], bytes], ...], count: int) -> list[bytes]:
        """Each kind in turn, then in random order."""
        drawn = [makers[number % len(makers)]() for number in range(count)]
        self._fate.shuffle(drawn)
        return drawn

    # --- at the site ---------------------------------------------------------------------------

    def _press(self, device: int, key: PadKey) -> bytes:
        fate = self._fate
        body = PressBody(
            sequence=fate.getrandbits(31),
            nonce=fate.randbytes(8),
            kind=KIND_HOLD_UP,
            contacts=CONTACT_A,
            boot_id=fate.getrandbits(32),
            uptime_ms=fate.getrandbits(30),
            wall_ms=0,
            clock=CLOCK_UNSET,
        )
        sending = PressSending(
            uptime_ms=body.uptime_ms,
            boot_id=body.boot_id,
            attempt=1,
            repeats=0,
            path=PATH_MQTT,
            battery_mv=0,
            signal_dbm=-60,
            receipt_revision=0,
            flags=0,
        )
        return seal(Press(body, sending), device, 1, key)

    def _own_key(self) -> PadKey:
        """A key that the forger made up."""
        root = self._fate.randbytes(32)
        return DeviceKeys(root, ROLE_BUTTON, 1, 1, "").up_link

    def _bad_mac(self) -> bytes:
        return self._press(self._fate.choice(self._victims), self._own_key())

    def _truncated(self) -> bytes:
        return self._bad_mac()[: self._fate.randint(1, 80)]

    def _random(self) -> bytes:
        return self._fate.randbytes(self._fate.randint(1, 200))

    def _oversize(self) -> bytes:
        return self._bad_mac() + self._fate.randbytes(self._fate.randint(600, MAX_SIZE - 200))

    def _version(self) -> bytes:
        frame = bytearray(self._bad_mac())
        frame[0] = 2 + self._fate.randrange(250)
        return bytes(frame)

    def _stranger(self) -> bytes:
        return self._press(UNKNOWN_DEVICE, self._own_key())

    # --- at the centre -------------------------------------------------------------------------

    def _bare_press(self) -> bytes:
        return self._bad_mac()

    def _envelope_bad_mac(self) -> bytes:
        genuine = self._gateway.envelope(self._bad_mac(), ENVELOPE_IN_CUSTODY)
        return genuine[:-MAC_SIZE] + self._fate.randbytes(MAC_SIZE)

    def _envelope_truncated(self) -> bytes:
        genuine = self._gateway.envelope(self._bad_mac(), ENVELOPE_IN_CUSTODY)
        return genuine[: self._fate.randint(1, len(genuine) - 1)]

    def _envelope_of_another(self) -> bytes:
        return seal(
            Envelope(0, ENVELOPE_IN_CUSTODY, self._bad_mac()), UNKNOWN_DEVICE, self._gateway.key_id, self._own_key()
        )

    def _envelope_with_bad_mac_inside(self) -> bytes:
        return self._gateway.envelope(self._bad_mac(), ENVELOPE_IN_CUSTODY)

    def _envelope_with_stranger_inside(self) -> bytes:
        return self._gateway.envelope(self._stranger(), ENVELOPE_IN_CUSTODY)

    def _envelope_with_garbage_inside(self) -> bytes:
        return self._gateway.envelope(self._random())
