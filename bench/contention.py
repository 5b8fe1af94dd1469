"""One alarm after the other while the centre is busy with something else: does it wait?"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import machine
from bench.centre import presses
from bench.report import Row
from kentongan_server import centre_state
from kentongan_server.adapters import kit, register
from kentongan_server.adapters.kit import Address
from kentongan_server.application import enrol as rules
from kentongan_sim import process_table
from kentongan_sim.enrolment import EnrolledCity, SiteAddresses, enrol_city
from kentongan_sim.figures import figure
from kentongan_sim.forger import Forger, StolenGateway
from kentongan_sim.plan import SITES, ZONE
from kentongan_sim.ports import HOST, free_port
from kentongan_sim.processes import Child, ProcessManager, Program
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
READY_S = 120.0  # bounds a program's start and its orderly end on a busy machine
PHASE_S = 300.0  # bounds one phase
P99_MS = 200.0  # NUMBERS.md, press → received lamp: under any load that a city makes
BUSY_PERCENT = 50  # NUMBERS.md: of one core, for 10,000 buttons at 30 s heartbeats
SATURATED_MS = 1_000.0  # under more than any city makes: half of the time after which the second path starts
FLOOD_MS = 1_000.0  # under a flood, its beginning included (docs/operations.md): half of the time until SMS
BOOT = 1
ABOUT = """\
One run: the same gateway sends one alarm after the other over TLS, first with nothing else going on, then beside
each load, which comes from another process on the same cores. No link proxy is in the path. What is not answered
within 2 s is sent again, as a gateway does."""

FLOOD = "a flood of forged frames"
STEADY = "heartbeats of 10,000 buttons every 30 s"
FASTEST = "heartbeats as fast as they are taken"
LIMITS = {FLOOD: FLOOD_MS, STEADY: P99_MS, FASTEST: SATURATED_MS}


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


@dataclass(frozen=True)
class Phase:
    """What a phase came to: the alarms' times, and what the load did beside them, frames a second.

    Attributes:
        busy: of one core, percent: centre and its broker.
    """

    name: str
    took_ms: list[float]
    load_per_s: float
    busy: dict[str, float]


class Beside:
    """A program of this folder beside us: it ends by itself or when its input is closed, and prints JSON then."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (sys.executable, "-m", f"bench.{module}", *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self.told: asyncio.Task[Any] | None = None  # done when it has ended

    async def start(self) -> None:
        """Start it and wait until it says that it is ready.

        Raises:
            RuntimeError: it said something else.
        """
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe)
        assert self._process.stdout is not None
        async with asyncio.timeout(READY_S):
            line = await self._process.stdout.readline()
        if line != b"ready\n":
            raise RuntimeError(f"{self._command[2]} did not start, it said {line!r}")
        self.told = asyncio.create_task(self._end(self._process.stdout))

    async def end(self) -> Any:  # noqa: ANN401 - JSON
        """Close its input, if it has not ended yet, and wait for what it measured."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self.told is not None
        self._process.stdin.close()
        async with asyncio.timeout(READY_S):
            return await self.told

    def kill(self) -> None:
        """End it in any case."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _end(self, output: asyncio.StreamReader) -> Any:  # noqa: ANN401 - JSON
        said = await output.read()
        assert self._process is not None
        await self._process.wait()
        return json.loads(said)


class Busy:
    """How much of one core the centre and its broker take, from when it is made."""

    def __init__(self, centre: int) -> None:
        (broker,) = process_table.children(centre, "mosquitto")
        self._pids = {"centre": centre, "broker": broker}
        self._before = {name: machine.busy_s(pid) for name, pid in self._pids.items()}
        self._began_s = time.monotonic()

    def percent(self) -> dict[str, float]:
        """Until now."""
        passed_s = time.monotonic() - self._began_s
        return {name: 100 * (machine.busy_s(pid) - self._before[name]) / passed_s for name, pid in self._pids.items()}


async def phase(
    name: str, city: EnrolledCity, port: int, frames: Path, centre: Child, load: Beside | None = None
) -> Phase:
    """Alarms one after the other until all are sent or the load has used up its store."""
    gateway = city.sites[0].gateway
    named = topics.device_name(gateway.device)
    probe = Beside("probe", str(gateway.folder), named, HOST, str(port), str(frames), str(PACE_S))
    print(f"  … {name}", flush=True)
    try:
        if load is not None:
            await load.start()
        await probe.start()
        busy = Busy(centre.pid)
        running = {one.told for one in (probe, load) if one is not None and one.told is not None}
        await asyncio.wait(running, timeout=PHASE_S, return_when=asyncio.FIRST_COMPLETED)
        percent = busy.percent()
        took = await probe.end()
        told = await load.end() if load is not None else {"frames": 0, "seconds": 1}
    finally:
        for one in (probe, load):
            if one is not None:
                one.kill()
    return Phase(name, took, told["frames"] / told["seconds"], percent)


def hammer(kind: str, port: int, rate: float, loads: Sequence[Load]) -> Beside:
    """A load of these gateways, together so many frames a second (0: as many as are taken)."""
    arguments = [part for one in loads for part in one.arguments()]
    return Beside("hammer", kind, HOST, str(port), str(rate), *arguments)


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
        centre = await manager.start(
            Program(
                "centre", (sys.executable, "-m", "kentongan_tools", "serve", "--state", str(city.centre)), notifies=True
            )
        )
        slow = BUTTONS / HEARTBEAT_S / PER_REPORT
        try:
            return [
                await phase("nothing else", city, port, stores[0], centre),
                await phase(FLOOD, city, port, stores[1], centre, hammer(topics.ALARM, port, 0, [thief])),
                await phase(STEADY, city, port, stores[2], centre, hammer(topics.REPORT, port, slow, loads)),
                await phase(FASTEST, city, port, stores[3], centre, hammer(topics.REPORT, port, 0, loads)),
            ]
        finally:
            await manager.stop()


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
            f"{alarms} alarms.",
        )
    ]
    for one in phases[1:]:
        under = figure(one.took_ms)
        assert under.p99 is not None
        unit, each = ("forged frames", 1) if one.name == FLOOD else ("heartbeats", PER_REPORT)
        rows += [
            Row(
                f"the same under {one.name}",
                "ms",
                dict(under.as_json()),
                {"p99": LIMITS[one.name]},
                f"{one.load_per_s * each:,.0f} {unit} a second beside it.",
            ),
            Row(f"p99 under {one.name}, as a multiple", "", {"value": round(under.p99 / unloaded.p99, 1)}),
        ]
        if one.name == STEADY:
            rows.append(busy_row(one.busy))
    return rows


def busy_row(busy: dict[str, float]) -> Row:
    """What it takes to supervise a city."""
    shares = {name: round(percent, 1) for name, percent in busy.items()}
    note = f"With the alarms beside it, {1 / PACE_S:.0f} a second at most."
    values: dict[str, float | int | None] = {**shares, "together": round(sum(busy.values()), 1)}
    return Row(f"of one core, under {STEADY}", "%", values, {"together": BUSY_PERCENT}, note)
