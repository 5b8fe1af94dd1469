"""Years of closed cases, written into a real store at once: each with its press and its chained lines of history."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import psycopg

from kentongan_server.adapters.database import Database
from kentongan_server.adapters.history import feed_values, placed
from kentongan_server.adapters.schema import alarm, feed, incident
from kentongan_server.domain.category import PRIORITIES, Category
from kentongan_server.domain.feed import GENESIS, Entry, Kind, canonical
from kentongan_server.domain.outcome import CAUSES, Outcome
from kentongan_wire import press, topics
from kentongan_wire.receipts import LEVEL_NAMES

YEARS = 3  # over which the cases lie
YEAR_MS = 365 * 86_400_000
LAST_BEFORE_MS = 86_400_000  # the newest case is a day old: what is of today comes by the real road
PIECE = 20_000  # cases written in one transaction
OPERATORS = tuple(f"operator-{number}" for number in range(1, 9))
CLOSED = LEVEL_NAMES.index("closed")
BOOT = 1  # of all past presses
# Of a hundred cases; the rest was nobody found. Most alarms of real cities are false or tests.
REAL, FALSE, TEST = 12, 55, 25
# How often each cause stands beside another; what is not named here, once.
USUAL = {
    "pressed-by-mistake": 30, "misunderstood": 9, "device-fault": 8, "prank": 6, "unknown": 5, "path-fault": 2,
    "announced": 9, "gone-on-arrival": 4, "nobody-there": 3, "robbery": 6, "theft": 5, "threat": 5, "violence": 2,
}  # fmt: skip
UNITS = ("Patroli 3", "Patroli 7", "Patroli 12")
DAY_MS = 86_400_000
OPENS_MS, OPEN_MS = 3_600_000, 46_800_000  # when the day at the desks begins (UTC: 8 in Jakarta), how long it is

INCIDENT = (
    *("id", "source", "device", "site", "category", "priority", "state", "version", "opened_at_ms", "last_alarm_at_ms"),
    *("owner", "acknowledged_at_ms", "dispatched_at_ms", "dispatched_to", "arrived_at_ms"),
    *("closed_by", "closed_at_ms", "outcome", "cause", "note"),
)
ALARM = (
    *("id", "incident", "device", "sequence", "nonce", "key_id", "kind", "contacts", "boot_id", "uptime_ms"),
    *("wall_ms", "clock", "pressed_at_ms", "dated", "received_at_ms", "level", "revision", "repeats"),
    *("acknowledged_by", "acknowledged_at_ms", "gateway", "path", "held_ms", "attempt", "flags", "rung_version"),
)
FEED = (
    *("position", "at_ms", "kind", "what", "subject", "facts", "personal", "salt", "commitment", "prev_hash", "hash"),
)
COLUMNS: Mapping[str, Sequence[str]] = {incident.name: INCIDENT, alarm.name: ALARM, feed.name: FEED}


@dataclass(frozen=True)
class Fitted:
    """A button that was pressed in the past."""

    device: int
    site: str


@dataclass(frozen=True)
class Ends:
    """Where the store ends: what is written continues it."""

    incident: int = 0
    alarm: int = 0
    position: int = 0
    hash: bytes = GENESIS


def at_work(at_ms: int) -> int:
    """The same day, while people are at their desks; what came later comes later there, too."""
    day = at_ms // DAY_MS * DAY_MS
    return day + OPENS_MS + (at_ms - day) * OPEN_MS // DAY_MS


class Past:
    """Rows of `count` cases up to `now_ms`; the same seed makes the same cases.

    Args:
        buttons: that were pressed, each as often as the others.
        count: of cases, one press each.
        now_ms: Unix ms.
        ends: where the store ends.
        seed: of everything but the salts of the history.
    """

    def __init__(self, buttons: Sequence[Fitted], count: int, now_ms: int, ends: Ends, seed: int = 1) -> None:
        self._buttons = buttons
        self._count = count
        self._ends = ends
        self._last_ms = now_ms - LAST_BEFORE_MS
        self._random = random.Random(seed)
        self._position, self._hash = ends.position, ends.hash

    def pieces(self, size: int = PIECE) -> Iterator[dict[str, list[tuple[object, ...]]]]:
        """Rows by table, `size` cases at a time, in the order in which the tables refer to each other."""
        numbers = iter(range(self._count))
        while some := list(itertools.islice(numbers, size)):
            cases = [self._case(number) for number in some]
            yield {
                incident.name: [case for case, _, _ in cases],
                alarm.name: [pressed for _, pressed, _ in cases],
                feed.name: [line for _, _, lines in cases for line in lines],
            }

    def _case(self, number: int) -> tuple[tuple[object, ...], tuple[object, ...], list[tuple[object, ...]]]:
        draw, button = self._random, self._buttons[number % len(self._buttons)]
        first = self._last_ms - YEARS * YEAR_MS
        opened = max(first, min(at_work(first + (YEARS * YEAR_MS * number) // self._count), self._last_ms))
        answered = opened + draw.randrange(2_000, 30_000)
        closed = answered + draw.randrange(660_000, 3_600_000)
        outcome = self._outcome()
        (cause,) = draw.choices(CAUSES[outcome], [USUAL.get(one, 1) for one in CAUSES[outcome]])
        sent: tuple[object, ...] = (None, None, None)
        if outcome in {Outcome.REAL, Outcome.NO_ONE_FOUND}:
            gone = answered + draw.randrange(10_000, 60_000)
            sent = (gone, draw.choice(UNITS), gone + draw.randrange(120_000, 540_000))
        who = draw.choice(OPERATORS)
        incident_id, alarm_id = self._ends.incident + number + 1, self._ends.alarm + number + 1
        case = (
            *(incident_id, "button", button.device, button.site, "hold-up", PRIORITIES[Category.HOLD_UP]),
            *("closed", 3, opened, opened, who, answered, *sent, who, closed, str(outcome), cause, ""),
        )
        sequence, nonce = number // len(self._buttons) + 1, draw.randbytes(8)
        pressed = (
            *(alarm_id, incident_id, button.device, sequence, nonce, 1, press.KIND_HOLD_UP, press.CONTACT_A),
            *(BOOT, sequence * 1_000, opened, press.CLOCK_SET, opened, "exact", opened + 40),
            *(CLOSED, 2, 0, who, answered, None, press.PATH_MQTT, 5, 1, 0, 1),
        )
        facts = {"alarm": alarm_id, "device": topics.device_name(button.device), "sequence": sequence}
        told = canonical({"who": who})
        lines = [
            self._line(opened, "opened", incident_id, {**facts, "nonce": nonce.hex(), "flags": []}, None),
            self._line(answered, "acknowledged", incident_id, {"alarms": [alarm_id], "still_ringing": 0}, told),
            self._line(closed, "closed", incident_id, {"outcome": str(outcome), "cause": cause}, told),
        ]
        return case, pressed, lines

    def _outcome(self) -> Outcome:
        drawn = self._random.randrange(100)
        if drawn < REAL:
            return Outcome.REAL
        if drawn < REAL + FALSE:
            return Outcome.FALSE
        return Outcome.TEST if drawn < REAL + FALSE + TEST else Outcome.NO_ONE_FOUND

    def _line(
        self, at_ms: int, what: str, subject: int, facts: dict[str, object], personal: str | None
    ) -> tuple[object, ...]:
        entry = Entry(at_ms, Kind.INCIDENT, what, str(subject), canonical(facts), personal)
        row = placed(self._hash, self._position + 1, entry)
        self._position, self._hash = row.position, row.hash
        return feed_values(row)


ENDS = (
    "SELECT (SELECT coalesce(max(id), 0) FROM incident), (SELECT coalesce(max(id), 0) FROM alarm), "
    "(SELECT coalesce(max(position), 0) FROM feed)"
)
HEAD = "SELECT hash FROM feed ORDER BY position DESC LIMIT 1"


def write(database: Database, buttons: Sequence[Fitted], count: int, now_ms: int) -> None:
    """Into the store of a centre that is stopped."""
    if database.url is not None:
        _write_postgres(database.url, buttons, count, now_ms)
        return
    with closing(sqlite3.connect(database.file)) as connection:
        # A power cut while it is made costs a run of the bench, nothing else.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")  # 400 MB: the index of identities is met in random order
        head = connection.execute(HEAD).fetchone()
        incident_id, alarm_id, position = connection.execute(ENDS).fetchone()
        ends = Ends(incident_id, alarm_id, position, head[0] if head else GENESIS)
        for piece in Past(buttons, count, now_ms, ends).pieces():
            with connection:
                for table, rows in piece.items():
                    marks = ", ".join("?" * len(COLUMNS[table]))
                    connection.executemany(f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({marks})", rows)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _write_postgres(url: str, buttons: Sequence[Fitted], count: int, now_ms: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        found, head = connection.execute(ENDS).fetchone(), connection.execute(HEAD).fetchone()
        assert found is not None
        ends = Ends(found[0], found[1], found[2], bytes(head[0]) if head else GENESIS)
        for piece in Past(buttons, count, now_ms, ends).pieces():
            with connection.transaction(), connection.cursor() as cursor:
                for table, rows in piece.items():
                    with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
        for table in (incident.name, alarm.name):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        connection.execute(
            "ANALYZE"
        )  # as autovacuum does in time; SQLite's planner is left without, as the centre leaves it
