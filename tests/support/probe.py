"""Runs tests/support/on_device/mqtt_probe.py, the firmware's MQTT client alone, and reads what it tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from typing import Any

from kentongan_wire.topics import BEAT, button_up
from tests.support.interpreter import FIRMWARE_PATH, ROOT, micropython
from tests.support.site import PATIENCE_S
from tests.support.site_hop import DEVICE, DOWN_TOPIC, KEYS, SITE

HEAP = "1m"  # room for large payloads; the figures of the whole button are another test's


class Probe:
    """A running probe; `events` holds every line so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.events: list[dict[str, Any]] = []

    async def until(self, event: str) -> dict[str, Any]:
        """The next event of this name."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                line = await self._next()
                if line["event"] == event:
                    return line

    async def _next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            raise AssertionError((await self._process.stderr.read()).decode())
        event: dict[str, Any] = json.loads(line)
        self.events.append(event)
        return event

    def named(self, event: str) -> list[dict[str, Any]]:
        """Events of this name so far."""
        return [line for line in self.events if line["event"] == event]


@contextlib.asynccontextmanager
async def probe(port: int, **plan: object) -> AsyncIterator[Probe]:
    """A client that connects to this port of loopback; see mqtt_probe.py for what `plan` may hold."""
    whole = {
        "host": "127.0.0.1",
        "port": port,
        "identity": f"{DEVICE:08x}",
        "key": KEYS.transport.hex(),
        "topic": DOWN_TOPIC,
        "publish_topic": button_up(SITE, DEVICE, BEAT),
        **plan,
    }
    command = (
        micropython(),
        "-X",
        f"heapsize={HEAP}",
        "tests/support/on_device/mqtt_probe.py",
        ":".join(FIRMWARE_PATH),
    )
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, "PROBE_PLAN": json.dumps(whole)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Probe(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
