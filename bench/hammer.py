"""Keeps the centre busy beside an alarm that is being measured: a program of its own, ended by closing its input.

    python -m bench.hammer KIND HOST PORT RATE DEVICE KIT FRAMES [DEVICE KIT FRAMES …]

KIND is the lane (`alarm`, `report`); each gateway DEVICE with its KIT sends its own FRAMES in order, all together
RATE a second (0: as fast as they are taken). Of reports each gateway has a few unanswered ones at most, as a real
one has. Prints `ready` when all are connected, then, at the end, JSON: frames sent and seconds.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import paho.mqtt.client as mqtt

from bench.lane import Lane
from kentongan_wire import bundle, frame, topics
from kentongan_wire.supervision import HeartbeatAnswer

UNANSWERED_MAX = 4  # reports of one gateway: with all gateways together the centre always has a queue
WINDOW = 200  # publishes without PUBACK of one gateway
WAIT_S = 2.0  # bounds one wait, so that the end of the input is seen


class Gateway:
    """One gateway of the load."""

    def __init__(self, kind: str, device: int, kit: Path, frames: Path) -> None:
        stored = bundle.unpack(frames.read_bytes())
        # A forged frame is refused as often as it comes; an old report is no load, for its counter is stale.
        self._frames = iter(stored) if kind == topics.REPORT else itertools.cycle(stored)
        self._device = device
        self._unanswered = threading.Semaphore(UNANSWERED_MAX) if kind == topics.REPORT else None
        self._window: deque[mqtt.MQTTMessageInfo] = deque()
        self.lane = Lane(kit, device, kind, self._take)

    def send(self) -> bool:
        """Send the next frame; whether it went.

        Raises:
            StopIteration: there is none.
        """
        if self._unanswered is not None and not self._unanswered.acquire(timeout=WAIT_S):
            return False
        self._window.append(self.lane.send(next(self._frames)))
        if len(self._window) > WINDOW:
            self._window.popleft().wait_for_publish(WAIT_S)
        return True

    def _take(self, raw: bytes) -> None:
        if self._unanswered is not None and frame.parse_header(raw)[::2] == (HeartbeatAnswer.TYPE, self._device):
            self._unanswered.release()


def turns(gateways: Sequence[Gateway]) -> Iterator[Gateway]:
    """The gateways in turn, for ever."""
    while True:
        yield from gateways


def main() -> None:
    """Connect, then send until the input is closed or the frames are used up."""
    kind, host, port, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    triples = zip(*[iter(sys.argv[5:])] * 3, strict=True)
    gateways = [Gateway(kind, int(device, 16), Path(kit), Path(frames)) for device, kit, frames in triples]
    for gateway in gateways:
        gateway.lane.open(host, port)
    ending = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ending.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print("ready", flush=True)
    started, sent = time.monotonic(), 0
    for gateway in turns(gateways):
        if ending.is_set():
            break
        if rate:
            time.sleep(max(0.0, started + sent / rate - time.monotonic()))
        try:
            sent += gateway.send()
        except StopIteration:
            break
    seconds = time.monotonic() - started
    print(json.dumps({"frames": sent, "seconds": seconds}))


if __name__ == "__main__":
    main()
