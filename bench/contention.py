"""One alarm after the other while the centre is busy with something else: does it wait?"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.centre import presses
from bench.report import Row
from kentongan_server import centre_state
from kentongan_server.adapters import kit, register
from kentongan_server.adapters.kit import Address
from kentongan_server.application import enrol as rules
from kentongan_sim.enrolment import EnrolledCity, SiteAddresses, enrol_city
from kentongan_sim.figures import figure
from kentongan_sim.forger import Forger, StolenGateway
from kentongan_sim.plan import SITES, ZONE
from kentongan_sim.ports import HOST, free_port
from kentongan_sim.processes import ProcessManager, Program
from kentongan_wire import bundle, frame, topics
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.supervision import Beat, Heartbeat, SiteReport

BUTTONS = 10_000  # NUMBERS.md: what one small machine supervises
HEARTBEAT_S = 30
CROWD_SITES = 20  # gateways that carry them, 500 buttons each
PER_REPORT = 64  # heartbeats in one report, as the wire allows
ROUNDS = 48  # heartbeats of each button in store for the fastest load
FORGED = 10_000  # distinct forged frames in store
PACE_S = 0.05  # from one alarm to the next
READY_S = 120.0  # bounds the load's connecting on a busy machine
PHASE_S = 300.0  # bounds one phase
P99_MS = 200.0  # NUMBERS.md, press → received lamp
BOOT = 1


@dataclass(frozen=True)
class Load:
    """One gateway of a load, as the hammer takes it."""

    device: int
    kit: Path
    frames: Path

    def arguments(self) -> tuple[str, str, str]:
        """On the hammer's command line."""
        return topics.device_name(self.device), str(self.kit), str(self.frames)


def crowd(city: EnrolledCity, folder: Path, port: int) -> list[Load]:
    """Enrol 10,000 more buttons behind 20 gateways, and sign their heartbeats and reports for the whole run."""
    centre = centre_state.open_state(city.centre)
    loads = []
    now_ms = centre_state.now_ms()
    with register.writing(city.database) as book:
        for number in range(CROWD_SITES):
            site = f"ramai-{number + 1}"
            rules.add_site(book, rules.Site(site, f"Ramai {number + 1}", "", ZONE), now_ms)
            buttons = [
                rules.add_post(book, centre.sealer, site, f"Meja {post + 1}", "desk", now_ms)
                for post in range(BUTTONS // CROWD_SITES)
            ]
            gateway = rules.add_gateway(book, centre.sealer, site, now_ms)
            out = kit.new_directory(folder / site)
            kit.write_gateway(out, gateway, centre.authority, [], Address(HOST, port), Address(HOST, port))
            (out / "reports").write_bytes(bundle.pack(list(_reports(gateway, buttons))))
            loads.append(Load(gateway.device, out, out / "reports"))
    return loads


def _reports(gateway: rules.NewDevice, buttons: Sequence[rules.NewDevice]) -> list[bytes]:
    keys = [DeviceKeys(one.root, ROLE_BUTTON, one.device, one.key_id, one.site).up_link for one in buttons]
    own = DeviceKeys(gateway.root, ROLE_GATEWAY, gateway.device, gateway.key_id, gateway.site).up_link
    reports: list[bytes] = []
    for round_number in range(1, ROUNDS + 1):
        uptime_ms = 10_000 + round_number * HEARTBEAT_S * 1000
        beats = [
            Beat(0, frame.seal(_heartbeat(round_number, uptime_ms), one.device, one.key_id, key))
            for one, key in zip(buttons, keys, strict=True)
        ]
        for at in range(0, len(beats), PER_REPORT):
            some = tuple(beats[at : at + PER_REPORT])
            report = SiteReport(len(reports) + 1, BOOT, uptime_ms, 0, 0, 0, 0, 0, some)
            reports.append(frame.seal(report, gateway.device, gateway.key_id, own))
    return reports


def _heartbeat(counter: int, uptime_ms: int) -> Heartbeat:
    return Heartbeat(
        counter=counter,
        boot_id=BOOT,
        uptime_ms=uptime_ms,
        wall_ms=0,
        clock=0,
        state=0,
        battery_mv=4_000,
        signal_dbm=-60,
        undelivered=0,
        sequence=0,
        nonce=bytes(8),
        level=0,
        revision=0,
        firmware=1,
    )


def forged(city: EnrolledCity, folder: Path) -> Load:
    """What the thief of the spare gateway has in store."""
    spare = city.spare_gateway
    victims = [one.device for one in city.sites[0].buttons]
    forger = Forger(random.Random(1), victims, StolenGateway(spare.device, spare.key_id, spare.site, spare.root))
    path = folder / "forged"
    path.write_bytes(bundle.pack(forger.for_centre(FORGED)))
    return Load(spare.device, spare.folder, path)


@asynccontextmanager
async def hammering(kind: str, port: int, rate: float, loads: Sequence[Load]) -> AsyncIterator[dict[str, Any]]:
    """While open, the load runs; afterwards the yielded dictionary holds what it printed."""
    arguments = [part for one in loads for part in one.arguments()]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.hammer", kind, HOST, str(port), str(rate), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told: dict[str, Any] = {}
    try:
        async with asyncio.timeout(READY_S):
            line = await process.stdout.readline()
        if line != b"ready\n":
            raise RuntimeError(f"the load did not start, it said {line!r}")
        yield told
        process.stdin.close()
        async with asyncio.timeout(READY_S):
            told.update(json.loads(await process.stdout.read()))
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if told["exhausted"]:
        raise RuntimeError(f"the load of {kind} frames was used up after {told['seconds']:.0f} s: store more of them")


async def probe(city: EnrolledCity, port: int, frames: Path) -> list[float]:
    """Alarms one after the other, each from its publish to its receipt, ms."""
    gateway = city.sites[0].gateway
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.probe", str(gateway.folder), topics.device_name(gateway.device)),
        *(HOST, str(port), str(frames), str(PACE_S)),
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PHASE_S):
        said, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the probe ended with {process.returncode}")
    took: list[float] = json.loads(said)
    return took


@dataclass(frozen=True)
class Phase:
    """What a phase came to: the alarms' times, and what the load did beside them, frames a second."""

    name: str
    took_ms: list[float]
    load_per_s: float = 0.0


async def run(alarms: int) -> list[Phase]:
    """All phases, one after the other, with one centre and one broker."""
    with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as name:
        folder = Path(name)
        port = free_port()
        addresses = [SiteAddresses(free_port(), tuple(free_port() for _ in site.posts), port) for site in SITES]
        city = enrol_city(folder / "city", SITES, free_port(), port, addresses)
        loads = crowd(city, folder, port)
        thief = forged(city, folder)
        envelopes = presses(city, 4 * alarms)
        stores = [folder / f"presses-{number}" for number in range(4)]
        for number, store in enumerate(stores):
            store.write_bytes(bundle.pack(envelopes[number * alarms : (number + 1) * alarms]))
        manager = ProcessManager(folder, lambda death: print(death, file=sys.stderr))
        await manager.start(
            Program(
                "centre", (sys.executable, "-m", "kentongan_tools", "serve", "--state", str(city.centre)), notifies=True
            )
        )
        try:
            return [
                Phase("unloaded", await probe(city, port, stores[0])),
                await _under("a flood of forged frames", topics.ALARM, 0, [thief], city, port, stores[1]),
                await _under(
                    "heartbeats of 10,000 buttons every 30 s",
                    topics.REPORT,
                    BUTTONS / HEARTBEAT_S / PER_REPORT,
                    loads,
                    city,
                    port,
                    stores[2],
                ),
                await _under("heartbeats as fast as they are taken", topics.REPORT, 0, loads, city, port, stores[3]),
            ]
        finally:
            await manager.stop()


async def _under(
    name: str, kind: str, rate: float, loads: Sequence[Load], city: EnrolledCity, port: int, store: Path
) -> Phase:
    async with hammering(kind, port, rate, loads) as told:
        took = await probe(city, port, store)
    return Phase(name, took, told["frames"] / told["seconds"])


def measure(alarms: int) -> list[Row]:
    """The rows of an alarm beside a load."""
    phases = asyncio.run(run(alarms))
    unloaded = figure(phases[0].took_ms)
    assert unloaded.p99 is not None
    rows = [
        Row(
            "alarm at the gateway's lane → receipt, nothing else going on",
            "ms",
            dict(unloaded.as_json()),
            {"p99": P99_MS},
            f"{alarms} alarms, one after the other, one gateway over TLS, no link proxy in the path.",
        )
    ]
    for phase in phases[1:]:
        under = figure(phase.took_ms)
        assert under.p99 is not None
        forged_flood = phase is phases[1]
        unit = "forged frames" if forged_flood else "heartbeats"
        each = 1 if forged_flood else PER_REPORT
        rows += [
            Row(
                f"the same under {phase.name}",
                "ms",
                dict(under.as_json()),
                {"p99": P99_MS},
                f"{phase.load_per_s * each:,.0f} {unit} a second beside it, from another process on the same cores.",
            ),
            Row(f"p99 under {phase.name}, as a multiple", "", {"value": round(under.p99 / unloaded.p99, 1)}),
        ]
    return rows
