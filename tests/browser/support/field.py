"""A site as the centre sees it: buttons with their real secrets, and the gateway's own way into the centre's broker.

Frames are sealed and published as a gateway does it, so that the centre's whole intake is in the road.
"""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from kentongan_wire import topics
from kentongan_wire.bundle import unpack
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import parse, parse_header, seal
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
from kentongan_wire.receipts import Receipt
from kentongan_wire.supervision import Beat, Heartbeat, SiteReport

PUBLISH_S = 90.0  # bounds the wait for the broker on a loaded machine
HELD_MS = 12  # what the gateway says it had each frame for
REPORT_EVERY_S = 2.0  # a gateway that is quiet for 18 s is a suspected attack; this leaves room for a slow machine


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
    beats: int = 0
    state: int = 0  # what ails it, as its heartbeats say
    seen: Receipt | None = None

    @property
    def name(self) -> str:
        return topics.device_name(self.device)

    @classmethod
    def from_kit(cls, kit: Path, post: str) -> Button:
        described = json.loads((kit / "device.json").read_text())
        device, key_id = topics.device_number(described["device"]), described["key_id"]
        root = (kit / "secret.bin").read_bytes()
        return cls(device, key_id, post, DeviceKeys(root, ROLE_BUTTON, device, key_id, described["site"]))

    def press(
        self,
        *,
        age_ms: int = 60,
        kind: int = KIND_HOLD_UP,
        contacts: int = CONTACT_A | CONTACT_B,
        path: int = PATH_MQTT,
        flags: int = 0,
    ) -> bytes:
        """The frame of a new press that was made `age_ms` ago; `path` and `flags` are those of its sending part."""
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
            path=path,
            battery_mv=4_020,
            signal_dbm=-61,
            receipt_revision=0,
            flags=flags,
        )
        return seal(Press(body, sending), self.device, self.key_id, self.keys.up_link)

    def take(self, receipt: Receipt) -> None:
        """Remembers the newest press's highest revision, as the lamp does."""
        newest = (self.seen.press.sequence, self.seen.revision) if self.seen else (0, 0)
        if (receipt.press.sequence, receipt.revision) > newest:
            self.seen = receipt

    def shows_newest(self) -> bool:
        """Whether it has a receipt for its newest press."""
        return self.seen is not None and self.seen.press.sequence == self.sequence

    def heartbeat(self) -> bytes:
        """The frame in which it says that it lives, and which receipt it has seen."""
        self.beats += 1
        newest = self.seen if self.shows_newest() else None
        beat = Heartbeat(
            counter=self.beats,
            boot_id=self.boot_id,
            uptime_ms=now_ms() - self.booted_ms,
            wall_ms=now_ms(),
            clock=CLOCK_SET,
            state=self.state,
            battery_mv=4_020,
            signal_dbm=-61,
            undelivered=0,
            sequence=self.sequence,
            nonce=self.seen.press.nonce if newest and self.seen else bytes(8),
            level=newest.level if newest else 0,
            revision=newest.revision if newest else 0,
            firmware=0x01000000,
        )
        return seal(beat, self.device, self.key_id, self.keys.up_link)


class Gateway:
    """A gateway's certificates and keys, connected to the centre's broker on both its lanes.

    It says by itself that it lives, as a real one does, until it `falls_silent`; what its buttons say
    goes along with `report` only.
    """

    def __init__(self, kit: Path, device: int, site: str, buttons: list[Button], host: str, port: int) -> None:
        self._device = device
        self._buttons = buttons
        self._boot_id = secrets.randbits(31) + 1
        self._booted_ms = now_ms()
        self._reported = self._booted_ms // 1_000  # higher than before a restart, as the real counter
        root = bytes.fromhex((kit / "gateway.secret").read_text().strip())
        self._key = DeviceKeys(root, ROLE_GATEWAY, device, 1, site).up_link
        self._alarms = self._connect(kit, "alarm", topics.alarm_lane(device), host, port)
        self._alarms.on_message = self._took
        self._alarms.subscribe(topics.gateway_down(device, topics.ALARM), qos=1)
        self._reports = self._connect(kit, "report", topics.report_lane(device), host, port)
        self._lock = threading.Lock()  # of the reports' counter
        self._silent = threading.Event()
        self._living: threading.Thread | None = None
        self.lives()

    @staticmethod
    def _connect(kit: Path, papers: str, lane: str, host: str, port: int) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=lane, protocol=mqtt.MQTTv5)
        context = ssl.create_default_context(cafile=str(kit / "ca.crt"))
        context.load_cert_chain(kit / f"{papers}.crt", kit / f"{papers}.key")
        client.tls_set_context(context)
        client.connect(host, port, keepalive=15)
        client.loop_start()
        return client

    def carry(self, frame: bytes) -> None:
        """Puts a frame into an envelope and has the broker confirm it."""
        self.publish(seal(Envelope(HELD_MS, ENVELOPE_IN_CUSTODY, frame), self._device, 1, self._key))

    def publish(self, payload: bytes) -> None:
        """Publishes anything on this gateway's alarm lane."""
        self._publish(self._alarms, topics.ALARM, payload)

    def report(self) -> None:
        """Sends a site report with a heartbeat of every button."""
        self._report(self._buttons)

    def lives(self) -> None:
        """From now on it reports every few seconds."""
        self._silent.clear()
        self._living = threading.Thread(target=self._live, daemon=True)
        self._living.start()

    def falls_silent(self) -> None:
        """Nothing is heard of it any more: all its paths are cut."""
        self._silent.set()
        if self._living is not None:
            self._living.join()

    def close(self) -> None:
        self.falls_silent()
        for client in (self._alarms, self._reports):
            client.disconnect()
            client.loop_stop()

    def _live(self) -> None:
        while True:
            self._report([])
            if self._silent.wait(REPORT_EVERY_S):
                return

    def _report(self, buttons: list[Button]) -> None:
        with self._lock:
            payload = seal(self._site_report(buttons), self._device, 1, self._key)
            self._publish(self._reports, topics.REPORT, payload, confirmed=bool(buttons))

    def _site_report(self, buttons: list[Button]) -> SiteReport:
        self._reported += 1
        return SiteReport(
            counter=self._reported,
            boot_id=self._boot_id,
            uptime_ms=now_ms() - self._booted_ms,
            wall_ms=now_ms(),
            state=0,
            custody_count=0,
            custody_oldest_ms=0,
            refused_count=0,
            beats=tuple(Beat(HELD_MS, button.heartbeat()) for button in buttons),
        )

    def _publish(self, client: mqtt.Client, lane: str, payload: bytes, *, confirmed: bool = True) -> None:
        sent = client.publish(topics.gateway_up(self._device, lane), payload, qos=1)
        if not confirmed:
            return
        sent.wait_for_publish(PUBLISH_S)
        assert sent.is_published(), "the centre's broker did not confirm the frame"

    def _took(self, _client: mqtt.Client, _user: object, message: mqtt.MQTTMessage) -> None:
        """Hands the centre's receipts to the buttons, which believe only what their own key signed."""
        for raw in unpack(bytes(message.payload)):
            button = next((one for one in self._buttons if one.device == parse_header(raw)[2]), None)
            if button is None:
                continue  # the gateway's own receipt, which ends custody
            frame = parse(raw, (Receipt,))
            assert frame.verify(button.keys.down_link)
            receipt = frame.payload
            assert isinstance(receipt, Receipt)
            button.take(receipt)
