"""A site as the centre sees it: buttons with their real secrets, and the gateway's own way into the centre's broker.

Frames are sealed and published as a gateway does it, so that the centre's whole intake is in the road.
"""

from __future__ import annotations

import json
import secrets
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from kentongan_wire import topics
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import seal
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.press import (
    CLOCK_SET,
    CONTACT_A,
    CONTACT_B,
    KIND_HOLD_UP,
    PATH_MQTT,
    Press,
    PressBody,
    PressSending,
)

PUBLISH_S = 10.0  # bounds the wait for the broker on a loaded machine
HELD_MS = 12  # what the gateway says it had each frame for


def now_ms() -> int:
    """Unix time in ms."""
    return time.time_ns() // 1_000_000


@dataclass
class Button:
    """A button as enrolled at a post; counts its presses as the firmware does."""

    device: int
    key_id: int
    post: str
    keys: DeviceKeys
    sequence: int = 0
    boot_id: int = field(default_factory=lambda: secrets.randbits(31) + 1)
    booted_ms: int = field(default_factory=lambda: now_ms() - 3_600_000)

    @property
    def name(self) -> str:
        return topics.device_name(self.device)

    @classmethod
    def from_kit(cls, kit: Path, post: str) -> Button:
        described = json.loads((kit / "device.json").read_text())
        device, key_id = topics.device_number(described["device"]), described["key_id"]
        root = (kit / "secret.bin").read_bytes()
        return cls(device, key_id, post, DeviceKeys(root, ROLE_BUTTON, device, key_id, described["site"]))

    def press(self, *, age_ms: int = 60, kind: int = KIND_HOLD_UP, contacts: int = CONTACT_A | CONTACT_B) -> bytes:
        """The frame of a new press that was made `age_ms` ago."""
        self.sequence += 1
        uptime_ms = now_ms() - self.booted_ms
        pressed_ms = max(0, uptime_ms - age_ms)
        body = PressBody(
            sequence=self.sequence,
            nonce=secrets.token_bytes(8),
            kind=kind,
            contacts=contacts,
            boot_id=self.boot_id,
            uptime_ms=pressed_ms,
            wall_ms=now_ms() - age_ms,
            clock=CLOCK_SET,
        )
        sending = PressSending(
            uptime_ms=pressed_ms + age_ms,
            boot_id=self.boot_id,
            attempt=1,
            repeats=0,
            path=PATH_MQTT,
            battery_mv=4_020,
            signal_dbm=-61,
            receipt_revision=0,
            flags=0,
        )
        return seal(Press(body, sending), self.device, self.key_id, self.keys.up_link)


class Gateway:
    """A gateway's certificate and keys, connected to the centre's broker."""

    def __init__(self, kit: Path, device: int, site: str, host: str, port: int) -> None:
        self._device = device
        root = bytes.fromhex((kit / "gateway.secret").read_text().strip())
        self._key = DeviceKeys(root, ROLE_GATEWAY, device, 1, site).up_link
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=topics.alarm_lane(device), protocol=mqtt.MQTTv5
        )
        context = ssl.create_default_context(cafile=str(kit / "ca.crt"))
        context.load_cert_chain(kit / "alarm.crt", kit / "alarm.key")
        self._client.tls_set_context(context)
        self._client.connect(host, port, keepalive=15)
        self._client.loop_start()

    def carry(self, frame: bytes) -> None:
        """Puts a frame into an envelope and has the broker confirm it."""
        self.publish(seal(Envelope(HELD_MS, ENVELOPE_IN_CUSTODY, frame), self._device, 1, self._key))

    def publish(self, payload: bytes) -> None:
        """Publishes anything on this gateway's alarm lane."""
        sent = self._client.publish(topics.gateway_up(self._device, topics.ALARM), payload, qos=1)
        sent.wait_for_publish(PUBLISH_S)
        assert sent.is_published(), "the centre's broker did not confirm the frame"

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
