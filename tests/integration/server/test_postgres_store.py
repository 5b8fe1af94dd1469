"""The store on PostgreSQL: batches are repeated, not failed; its statements and tables are those of SQLite."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
from collections.abc import Iterator
from importlib import resources
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from kentongan_host.errors import HostError
from kentongan_host.group_commit import PATIENT_LEAST
from kentongan_server.adapters import queries, register, schema, upgrading
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.looking_up import look_up
from kentongan_server.adapters.postgres import PostgresConnection, conninfo
from kentongan_server.adapters.store import SqlStore, reader
from kentongan_server.adapters.views import SqlViews
from kentongan_server.application.ports import StoreError, Transaction
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


async def test_what_one_item_did_wrong_is_undone_and_its_neighbours_are_committed(database: Database) -> None:
    def good(transaction: Transaction) -> str:
        transaction.append(entry("good"))
        return "done"

    def bad(transaction: Transaction) -> None:
        transaction.append(entry("bad"))
        raise KeyError("a bug")

    async with SqlStore(database) as store:
        found = await asyncio.gather(*(store.submit(one) for one in (good, bad, good)), return_exceptions=True)
    assert (found[0], found[2]) == ("done", "done")
    assert isinstance(found[1], KeyError)
    assert [subject for (subject,) in rows(database, "SELECT subject FROM feed_queue ORDER BY id")] == ["good", "good"]


async def test_transactions_of_two_workers_that_collide_are_done_again_and_nobody_notices(database: Database) -> None:
    rows(database, "INSERT INTO meta VALUES ('count', '0')")
    met = threading.Barrier(2)
    tries: list[int] = []

    def add(transaction: Any) -> int:
        counted = int(transaction._connection.execute("SELECT value FROM meta WHERE key = ?", ("count",)).fetchone()[0])
        tries.append(counted)
        if len(tries) <= 2:
            met.wait(PATIENCE_S)  # both have read before one of them writes
        transaction.set_meta("count", str(counted + 1))
        return counted + 1

    async with _Registering(database) as one, _Registering(database) as two:
        found = await asyncio.gather(one.submit(add), two.submit(add))
    assert sorted(found) == [1, 2], "neither took the other's number"
    assert len(tries) == 3, "one of them was done again"


class _Registering(SqlStore):
    """A worker whose transactions are those of enrolment, which can read and write `meta`."""

    def submit(self, work: Any, *, urgent: bool = True) -> Any:
        def registering(transaction: Any) -> Any:
            return work(register.QueuedRegister(transaction._connection))

        return super().submit(registering, urgent=urgent)


async def test_a_batch_that_an_alarm_cut_short_and_that_collided_is_neither_lost_nor_done_twice(
    database: Database,
) -> None:
    rows(database, "INSERT INTO meta VALUES ('read', '0'), ('written', '0')")
    holding, go_on, cut_short, go_on_at_last = (threading.Event() for _ in range(4))
    tries = itertools.count(1)
    told: list[int] = []

    def hold(_transaction: Any) -> None:
        holding.set()
        assert go_on.wait(PATIENCE_S)

    def collide(transaction: Any) -> None:
        """Reads what somebody else writes, and writes what they have read, while an alarm comes."""
        transaction._connection.execute("SELECT value FROM meta WHERE key = ?", ("read",)).fetchone()
        transaction.set_meta("written", "1")
        told.append(next(tries))
        cut_short.set()
        assert go_on_at_last.wait(PATIENCE_S)

    def note(text: str) -> Any:
        return lambda transaction: transaction.set_meta(text, transaction.meta(text) + "x")

    names = [f"beat {number}" for number in range(PATIENT_LEAST + 10)]
    for name in (*names, "alarm"):
        rows(database, f"INSERT INTO meta VALUES ('{name}', '')")
    async with _Registering(database) as store:
        waiting = [store.submit(hold)]
        waiting = [asyncio.ensure_future(one) for one in waiting]
        await asyncio.to_thread(holding.wait, PATIENCE_S)
        beats = [note(name) for name in names]
        beats.insert(PATIENT_LEAST + 3, collide)
        waiting += [asyncio.ensure_future(store.submit(beat, urgent=False)) for beat in beats]
        await asyncio.sleep(0)  # all are queued
        go_on.set()
        await asyncio.to_thread(cut_short.wait, PATIENCE_S)
        _read_and_write(database)
        waiting.append(asyncio.ensure_future(store.submit(note("alarm"))))
        await asyncio.sleep(0)
        go_on_at_last.set()
        await asyncio.gather(*waiting)
    assert told == [1, 2], "the transaction was done again"
    assert rows(database, "SELECT key, value FROM meta WHERE value LIKE '%x%' ORDER BY key") == sorted(
        (name, "x") for name in (*names, "alarm")
    )


def _read_and_write(database: Database) -> None:
    """What cannot have been before and cannot have been after the transaction that `collide` is in."""
    assert database.url is not None
    with psycopg.connect(database.url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        connection.execute("SELECT value FROM meta WHERE key = 'written'")
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'read'")


def test_alarms_go_on_while_a_command_writes_much(database: Database) -> None:
    def much(book: register.SqlRegister) -> str:
        book.append(entry("much"))
        alarms = PostgresConnection(database)
        alarms.begin(0)  # or waits for the lock until its time is over
        register.QueuedRegister(alarms).append(entry("alarm"))
        alarms.commit()
        alarms.close()
        return "done"

    assert register.write_much(database, much) == "done"
    assert [subject for (subject,) in rows(database, "SELECT subject FROM feed_queue ORDER BY id")] == ["much", "alarm"]


def test_a_command_that_collides_is_done_again_at_last_alone_and_once(database: Database) -> None:
    alone: list[bool] = []

    def much(book: register.SqlRegister) -> None:
        book.append(entry("much"))
        with psycopg.connect(conninfo(database, "another")) as other:
            try:
                other.execute("LOCK TABLE feed_queue IN ROW EXCLUSIVE MODE NOWAIT")
                alone.append(False)
            except psycopg.errors.LockNotAvailable:
                alone.append(True)
        if len(alone) <= 2:
            raise psycopg.errors.SerializationFailure

    register.write_much(database, much)
    assert alone == [False, False, True]
    assert rows(database, "SELECT subject FROM feed_queue") == [("much",)]


def test_what_a_command_did_wrong_is_undone(database: Database) -> None:
    def much(book: register.SqlRegister) -> None:
        book.append(entry("much"))
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        register.write_much(database, much)
    assert rows(database, "SELECT subject FROM feed_queue") == []


async def test_a_lost_connection_is_made_again_and_the_batch_is_done(database: Database) -> None:
    async with SqlStore(database) as store:
        await store.submit(lambda transaction: transaction.prove_writable(1))
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kentongan writer'"
        assert rows(database, f"{ended} AND datname = current_database()") == [(True,)]
        await store.submit(lambda transaction: transaction.append(entry("after")))
        cut: Iterator[bool] = iter([True, False])

        def cut_in_the_middle(transaction: Any) -> None:
            transaction.append(entry("middle"))
            if next(cut):
                rows(database, f"{ended} AND datname = current_database()")
            transaction.prove_writable(2)

        await store.submit(cut_in_the_middle)
    assert rows(database, "SELECT subject FROM feed_queue ORDER BY id") == [("after",), ("middle",)]


@pytest.mark.parametrize("reached", [True, False])
async def test_a_commit_whose_answer_was_lost_is_neither_lost_nor_done_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch, reached: bool
) -> None:
    """`reached`: the server did commit before the connection broke."""
    lost = iter([True])

    class Broken:
        """The connection of which one COMMIT is never answered."""

        def __init__(self, real: Any) -> None:
            self._real = real

        def execute(self, statement: str, *values: Any, **more: Any) -> Any:
            if statement == "COMMIT" and next(lost, False):
                if reached:
                    self._real.execute("COMMIT")
                self._real.close()
                raise psycopg.OperationalError("the connection is lost")
            return self._real.execute(statement, *values, **more)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    made = PostgresConnection.__init__

    def breaking(self: Any, *values: Any) -> None:
        made(self, *values)
        self.raw = Broken(self.raw)

    monkeypatch.setattr(PostgresConnection, "__init__", breaking)
    async with SqlStore(database) as store:
        await store.submit(lambda transaction: transaction.append(entry("once")))
    assert next(lost, None) is None, "a commit was cut"
    assert rows(database, "SELECT subject FROM feed_queue") == [("once",)]


async def test_a_database_that_is_gone_is_told_in_words(database: Database) -> None:
    assert database.url is not None
    gone = Database.of(database.url.replace("/test", "/no_such_test"))
    with pytest.raises(HostError, match="does not exist"):
        upgrading.upgrade(gone)
    with pytest.raises(HostError, match="cannot write the database"), register.writing(gone):
        pass


async def test_what_cannot_be_repeated_fails_with_words(database: Database) -> None:
    def ask_for_ever(transaction: Any) -> None:
        transaction._connection.execute("SET LOCAL statement_timeout = 1")
        transaction._connection.execute("SELECT pg_sleep(60)")

    async with SqlStore(database) as store:
        with pytest.raises(StoreError, match="could not commit"):
            await store.submit(ask_for_ever)
        assert store.failing
        await store.submit(lambda transaction: transaction.prove_writable(1))
        assert not store.failing


async def test_a_text_with_nul_is_kept_without_it(database: Database) -> None:
    async with SqlStore(database) as store:
        await store.submit(lambda transaction: transaction.append(entry("a\0b")))
    assert rows(database, "SELECT subject FROM feed_queue") == [("a\N{REPLACEMENT CHARACTER}b",)]


def test_a_look_up_outlives_a_lost_connection_and_tells_a_lost_database() -> None:
    with postgres.fresh_database() as made:
        found = look_up(made)
        query = "SELECT value FROM meta WHERE key = ?"
        assert found.one(query, ("count",)) is None
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kentongan look-up'"
        assert rows(made, f"{ended} AND datname = current_database()") == [(True,)]
        assert found.one(query, ("count",)) is None
    with pytest.raises(StoreError, match="does not answer"):
        found.one(query, ("count",))
    with pytest.raises(StoreError, match="does not answer"):  # and does not ask again at once
        found.one(query, ("count",))
    found.close()


async def test_lists_of_a_lost_database_are_told_in_words() -> None:
    with postgres.fresh_database() as made:
        views = SqlViews(made)
        await views.position()
    with pytest.raises(StoreError, match="cannot be read"):
        await views.position()
    views.close()


def test_readers_cannot_write(database: Database) -> None:
    engine = reader(database)
    with engine.connect() as connection, pytest.raises(Exception, match="read-only"):
        connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
    engine.dispose()


def test_every_named_statement_means_something_to_postgresql(database: Database) -> None:
    assert database.url is not None
    refused = {}
    with psycopg.connect(database.url, autocommit=True) as connection:
        for file in (resources.files("kentongan_server.adapters") / "sql").iterdir():
            for name, statement in queries.load(file.name.removesuffix(".sql")).items():
                marks = itertools.count(1)
                numbered = re.sub(r"\?", lambda _, marks=marks: f"${next(marks)}", statement)  # type: ignore[misc]
                try:
                    connection.execute(f"PREPARE checked AS {numbered}")
                    connection.execute("DEALLOCATE checked")
                except psycopg.Error as error:
                    refused[name] = str(error).splitlines()[0]
    assert refused == {}


def test_migrations_make_what_the_tables_say(database: Database) -> None:
    engine = reader(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        made = inspect(connection)
        for table in schema.metadata.tables.values():
            checks = {one["name"] for one in made.get_check_constraints(table.name)}
            assert checks == {one.name for one in table.constraints if type(one).__name__ == "CheckConstraint"}
    engine.dispose()


def test_upgrading_again_and_two_at_once_change_nothing() -> None:
    running = postgres.server()
    with running.database("template0") as empty:
        at_once = [threading.Thread(target=upgrading.upgrade, args=(empty,)) for _ in range(2)]
        for thread in at_once:
            thread.start()
        for thread in at_once:
            thread.join(PATIENCE_S)
        assert upgrading.schema_version(empty) == upgrading.HEAD
        rows(empty, "UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(HostError, match="newer version"):
            upgrading.upgrade(empty)
