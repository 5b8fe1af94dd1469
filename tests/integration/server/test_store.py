"""The store of one machine: whether it fails is known from what it wrote, not from what it read."""

from __future__ import annotations

import itertools
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from kentongan_server.adapters import register
from kentongan_server.adapters.looking_up import look_up
from kentongan_server.adapters.store import SqlStore, reader, upgrade
from kentongan_server.application.ports import StoreError, Transaction

NEW = itertools.count()
FULL = 4_096  # bytes: no file of a store is as small, so none can grow


@contextmanager
def full_disk() -> Iterator[None]:
    """What a full disk is to SQLite, for the whole process: keep it short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write(transaction: Transaction) -> None:
    transaction.prove_writable(next(NEW))  # SQLite does not write what is there already


def read(transaction: Transaction) -> int:
    return transaction.overdue_troubles(1)


async def test_a_full_disk_is_not_taken_for_a_working_one_because_something_could_be_read(tmp_path: Path) -> None:
    path = tmp_path / "kentongan.db"
    upgrade(path)
    async with SqlStore(path) as store:
        await store.submit(write)
        with closing(sqlite3.connect(path)) as another, full_disk():
            another.execute("SELECT count(*) FROM meta").fetchall()  # a list is open: the files stay
            with pytest.raises(StoreError):
                await store.submit(write)
            assert store.failing
            with pytest.raises(StoreError, match="disk"):
                await store.submit(read)
            assert store.failing
        assert await store.submit(read) == 0
        assert not store.failing


def test_a_folder_may_be_named_as_people_name_folders(tmp_path: Path) -> None:
    """The names of files stand in URLs on their way to SQLite."""
    path = tmp_path / "Meteor #2? 100%25 'baru'" / "kentongan.db"
    path.parent.mkdir()
    upgrade(path)
    with register.writing(path) as book:
        assert book.site("none") is None
        book.prove_writable(7)
    with register.rehearsing(path) as book:
        assert book.site("none") is None
    engine = reader(path)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value FROM meta WHERE key = 'proven_at_ms'")).fetchall() == [("7",)]
    engine.dispose()
    looked = look_up(path)
    assert looked.one("SELECT value FROM meta WHERE key = 'proven_at_ms'") == ("7",)
    looked.close()
    assert [one.name for one in path.parent.parent.iterdir()] == [path.parent.name]
