"""PostgreSQL as the store's engine: connections, transactions that are repeated, errors in words."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumper

from kentongan_host.group_commit import StoreError
from kentongan_host.log import logger
from kentongan_server.adapters.database import Database

Found = TypeVar("Found")

CONNECT_TIMEOUT_S = 3
# A server or a client whose machine vanished is noticed within 5 + 2 * 2 s: a leader is replaced within 10 s.
KEEPALIVE_IDLE_S, KEEPALIVE_INTERVAL_S, KEEPALIVE_COUNT = 5, 2, 2
LOCK_TIMEOUT_S = 5  # as SQLite's busy timeout: another writer is stuck, and is thrown out after STUCK_S
STUCK_S = 10  # a process that stopped in the middle of a transaction holds up the others no longer than this
BATCH_MAX = 60  # items of one transaction: a server keeps 64 subtransactions of each at hand, more slow everybody
# Between tries of one transaction. Two that got into each other's way: at once, for one of them is done.
# A server that is restarted, or one that takes over from another: some seconds.
COLLISION_PAUSE_S = 0.005
LOST_PAUSES_S = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
COLLISIONS_MAX = 6  # of which the first two are ordinary; from then on the transaction runs alone
ALONE_FROM = 2
ASK_PAUSE_S, ASK_MAX = 0.1, 30  # whether a transaction was committed when the answer to COMMIT was lost

BEGIN = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE feed_queue IN {mode} MODE"
TOGETHER, ALONE = "ROW EXCLUSIVE", "SHARE ROW EXCLUSIVE"
QUEUED = "kentongan_queued"  # channel: rows of the history wait for their place
PLACED = "kentongan_placed"  # channel: rows of the history have got their place

FAILURES: tuple[type[Exception], ...] = (psycopg.Error, OSError)
_COLLISIONS = (errors.SerializationFailure, errors.DeadlockDetected)
_OF_THE_STORE = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError, OSError)

_log = logger("kentongan.postgres")


class _Text(StrDumper):
    """PostgreSQL keeps no NUL in a text; what somebody sent with one is kept with a mark in its place."""

    def dump(self, obj: str) -> Any:  # noqa: ANN401 - what psycopg's own returns
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def connect(database: Database, name: str, **options: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection in autocommit mode; `options` are settings of its session.

    Raises:
        psycopg.Error: nobody answers, or does not let us in.
    """
    connection = psycopg.connect(conninfo(database, name, **options), autocommit=True)
    connection.adapters.register_dumper(str, _Text)
    return connection


def conninfo(database: Database, name: str, **options: str) -> str:
    """How libpq reaches the database, bounded in time.

    Raises:
        psycopg.Error: the URL is none.
    """
    assert database.url is not None
    settings = {
        "tcp_keepalives_idle": str(KEEPALIVE_IDLE_S),
        "tcp_keepalives_interval": str(KEEPALIVE_INTERVAL_S),
        "tcp_keepalives_count": str(KEEPALIVE_COUNT),
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_TIMEOUT_S}s",
        "idle_in_transaction_session_timeout": f"{STUCK_S}s",
        **options,
    }
    return make_conninfo(
        database.url,
        application_name=name,
        connect_timeout=CONNECT_TIMEOUT_S,
        keepalives_idle=KEEPALIVE_IDLE_S,
        keepalives_interval=KEEPALIVE_INTERVAL_S,
        keepalives_count=KEEPALIVE_COUNT,
        client_encoding="UTF8",
        options=" ".join(f"-c {key}={value}" for key, value in settings.items()),
    )


@lru_cache(maxsize=2_000)  # the program has some hundred statements
def translated(statement: str) -> str:
    """A statement with `?` marks as psycopg takes it."""
    return statement.replace("%", "%%").replace("?", "%s")


class PostgresConnection:
    """The store's statements on PostgreSQL, as `adapters.statements.SqlConnection` says them."""

    def __init__(self, database: Database, name: str = "kentongan writer") -> None:
        self.database = database
        # The writer's statements find their rows by an index. A scan of a whole table, which the planner likes
        # while tables are small, would make every two transactions collide.
        self.raw = connect(database, name, enable_seqscan="off", synchronous_commit="on")
        self.queued = False
        """Whether the open transaction has appended to the history."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[tuple[Any, ...]]:
        return self.raw.execute(translated(statement), values)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        with self.raw.cursor() as cursor:
            cursor.executemany(translated(statement), rows)

    @property
    def in_transaction(self) -> bool:
        return self.raw.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    @property
    def usable(self) -> bool:
        return not (self.raw.closed or self.raw.broken)

    def begin(self, tries: int) -> None:
        """Begins a transaction; one that collided too often has all writing for itself.

        The lock comes before the snapshot, so that what the last one before us wrote is seen.
        """
        self.queued = False
        begin = BEGIN.format(mode=ALONE if tries >= ALONE_FROM else TOGETHER)
        self.raw.execute(begin, prepare=False)  # two statements at once

    def commit(self) -> None:
        """Returns once the transaction is on disk, also where the connection broke before the server could say so.

        Raises:
            psycopg.Error: it is not.
        """
        row = self.raw.execute("SELECT pg_current_xact_id_if_assigned()::text").fetchone()
        try:
            self.raw.execute("COMMIT")
        except psycopg.OperationalError:
            if self.usable or row is None or row[0] is None or not _was_committed(self.database, row[0]):
                raise
            return
        if self.queued:
            with contextlib.suppress(psycopg.Error):  # the sequencer also looks by itself
                self.raw.execute(f"NOTIFY {QUEUED}")

    def close(self) -> None:
        self.raw.close()


def _was_committed(database: Database, xid: str) -> bool:
    """Asks on a new connection what became of a transaction whose COMMIT nobody answered.

    Raises:
        psycopg.Error: nobody can tell.
    """
    for _ in range(ASK_MAX):
        with contextlib.suppress(psycopg.OperationalError), connect(database, "kentongan question") as connection:
            row = connection.execute("SELECT pg_xact_status(%s::xid8)", (xid,)).fetchone()
            if row is not None and row[0] != "in progress":
                return bool(row[0] == "committed")
        time.sleep(ASK_PAUSE_S)
    raise psycopg.OperationalError("the connection was lost at the commit, and nobody can tell what became of it")


class PostgresDialect:
    """Implements `kentongan_host.group_commit.Dialect`."""

    errors = FAILURES
    batch_max = BATCH_MAX

    def begin(self, connection: PostgresConnection, tries: int) -> None:
        connection.begin(tries)

    def commit(self, connection: PostgresConnection) -> None:
        connection.commit()

    def is_open(self, connection: PostgresConnection) -> bool:
        return connection.in_transaction

    def is_usable(self, connection: PostgresConnection) -> bool:
        return connection.usable

    def is_of_the_store(self, error: Exception, tries: int) -> bool:
        # Two transactions that looked for a key and then inserted it: the one that is done again finds it.
        if isinstance(error, psycopg.IntegrityError):
            return tries == 0
        return isinstance(error, _OF_THE_STORE)

    def may_repeat(self, error: Exception, tries: int) -> bool:
        pause = pause_before_repeating(error, tries)
        if pause is None:
            return False
        _log.debug("transaction repeated", tries=tries + 1, why=type(error).__name__)
        time.sleep(pause)
        return True

    def explain(self, error: Exception) -> StoreError:
        return StoreError(f"the database could not commit: {in_words(error)}.", remedy(error))


def pause_before_repeating(error: Exception, tries: int) -> float | None:
    """How long to wait before the same transaction is done again; None when that is of no use."""
    if isinstance(error, psycopg.IntegrityError):
        return 0.0 if tries == 0 else None
    if isinstance(error, _COLLISIONS):
        return random.uniform(0, COLLISION_PAUSE_S) if tries < COLLISIONS_MAX else None  # noqa: S311 - no secret
    if is_lost(error):
        return LOST_PAUSES_S[tries] if tries < len(LOST_PAUSES_S) else None
    return None


def is_lost(error: Exception) -> bool:
    """Whether it says that there is no connection (any more), or that the server is not the one to write to now."""
    if isinstance(error, psycopg.InterfaceError | errors.ReadOnlySqlTransaction | OSError):
        return True
    state = getattr(error, "sqlstate", None)
    # 08: connection; 57P01 to 57P05: shut down, crashed, starting, idle. None: libpq itself has no connection.
    return isinstance(error, psycopg.OperationalError) and (state is None or state.startswith(("08", "57P")))


def in_words(error: Exception) -> str:
    """What PostgreSQL or libpq says, in one line, without the full stop."""
    return " ".join(str(error).split()).rstrip(".")


def remedy(error: Exception) -> str:
    """What people can do about it."""
    if is_lost(error):
        return "Is PostgreSQL running and reachable? The program goes on trying."
    if isinstance(error, errors.DiskFull):
        return "Make room on the disk of the PostgreSQL server; the program goes on trying."
    return "The log of the PostgreSQL server says more; the program goes on trying."


def beside_alarms(database: Database, name: str, work: Callable[[PostgresConnection], Found]) -> Found:
    """Does much in one transaction that nobody's alarm has to wait for; again when it collided, at last alone.

    Args:
        database: where.
        name: of the connection.
        work: may be done several times; with whatever it raises nothing of it stays.

    Raises:
        psycopg.Error: it could not be committed.
    """
    tries = 0
    while True:
        try:
            with contextlib.closing(PostgresConnection(database, name)) as connection:
                connection.begin(tries)
                found = work(connection)
                connection.commit()
                return found
        except FAILURES as error:
            pause = pause_before_repeating(error, tries)
            if pause is None:
                raise
        time.sleep(pause)
        tries += 1


@contextlib.contextmanager
def transaction(database: Database, name: str) -> Iterator[PostgresConnection]:
    """A connection with an open transaction, committed at the end unless something was raised.

    Raises:
        psycopg.Error: it could not be committed.
    """
    connection = PostgresConnection(database, name)
    try:
        # Nobody does it again for us: alone, so that it cannot collide.
        connection.begin(ALONE_FROM)
        yield connection
        connection.commit()
    finally:
        connection.close()  # which undoes what was not committed
