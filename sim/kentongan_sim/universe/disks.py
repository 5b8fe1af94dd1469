"""Databases of a process in memory: what was committed outlives a kill, nothing else does."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from typing import Any

from kentongan_host import group_commit
from kentongan_host.group_commit import GroupCommit
from kentongan_sim.universe.clockwork import Process, VirtualLoop
from kentongan_sim.universe.shelf import SHELF, Lasting

COMMIT_MS = (1, 8)  # a commit on a good disk
REPORT_MS = (0, 3)  # from the commit to the answer that tells it; a kill may come in between
SLOW_MS = (200, 1_500)  # a commit on a disk that is dying


class KilledError(Exception):
    """The process was killed in the middle of a transaction."""


class Disk:
    """One database.

    Args:
        named: its program reads columns by their names.

    Attributes:
        full: commits fail.
        slow: commits take long.
        commits: so far.
        on_commit: called after each, before anybody is told.
    """

    def __init__(
        self,
        image: bytes,
        draw: random.Random,
        on_commit: Callable[[], None],
        *,
        named: bool = False,
    ) -> None:
        self._named = named
        self.full = False
        self.slow = False
        self.commits = 0
        self.on_commit = on_commit
        self.draw = draw
        self.connection = self._insert(SHELF.take(image))

    def image(self) -> bytes:
        """What a backup takes: everything that is committed."""
        if self.connection.in_transaction:
            self.connection.rollback()
        return self.connection.serialize()

    def replace(self, image: bytes) -> None:
        """Restores a backup."""
        self.discard()
        self.connection = self._insert(SHELF.take(image) if image in SHELF else Lasting.holding(image))

    def discard(self) -> None:
        self.connection.discard()

    def reopened(self) -> sqlite3.Connection:
        """For a new process: what the one before had not committed is gone."""
        if self.connection.in_transaction:
            self.connection.rollback()
        return self.connection

    def _insert(self, connection: Lasting) -> Lasting:
        connection.row_factory = sqlite3.Row if self._named else None
        return connection


class VirtualCommit(GroupCommit[Any, Any]):
    """The real group commit, its writer thread played by the virtual loop."""

    def __init__(
        self, loop: VirtualLoop, process: Process, disk: Disk, apply: Callable[[sqlite3.Connection, Any], Any]
    ) -> None:
        super().__init__(disk.reopened, apply, before_commit=self._before)
        self._loop = loop
        self._virtual = loop
        self._process = process
        self._disk = disk
        self._planned = False

    def submit(self, item: Any, *, urgent: bool = True) -> Any:  # noqa: ANN401 - the work's own result
        future = super().submit(item, urgent=urgent)
        if not self._planned:
            self._planned = True
            wait_ms = self._disk.draw.randint(*(SLOW_MS if self._disk.slow else COMMIT_MS))
            self._virtual.after(wait_ms, self._process, self._write)
        return future

    def _write(self) -> None:
        """One round of the thread's loop."""
        self._planned = False
        batch = self._next_batch()
        try:
            self._commit(batch)
        except (sqlite3.Error, OSError) as error:
            self._commit_one_by_one(batch, error)
        except KilledError:
            return
        except BaseException as error:  # noqa: BLE001 - as the thread does
            self._fail(batch, error)
        self._disk.commits += 1
        self._disk.on_commit()
        if self._urgent or self._patient:
            self._planned = True
            self._virtual.after(1, self._process, self._write)
        resolve = group_commit._resolve  # noqa: SLF001 - the thread's last step
        self._virtual.after(self._disk.draw.randint(*REPORT_MS), self._process, resolve, batch)

    def _before(self, _connection: sqlite3.Connection) -> None:
        if not self._process.alive:
            raise KilledError
        if self._disk.full:
            raise sqlite3.OperationalError("database or disk is full")
