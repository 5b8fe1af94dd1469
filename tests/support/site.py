"""A site for tests: buttons with real keys, a gateway as a real process, a centre on a real broker with TLS.

The centre is made of the wire's own parts and of a plain broker connection, so that the gateway is
tested against the protocol and not against our server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from kentongan_host.broker import Broker, BrokerConfig, Listener
from kentongan_host.mqtt import Connection, Endpoint
from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.ports import HOST, free_port
from kentongan_wire.bundle import pack
from kentongan_wire.custody import Envelope
from kentongan_wire.frame import Frame, parse, seal
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.press import (
    CONTACT_A,
    CONTACT_B,
    KIND_HOLD_UP,
    PATH_MQTT,
    Press,
    PressBody,
    PressIdentity,
    PressSending,
)
from kentongan_wire.receipts import Receipt
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Heartbeat, HeartbeatAnswer, SiteReport
from kentongan_wire.topics import (
    ALARM,
    CENTRE_ROOT,
    REPORT,
    alarm_lane,
    device_name,
    gateway_down,
    report_lane,
)
from tests.support.certificates import Authority

ROOT = Path(__file__).resolve().parents[2]
MOSQUITTO = str(ROOT / ".tools" / "bin" / "mosquitto")
SITE = "bank-01"
GATEWAY = 0x0A000001
PATIENCE_S = 60.0  # until a test gives up; an event normally comes within milliseconds, on a busy machine later
CENTRE_MS = 1_790_000_000_000  # in receipts; answers to reports carry the time of this machine
NO_MODEM = """
[modem]
absent = true
"""


class TestButton:
    """A button's keys and frames; it has no radio of its own."""

    __test__ = False

    def __init__(self, device: int, site: str = SITE, root: bytes | None = None) -> None:
        self.device = device
        self.name = device_name(device)
        self.key_id = 1
        self.keys = DeviceKeys(root or secrets.token_bytes(32), ROLE_BUTTON, device, self.key_id, site)
        self._sequence = 0
        self._counter = 0

    @property
    def entry(self) -> dict[str, object]:
        """Its line in buttons.json."""
        return {
            "device": self.name,
            "key_id": self.key_id,
            "psk": self.keys.transport.hex(),
            "hop": self.keys.hop_secret.hex(),
            "post": f"Loket {self.device & 0xFF}",
        }

    def new_press(self) -> PressBody:
        self._sequence += 1
        return PressBody(self._sequence, secrets.token_bytes(8), KIND_HOLD_UP, CONTACT_A | CONTACT_B, 7, 1_000, 0, 0)

    def attempt(self, body: PressBody, number: int = 1) -> bytes:
        """One attempt to deliver a press."""
        sending = PressSending(1_000 + 2_000 * number, 7, number, 0, PATH_MQTT, 0, -60, 0, 0)
        return seal(Press(body, sending), self.device, self.key_id, self.keys.up_link)

    def heartbeat(self) -> bytes:
        self._counter += 1
        beat = Heartbeat(self._counter, 7, 5_000, 0, 0, 0, 3_300, -60, 0, 0, bytes(8), 0, 0, 0x00010000)
        return seal(beat, self.device, self.key_id, self.keys.up_link)

    def identity(self, body: PressBody) -> PressIdentity:
        return PressIdentity(self.device, body.sequence, body.nonce)


@dataclass
class Received:
    """What the centre took from one message of the gateway."""

    frame: Frame
    inner: bytes = b""


@dataclass
class TestCentre:
    """The centre's end of the link; by default every press gets its receipts.

    Its port opens when it listens to its own broker: what a gateway said to the broker before that, nobody would hear.
    """

    __test__ = False

    directory: Path
    gateway: DeviceKeys
    port: int
    answers: bool = True
    incarnation: int = 1
    clock_off_ms: int = 0
    envelopes: asyncio.Queue[tuple[Envelope, bytes]] = field(default_factory=asyncio.Queue)
    reports: asyncio.Queue[SiteReport] = field(default_factory=asyncio.Queue)
    seen: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.authority = Authority(self.directory)
        self.buttons: dict[int, TestButton] = {}
        self._server = self.authority.issue("centre", "server", address="127.0.0.1")
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        certificate, key = self._server
        behind_the_door = free_port()
        listener = Listener(
            HOST,
            behind_the_door,
            (
                ("allow_anonymous", "false"),
                ("cafile", str(self.authority.certificate)),
                ("certfile", str(certificate)),
                ("keyfile", str(key)),
                ("require_certificate", "true"),
                ("use_identity_as_username", "true"),
                ("acl_file", str(self.directory / "broker" / "acl")),
            ),
            setting="the test",
        )
        acl = f"pattern write {CENTRE_ROOT}/%u/up/#\npattern read {CENTRE_ROOT}/%u/down/frames\n"
        config = BrokerConfig(MOSQUITTO, self.directory / "broker", (listener,), {"acl": acl})
        self.broker = await self._stack.enter_async_context(Broker(config))
        endpoint = Endpoint("centre", unix_socket=self.broker.socket_path)
        self.link = await self._stack.enter_async_context(Connection(endpoint, [f"{CENTRE_ROOT}/+/up/+"]))
        await self.link.wait_up()
        self._task = asyncio.create_task(self._listen())
        door = LinkProxy(HOST, behind_the_door)
        await door.start(port=self.port)
        self._stack.push_async_callback(door.stop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._stack.aclose()

    async def _listen(self) -> None:
        async for message in self.link.messages():
            frame = parse(message.payload, (Envelope, SiteReport))
            assert frame.device == GATEWAY
            assert frame.verify(self.gateway.up_link), "the gateway's MAC is wrong"
            if isinstance(frame.payload, Envelope):
                assert message.topic == f"{CENTRE_ROOT}/{alarm_lane(GATEWAY)}/up/{ALARM}"
                self.seen.append(frame.payload.inner)
                self.envelopes.put_nowait((frame.payload, frame.payload.inner))
                if self.answers:
                    await self.answer(frame.payload.inner)
            elif isinstance(frame.payload, SiteReport):
                assert message.topic == f"{CENTRE_ROOT}/{report_lane(GATEWAY)}/up/{REPORT}"
                self.reports.put_nowait(frame.payload)
                if self.answers:
                    await self.answer_report(frame.payload)

    async def answer(self, inner: bytes) -> None:
        """Receipts for the button and for the gateway, when `inner` is a press."""
        try:
            frame = parse(inner, (Press,))
        except ValueError:
            return
        assert isinstance(frame.payload, Press)
        button = self.buttons.get(frame.device)
        if button is None or not frame.verify(button.keys.up_link):
            return
        receipt = Receipt(
            frame.payload.identity(frame.device), 1, 1, CENTRE_MS, self.incarnation, frame.payload.sending.repeats
        )
        await self.send(
            ALARM,
            seal(receipt, button.device, button.key_id, button.keys.down_link),
            self.for_gateway(receipt),
        )

    async def answer_report(self, report: SiteReport) -> None:
        centre_ms = time.time_ns() // 1_000_000 + self.clock_off_ms
        answer = HeartbeatAnswer(report.counter, report.boot_id, centre_ms, self.incarnation)
        await self.send(REPORT, self.for_gateway(answer))

    def for_gateway(self, payload: Payload) -> bytes:
        return seal(payload, GATEWAY, 1, self.gateway.down_link)

    async def send(self, lane: str, *frames: bytes) -> None:
        await self.link.publish(gateway_down(GATEWAY, lane), pack(list(frames)), deadline_s=PATIENCE_S)

    async def next_envelope(self) -> tuple[Envelope, bytes]:
        return await asyncio.wait_for(self.envelopes.get(), PATIENCE_S)

    async def envelope_of(self, inner: bytes) -> Envelope:
        """The next one with these bytes; others before it, such as one sent again meanwhile, are passed over."""
        while True:
            envelope, found = await self.next_envelope()
            if found == inner:
                return envelope

    async def next_report(self, wanted: Callable[[SiteReport], bool] = lambda _report: True) -> SiteReport:
        async with asyncio.timeout(PATIENCE_S):
            while not wanted(report := await self.reports.get()):
                pass
            return report

    def forget(self) -> None:
        """Lets go of all envelopes so far."""
        self.seen.clear()
        while not self.envelopes.empty():
            self.envelopes.get_nowait()

    async def new_report(self, wanted: Callable[[SiteReport], bool] = lambda _report: True) -> SiteReport:
        """As `next_report`, of those that the gateway makes from now on."""
        while not self.reports.empty():
            self.reports.get_nowait()
        await self.next_report()  # may have been on its way
        return await self.next_report(wanted)


class TestGateway:
    """The gateway as its own process, told by sd_notify when it is ready."""

    __test__ = False

    def __init__(
        self, directory: Path, buttons: list[TestButton], *, centre_port: int | None = None, more: str = NO_MODEM
    ) -> None:
        """Writes the kit into the directory; `more` goes into gateway.toml as it is."""
        self.directory = directory
        self.port = free_port()
        root = secrets.token_bytes(32)
        self.keys = DeviceKeys(root, ROLE_GATEWAY, GATEWAY, 1, SITE)
        self.state = directory / "state"
        (directory / "centre").mkdir()
        self.centre = TestCentre(directory / "centre", self.keys, centre_port or free_port())
        self.process: asyncio.subprocess.Process | None = None
        self._write_kit(root, more)
        self.write_buttons(buttons)

    def _write_kit(self, root: bytes, more: str) -> None:
        alarm = self.centre.authority.issue(alarm_lane(GATEWAY), "alarm")
        report = self.centre.authority.issue(report_lane(GATEWAY), "report")
        secret = self.directory / "gateway.secret"
        secret.touch(mode=0o600)
        secret.write_text(root.hex() + "\n")
        self.config = self.directory / "gateway.toml"
        self.config.write_text(
            f"""
[gateway]
device = "{device_name(GATEWAY)}"
key_id = 1
site = "{SITE}"
secret_file = "gateway.secret"
buttons_file = "buttons.json"
state_dir = "state"
[buttons]
host = "127.0.0.1"
port = {self.port}
[centre]
host = "127.0.0.1"
port = {self.centre.port}
ca_file = "{self.centre.authority.certificate}"
alarm_cert = "{alarm[0]}"
alarm_key = "{alarm[1]}"
report_cert = "{report[0]}"
report_key = "{report[1]}"
[report]
interval_ms = 200
[broker]
mosquitto = "{MOSQUITTO}"
[log]
level = "debug"
{more}"""
        )

    def write_buttons(self, buttons: list[TestButton]) -> None:
        self.centre.buttons = {button.device: button for button in buttons}
        path = self.directory / "buttons.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"site": SITE, "buttons": [button.entry for button in buttons]}))

    async def start(self, *, failpoint: str | None = None, watchdog_s: float | None = None) -> None:
        """Starts the process and returns when it says READY=1 (with a fail point: at once)."""
        self.notify_path = self.directory / "notify"
        self.notify_path.unlink(missing_ok=True)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._notify.bind(str(self.notify_path))
        environment = {**os.environ, "NOTIFY_SOCKET": str(self.notify_path)}
        if failpoint:
            environment["KENTONGAN_FAILPOINT"] = failpoint
        if watchdog_s:
            environment["WATCHDOG_USEC"] = str(int(watchdog_s * 1e6))
        with (self.directory / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "kentongan_tools", "gateway", "--config", str(self.config),
                cwd=ROOT, env=environment, stderr=log,
            )  # fmt: skip
        await self.notified("READY=1")

    async def notified(self, wanted: str) -> str:
        """Waits for a notification that contains `wanted`."""
        assert self.process is not None
        loop = asyncio.get_running_loop()
        ended = asyncio.create_task(self.process.wait())
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    received = asyncio.create_task(loop.sock_recv(self._notify, 4096))
                    await asyncio.wait({received, ended}, return_when=asyncio.FIRST_COMPLETED)
                    if not received.done():
                        received.cancel()
                        raise AssertionError(f"the gateway ended with {self.process.returncode}: {self.log()}")
                    if wanted in received.result().decode():
                        return received.result().decode()
        finally:
            ended.cancel()

    async def kill(self) -> None:
        """kill -9 and wait."""
        assert self.process is not None
        self.process.kill()
        await self.ended()

    async def stop(self) -> int:
        """SIGTERM and wait; the exit code."""
        if self.process is None or self.process.returncode is not None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Waits for the process's end; its exit code (negative: a signal)."""
        assert self.process is not None
        code = await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        self._notify.close()
        return code

    def file_size_limit(self, soft: int) -> None:
        """Makes the running process's disk full (0) or roomy (RLIM_INFINITY); only its own writes are concerned."""
        assert self.process is not None
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))

    async def logged(self, event: str) -> None:
        """Waits for a line in the gateway's log (a file cannot be awaited, so it is looked at often)."""
        async with asyncio.timeout(PATIENCE_S):
            while event not in self.log():  # noqa: ASYNC110 - another process's file raises no event
                await asyncio.sleep(0.01)

    def kill_broker(self) -> None:
        """kill -9 of the site's mosquitto."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        (broker,) = [int(child) for child in children if "mosquitto" in Path(f"/proc/{child}/cmdline").read_text()]
        os.kill(broker, signal.SIGKILL)

    def log(self) -> str:
        return (self.directory / "log").read_text()

    @property
    def own_socket(self) -> Path:
        return self.state / "broker" / "own.sock"
