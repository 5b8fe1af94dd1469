"""Custody on disk: SQLite with numbered migrations; a write is done only when it is committed."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from kentongan_gateway.core.custody import HELD, KEEP_MS, RECEIVED, REFUSED, Copy
from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.report import COUNTERS_AHEAD
from kentongan_gateway.errors import GatewayError
from kentongan_host.group_commit import GroupCommit, StoreError, open_sqlite
from kentongan_host.log import logger
from kentongan_wire.press import PressIdentity

__all__ = ["Beginning", "Store", "StoreError"]

_log = logger("kentongan.store")

FILE_NAME = "custody.db"
_EPOCH_2025_S = 1_735_689_600  # where counters of a new store start, so that they pass those of a lost one
_RUN, _COUNTERS, _INCARNATION = "run", "counters_below", "incarnation"

_HOLD = """
INSERT INTO press (device, sequence, nonce, state,
                   first_frame, first_boot, first_uptime_ms, first_wall_ms,
                   frame, boot, uptime_ms, wall_ms, arrival)
VALUES (:device, :sequence, :nonce, 'held',
        :frame, :boot, :uptime_ms, :wall_ms,
        :frame, :boot, :uptime_ms, :wall_ms, :arrival)
ON CONFLICT (device, sequence, nonce) DO UPDATE SET
    first_frame = iif(state = 'held', first_frame, excluded.first_frame),
    first_boot = iif(state = 'held', first_boot, excluded.first_boot),
    first_uptime_ms = iif(state = 'held', first_uptime_ms, excluded.first_uptime_ms),
    first_wall_ms = iif(state = 'held', first_wall_ms, excluded.first_wall_ms),
    frame = excluded.frame, boot = excluded.boot, uptime_ms = excluded.uptime_ms, wall_ms = excluded.wall_ms,
    arrival = iif(state = 'held', arrival, excluded.arrival),
    state = 'held', ended_wall_ms = NULL, incarnation = NULL, reason = NULL
"""
_END = """
UPDATE press SET state = :state, ended_wall_ms = :wall_ms, incarnation = :incarnation, reason = :reason
WHERE device = :device AND sequence = :sequence AND nonce = :nonce AND state = 'held'
"""
_RESTORED = """
UPDATE press SET state = 'held', ended_wall_ms = NULL, incarnation = NULL
WHERE state = 'received' AND incarnation IS NOT :incarnation
RETURNING *
"""
_FORGET = "DELETE FROM press WHERE state <> 'held' AND ended_wall_ms < :before_ms"
_HELD_ROWS = "SELECT * FROM press WHERE state = 'held' ORDER BY arrival"
_SET_NUMBER = "INSERT INTO gateway_number VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"

HeldRow = tuple[PressIdentity, Copy, Copy]
_Write = Callable[[sqlite3.Connection], object]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run starts from.

    Attributes:
        boot_id: number of this run, 1…2**32-1, never used before with this store.
        counters_from: first report counter of this run; those below `counters_below` are reserved.
        incarnation: of the centre, as last confirmed; None before.
        held: what is in custody, oldest first.
    """

    boot_id: int
    counters_from: int
    counters_below: int
    incarnation: int | None
    held: list[HeldRow]

    @classmethod
    def without_store(cls, system_wall_ms: int) -> Beginning:
        """What a run starts from when the disk fails: counters that a working store would be behind of."""
        counters_from = _fresh_counter(system_wall_ms)
        return cls(secrets.randbelow(0xFFFFFFFF) + 1, counters_from, counters_from, None, [])


class Store:
    """Presses in custody and the gateway's numbers; an async context manager.

    Every method returns when its write is committed, or raises `StoreError`.

    Args:
        path: of the database file.
        prepare: called with each new connection; tests make disks small with it.
    """

    def __init__(self, path: Path, prepare: Callable[[sqlite3.Connection], None] = lambda _connection: None) -> None:
        self._path = path
        self._prepare = prepare
        self._writer: GroupCommit[_Write, object] = GroupCommit(
            self._open, lambda connection, write: write(connection), name="custody writer"
        )

    async def __aenter__(self) -> Self:
        await self._writer.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._writer.__aexit__(kind, error, trace)

    async def begin(self, system_wall_ms: int) -> Beginning:
        """Starts a run: a new run number, reserved counters, and what is held."""
        return cast("Beginning", await self._writer.submit(lambda connection: _begin(connection, system_wall_ms)))

    def hold(self, identity: PressIdentity, copy: Copy) -> asyncio.Future[object]:
        """Puts one attempt of a press into custody; later attempts replace the bytes, the first copy stays."""
        return self._writer.submit(lambda connection: _hold(connection, identity, copy))

    async def received(self, identity: PressIdentity, incarnation: int, wall_ms: int) -> None:
        """The centre has it; kept for `KEEP_MS`, should the centre be restored to before that."""
        await self._end(identity, RECEIVED, wall_ms, incarnation, None)

    async def refused(self, identity: PressIdentity, reason: int, wall_ms: int) -> None:
        """The centre will never take it."""
        await self._end(identity, REFUSED, wall_ms, None, reason)

    async def restored(self, incarnation: int) -> list[HeldRow]:
        """The centre's incarnation is this one: presses that another one received are held again.

        Returns:
            Those presses, oldest first.
        """

        def write(connection: sqlite3.Connection) -> list[HeldRow]:
            _set_number(connection, _INCARNATION, incarnation)
            rows = connection.execute(_RESTORED, {"incarnation": incarnation}).fetchall()
            return [_row(row) for row in sorted(rows, key=lambda row: cast("int", row["arrival"]))]

        return cast("list[HeldRow]", await self._writer.submit(write))

    async def reserve(self, counters_below: int, wall_ms: int | None) -> None:
        """Reserves report counters and forgets presses that ended `KEEP_MS` ago, when the time is known."""

        def write(connection: sqlite3.Connection) -> None:
            _set_number(connection, _COUNTERS, counters_below)
            if wall_ms is not None:
                connection.execute(_FORGET, {"before_ms": wall_ms - KEEP_MS})

        await self._writer.submit(write, urgent=False)

    async def _end(
        self, identity: PressIdentity, state: str, wall_ms: int, incarnation: int | None, reason: int | None
    ) -> None:
        values = _identity_values(identity) | {
            "state": state,
            "wall_ms": wall_ms,
            "incarnation": incarnation,
            "reason": reason,
        }
        await self._writer.submit(lambda connection: connection.execute(_END, values).rowcount)

    def _open(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = None
        try:
            connection = open_sqlite(self._path)
            connection.row_factory = sqlite3.Row
            self._prepare(connection)
            found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            migrate(connection)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                self._set_aside()
            raise
        if found != "ok":
            connection.close()
            self._set_aside()
            raise sqlite3.DatabaseError(f"{self._path} is damaged and was set aside: {found}")
        return connection

    def _set_aside(self) -> None:
        """Renames a broken file, so that the next try starts a new one: the buttons still have their presses."""
        for suffix in ("", "-wal", "-shm"):
            path = self._path.with_name(self._path.name + suffix)
            if path.exists():
                path.rename(path.with_name(path.name + ".broken"))
        _log.error("custody store is damaged and was set aside", store=str(self._path))


def migrate(connection: sqlite3.Connection) -> None:
    """Brings a store to the newest schema, each numbered file in a transaction of its own.

    Raises:
        GatewayError: the store was written by a newer version.
        sqlite3.Error: the disk fails.
    """
    files = sorted(
        (file for file in resources.files(__package__).joinpath("migrations").iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(files):
        raise GatewayError(
            f"the custody store has schema {version}; this program knows up to {len(files)}.",
            "Run the newer version again, or move the store away once its presses are delivered.",
        )
    for number, file in enumerate(files[version:], start=version + 1):
        script = file.read_text(encoding="utf-8")
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def _begin(connection: sqlite3.Connection, system_wall_ms: int) -> Beginning:
    numbers = {row["name"]: int(row["value"]) for row in connection.execute("SELECT * FROM gateway_number")}
    run = numbers.get(_RUN, 0) + 1
    counters_from = numbers[_COUNTERS] if _COUNTERS in numbers else _fresh_counter(system_wall_ms)
    counters_below = counters_from + COUNTERS_AHEAD
    _set_number(connection, _RUN, run)
    _set_number(connection, _COUNTERS, counters_below)
    held = [_row(row) for row in connection.execute(_HELD_ROWS)]
    return Beginning(run, counters_from, counters_below, numbers.get(_INCARNATION), held)


def _fresh_counter(system_wall_ms: int) -> int:
    """Seconds since 2025: reports come less often than one a second, so this is ahead of a lost store's."""
    return max(1, system_wall_ms // 1000 - _EPOCH_2025_S)


def _hold(connection: sqlite3.Connection, identity: PressIdentity, copy: Copy) -> None:
    arrival = connection.execute("SELECT coalesce(max(arrival), 0) + 1 FROM press WHERE state = ?", (HELD,)).fetchone()
    connection.execute(
        _HOLD,
        _identity_values(identity)
        | {
            "frame": copy.raw,
            "boot": copy.arrived.boot,
            "uptime_ms": copy.arrived.uptime_ms,
            "wall_ms": copy.arrived.wall_ms,
            "arrival": arrival[0],
        },
    )


def _set_number(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute(_SET_NUMBER, (name, value))


def _identity_values(identity: PressIdentity) -> dict[str, object]:
    return {"device": identity.device, "sequence": identity.sequence, "nonce": identity.nonce}


def _row(row: sqlite3.Row) -> HeldRow:
    identity = PressIdentity(row["device"], row["sequence"], row["nonce"])
    first = Copy(row["first_frame"], Moment(row["first_boot"], row["first_uptime_ms"], row["first_wall_ms"]))
    latest = Copy(row["frame"], Moment(row["boot"], row["uptime_ms"], row["wall_ms"]))
    return identity, first, latest
