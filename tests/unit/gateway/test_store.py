"""The store's own promises: counters, order, forgetting, migrations, and what it does with a broken file."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from pathlib import Path

import pytest

from kentongan_gateway.adapters import custody_table
from kentongan_gateway.adapters.custody_table import BOOT_ID_MAX
from kentongan_gateway.adapters.store import FILE_NAME, Store, StoreError
from kentongan_gateway.core.custody import KEEP_MS, Copy
from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.report import COUNTERS_AHEAD
from kentongan_gateway.errors import GatewayError
from kentongan_wire.press import PressIdentity

SYNCHRONOUS_FULL = 2  # as PRAGMA synchronous tells it
YEAR_2026_MS = 1_790_000_000_000


def press(number: int) -> PressIdentity:
    return PressIdentity(1, number, bytes(8))


def copy(raw: bytes, wall_ms: int | None = None) -> Copy:
    return Copy(raw, Moment("boot", 5, wall_ms))


async def test_what_was_held_comes_back_whole_and_in_order(tmp_path: Path):
    async with Store(tmp_path / FILE_NAME) as store:
        await store.begin(0)
        await store.hold(press(2), copy(b"a", 77))
        await store.hold(press(1), copy(b"b"))
        await store.hold(press(2), copy(b"c"))
    async with Store(tmp_path / FILE_NAME) as store:
        assert (await store.begin(0)).held == [
            (press(2), copy(b"a", 77), copy(b"c"), False),
            (press(1), copy(b"b"), copy(b"b"), False),
        ]


async def test_boots_and_counters_are_never_used_twice(tmp_path: Path):
    beginnings = []
    for wall_ms in (YEAR_2026_MS, 0, 0):  # the clock may be lost
        async with Store(tmp_path / FILE_NAME) as store:
            beginnings.append(await store.begin(wall_ms))
    assert len({beginning.boot_id for beginning in beginnings}) == 3
    for earlier, later in itertools.pairwise(beginnings):
        assert earlier.counters_below == earlier.counters_from + COUNTERS_AHEAD
        assert later.counters_from >= earlier.counters_below


async def test_a_new_store_repeats_no_boot_of_a_lost_one(tmp_path: Path):
    boots = set()
    for name in ("lost", "new"):
        async with Store(tmp_path / name) as store:
            boots.add((await store.begin(YEAR_2026_MS)).boot_id)
    assert len(boots) == 2
    assert all(0 < boot <= BOOT_ID_MAX for boot in boots)


async def test_a_new_store_passes_the_counters_of_a_lost_one(tmp_path: Path):
    async with Store(tmp_path / "lost") as store:
        lost = await store.begin(YEAR_2026_MS)
    day_ms = 24 * 3600 * 1000
    async with Store(tmp_path / "new") as store:
        new = await store.begin(YEAR_2026_MS + day_ms)
    assert new.counters_from > lost.counters_below


async def test_reserved_counters_hold_for_the_next_run(tmp_path: Path):
    async with Store(tmp_path / FILE_NAME) as store:
        await store.begin(0)
        await store.reserve(123_456_789, None)
        assert (await store.begin(0)).counters_from == 123_456_789


async def test_ended_presses_are_forgotten_after_seven_days_and_held_ones_never(tmp_path: Path):
    async with Store(tmp_path / FILE_NAME) as store:
        for number in (1, 2, 3):
            await store.hold(press(number), copy(b"x", 0))
        await store.received(press(1), 1, YEAR_2026_MS)
        await store.refused(press(2), 4, YEAR_2026_MS)
        await store.reserve(1, None)  # nobody knows the time: nothing is forgotten
        await store.reserve(1, YEAR_2026_MS + KEEP_MS)
        assert count(tmp_path) == 3
        await store.reserve(1, YEAR_2026_MS + KEEP_MS + 1)
        assert count(tmp_path) == 1


async def test_only_another_incarnation_brings_received_presses_back(tmp_path: Path):
    async with Store(tmp_path / FILE_NAME) as store:
        for number in (1, 2, 3):
            await store.hold(press(number), copy(b"%d" % number))
        await store.received(press(1), 7, 0)
        await store.received(press(2), 8, 0)
        await store.refused(press(3), 4, 0)
        assert [(row.identity, row.offered_again) for row in await store.restored(8)] == [(press(1), True)]
        assert (await store.begin(0)).incarnation == 8
        assert await store.restored(8) == []


async def test_that_a_former_centre_had_confirmed_a_press_is_known_until_its_custody_ends(tmp_path: Path):
    async with Store(tmp_path / FILE_NAME) as store:
        await store.hold(press(1), copy(b"a"))
        await store.received(press(1), 7, 0)
        await store.restored(8)
        await store.hold(press(1), copy(b"later attempt"))
    async with Store(tmp_path / FILE_NAME) as store:
        assert [row.offered_again for row in (await store.begin(0)).held] == [True]
        await store.received(press(1), 8, 0)
        await store.hold(press(1), copy(b"the button has not heard of it"))
        assert [row.offered_again for row in (await store.begin(0)).held] == [False]


async def test_a_store_of_the_first_version_keeps_what_it_holds(tmp_path: Path):
    path = tmp_path / FILE_NAME
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(custody_table.migrations()[0][1])
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            "INSERT INTO press VALUES (1, 5, x'0000000000000000', 'held', x'61', 'b', 1, NULL, x'62', 'b', 2, NULL, "
            "NULL, NULL, NULL, 1)"
        )
    async with Store(path) as store:
        (row,) = (await store.begin(0)).held
    assert (row.identity, row.first.raw, row.latest.raw, row.offered_again) == (press(5), b"a", b"b", False)


async def test_a_commit_is_on_disk_before_it_is_told(tmp_path: Path):
    """WAL with `synchronous=FULL` syncs at every commit; with NORMAL a power cut would take the newest ones."""
    async with Store(tmp_path / FILE_NAME) as store:
        found = await store._writer.submit(
            lambda connection: (
                connection.execute("PRAGMA journal_mode").fetchone()[0],
                connection.execute("PRAGMA synchronous").fetchone()[0],
            )
        )
    assert found == ("wal", SYNCHRONOUS_FULL)


async def test_a_damaged_file_is_set_aside_and_the_next_try_works(tmp_path: Path):
    async with Store(tmp_path / FILE_NAME) as store:
        await store.begin(0)
        for number in range(200):
            await store.hold(press(number), copy(bytes(100)))
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[4096 : 2 * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    async with Store(path) as store:
        with pytest.raises(StoreError):
            await store.begin(0)
        assert (await store.begin(0)).held == []
    assert (tmp_path / f"{FILE_NAME}.broken").exists()


async def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / FILE_NAME
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    async with Store(path) as store:
        with pytest.raises(GatewayError, match="has schema 99; this program knows up to 2"):
            await store.begin(0)
    assert path.exists()


def test_migrations_are_numbered_without_gap_and_take_a_store_from_each_version(tmp_path: Path):
    names = custody_table.migrations()
    assert [name[:4] for name, _ in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
    for version in range(len(names) + 1):
        with contextlib.closing(sqlite3.connect(tmp_path / str(version), isolation_level=None)) as connection:
            for _, script in names[:version]:
                connection.executescript(script)
            connection.execute(f"PRAGMA user_version = {version}")
            custody_table.prepare(connection)
            assert connection.execute("PRAGMA user_version").fetchone()[0] == len(names)
            assert custody_table.begin(connection, 0).held == []


def count(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return int(connection.execute("SELECT count(*) FROM press").fetchone()[0])
