"""The centre's application on a real SQLite store in memory, without threads, brokers or a clock of its own."""

from __future__ import annotations

import asyncio
import atexit
import functools
import secrets
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from kentongan_server.adapters import store
from kentongan_server.adapters.register import SqlRegister
from kentongan_server.application.answers import Answers
from kentongan_server.application.enrol import Site, add_site, begin
from kentongan_server.application.intake import Intake
from kentongan_server.application.operate import Operate
from kentongan_server.application.ports import Enrolled, KeyState, StoreError, Transaction
from kentongan_server.application.rejections import Rejections
from kentongan_server.application.roll import Roll
from kentongan_server.application.standings import Standings
from kentongan_server.application.supervise import Supervise
from kentongan_server.application.take import Taken
from kentongan_wire.frame import Frame, parse
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.press import PressIdentity
from tests.support.centre_rig import DOWN

Result = TypeVar("Result")

T0_MS = 1_790_000_000_000  # a day in 2026


@functools.cache
def template() -> sqlite3.Connection:
    """An empty store of the present schema, in memory, made once."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "template.db"
        store.upgrade(path)
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        with closing(sqlite3.connect(path)) as source:
            source.backup(memory)
        return memory


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for all: making one costs more than what most calls do on it."""
    made = asyncio.new_event_loop()
    atexit.register(made.close)
    return made


def fresh_connection() -> sqlite3.Connection:
    """A new store in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    template().backup(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


class ManualClock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now_ms = 0

    def wall_ms(self) -> int:
        return T0_MS + self.now_ms

    def monotonic_ms(self) -> int:
        return 5_000_000_000 + self.now_ms


class DirectStore:
    """Does each work in a transaction of its own, at once; can be told to fail as a full disk does."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.error: Exception | None = None
        self.fail_after: int | None = None  # this many commits more, then one fails
        self.commits = 0

    def submit(self, work: Callable[[Transaction], Result], *, urgent: bool = True) -> Awaitable[Result]:
        return self._run(work)

    async def _run(self, work: Callable[[Transaction], Any]) -> Any:
        return self.run(work)

    def run(self, work: Callable[[SqlRegister], Any]) -> Any:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(SqlRegister(self.connection))
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        error = self._next_error()
        if error is not None:
            self.connection.execute("ROLLBACK")
            raise error
        self.connection.execute("COMMIT")
        self.commits += 1
        return result

    def _next_error(self) -> Exception | None:
        if self.fail_after is not None:
            self.fail_after -= 1
            if self.fail_after < 0:
                self.fail_after = None
                return StoreError("full.")
        return self.error


@dataclass
class Recorder:
    """An outbox that keeps what was sent."""

    sent: list[tuple[int, str, Frame]] = field(default_factory=list)
    on_send: Callable[[], None] = lambda: None

    def send(self, gateway: int, lane: str, frames: Sequence[bytes]) -> None:
        self.on_send()
        self.sent += [(gateway, lane, parse(raw, DOWN)) for raw in frames]

    def take(self) -> list[tuple[int, str, Frame]]:
        sent, self.sent = self.sent, []
        return sent


class Ring:
    """Keys by (device, key epoch)."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], Enrolled] = {}

    def find(self, device: int, key_id: int) -> Enrolled | None:
        return self.known.get((device, key_id))


class DirectCentre:
    """Intake, operating and supervision on one store, with sites `a` and `b`."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = DirectStore(fresh_connection())
        self.outbox = Recorder()
        self.ring = Ring()
        self.store.run(begin)
        for code in ("a", "b"):
            site = Site(code, f"Site {code}", "", "Asia/Jakarta")
            self.store.run(functools.partial(add_site, site=site, at_ms=T0_MS))
        self.answers = Answers(self.ring, self.outbox, self.clock, 77)
        self.rejections = Rejections(self.store, self.clock)
        self.standings = Standings()
        self.roll = Roll(self.clock)
        self.intake = Intake(
            self.ring, self.store, self.answers, self.clock, self.roll, self.rejections,
            self._taken,
        )  # fmt: skip
        self.operate = Operate(self.store, self.answers, self.clock, self.roll, self.standings.put)
        self.supervise = Supervise(
            self.ring, self.store, self.answers, self.clock, self.roll, self.standings, self.rejections
        )

    def _taken(self, identity: PressIdentity, taken: Taken) -> None:
        self.standings.put(identity, taken.standing)
        self.supervise.pressed(identity, taken)

    def enrol(self, device: int, role: str, site: str = "a") -> Enrolled:
        """Enrols a device with a made-up secret."""
        keys = DeviceKeys(secrets.token_bytes(32), role, device, 1, site)
        enrolled = Enrolled(device, 1, role, site, KeyState.ACTIVE, retired=False, keys=keys)
        self.ring.known[device, 1] = enrolled

        def write(register: SqlRegister) -> None:
            post = register.insert_post(site, f"Desk {device}", "desk") if role == ROLE_BUTTON else None
            register.insert_device(device, role, site, post, T0_MS)
            register.insert_key(device, 1, b"sealed elsewhere", T0_MS)

        self.store.run(write)
        return enrolled

    def button(self, device: int, site: str = "a") -> Enrolled:
        return self.enrol(device, ROLE_BUTTON, site)

    def gateway(self, device: int, site: str = "a") -> Enrolled:
        return self.enrol(device, ROLE_GATEWAY, site)

    def found(self, device: int) -> Enrolled:
        """An enrolled device."""
        enrolled = self.ring.find(device, 1)
        assert enrolled is not None
        return enrolled

    def version(self, incident: int) -> int:
        """What an operator has seen of the incident who looks now."""
        rows = self.rows("SELECT version FROM incident WHERE id = ?", incident)
        return int(rows[0][0]) if rows else 0

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.store.connection.execute(query, values).fetchall()

    def run(self, coroutine: Any) -> Any:
        """Runs one call of the application to its end."""
        return _loop().run_until_complete(coroutine)
