"""The store of one machine: whether it fails is known from what it wrote, not from what it read."""

from __future__ import annotations

import itertools
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kentongan_server.adapters.store import SqlStore, upgrade
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
