"""The centre's durable alarms a second, end to end, against a subscriber that only counts, on the same broker."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.report import Row
from kentongan_host import log
from kentongan_host.broker import Broker
from kentongan_host.broker_config import Listener
from kentongan_host.files import make_private_directory
from kentongan_host.mqtt import Connection, Endpoint
from kentongan_server import centre_state
from kentongan_server.adapters import broker as broker_config
from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.enrolment import EnrolledCity, SiteAddresses, enrol_city
from kentongan_sim.plan import SITES
from kentongan_sim.ports import HOST, free_port
from kentongan_sim.processes import ProcessManager, Program
from kentongan_wire import bundle, frame, topics
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.press import CLOCK_UNSET, CONTACT_A, KIND_HOLD_UP, PATH_MQTT, Press, PressBody, PressSending

LOAD_S = 300.0  # bounds one phase
BOOT = 1
COUNTED_MAX = 9_000  # frames for the subscriber that only counts: fewer than the broker queues, for nothing is repeated


def presses(city: EnrolledCity, count: int) -> list[bytes]:
    """Envelopes of the first site's gateway around presses of its buttons, each press another one."""
    site = city.sites[0]
    gateway = site.gateway
    signing = DeviceKeys(gateway.root, ROLE_GATEWAY, gateway.device, gateway.key_id, site.plan.code).up_link
    keys = [(kit, DeviceKeys(kit.root, ROLE_BUTTON, kit.device, kit.key_id, kit.site).up_link) for kit in site.buttons]
    envelopes = []
    for number in range(count):
        kit, key = keys[number % len(keys)]
        body = PressBody(number + 1, os.urandom(8), KIND_HOLD_UP, CONTACT_A, BOOT, 10_000 + number, 0, CLOCK_UNSET)
        press = Press(body, PressSending(10_000 + number, BOOT, 1, 0, PATH_MQTT, 3_700, -60, 0, 0))
        inner = frame.seal(press, kit.device, kit.key_id, key)
        envelope = Envelope(0, ENVELOPE_IN_CUSTODY, inner)
        envelopes.append(frame.seal(envelope, gateway.device, gateway.key_id, signing))
    return envelopes


async def load(city: EnrolledCity, port: int, frames: Path, *, wait: bool) -> dict[str, float]:
    """Run the load beside us; what it printed."""
    kit = city.sites[0].gateway.folder
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load", str(kit), HOST, str(port), str(frames), str(int(wait))),
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(LOAD_S):
        said, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the load ended with {process.returncode}")
    found: dict[str, float] = json.loads(said)
    return found


async def count_only(broker: Broker, city: EnrolledCity, port: int, frames: Path, count: int) -> float:
    """Frames a second that a subscriber of the same library takes when it does nothing with them."""
    endpoint = Endpoint("bench.counter", unix_socket=broker.socket_path)
    async with Connection(endpoint, [f"{topics.CENTRE_ROOT}/+/up/{topics.ALARM}"]) as connection:
        await connection.wait_up()
        loading = asyncio.create_task(load(city, port, frames, wait=False))
        taken = 0
        started = 0.0
        async with asyncio.timeout(LOAD_S):
            async for _ in connection.messages():
                started = started or time.monotonic()
                taken += 1
                if taken == count:
                    break
        elapsed = time.monotonic() - started
        await loading
    return count / elapsed


async def durable(city: EnrolledCity, folder: Path, ports: tuple[int, int], frames: Path, count: int) -> float:
    """Alarms a second with `kentongan serve` behind the same broker: verified, committed, receipts back."""
    broker_port, own_port = ports
    manager = ProcessManager(make_private_directory(folder), lambda death: print(death, file=sys.stderr))
    serve = (sys.executable, "-m", "kentongan_tools", "serve", "--state", str(city.centre))
    environment = {"KENTONGAN_BROKER__URL": f"mqtt://{HOST}:{own_port}"}
    await manager.start(Program("centre", serve, environment, notifies=True))
    try:
        timed = await load(city, broker_port, frames, wait=True)
    finally:
        await manager.stop()
    stored = len(CentreDatabase(city.database).final_state().alarms)
    if stored != count:
        raise RuntimeError(f"expected {count} alarms in the database, found {stored}")
    return count / timed["answered_s"]


async def run(count: int) -> tuple[float, float]:
    """(counted, durable) a second, in one run on one broker."""
    with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as name:
        folder = Path(name)
        broker_port, own_port = free_port(), free_port()
        addresses = [SiteAddresses(free_port(), tuple(free_port() for _ in site.posts), broker_port) for site in SITES]
        city = enrol_city(folder / "city", SITES, free_port(), broker_port, addresses)
        frames = folder / "frames"
        envelopes = presses(city, count)
        frames.write_bytes(bundle.pack(envelopes))
        few = folder / "few"
        few.write_bytes(bundle.pack(envelopes[:COUNTED_MAX]))
        state = centre_state.open_state(city.centre)
        config = broker_config.config(state.settings.broker, folder / "broker", state.authority)
        # The centre under test reaches this broker by URL: a plain listener on loopback, for this run only.
        own = Listener(HOST, own_port, (("allow_anonymous", "true"),), "bench")
        async with Broker(replace(config, listeners=(*config.listeners, own))) as broker:
            counted = await count_only(broker, city, broker_port, few, min(count, COUNTED_MAX))
            stored = await durable(city, folder / "logs", (broker_port, own_port), frames, count)
    return counted, stored


def measure(count: int) -> list[Row]:
    """The rows of the centre."""
    log.configure(level="warning")
    counted, stored = asyncio.run(run(count))
    note = (
        f"{count:,} presses from one gateway over TLS; generator, broker and subscriber share the machine. "
        "Durable: MAC of envelope and press verified, committed with incident and history at synchronous=FULL, "
        "receipts signed for button and gateway, and received back by the gateway."
    )
    return [
        Row("frames/s, a subscriber of the same library that only counts", "1/s", {"value": round(counted)}, {}),
        Row("durable alarms/s of the centre, end to end", "1/s", {"value": round(stored)}, {">value": 1_000}, note),
        Row("the same as a share of counting only", "%", {"value": round(100 * stored / counted, 1)}, {}),
    ]
