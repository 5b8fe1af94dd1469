"""A real centre for tests, and the smallest gateway and button that speak to it: real kits, certificates and frames."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import json
import secrets
import shutil
import sqlite3
import ssl
import tempfile
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg

from kentongan_host.mqtt import Connection, Endpoint
from kentongan_server import centre_state
from kentongan_server.adapters import kit, passwords, register
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.postgres import translated
from kentongan_server.adapters.sequencer import place_batch
from kentongan_server.application import enrol
from kentongan_server.centre_state import CentreState
from kentongan_server.service import CentreService
from kentongan_sim.ports import free_port
from kentongan_wire import bundle, topics
from kentongan_wire.command import Command
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import Frame, parse, seal
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.press import (
    CLOCK_SET,
    CONTACT_A,
    CONTACT_B,
    KIND_HOLD_UP,
    PATH_MQTT,
    Press,
    PressBody,
    PressIdentity,
    PressSending,
)
from kentongan_wire.receipts import Receipt, Refusal
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Beat, Behind, Heartbeat, HeartbeatAnswer, SiteReport
from tests.support import postgres
from tests.support.site import MOSQUITTO

HOST = "127.0.0.1"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
BEGUN = "begun"  # on PostgreSQL: a centre's database to be copied
PATIENCE_S = 60.0  # until a test gives up; an event normally comes within milliseconds, on a busy machine later
LOOK_S = 0.05  # between two looks at what tells nobody
DOWN: tuple[type[Payload], ...] = (Receipt, Refusal, HeartbeatAnswer, Behind, Command)
PASSWORD = "correct horse battery staple"

Some = TypeVar("Some", bound=Payload)


def now_ms() -> int:
    return centre_state.now_ms()


class SmallButton:
    """A button's keys and counters; it has no flash and no radio."""

    def __init__(self, directory: Path) -> None:
        described = json.loads((directory / "device.json").read_text())
        self.device = topics.device_number(described["device"])
        self.key_id: int = described["key_id"]
        self.site: str = described["site"]
        root = (directory / "secret.bin").read_bytes()
        self.keys = DeviceKeys(root, ROLE_BUTTON, self.device, self.key_id, self.site)
        self.boot_id = 1 + secrets.randbelow(2**32 - 1)
        self.booted_ms = now_ms() - 3_600_000
        self.sequence = 0
        self.counter = 0

    @property
    def name(self) -> str:
        return topics.device_name(self.device)

    @property
    def uptime_ms(self) -> int:
        return now_ms() - self.booted_ms

    def body(self, *, age_ms: int = 30, **changes: int) -> PressBody:
        """A new press, made `age_ms` ago."""
        self.sequence += 1
        values: dict[str, Any] = {
            "sequence": self.sequence,
            "nonce": secrets.token_bytes(8),
            "kind": KIND_HOLD_UP,
            "contacts": CONTACT_A | CONTACT_B,
            "boot_id": self.boot_id,
            "uptime_ms": self.uptime_ms - age_ms,
            "wall_ms": now_ms() - age_ms,
            "clock": CLOCK_SET,
        }
        return PressBody(**values | changes)

    def attempt(self, body: PressBody, number: int = 1, repeats: int = 0) -> bytes:
        """One attempt to deliver a press, now."""
        sending = PressSending(
            max(self.uptime_ms, body.uptime_ms), self.boot_id, number, repeats, PATH_MQTT, 4_000, -60, 0, 0
        )
        return self.sealed(Press(body, sending))

    def press(self, **changes: int) -> bytes:
        """The first attempt of a new press."""
        return self.attempt(self.body(**changes))

    def heartbeat(self, *, state: int = 0, shown: tuple[int, bytes, int, int] = (0, bytes(8), 0, 0)) -> bytes:
        """The next heartbeat; `shown` is (sequence, nonce, level, revision) of the newest press."""
        self.counter += 1
        return self.sealed(
            Heartbeat(self.counter, self.boot_id, self.uptime_ms, now_ms(), CLOCK_SET, state, 4_000, -60, 0, *shown, 1)
        )

    def sealed(self, payload: Payload) -> bytes:
        return seal(payload, self.device, self.key_id, self.keys.up_link)

    def identity(self, body: PressBody) -> PressIdentity:
        return PressIdentity(self.device, body.sequence, body.nonce)


class SmallGateway:
    """A gateway with its real kit, without custody: what a test does not repeat is not repeated."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        settings = tomllib.loads((directory / "gateway.toml").read_text())
        self.device = topics.device_number(settings["gateway"]["device"])
        self.key_id: int = settings["gateway"]["key_id"]
        self.centre = settings["centre"]
        self.root = bytes.fromhex((directory / "gateway.secret").read_text())
        site = settings["gateway"]["site"]
        self.keys = DeviceKeys(self.root, ROLE_GATEWAY, self.device, self.key_id, site)
        self.boot_id = 1 + secrets.randbelow(2**32 - 1)
        self.counter = 0
        self.down: list[Frame] = []
        self._news = asyncio.Condition()
        self._stack = contextlib.AsyncExitStack()
        self.lanes: dict[str, Connection] = {}

    def endpoint(self, lane: str) -> Endpoint:
        """Its way into the centre's broker on the alarm or the report lane."""
        tls = ssl.create_default_context(cafile=str(self.directory / self.centre["ca_file"]))
        certificate, key = self.centre[f"{lane}_cert"], self.centre[f"{lane}_key"]
        tls.load_cert_chain(self.directory / certificate, self.directory / key)
        return Endpoint(f"any-{lane}", self.centre["host"], self.centre["port"], tls=tls)

    async def __aenter__(self) -> Self:
        for lane in (topics.ALARM, topics.REPORT):
            connection = Connection(self.endpoint(lane), [topics.gateway_down(self.device, lane)])
            self.lanes[lane] = await self._stack.enter_async_context(connection)
            task = asyncio.create_task(self._listen(connection))
            self._stack.callback(task.cancel)
        await self.connected()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def connected(self) -> None:
        """Both lanes are up."""
        async with asyncio.timeout(PATIENCE_S):
            for connection in self.lanes.values():
                await connection.wait_up()

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.messages():
            frames = [parse(raw, DOWN) for raw in bundle.unpack(message.payload)]
            async with self._news:
                self.down += frames
                self._news.notify_all()

    # --- up ---

    def envelope(self, inner: bytes, held_ms: int = 5, flags: int = ENVELOPE_IN_CUSTODY) -> bytes:
        return seal(Envelope(held_ms, flags, inner), self.device, self.key_id, self.keys.up_link)

    async def carry(self, inner: bytes, held_ms: int = 5, flags: int = ENVELOPE_IN_CUSTODY) -> None:
        await self.publish(topics.ALARM, self.envelope(inner, held_ms, flags))

    async def report(self, *beats: bytes, state: int = 0, held_ms: int = 5) -> int:
        """Sends the next site report; returns its counter."""
        self.counter += 1
        report = SiteReport(
            self.counter, self.boot_id, 60_000 + self.counter, now_ms(), state, 0, 0, 0,
            tuple(Beat(held_ms, beat) for beat in beats),
        )  # fmt: skip
        await self.publish(topics.REPORT, seal(report, self.device, self.key_id, self.keys.up_link))
        return self.counter

    async def publish(self, lane: str, payload: bytes) -> None:
        await self.lanes[lane].publish(topics.gateway_up(self.device, lane), payload, deadline_s=PATIENCE_S)

    # --- down ---

    def find(self, kind: type[Some], device: int, where: Callable[[Some], bool] = lambda _: True) -> list[Some]:
        """What came down for a device, in order."""
        return [
            frame.payload
            for frame in self.down
            if frame.device == device and isinstance(frame.payload, kind) and where(frame.payload)
        ]

    async def wait_for(self, kind: type[Some], device: int, where: Callable[[Some], bool] = lambda _: True) -> Some:
        """The first that came or comes down for a device."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: self.find(kind, device, where))
        return self.find(kind, device, where)[0]

    async def receipt(self, button: SmallButton, body: PressBody, level: int = 1, revision: int = 0) -> Receipt:
        """The button's receipt for this press at (at least) this level and revision; its MAC is proven."""
        wanted = button.identity(body)
        receipt = await self.wait_for(
            Receipt, button.device, lambda one: one.press == wanted and one.level == level and one.revision >= revision
        )
        frame = next(frame for frame in self.down if frame.payload is receipt)
        assert frame.verify(button.keys.down_link)
        return receipt


@dataclass
class SmallSite:
    """One enrolled site and its kits."""

    code: str
    gateway: SmallGateway
    buttons: list[SmallButton]


_hashed = functools.cache(passwords.hashed)  # deliberate work, once for each password of a test run


@functools.cache
def _begun_once(engine: str) -> tuple[Path, str]:
    directory = Path(tempfile.mkdtemp(prefix="kc-template-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    begun = centre_state.begin(directory / "state", _begun_database() if engine == POSTGRESQL else None)
    assert begun.admin_password is not None
    return directory / "state", begun.admin_password


def _begun_database() -> Database:
    """On PostgreSQL, to be copied as well."""
    postgres.server().run(f"CREATE DATABASE {BEGUN}")
    return Database.of(postgres.server().url(BEGUN))


@dataclass
class CentreRig:
    """A centre's state folder with enrolled sites, and the centre itself when it runs."""

    directory: Path
    state: CentreState
    broker_port: int
    http_port: int
    admin_password: str
    sites: dict[str, SmallSite] = field(default_factory=dict)
    service: CentreService | None = None

    @classmethod
    @contextlib.contextmanager
    def on(cls, directory: Path, engine: str) -> Iterator[Self]:
        """A new centre on SQLite or on PostgreSQL."""
        if engine != POSTGRESQL:
            yield cls.make(directory)
            return
        _begun_once(engine)
        with postgres.server().database(BEGUN) as database:
            yield cls.make(directory, database)

    @classmethod
    def make(cls, directory: Path, database: Database | None = None) -> Self:
        """A new centre; copied from one that was begun once, because hashing and migrating take half a second."""
        template, password = _begun_once(POSTGRESQL if database else SQLITE)
        state = directory / "state"
        shutil.copytree(template, state)
        broker_port, http_port = free_port(), free_port()
        store = f'[store]\ndatabase = "{database.url}"\n' if database else ""
        (state / "centre.toml").write_text(
            f'[http]\nport = {http_port}\nsecure_cookie = false\nweb_dir = "web"\n{store}'
            f'[broker]\nhost = "{HOST}"\nport = {broker_port}\nmosquitto = "{MOSQUITTO}"\n'
        )
        return cls(directory, centre_state.open_state(state), broker_port, http_port, password)

    @property
    def database(self) -> Path:
        """Of a centre on SQLite."""
        return self.state.database.file

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a statement finds beside the centre, or the number of rows it changed; on either engine."""
        if self.state.database.url is not None:
            with psycopg.connect(self.state.database.url, autocommit=True) as asked:
                found = asked.execute(translated(statement), values)
                return found.fetchall() if found.description else [(found.rowcount,)]
        with closing(sqlite3.connect(self.database)) as connection, connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]

    async def history_is_placed(self) -> None:
        """Returns when nothing waits for its place in the history; on SQLite that is at once."""
        if self.service is None and self.state.database.url is not None:  # nobody else would do it
            with psycopg.connect(self.state.database.url, autocommit=True) as connection:
                place_batch(connection)
        async with asyncio.timeout(PATIENCE_S):
            while self.rows("SELECT 1 FROM feed_queue LIMIT 1"):  # noqa: ASYNC110 - another process raises no event
                await asyncio.sleep(LOOK_S)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    def add_site(self, code: str, buttons: int = 1) -> SmallSite:
        """Enrols a site with a gateway and buttons at desks."""
        at_ms = now_ms()
        with register.writing(self.state.database) as writing:
            enrol.add_site(writing, enrol.Site(code, f"Site {code}", "Jl. Panglima Sudirman 1", "Asia/Jakarta"), at_ms)
        kits = [self.add_post(code, f"Desk {number}") for number in range(1, buttons + 1)]
        with register.writing(self.state.database) as writing:
            gateway = enrol.add_gateway(writing, self.state.sealer, code, at_ms)
            keys = enrol.site_keys(writing, self.state.sealer, code, at_ms)
            out = kit.new_directory(self.directory / f"gateway-{code}")
            listen, centre = kit.Address("0.0.0.0", 8883), kit.Address(HOST, self.broker_port)
            kit.write_gateway(out, gateway, self.state.authority, keys, listen, centre)
        site = SmallSite(code, SmallGateway(out), kits)
        self.sites[code] = site
        return site

    def add_post(self, code: str, name: str, variant: str = "desk") -> SmallButton:
        """Enrols one more post."""
        out = kit.new_directory(self.directory / f"post-{code}-{secrets.token_hex(4)}")
        with register.writing(self.state.database) as writing:
            button = enrol.add_post(writing, self.state.sealer, code, name, variant, now_ms())
        kit.write_button(out, button, variant, kit.Address(HOST, 8883), "test")
        return SmallButton(out)

    def add_user(self, name: str, role: str = "operator", password: str = PASSWORD) -> None:
        with register.writing(self.state.database) as writing:
            enrol.add_user(writing, name, role, _hashed(password), now_ms())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[CentreService]:
        """The centre in this process, with its real broker, without HTTP."""
        service = CentreService(self.state)
        async with service.running():
            self.service = service
            following = asyncio.create_task(service.live.run())
            try:
                yield service
            finally:
                self.service = None
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)


async def until(centre: CentreService, condition: Callable[[], Awaitable[bool]]) -> None:
    """Follows the live stream until the condition holds; it is looked at with every event and every tick."""
    async with asyncio.timeout(PATIENCE_S):
        async for _ in centre.live.stream(0, b"test", now_ms() + 3_600_000):
            if await condition():
                return
    raise AssertionError("the live stream ended before the condition held")
