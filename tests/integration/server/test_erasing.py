"""What has expired is gone from the bytes of the store's files, not only from what queries find."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kentongan_host import group_commit
from kentongan_server.adapters import auditing, erasing, store
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.read_desk import SqlDeskViews
from kentongan_server.adapters.register import writing
from kentongan_server.adapters.store import SqlStore
from kentongan_server.adapters.views import SqlViews
from kentongan_server.application.calls import Calls
from kentongan_server.application.ports import StoreError
from kentongan_server.application.retention import Retention
from kentongan_server.domain.call import Said, Where
from kentongan_server.domain.category import Category
from kentongan_server.domain.retention import DAY_MS, Rule
from tests.support.direct_centre import ManualClock
from tests.support.shift_rig import KEEPING, KEY

CALLS = 120  # over several pages of every table, which have been divided and joined on the way
ROUNDS_MAX = 500  # a day's work is some ten; nobody else is at work in the file

CLOSE = "UPDATE incident SET state = 'closed', closed_at_ms = 1, closed_by = 'sari', outcome = 'real', cause = 'theft'"


class Office:
    """Calls on a real file, and what expires of them."""

    def __init__(self, path: Path, opened: SqlStore, views: SqlViews) -> None:
        self.path = path
        self.store = opened
        self.clock = ManualClock()
        self.calls = Calls(opened, self.clock, KEY)
        self.retention = Retention(
            opened, SqlDeskViews(views), self.clock, KEEPING, erasing.Leftovers(Database.of(path))
        )

    def bytes(self) -> bytes:
        """Of the database and of whatever stands beside it."""
        return b"".join(file.read_bytes() for file in sorted(self.path.parent.iterdir()))

    async def do(self, statement: str) -> None:
        def work(transaction: Any) -> None:
            transaction._connection.execute(statement)

        await self.store.submit(work)

    async def work(self, days: int) -> None:
        self.clock.now_ms += days * DAY_MS
        for _ in range(ROUNDS_MAX):
            await self.retention.tick()
            if not self.retention.busy:
                return
        pytest.fail("it never ended")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    path = tmp_path / "centre" / "centre.db"
    path.parent.mkdir()
    store.upgrade(path)
    views = SqlViews(path)
    try:
        async with SqlStore(path) as opened:
            yield Office(path, opened, views)
    finally:
        views.close()


async def test_a_callers_number_name_and_words_are_in_no_byte_of_the_files(office: Office) -> None:
    chance = random.Random(20_261_122)
    secrets = []
    for at in range(CALLS):
        number = f"+62811{chance.randrange(10**7, 10**8)}"
        name, words, street = (f"{word} {chance.randrange(10**12)}" for word in ("Rini", "kata", "Jalan"))
        said, where = Said(number, name, f"{words} " * (1 + at % 40)), Where(None, street, -7.75, 113.2)
        await office.calls.take("sari", Category.THEFT, said, where)
        secrets.append([text.encode() for text in (number, name, words, street)])
    kept = secrets.pop()
    await office.do(f"{CLOSE} WHERE id <> (SELECT max(id) FROM incident)")
    there = office.bytes()
    assert all(secret in there for row in secrets for secret in row)
    await office.work(91)
    there = office.bytes()
    assert [secret for row in secrets for secret in row if secret in there] == []
    assert all(secret in there for secret in kept), "a case that is open keeps its own"
    assert auditing.verify(office.path).findings == []


async def test_a_reader_is_waited_for_and_keeps_nobody_waiting(office: Office) -> None:
    await office.calls.take("sari", Category.THEFT, Said("+6281234567890", "Rini", ""), Where(None, "Jalan 1"))
    await office.work(0)
    with closing(sqlite3.connect(office.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM feed").fetchall()
        await office.do(CLOSE)
        assert erasing.empty_log(office.path) is False
        await office.do("UPDATE incident SET version = version + 1")
    assert erasing.empty_log(office.path) is True
    assert office.path.with_name("centre.db-wal").read_bytes() == b""


def test_what_is_no_database_is_told_and_not_raised(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    path.write_bytes(b"no database" * 1_000)
    assert erasing.empty_log(path) is False


def test_every_writer_of_the_centre_overwrites_what_it_deletes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where SQLite was built without that: Debian's does it by itself."""
    path = tmp_path / "centre.db"
    store.upgrade(path)

    def careless(file: Path) -> sqlite3.Connection:
        connection = group_commit.open_sqlite(file)
        connection.execute("PRAGMA secure_delete = OFF")
        return connection

    monkeypatch.setattr(erasing, "open_sqlite", careless)
    with writing(path) as book:
        assert book._connection.execute("PRAGMA secure_delete").fetchone() == (1,)
    with closing(erasing.open_store(path)) as connection:
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)


async def test_a_store_that_cannot_be_read_ends_nothing_and_is_tried_again(tmp_path: Path) -> None:
    """What has expired is looked for beside the writer: a PostgreSQL that restarts must not take the centre with it."""
    path = tmp_path / "centre.db"
    store.upgrade(path)
    away = SqlViews(tmp_path / "away.db")
    async with SqlStore(path) as opened:
        clock = ManualClock()
        retention = Retention(opened, SqlDeskViews(away), clock, KEEPING, erasing.Leftovers(Database.of(path)))
        for _ in range(2 * len(Rule)):
            await retention.tick()
        assert retention.busy, "log-ins still wait for it"
        with pytest.raises(StoreError, match="cannot be read"):
            await away.position()
        (tmp_path / "away.db").symlink_to(path)
        for _ in range(len(Rule)):
            await retention.tick()
        assert not retention._todo
    away.close()
