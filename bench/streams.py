"""200 live streams at once: when each has an alarm, and what they cost the centre."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bench import machine
from bench.centre import presses
from bench.lane import Lane
from bench.open_centre import OpenCentre, open_centre
from bench.probe import nonce_of
from bench.report import Row
from kentongan_sim.figures import figure
from kentongan_sim.ports import HOST
from kentongan_wire import topics

STREAMS = 200  # NUMBERS.md
CORE_PERCENT = 100.0  # NUMBERS.md: 200 operators' streams on one core
IDLE_S = 10.0  # watched with nothing but the tick of each second
PACE_S = 1.0  # from one alarm to the next
STEP_S = 60.0  # bounds one alarm to all streams on a busy machine
PIECE = 1 << 16
ABOUT = """\
One supervisor's session, so many streams, read by the bench itself on the same cores: what it takes to read 200 streams
is in the delays. From the gateway's publish, so broker, verification and commit are in them. Streams are plain HTTP; a
TLS proxy before the centre adds its own."""


class Stream:
    """One console's stream, without a browser: when it was told of each alarm."""

    def __init__(self) -> None:
        self.told: dict[bytes, float] = {}
        self.news = asyncio.Event()
        self._tail = b""

    def take(self, chunk: bytes, at: float, wanted: Sequence[bytes]) -> None:
        """Bytes of the stream; a nonce may lie across two of them."""
        text = self._tail + chunk
        for nonce in wanted:
            if nonce not in self.told and nonce.hex().encode() in text:
                self.told[nonce] = at
                self.news.set()
        self._tail = text[-32:]


async def follow(
    stream: Stream, centre: OpenCentre, cookie: str, opened: asyncio.Semaphore, wanted: list[bytes]
) -> None:
    """Reads it until it is cancelled."""
    reader, writer = await asyncio.open_connection(HOST, centre.http_port)
    try:
        writer.write(f"GET /api/stream HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a stream was refused: {head.splitlines()[0]!r}")
        opened.release()
        while chunk := await reader.read(PIECE):
            stream.take(chunk, time.monotonic(), wanted)
        raise RuntimeError("a stream ended")
    finally:
        writer.close()


def memory_mb(pid: int) -> float:
    """What a process has in memory now (proc(5), VmRSS)."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1000


async def _percent(pid: int, seconds: float) -> float:
    before, began = machine.busy_s(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return 100 * (machine.busy_s(pid) - before) / (time.monotonic() - began)


async def _told(streams: Sequence[Stream], nonce: bytes) -> None:
    async with asyncio.timeout(STEP_S):
        for stream in streams:
            while nonce not in stream.told:
                stream.news.clear()
                await stream.news.wait()


async def _open(stack: AsyncExitStack, centre: OpenCentre, wanted: list[bytes]) -> list[Stream]:
    browser = await stack.enter_async_context(centre.browser())
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    opened, streams = asyncio.Semaphore(0), [Stream() for _ in range(STREAMS)]
    tasks = [asyncio.create_task(follow(one, centre, cookie, opened, wanted)) for one in streams]
    for task in tasks:
        stack.callback(task.cancel)
    async with asyncio.timeout(STEP_S):
        for _ in streams:
            await opened.acquire()
    return streams


async def run(alarms: int) -> tuple[list[float], list[float], dict[str, float]]:
    """ms to each stream, ms to the last of all for each alarm, and what the centre took."""
    async with open_centre() as centre, AsyncExitStack() as stack:
        child = await centre.start()
        cost = {"without": memory_mb(child.pid)}
        wanted: list[bytes] = []
        streams = await _open(stack, centre, wanted)
        cost |= {"idle": await _percent(child.pid, IDLE_S), "with": memory_mb(child.pid)}
        gateway = centre.city.sites[0].gateway
        lane = Lane(gateway.folder, gateway.device, topics.ALARM, lambda _: None)
        await asyncio.to_thread(lane.open, HOST, centre.broker_port)
        stack.callback(lane.close)
        each: list[float] = []
        last: list[float] = []
        busy_before, began = machine.busy_s(child.pid), time.monotonic()
        for envelope in presses(centre.city, alarms):
            nonce = nonce_of(envelope)
            wanted[:] = [nonce]
            sent = time.monotonic()
            lane.send(envelope)
            await _told(streams, nonce)
            delays = [(stream.told[nonce] - sent) * 1000 for stream in streams]
            each += delays
            last.append(max(delays))
            await asyncio.sleep(max(0.0, sent + PACE_S - time.monotonic()))
        cost["alarms"] = 100 * (machine.busy_s(child.pid) - busy_before) / (time.monotonic() - began)
    return each, last, cost


def rows(each: list[float], last: list[float], cost: dict[str, float]) -> list[Row]:
    """What was measured, as rows."""
    memory = {"without": round(cost["without"], 1), "with": round(cost["with"], 1)}
    return [
        Row(f"alarm at the gateway's lane → each of {STREAMS} streams", "ms", dict(figure(each).as_json())),
        Row(f"alarm at the gateway's lane → the last of {STREAMS} streams", "ms", dict(figure(last).as_json())),
        Row("of one core, only ticks", "%", {"value": round(cost["idle"], 1)}, {"value": CORE_PERCENT}),
        Row("of one core, an alarm a second", "%", {"value": round(cost["alarms"], 1)}, {"value": CORE_PERCENT}),
        Row(
            "memory of the centre",
            "MB",
            {**memory, "for one stream": round((cost["with"] - cost["without"]) / STREAMS, 3)},
        ),
    ]


def measure(alarms: int) -> list[Row]:
    """The rows of 200 streams."""
    return rows(*asyncio.run(run(alarms)))
