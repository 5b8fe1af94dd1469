"""A gateway's connection to the centre's broker, for the programs that load it: paho in a thread of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from kentongan_wire import bundle, topics

CONNECT_S = 60.0  # bounds connecting and subscribing on a machine that is being saturated
IN_FLIGHT = 200  # unconfirmed publishes, as the broker allows


class Lane:
    """One lane of one gateway.

    Args:
        kit: its folder.
        device: its number.
        kind: `topics.ALARM` or `topics.REPORT`.
        on_frame: called with each frame that comes down, on paho's thread.
    """

    def __init__(self, kit: Path, device: int, kind: str, on_frame: Callable[[bytes], None]) -> None:
        self.device = device
        self._up = topics.gateway_up(device, kind)
        self._down = topics.gateway_down(device, kind)
        self._on_frame = on_frame
        self._subscribed = threading.Event()
        name = topics.alarm_lane(device) if kind == topics.ALARM else topics.report_lane(device)
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5)
        context = ssl.create_default_context(cafile=str(kit / "ca.crt"))
        context.load_cert_chain(kit / f"{kind}.crt", kit / f"{kind}.key")
        self._client.tls_set_context(context)
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.max_queued_messages_set(0)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_socket_open = _without_delay

    def open(self, host: str, port: int) -> None:
        """Connect and subscribe."""
        self._client.connect(host, port)
        self._client.loop_start()
        self._client.subscribe(self._down, qos=1)
        assert self._subscribed.wait(CONNECT_S), "the broker did not confirm the subscription"

    def send(self, frame: bytes) -> mqtt.MQTTMessageInfo:
        """Publish with QoS 1."""
        return self._client.publish(self._up, frame, qos=1)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        for raw in bundle.unpack(bytes(message.payload)):
            self._on_frame(raw)


def _without_delay(_client: mqtt.Client, _data: object, opened: Any) -> None:  # noqa: ANN401 - paho's own union
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
