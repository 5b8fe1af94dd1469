"""Group commit: what waits while the disk is busy goes into the next transaction together.

One writer thread owns the connection. There is no timer: a lone item is committed at once, a
crowd shares one `fsync`. A future resolves only after COMMIT has returned, so whoever answers a
button after awaiting it tells no lie.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from kentongan_host.errors import StoreBusyError, StoreError

__all__ = ["SQLITE", "Dialect", "GroupCommit", "StoreBusyError", "StoreError", "open_sqlite"]

Item = TypeVar("Item")
Result = TypeVar("Result")

QUEUE_MAX = 20_000  # items of one priority that may wait: a few seconds of a worker's full load
BATCH_MAX = 1_000  # items in one transaction
PATIENT_MAX = 200  # of them not urgent
PATIENT_LEAST = 10  # of them done in each batch, although something urgent waits: a flood of alarms starves nobody
# The interpreter lets a thread that wants its lock wait this long for a busy one, and the writer wants it back after
# each statement: with the usual 5 ms, an event loop that never rests makes of a thousand statements five seconds.
TURN_S = 0.000_5
BUSY_TIMEOUT_MS = 5_000  # another process (a technician's query, a backup) may hold the file this long


def open_sqlite(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode whose commits survive a power cut (WAL, `synchronous=FULL`).

    Raises:
        sqlite3.Error: the file cannot be opened or is no database.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class Dialect(Protocol):
    """How one kind of database does a transaction; connections are of its own kind.

    Attributes:
        errors: what failing databases raise; anything else is a bug.
        batch_max: items in one transaction.
    """

    errors: tuple[type[Exception], ...]
    batch_max: int

    def begin(self, connection: Any, tries: int) -> None:  # noqa: ANN401
        """Begins a transaction for which `tries` were in vain."""

    def commit(self, connection: Any) -> None:  # noqa: ANN401
        """Returns once the transaction is on disk."""

    def is_open(self, connection: Any) -> bool:  # noqa: ANN401
        """Whether a transaction is open."""

    def is_usable(self, connection: Any) -> bool:  # noqa: ANN401
        """Whether the connection can carry another transaction."""

    def is_of_the_store(self, error: Exception, tries: int) -> bool:
        """Whether the error says that disk or database failed, rather than that this item is wrong."""

    def may_repeat(self, error: Exception, tries: int) -> bool:
        """Whether the same transaction may well succeed when it is done again; waits for the right time."""

    def explain(self, error: Exception) -> StoreError:
        """The failure of a commit in words for people."""


class _Sqlite:
    """Implements `Dialect` on the file of this machine: what fails once is the disk, and fails again."""

    errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError)
    batch_max = BATCH_MAX

    def begin(self, connection: sqlite3.Connection, tries: int) -> None:  # noqa: ARG002
        connection.execute("BEGIN IMMEDIATE")

    def commit(self, connection: sqlite3.Connection) -> None:
        connection.execute("COMMIT")

    def is_open(self, connection: sqlite3.Connection) -> bool:
        return connection.in_transaction

    def is_usable(self, connection: sqlite3.Connection) -> bool:  # noqa: ARG002
        return True

    def is_of_the_store(self, error: Exception, tries: int) -> bool:  # noqa: ARG002
        return isinstance(error, sqlite3.OperationalError | OSError) or type(error) is sqlite3.DatabaseError

    def may_repeat(self, error: Exception, tries: int) -> bool:  # noqa: ARG002
        return False

    def explain(self, error: Exception) -> StoreError:
        return StoreError(
            f"the store could not commit: {error}.",
            "Make room on its disk, or replace the disk; the program goes on trying.",
        )


SQLITE: Dialect = _Sqlite()


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Result]):
    item: Item
    future: asyncio.Future[Result]
    is_urgent: bool
    result: Result | None = None
    error: BaseException | None = None


class GroupCommit(Generic[Item, Result]):
    """Applies items to a store on a thread of its own; an async context manager.

    Args:
        open_connection: called on the writer thread, at the start and again after a failed commit.
        apply: writes one item inside the open transaction and returns its result. What it raises
            fails that item alone: its own writes are undone, its neighbours are committed.
        before_commit: called once a transaction after all items, for example to extend a hash
            chain. What it raises undoes the transaction.
        queue_max: items of one priority that may wait.
        name: of the thread.
        dialect: of the connections. Where it lets a failed transaction be repeated, `apply` runs again.
    """

    def __init__(
        self,
        open_connection: Callable[[], Any],
        apply: Callable[[Any, Item], Result],
        *,
        before_commit: Callable[[Any], None] | None = None,
        queue_max: int = QUEUE_MAX,
        name: str = "store writer",
        dialect: Dialect = SQLITE,
    ) -> None:
        self._dialect = dialect
        self._open_connection = open_connection
        self._apply = apply
        self._before_commit = before_commit
        self._queue_max = queue_max
        self._urgent: deque[_Waiting[Item, Result]] = deque()
        self._patient: deque[_Waiting[Item, Result]] = deque()
        self._condition = threading.Condition()
        self._closing = False
        self._connection: Any = None
        self._thread = threading.Thread(target=self._write_for_ever, name=name, daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        sys.setswitchinterval(TURN_S)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commits what waits, then ends the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        await asyncio.to_thread(self._thread.join)

    def submit(self, item: Item, *, urgent: bool = True) -> asyncio.Future[Result]:
        """Queues an item, from the loop's thread; urgent ones (alarms) go before the others (supervision).

        An urgent one also ends the batch of others that is being done: it waits for `PATIENT_LEAST` of them at most
        and a commit. An item that is not urgent must therefore be small.

        Returns:
            A future with what `apply` returned, after the commit; or with what it raised, or a
            `StoreError` when the commit failed. Cancelling it does not take the item back.

        Raises:
            StoreBusyError: the queue is full.
        """
        assert self._loop is not None, "submit before the context was entered"
        future: asyncio.Future[Result] = self._loop.create_future()
        queue = self._urgent if urgent else self._patient
        with self._condition:
            if self._closing:
                raise StoreError("the store is closing.")
            if len(queue) >= self._queue_max:
                raise StoreBusyError(f"{len(queue)} writes wait already.", "The disk is too slow for this load.")
            queue.append(_Waiting(item, future, urgent))
            self._condition.notify()
        return future

    # --- on the writer thread ---------------------------------------------------------------

    def _write_for_ever(self) -> None:
        while batch := self._next_batch():
            try:
                self._commit(batch)
            except self._dialect.errors as error:
                self._commit_one_by_one(batch, error)
            except BaseException as error:  # noqa: BLE001 - a bug in `before_commit` must not end the writer
                self._fail(batch, error)
            self._report(batch)
        self._drop_connection()

    def _next_batch(self) -> list[_Waiting[Item, Result]]:
        """What waits now, urgent first; empty when closing and nothing waits."""
        with self._condition:
            while not (self._urgent or self._patient or self._closing):
                self._condition.wait()
            batch: list[_Waiting[Item, Result]] = []
            whole = self._dialect.batch_max
            for queue, most in ((self._urgent, whole), (self._patient, PATIENT_MAX)):
                room = min(len(queue), most, whole - len(batch))
                batch += [queue.popleft() for _ in range(room)]
            return batch

    def _commit(self, batch: list[_Waiting[Item, Result]]) -> None:
        tries = 0
        while True:
            try:
                self._try(batch, tries)
            except self._dialect.errors as error:
                if not self._dialect.may_repeat(error, tries):
                    raise
                tries += 1
            else:
                return

    def _try(self, batch: list[_Waiting[Item, Result]], tries: int) -> None:
        if self._connection is not None and not self._dialect.is_usable(self._connection):
            self._drop_connection()
        if self._connection is None:
            self._connection = self._open_connection()
        connection = self._connection
        self._dialect.begin(connection, tries)
        try:
            self._apply_in_turn(connection, batch, tries)
            if self._before_commit is not None:
                self._before_commit(connection)
            self._dialect.commit(connection)
        except BaseException:
            self._undo(connection)
            raise

    def _apply_in_turn(self, connection: Any, batch: list[_Waiting[Item, Result]], tries: int) -> None:  # noqa: ANN401
        """Applies the batch; what is not urgent goes back into its queue when something urgent has come meanwhile."""
        patient = 0
        for at, waiting in enumerate(batch):
            if not waiting.is_urgent:
                if patient >= PATIENT_LEAST and self._urgent:
                    self._put_back(batch[at:])
                    del batch[at:]
                    return
                patient += 1
            self._apply_alone(connection, waiting, tries)

    def _put_back(self, patient: list[_Waiting[Item, Result]]) -> None:
        with self._condition:
            self._patient.extendleft(reversed(patient))

    def _apply_alone(self, connection: Any, waiting: _Waiting[Item, Result], tries: int) -> None:  # noqa: ANN401
        waiting.error = None
        connection.execute("SAVEPOINT item")
        try:
            waiting.result = self._apply(connection, waiting.item)
        except Exception as error:
            if self._dialect.is_of_the_store(error, tries) or not self._dialect.is_open(connection):
                raise
            connection.execute("ROLLBACK TO item")
            waiting.error = error
        connection.execute("RELEASE item")

    def _commit_one_by_one(self, batch: list[_Waiting[Item, Result]], error: Exception) -> None:
        """After a failed batch: perhaps only one large item found no room. The first failure ends the try."""
        if len(batch) == 1:
            self._fail(batch, error)
            return
        self._drop_connection()
        for at, waiting in enumerate(batch):
            try:
                self._commit([waiting])
            except self._dialect.errors as again:
                self._fail(batch[at:], again)
                return
            except BaseException as bug:  # noqa: BLE001 - see above
                self._fail(batch[at:], bug)
                return

    def _fail(self, batch: list[_Waiting[Item, Result]], error: BaseException) -> None:
        self._drop_connection()  # a new one for the next batch: the file may have been replaced or repaired
        if isinstance(error, self._dialect.errors):
            error = self._dialect.explain(error)
        for waiting in batch:
            waiting.error = error

    def _undo(self, connection: Any) -> None:  # noqa: ANN401
        try:
            if self._dialect.is_open(connection):
                connection.execute("ROLLBACK")
        except self._dialect.errors:
            self._drop_connection()

    def _drop_connection(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _report(self, batch: list[_Waiting[Item, Result]]) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(_resolve, batch)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _resolve(batch: list[_Waiting[Item, Result]]) -> None:
    for waiting in batch:
        if waiting.future.done():  # cancelled by who waited
            continue
        if waiting.error is not None:
            waiting.future.set_exception(waiting.error)
        else:
            waiting.future.set_result(waiting.result)  # type: ignore[arg-type]  # set whenever error is None
