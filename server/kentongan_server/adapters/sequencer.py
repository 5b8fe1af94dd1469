"""The one who gives the history its order on PostgreSQL: committed rows, ascending, each at the next position.

A row that a transaction could see was committed, with a lower number, before that transaction took its own
number: so it is moved with it or before it, and stands before it. What is moved is moved in one transaction
with its place; a sequencer that dies has moved a batch or has not.
"""

from __future__ import annotations

import threading

import psycopg

from kentongan_host.log import logger
from kentongan_server.adapters import queries
from kentongan_server.adapters.advisory import Lock, lock_session
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.history import feed_values, placed
from kentongan_server.adapters.postgres import FAILURES, PLACED, QUEUED, in_words, translated
from kentongan_server.domain import feed

BATCH = 1_000  # rows placed in one transaction: some 50 ms
LOOK_S = 0.5  # between two looks when nobody says that something waits
RETRY_S = 0.5  # after the database failed, and while another one is the sequencer

_SQL = {name: translated(statement) for name, statement in queries.load("press").items()}

_log = logger("kentongan.sequencer")


class Sequencer:
    """Places what waits, on a thread of its own, whenever no other process does; a context manager.

    Attributes:
        active: whether it is this one that does.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self.active = False

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Ends the thread; another process goes on."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with lock_session(self._database, Lock.SEQUENCER) as connection:
                    if connection is not None:
                        self.active = True
                        self._sequence(connection)
            except FAILURES as error:
                _log.warning("the history waits for its order", why=in_words(error))
            except Exception:  # noqa: BLE001 - nobody else sees this thread end; that nothing moves, `Live` notices
                _log.exception("the history cannot be given its order")
            finally:
                self.active = False
            self._stop.wait(RETRY_S)

    def _sequence(self, connection: psycopg.Connection) -> None:
        connection.execute(f"LISTEN {QUEUED}")
        _log.info("this process gives the history its order")
        while not self._stop.is_set():
            if place_batch(connection) < BATCH:
                for _ in connection.notifies(timeout=LOOK_S, stop_after=1):
                    pass


def place_batch(connection: psycopg.Connection, most: int = BATCH) -> int:
    """Gives the next rows that wait their places; how many. Only who holds the lock may call it.

    Raises:
        psycopg.Error: nothing was placed.
    """
    with connection.transaction():
        waiting = connection.execute(_SQL["next_queued"], (most,)).fetchall()
        if not waiting:
            return 0
        head = connection.execute(_SQL["feed_head"]).fetchone()
        position, prev_hash = (head[0], head[1]) if head else (0, feed.GENESIS)
        rows = []
        for _, at_ms, kind, what, subject, facts, personal in waiting:
            position += 1
            row = placed(prev_hash, position, feed.Entry(at_ms, feed.Kind(kind), what, subject, facts, personal))
            prev_hash = row.hash
            rows.append(feed_values(row))
        with connection.cursor() as cursor:
            cursor.executemany(_SQL["append_feed"], rows)
        connection.execute("DELETE FROM feed_queue WHERE id = ANY(%s)", ([one[0] for one in waiting],))
        connection.execute(f"NOTIFY {PLACED}")
    return len(waiting)
