from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kentongan_host.group_commit import (
    PATIENT_LEAST,
    SQLITE,
    TURN_S,
    Dialect,
    GroupCommit,
    StoreBusyError,
    StoreError,
    open_sqlite,
)

Committed = GroupCommit[str, int]


def create(path: Path, pages: int | None = None) -> sqlite3.Connection:
    connection = open_sqlite(path)
    if pages is not None:
        connection.execute(f"PRAGMA max_page_count = {pages}")
    connection.execute("CREATE TABLE IF NOT EXISTS line (text TEXT NOT NULL CHECK (text <> 'poison'))")
    return connection


def insert(connection: sqlite3.Connection, text: str) -> int:
    if text == "bug":
        raise KeyError(text)
    row = connection.execute("INSERT INTO line VALUES (?) RETURNING rowid", (text,)).fetchone()
    return int(row[0])


def lines(path: Path) -> list[str]:
    """What another process would see after a crash now."""
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT text FROM line ORDER BY rowid")]
    finally:
        connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


class Gate:
    """Holds the writer inside one item, so that a batch collects behind it."""

    def __init__(self, name: str = "gate") -> None:
        self.name = name
        self.entered = threading.Event()
        self.open = threading.Event()

    def insert(
        self,
        connection: sqlite3.Connection,
        text: str,
        then: Callable[[sqlite3.Connection, str], int] = insert,
    ) -> int:
        if text == self.name:
            self.entered.set()
            assert self.open.wait(10)
        return then(connection, text)


async def test_a_result_comes_after_the_commit(path: Path):
    async with Committed(lambda: create(path), insert) as store:
        assert await store.submit("a") == 1
        assert lines(path) == ["a"]


async def test_commits_are_durable(path: Path):
    connection = create(path)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def test_what_waits_shares_one_transaction(path: Path):
    gate, commits = Gate(), []
    async with Committed(lambda: create(path), gate.insert, before_commit=lambda _c: commits.append(1)) as store:
        first = store.submit("gate")
        await asyncio.to_thread(gate.entered.wait, 10)
        rest = [store.submit(str(number)) for number in range(50)]
        gate.open.set()
        await asyncio.gather(first, *rest)
    assert len(commits) == 2
    assert len(lines(path)) == 51


async def test_alarms_go_before_supervision(path: Path):
    gate = Gate()
    async with Committed(lambda: create(path), gate.insert) as store:
        waiting = [store.submit("gate")]
        await asyncio.to_thread(gate.entered.wait, 10)
        waiting += [store.submit("beat", urgent=False), store.submit("alarm")]
        gate.open.set()
        await asyncio.gather(*waiting)
    assert lines(path) == ["gate", "alarm", "beat"]


class Colliding(type(SQLITE)):  # type: ignore[misc]
    """SQLite whose first COMMITs of two items or more fail as those of a busy server do, after which it is asked."""

    def __init__(self, collisions: int, *, repeats: bool = True) -> None:
        self.collisions = collisions
        self.repeats = repeats

    def commit(self, connection: sqlite3.Connection) -> None:
        (items,) = connection.execute("SELECT count(*) FROM line").fetchone()
        if self.collisions and items > 1 + PATIENT_LEAST:
            self.collisions -= 1
            raise sqlite3.OperationalError("could not serialize access")
        super().commit(connection)

    def may_repeat(self, error: Exception, tries: int) -> bool:
        return self.repeats


async def behind_a_beat(path: Path, beats_before: int, dialect: Dialect = SQLITE) -> list[str]:
    """What stands in the store when an alarm comes while so many beats of a batch are done."""
    gate, beat = Gate(), Gate("beat")

    def write(connection: sqlite3.Connection, text: str) -> int:
        return beat.insert(connection, text, gate.insert)

    async with Committed(lambda: create(path), write, dialect=dialect) as store:
        waiting = [store.submit("gate")]
        await asyncio.to_thread(gate.entered.wait, 10)
        names = [f"beat {number}" for number in range(PATIENT_LEAST + 10)]
        names[beats_before] = "beat"
        waiting += [store.submit(name, urgent=False) for name in names]
        gate.open.set()
        await asyncio.to_thread(beat.entered.wait, 10)
        waiting.append(store.submit("alarm"))
        beat.open.set()
        rows = await asyncio.gather(*waiting)
        assert sorted(rows) == [*range(1, len(waiting) + 1)], "whoever waits is told what was committed of theirs"
    found = lines(path)
    assert [line for line in found if line != "alarm"] == ["gate", *names], "nothing is lost, and its order is kept"
    return found


async def test_an_alarm_does_not_wait_for_the_rest_of_a_batch_of_supervision(path: Path):
    found = await behind_a_beat(path, PATIENT_LEAST + 3)
    assert found.index("alarm") == found.index("beat") + 1


@pytest.mark.parametrize("collisions", [1, 3])
@pytest.mark.parametrize("repeats", [True, False])
async def test_a_batch_that_was_cut_short_and_is_done_again_loses_and_doubles_nothing(
    path: Path, collisions: int, repeats: bool
):
    """`repeats`: whether the whole transaction is done again, or its items one by one."""
    dialect = Colliding(collisions if repeats else 1, repeats=repeats)
    found = await behind_a_beat(path, PATIENT_LEAST + 3, dialect)
    assert dialect.collisions == 0, "a batch that was cut short has collided"
    assert found.count("alarm") == 1


async def test_a_flood_of_alarms_starves_no_supervision(path: Path):
    found = await behind_a_beat(path, 0)
    assert found.index("alarm") == 1 + PATIENT_LEAST


async def test_the_writer_gets_its_turn_beside_a_busy_loop(path: Path):
    async with Committed(lambda: create(path), insert):
        assert sys.getswitchinterval() == pytest.approx(TURN_S)


@pytest.mark.parametrize(("poison", "error"), [("poison", sqlite3.IntegrityError), ("bug", KeyError)])
async def test_a_poisoned_item_fails_alone(path: Path, poison: str, error: type[Exception]):
    gate = Gate()
    async with Committed(lambda: create(path), gate.insert) as store:
        waiting = [store.submit("gate")]
        await asyncio.to_thread(gate.entered.wait, 10)
        waiting += [store.submit("before"), store.submit(poison), store.submit("after")]
        gate.open.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[2], error)
    assert lines(path) == ["gate", "before", "after"]


async def test_a_full_disk_fails_what_waits_and_the_writer_lives_on(path: Path):
    async with Committed(lambda: create(path, pages=8), insert) as store:
        assert await store.submit("small") == 1
        with pytest.raises(StoreError, match="could not commit: database or disk is full"):
            await store.submit("x" * 100_000)
        assert await store.submit("small again") == 2
    assert lines(path) == ["small", "small again"]


async def test_neighbours_of_what_finds_no_room_are_committed(path: Path):
    gate = Gate()
    async with Committed(lambda: create(path, pages=8), gate.insert) as store:
        waiting = [store.submit("gate")]
        await asyncio.to_thread(gate.entered.wait, 10)
        waiting += [store.submit("a"), store.submit("b"), store.submit("x" * 100_000)]
        gate.open.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[3], StoreError)
    assert lines(path) == ["gate", "a", "b"]


async def test_a_store_that_cannot_be_opened_is_tried_again(path: Path):
    tries = 0

    def open_later() -> sqlite3.Connection:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError(5, "Input/output error")
        return create(path)

    async with Committed(open_later, insert) as store:
        with pytest.raises(StoreError, match="Input/output error"):
            await store.submit("a")
        assert await store.submit("b") == 1


async def test_a_failing_end_of_transaction_undoes_it(path: Path):
    def fail(_connection: sqlite3.Connection) -> None:
        raise KeyError("chain")

    async with Committed(lambda: create(path), insert, before_commit=fail) as store:
        with pytest.raises(KeyError, match="chain"):
            await store.submit("a")
    assert lines(path) == []


async def test_a_full_queue_refuses(path: Path):
    gate = Gate()
    async with Committed(lambda: create(path), gate.insert, queue_max=1) as store:
        first = store.submit("gate")
        await asyncio.to_thread(gate.entered.wait, 10)
        second = store.submit("a")
        with pytest.raises(StoreBusyError):
            store.submit("b")
        third = store.submit("c", urgent=False)
        gate.open.set()
        await asyncio.gather(first, second, third)


async def test_leaving_commits_what_waits(path: Path):
    gate = Gate()
    async with Committed(lambda: create(path), gate.insert) as store:
        store.submit("gate")
        store.submit("a")
        gate.open.set()
    assert lines(path) == ["gate", "a"]
    with pytest.raises(StoreError, match="closing"):
        store.submit("late")


async def test_cancelling_the_wait_does_not_take_the_item_back(path: Path):
    async with Committed(lambda: create(path), insert) as store:
        store.submit("a").cancel()
        await store.submit("b")
    assert lines(path) == ["a", "b"]
