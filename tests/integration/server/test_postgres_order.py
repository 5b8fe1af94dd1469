"""The order of the history on PostgreSQL: dense and causal, from many writers, whoever is killed; no stream skips."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from kentongan_server.adapters import auditing, register, sequencer
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.postgres import PostgresConnection
from kentongan_server.adapters.sequencer import Sequencer, place_batch
from kentongan_server.adapters.views import SqlViews
from kentongan_server.domain.feed import Entry, Kind
from tests.support import postgres
from tests.support.postgres import rows

PATIENCE_S = 60.0


@pytest.fixture
def database() -> Iterator[Database]:
    with postgres.fresh_database() as made:
        yield made


def entry(subject: str, personal: str | None = None) -> Entry:
    return Entry(1, Kind.ACCESS, "login", subject, "{}", personal)


def place_all(database: Database) -> int:
    assert database.url is not None
    with psycopg.connect(database.url, autocommit=True) as connection:
        return sum(iter(lambda: place_batch(connection, 7), 0))


def whole(database: Database) -> list[tuple[Any, ...]]:
    """The history, proven: dense from 1, each row continuing the one before."""
    found = auditing.verify(database)
    assert found.findings == []
    history = rows(database, "SELECT position, subject, what FROM feed ORDER BY position")
    assert [position for position, *_ in history] == list(range(1, len(history) + 1))
    return history


def test_rows_that_commit_in_another_order_than_they_were_written_lose_no_place(database: Database) -> None:
    slow, fast = PostgresConnection(database), PostgresConnection(database)
    slow.begin(0)
    register.QueuedRegister(slow).append(entry("slow"))
    fast.begin(0)
    register.QueuedRegister(fast).append(entry("fast"))
    fast.commit()
    assert place_all(database) == 1
    slow.commit()
    assert place_all(database) == 1
    slow.close()
    fast.close()
    assert [subject for _, subject, _ in whole(database)] == ["fast", "slow"]


def test_a_batch_that_was_not_committed_has_placed_nothing(database: Database) -> None:
    with register.writing(database) as book:
        for number in range(5):
            book.append(entry(str(number), '{"who":"sari"}'))

    assert database.url is not None
    with psycopg.connect(database.url) as connection:  # whose transaction nobody commits
        connection.execute("SELECT 1")
        assert place_batch(connection) == 5
        connection.rollback()
    assert rows(database, "SELECT count(*) FROM feed") == [(0,)]
    assert place_all(database) == 5
    assert len(whole(database)) == 5


WRITER = """
import asyncio, sys
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.store import SqlStore
from kentongan_server.adapters.register import QueuedRegister
from kentongan_server.application.troubles import raise_trouble
from kentongan_server.domain.feed import Entry, Kind
from kentongan_server.domain.trouble import TroubleKind

NAME, URL, TIMES = sys.argv[1], sys.argv[2], int(sys.argv[3])
TROUBLE = {"a": TroubleKind.MAINS_LOST, "b": TroubleKind.STORE_SLOW, "c": TroubleKind.DISK_LOW}[NAME]

def work(number):
    def see_and_say(transaction):
        # What streams carry, and what they do not.
        raise_trouble(transaction, device=0, kind=TROUBLE, at_ms=1, detail={"code": "note", "number": number})
        # What this transaction saw of the others is written into its row.
        book = QueuedRegister(transaction._connection)
        seen = book.meta("seen") or ""
        book.append(Entry(1, Kind.ACCESS, "said", f"{NAME}.{number}", '{"seen":"%s"}' % seen, '{"who":"sari"}'))
        book.set_meta("seen", f"{NAME}.{number}")
    return see_and_say

async def main():
    async with SqlStore(Database.of(URL)) as store:
        for start in range(0, TIMES, 5):
            await asyncio.gather(*(store.submit(work(number)) for number in range(start, start + 5)))

asyncio.run(main())
"""

SEQUENCER = """
import sys, threading
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.sequencer import Sequencer
Sequencer(Database.of(sys.argv[1])).start()
threading.Event().wait()
"""


READER = """
import asyncio, sys, time
from kentongan_host import log
from kentongan_server.adapters import placed
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.views import SqlViews
from kentongan_server.application.live import Live

class Clock:
    def wall_ms(self):
        return time.time_ns() // 1_000_000

async def main():
    database = Database.of(sys.argv[1])
    live = Live(SqlViews(database), Clock())
    working = [asyncio.create_task(live.run()), asyncio.create_task(placed.hear(database, live.wake))]
    async for chunk in live.stream(0, b"console", 1 << 62):
        for line in chunk.splitlines():
            if line.startswith(b"id: "):
                print(line[4:].decode(), flush=True)

log.configure()  # a history that does not move is told there, too
asyncio.run(main())
"""


def started(program: str, *arguments: str, **how: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program, *arguments], **how)


def streamed(console: subprocess.Popen[bytes], last: int) -> list[int]:
    """The positions that a stream told, until the last of them came."""
    assert console.stdout is not None
    told: list[int] = []
    give_up = threading.Timer(PATIENCE_S, console.kill)
    give_up.start()
    for line in console.stdout:
        told.append(int(line))
        if told[-1] >= last:
            break
    give_up.cancel()
    return told


def test_many_writers_and_a_killed_sequencer_make_one_dense_causal_history(database: Database) -> None:
    """Three processes write, two would sequence, one streams; the sequencer is killed again and again."""
    assert database.url is not None
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    draw = random.Random(seed)
    times = 20
    writers = [started(WRITER, name, database.url, str(times)) for name in "abc"]
    sequencers = [started(SEQUENCER, database.url) for _ in range(2)]
    console = started(READER, database.url, stdout=subprocess.PIPE)
    try:
        kills = 0
        while any(writer.poll() is None for writer in writers):
            for writer in writers:
                try:
                    writer.wait(draw.uniform(0.05, 0.5))
                except subprocess.TimeoutExpired:
                    continue
            at = draw.randrange(2)
            sequencers[at].send_signal(signal.SIGKILL)
            sequencers[at].wait(PATIENCE_S)
            sequencers[at] = started(SEQUENCER, database.url)
            kills += 1
        assert [writer.returncode for writer in writers] == [0, 0, 0]
        for sequencer in sequencers:
            sequencer.kill()
            sequencer.wait(PATIENCE_S)
        place_all(database)
        wanted = [at for (at,) in rows(database, "SELECT position FROM feed WHERE kind = 'trouble' ORDER BY position")]
        assert streamed(console, wanted[-1]) == wanted, f"seed {seed}: none skipped, none twice, in order"
    finally:
        for one in (*writers, *sequencers, console):
            one.kill()
            one.wait(PATIENCE_S)
            if one.stdout is not None:
                one.stdout.close()
    assert kills
    assert len(wanted) == 3 * times
    assert len(whole(database)) == 2 * 3 * times
    said = "SELECT position, subject, facts FROM feed WHERE what = 'said' ORDER BY position"
    history = rows(database, said)
    placed = {subject: at for at, subject, _ in history}
    assert len(placed) == 3 * times, "none twice, none lost"
    for _, subject, facts in history:
        seen = facts.split('"')[3]
        if seen:
            assert placed[seen] < placed[subject], f"seed {seed}: {subject} saw {seen}, which stands later"


def test_another_process_goes_on_where_a_sequencer_ended(database: Database) -> None:
    first, second = Sequencer(database), Sequencer(database)
    first.start()
    second.start()
    try:
        for number, working in zip(itertools.count(), (first, None), strict=False):
            with register.writing(database) as book:
                book.append(entry(str(number)))
            _until_placed(database, number + 1)
            assert not (first.active and second.active)
            if working:
                (first if first.active else second).close()
    finally:
        first.close()
        second.close()
    assert len(whole(database)) == 2


async def test_what_waits_for_its_place_is_told(database: Database) -> None:
    """So that consoles turn red when nobody gives places."""
    views = SqlViews(database)
    try:
        assert await views.waiting() is None
        with register.writing(database) as book:
            book.append(entry("one"))
            book.append(entry("two"))
        first = await views.waiting()
        assert first == rows(database, "SELECT min(id) FROM feed_queue")[0][0]
        place_all(database)
        assert await views.waiting() is None
    finally:
        views.close()


def test_a_sequencer_goes_on_after_whatever_failed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only what PostgreSQL says: a thread that ends is seen by nobody."""
    failed = threading.Event()

    def fails_once(connection: Any) -> int:
        if failed.is_set():
            return place_batch(connection)
        failed.set()
        raise ValueError("'nonsense' is not a valid Kind")

    monkeypatch.setattr(sequencer, "place_batch", fails_once)
    with register.writing(database) as book:
        book.append(entry("one"))
    working = Sequencer(database)
    working.start()
    try:
        _until_placed(database, 1)
    finally:
        working.close()
    assert failed.is_set()


def _until_placed(database: Database, count: int) -> None:
    assert database.url is not None
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("LISTEN kentongan_placed")
        for _ in range(int(PATIENCE_S)):
            if connection.execute("SELECT count(*) FROM feed").fetchone() == (count,):
                return
            for _ in connection.notifies(timeout=1.0, stop_after=1):
                pass
    raise AssertionError("nobody placed it")
