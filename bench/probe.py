"""Single alarms at a steady pace, each timed from its publish to its receipt: a program of its own.

    python -m bench.probe KIT DEVICE HOST PORT FRAMES PACE_S

Ends when all are sent or its input is closed. Prints `ready`, then JSON: the milliseconds of each, in order.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from functools import partial
from pathlib import Path

from bench.lane import Lane
from kentongan_wire import bundle, frame, topics
from kentongan_wire.custody import Envelope
from kentongan_wire.press import Press
from kentongan_wire.receipts import Receipt

RETRY_S = 2.0  # what is not answered is sent again, as a gateway does (docs/architecture.md, a press, hop by hop)
TRIES = 30  # an alarm that needs more ends the bench


def main() -> None:
    """Send, wait for the receipt, keep the pace."""
    kit, device, host, port = Path(sys.argv[1]), int(sys.argv[2], 16), sys.argv[3], int(sys.argv[4])
    envelopes = bundle.unpack(Path(sys.argv[5]).read_bytes())
    pace_s = float(sys.argv[6])
    answered: dict[bytes, float] = {}
    news = threading.Condition()

    def take(raw: bytes) -> None:
        at = time.perf_counter()
        if frame.parse_header(raw)[::2] == (Receipt.TYPE, device):
            receipt = frame.parse(raw, (Receipt,)).payload
            assert isinstance(receipt, Receipt)
            with news:
                answered.setdefault(receipt.press.nonce, at)
                news.notify()

    lane = Lane(kit, device, topics.ALARM, take)
    lane.open(host, port)
    took_ms: list[float] = []
    ending = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ending.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print("ready", flush=True)
    for envelope in envelopes:
        if ending.is_set():
            break
        nonce = nonce_of(envelope)
        sent = time.perf_counter()
        for _ in range(TRIES):
            lane.send(envelope)
            with news:
                if news.wait_for(partial(answered.__contains__, nonce), RETRY_S):
                    break
        took_ms.append((answered[nonce] - sent) * 1000)
        time.sleep(max(0.0, sent + pace_s - time.perf_counter()))
    lane.close()
    print(json.dumps(took_ms))


def nonce_of(envelope: bytes) -> bytes:
    """Of the press inside."""
    payload = frame.parse(envelope, (Envelope,)).payload
    assert isinstance(payload, Envelope)
    press = frame.parse(payload.inner, (Press,)).payload
    assert isinstance(press, Press)
    return press.body.nonce


if __name__ == "__main__":
    main()
