"""Power cuts of a database: real logs of real SQLite lose their newest transaction, and nothing else."""

from __future__ import annotations

import random
import shutil
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_host.group_commit import open_sqlite
from kentongan_sim.chaos import unsynced

COMMITS = 7


@pytest.fixture
def database(tmp_path):
    """A database as a killed process leaves it: copied while somebody has it open."""
    connection = open_sqlite(tmp_path / "live.db")
    connection.execute("CREATE TABLE press (number INTEGER, filling BLOB)")
    for number in range(COMMITS):
        connection.execute("BEGIN")
        connection.execute("INSERT INTO press VALUES (?, ?)", (number, bytes([number]) * 9_000))  # several pages
        connection.execute("COMMIT")
    for suffix in ("", "-wal", "-shm"):
        shutil.copy(tmp_path / f"live.db{suffix}", tmp_path / f"dead.db{suffix}")
    connection.close()
    return tmp_path / "dead.db"


def numbers(database):
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found = [row[0] for row in connection.execute("SELECT number FROM press ORDER BY rowid")]
    connection.close()
    return found


def test_counts_what_was_committed(database):
    log = unsynced.read_log(database.with_name("dead.db-wal").read_bytes())
    assert log.transactions == COMMITS + 1  # the table's own


@pytest.mark.parametrize("seed", range(30))
def test_the_newest_transaction_is_gone_and_only_that(database, seed):
    shape = unsynced.cut_power(database, random.Random(seed))
    assert shape in unsynced.SHAPES
    assert numbers(database) == list(range(COMMITS - 1))


def test_every_shape_comes_up(database):
    whole = database.with_name("dead.db-wal").read_bytes()
    shapes = set()
    for seed in range(30):
        database.with_name("dead.db-wal").write_bytes(whole)
        shapes.add(unsynced.cut_power(database, random.Random(seed)))
    assert shapes == set(unsynced.SHAPES)


def test_the_shared_memory_is_gone(database):
    unsynced.cut_power(database, random.Random(1))
    assert not database.with_name("dead.db-shm").exists()


def test_what_lies_behind_the_newest_checkpoint_is_no_transaction(tmp_path):
    """A log that begins anew keeps old frames behind its end: their salts are others."""
    path = tmp_path / "custody.db"
    connection = open_sqlite(path)
    connection.execute("CREATE TABLE press (number INTEGER)")
    for number in range(20):
        connection.execute("INSERT INTO press VALUES (?)", (number,))
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
    connection.execute("INSERT INTO press VALUES (20)")
    log = unsynced.read_log(path.with_name("custody.db-wal").read_bytes())
    connection.close()
    assert log.transactions == 1


def test_without_a_log_there_is_nothing_to_lose(tmp_path):
    path = tmp_path / "custody.db"
    sqlite3.connect(path).close()
    assert unsynced.cut_power(path, random.Random(1)) is None


@given(st.binary(max_size=300))
def test_garbage_is_no_log(content):
    assert unsynced.read_log(content).transactions == 0
