"""Presses as an honest button makes them, for property tests: any number of boots, clocks and delays."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_server.application.ports import Enrolled
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import seal
from kentongan_wire.press import CLOCK_UNSET, CONTACT_A, KIND_HOLD_UP, PATH_MQTT, Press, PressBody, PressSending
from kentongan_wire.topics import ALARM, gateway_up


@dataclass(frozen=True)
class Made:
    """A press that was made; times in ms on the test's clock."""

    body: PressBody
    at_ms: int
    boot_began_ms: int


def attempt(button: Enrolled, made: Made, now_ms: int, *, boot_id: int | None = None, repeats: int = 0) -> bytes:
    """An attempt to deliver it at `now_ms`, from the boot in which it was made or from another one."""
    same = boot_id is None or boot_id == made.body.boot_id
    uptime_ms = max(now_ms - made.boot_began_ms, made.body.uptime_ms) if same else 1_000
    sending = PressSending(uptime_ms, made.body.boot_id if same else boot_id or 0, 1, repeats, PATH_MQTT, 0, -60, 0, 0)
    return seal(Press(made.body, sending), button.device, button.key_id, button.keys.up_link)


def body(sequence: int, nonce: bytes, boot_id: int, uptime_ms: int, kind: int = KIND_HOLD_UP) -> PressBody:
    """A press without a clock."""
    return PressBody(sequence, nonce, kind, CONTACT_A, boot_id, uptime_ms, 0, CLOCK_UNSET)


def message(gateway: Enrolled, inner: bytes, held_ms: int = 0, flags: int = ENVELOPE_IN_CUSTODY) -> tuple[str, bytes]:
    """(topic, payload) of an envelope on the gateway's alarm lane."""
    sealed = seal(Envelope(held_ms, flags, inner), gateway.device, gateway.key_id, gateway.keys.up_link)
    return gateway_up(gateway.device, ALARM), sealed


def spoilt(raw: bytes) -> bytes:
    """The frame or envelope with one bit of its tag changed: a byte put there could be the one that was there."""
    return raw[:-1] + bytes([raw[-1] ^ 1])
