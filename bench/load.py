"""A gateway that sends as fast as the broker takes: run as a program of its own, beside what it loads.

    python -m bench.load KIT HOST PORT FRAMES WAIT

KIT is a gateway's kit, FRAMES a file of length-prefixed envelopes; with WAIT=1 it keeps a bounded number of
presses unanswered and ends when each has its receipt.
Prints JSON: seconds from the first publish to the last PUBACK and to the last receipt.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from kentongan_wire import bundle, frame, topics
from kentongan_wire.receipts import Receipt

PATIENCE_S = 60.0  # bounds the wait for what is under way; a lost receipt ends the bench
UNANSWERED_MAX = 2_000  # presses without a receipt at once: the broker queues 10,000 and drops what is beyond
IN_FLIGHT = 200  # unconfirmed publishes, as the broker allows


class Load:
    """One run of the load."""

    def __init__(self, kit: Path, device: int, count: int) -> None:
        self.device = device
        self._receipts: set[bytes] = set()
        self._count = count
        self.answered = threading.Event()
        self.room = threading.Semaphore(UNANSWERED_MAX)
        self.subscribed = threading.Event()
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=topics.alarm_lane(device), protocol=mqtt.MQTTv5
        )
        context = ssl.create_default_context(cafile=str(kit / "ca.crt"))
        context.load_cert_chain(kit / "alarm.crt", kit / "alarm.key")
        self.client.tls_set_context(context)
        self.client.max_inflight_messages_set(IN_FLIGHT)
        self.client.max_queued_messages_set(0)
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_socket_open = _without_delay

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        for raw in bundle.unpack(bytes(message.payload)):
            if frame.parse_header(raw)[::2] == (Receipt.TYPE, self.device):
                receipt = frame.parse(raw, (Receipt,)).payload
                assert isinstance(receipt, Receipt)
                self._receipts.add(receipt.press.nonce)
                self.room.release()
        if len(self._receipts) == self._count:
            self.answered.set()


def _without_delay(_client: mqtt.Client, _data: object, opened: Any) -> None:  # noqa: ANN401 - paho's own union
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def main() -> None:
    """Connect, publish everything, wait."""
    kit, host, port, frames, wait = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5] == "1"
    envelopes = bundle.unpack(Path(frames).read_bytes())
    device = frame.parse_header(envelopes[0])[2]
    load = Load(kit, device, len(envelopes))
    load.client.connect(host, port)
    load.client.loop_start()
    load.client.subscribe(topics.gateway_down(device, topics.ALARM), qos=1)
    assert load.subscribed.wait(PATIENCE_S), "the broker did not confirm the subscription"
    topic = topics.gateway_up(device, topics.ALARM)
    started = time.monotonic()
    sent = []
    for envelope in envelopes:
        assert not wait or load.room.acquire(timeout=PATIENCE_S), "receipts are missing"
        sent.append(load.client.publish(topic, envelope, qos=1))
    for one in sent:
        one.wait_for_publish(PATIENCE_S)
    published_s = time.monotonic() - started
    assert not wait or load.answered.wait(PATIENCE_S), "receipts are missing"
    print(json.dumps({"published_s": published_s, "answered_s": time.monotonic() - started}))
    load.client.disconnect()


if __name__ == "__main__":
    main()
