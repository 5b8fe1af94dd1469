"""Custody as rows: the SQL of the gateway's store, on an open connection inside somebody's transaction."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from importlib import resources
from typing import cast

from kentongan_gateway.core.custody import HELD, KEEP_MS, RECEIVED, REFUSED, Copy, HeldRow
from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.report import COUNTERS_AHEAD
from kentongan_gateway.errors import GatewayError
from kentongan_wire.press import PressIdentity

BOOT_ID_MAX = 0xFFFFFFFF  # 4 bytes in a report
_EPOCH_2025_S = 1_735_689_600  # where counters of a new store start, so that they pass those of a lost one
_COUNTERS, _INCARNATION = "counters_below", "incarnation"

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
    offered_again = iif(state = 'held', offered_again, 0),
    state = 'held', ended_wall_ms = NULL, incarnation = NULL, reason = NULL
"""
_END = """
UPDATE press SET state = :state, ended_wall_ms = :wall_ms, incarnation = :incarnation, reason = :reason
WHERE device = :device AND sequence = :sequence AND nonce = :nonce AND state = 'held'
"""
_RESTORED = """
UPDATE press SET state = 'held', ended_wall_ms = NULL, incarnation = NULL, offered_again = 1
WHERE state = 'received' AND incarnation IS NOT :incarnation
RETURNING *
"""
_FORGET = "DELETE FROM press WHERE state <> 'held' AND ended_wall_ms < :before_ms"
_HELD_ROWS = "SELECT * FROM press WHERE state = 'held' ORDER BY arrival"
_SET_NUMBER = "INSERT INTO gateway_number VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run starts from.

    Attributes:
        boot_id: of this run, 1…2**32-1, drawn at random: a new store knows nothing of the runs of a lost one, and
            the centre takes a second run under an old number for the first one, delayed.
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
        """What a run starts from when the disk fails."""
        counters_from = _counter_by_clock(system_wall_ms)
        return cls(_boot_id(), counters_from, counters_from, None, [])


class DamagedError(sqlite3.DatabaseError):
    """The file is a database, but its content is not whole."""


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, so that trying again is of no use."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits only say more
    return isinstance(error, DamagedError) or code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def prepare(connection: sqlite3.Connection) -> None:
    """Checks a connection's file and brings it to the newest schema.

    Raises:
        GatewayError: the store was written by a newer version.
        sqlite3.Error: the disk fails or the file is damaged.
    """
    connection.row_factory = sqlite3.Row
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise DamagedError(found)
    migrate(connection)


def migrations() -> list[tuple[str, str]]:
    """The (file name, SQL) of every schema change, in order. A released one is never edited."""
    folder = resources.files(__package__).joinpath("migrations")
    return sorted(
        (file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".sql")
    )


def migrate(connection: sqlite3.Connection) -> None:
    """Brings a store to the newest schema, each numbered file in a transaction of its own.

    Raises:
        GatewayError: the store was written by a newer version.
        sqlite3.Error: the disk fails.
    """
    scripts = migrations()
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(scripts):
        raise GatewayError(
            f"the custody store has schema {version}; this program knows up to {len(scripts)}.",
            "Run the newer version again, or move the store away once its presses are delivered.",
        )
    for number, (_, script) in enumerate(scripts[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def begin(connection: sqlite3.Connection, system_wall_ms: int) -> Beginning:
    """Starts a run: reserved counters, and what is held."""
    numbers = {row["name"]: int(row["value"]) for row in connection.execute("SELECT * FROM gateway_number")}
    counters_from = max(numbers.get(_COUNTERS, 1), _counter_by_clock(system_wall_ms))
    counters_below = counters_from + COUNTERS_AHEAD
    _set_number(connection, _COUNTERS, counters_below)
    held = [_row(row) for row in connection.execute(_HELD_ROWS)]
    return Beginning(_boot_id(), counters_from, counters_below, numbers.get(_INCARNATION), held)


def hold(connection: sqlite3.Connection, identity: PressIdentity, copy: Copy) -> None:
    """Puts one attempt into custody; a later attempt replaces the bytes, the first copy stays."""
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


def end_received(connection: sqlite3.Connection, identity: PressIdentity, incarnation: int, wall_ms: int) -> None:
    """Ends custody: the centre (this incarnation of it) has the press."""
    _end(connection, identity, RECEIVED, wall_ms, incarnation=incarnation)


def end_refused(connection: sqlite3.Connection, identity: PressIdentity, reason: int, wall_ms: int) -> None:
    """Ends custody: the centre will never take the press."""
    _end(connection, identity, REFUSED, wall_ms, reason=reason)


def restored(connection: sqlite3.Connection, incarnation: int) -> list[HeldRow]:
    """Takes back into custody, and returns oldest first, what another incarnation of the centre had received."""
    _set_number(connection, _INCARNATION, incarnation)
    rows = connection.execute(_RESTORED, {"incarnation": incarnation}).fetchall()
    return [_row(row) for row in sorted(rows, key=lambda row: cast("int", row["arrival"]))]


def reserve(connection: sqlite3.Connection, counters_below: int, wall_ms: int | None) -> None:
    """Reserves report counters and, when the time is known, forgets presses that ended `KEEP_MS` ago."""
    _set_number(connection, _COUNTERS, counters_below)
    if wall_ms is not None:
        connection.execute(_FORGET, {"before_ms": wall_ms - KEEP_MS})


def _end(
    connection: sqlite3.Connection,
    identity: PressIdentity,
    state: str,
    wall_ms: int,
    *,
    incarnation: int | None = None,
    reason: int | None = None,
) -> None:
    ending = {"state": state, "wall_ms": wall_ms, "incarnation": incarnation, "reason": reason}
    connection.execute(_END, _identity_values(identity) | ending)


def _boot_id() -> int:
    return secrets.randbelow(BOOT_ID_MAX) + 1


def _counter_by_clock(system_wall_ms: int) -> int:
    """Seconds since 2025.

    Reports come less often than one a second, so this passes counters that were used while nothing
    could be reserved, and those of a store that was lost.
    """
    return max(1, system_wall_ms // 1000 - _EPOCH_2025_S)


def _set_number(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute(_SET_NUMBER, (name, value))


def _identity_values(identity: PressIdentity) -> dict[str, object]:
    return {"device": identity.device, "sequence": identity.sequence, "nonce": identity.nonce}


def _row(row: sqlite3.Row) -> HeldRow:
    identity = PressIdentity(row["device"], row["sequence"], row["nonce"])
    first = Copy(row["first_frame"], Moment(row["first_boot"], row["first_uptime_ms"], row["first_wall_ms"]))
    latest = Copy(row["frame"], Moment(row["boot"], row["uptime_ms"], row["wall_ms"]))
    return HeldRow(identity, first, latest, bool(row["offered_again"]))
