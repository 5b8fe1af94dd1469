"""A gateway that sends as fast as the broker takes: run as a program of its own, beside what it loads.

    python -m bench.load KIT HOST PORT FRAMES WAIT

KIT is a gateway's kit, FRAMES a file of length-prefixed envelopes; with WAIT=1 it keeps a bounded number of
presses unanswered and ends when each has its receipt.
Prints JSON: seconds from the first publish to the last PUBACK and to the last receipt.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from bench.lane import Lane
from kentongan_wire import bundle, frame, topics
from kentongan_wire.receipts import Receipt

PATIENCE_S = 60.0  # bounds the wait for what is under way; a lost receipt ends the bench
UNANSWERED_MAX = 2_000  # presses without a receipt at once: the broker queues 10,000 and drops what is beyond


class Answers:
    """Receipts made for the gateway itself, each once."""

    def __init__(self, device: int, count: int) -> None:
        self.all = threading.Event()
        self.room = threading.Semaphore(UNANSWERED_MAX)
        self._device = device
        self._count = count
        self._receipts: set[bytes] = set()

    def take(self, raw: bytes) -> None:
        """A frame came down."""
        if frame.parse_header(raw)[::2] == (Receipt.TYPE, self._device):
            receipt = frame.parse(raw, (Receipt,)).payload
            assert isinstance(receipt, Receipt)
            self._receipts.add(receipt.press.nonce)
            self.room.release()
        if len(self._receipts) == self._count:
            self.all.set()


def main() -> None:
    """Connect, publish everything, wait."""
    kit, host, port, frames, wait = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5] == "1"
    envelopes = bundle.unpack(Path(frames).read_bytes())
    device = frame.parse_header(envelopes[0])[2]
    answers = Answers(device, len(envelopes))
    lane = Lane(kit, device, topics.ALARM, answers.take)
    lane.open(host, port)
    started = time.monotonic()
    sent = []
    for envelope in envelopes:
        assert not wait or answers.room.acquire(timeout=PATIENCE_S), "receipts are missing"
        sent.append(lane.send(envelope))
    for one in sent:
        one.wait_for_publish(PATIENCE_S)
    published_s = time.monotonic() - started
    assert not wait or answers.all.wait(PATIENCE_S), "receipts are missing"
    print(json.dumps({"published_s": published_s, "answered_s": time.monotonic() - started}))
    lane.close()


if __name__ == "__main__":
    main()
