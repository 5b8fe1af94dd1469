"""Migrations make exactly the schema that the program expects, and nothing is opened that it does not know."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from kentongan_host.errors import HostError
from kentongan_host.group_commit import open_sqlite
from kentongan_server.adapters import schema, store
from kentongan_server.adapters.queries import load
from kentongan_server.adapters.register import SqlRegister
from kentongan_server.adapters.views import SqlViews


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "kentongan.db"
    store.upgrade(path)
    return path


@pytest.fixture
def database(tmp_path: Path, made: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "kentongan.db"))


def test_from_empty_the_migrations_make_what_the_tables_say(database: Path) -> None:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    made = inspect(engine)
    for table in schema.metadata.tables.values():
        checks = {one["name"] for one in made.get_check_constraints(table.name)}
        assert checks == {one.name for one in table.constraints if type(one).__name__ == "CheckConstraint"}, table.name
        keys = made.get_pk_constraint(table.name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key]
    engine.dispose()


def test_upgrading_again_changes_nothing_and_the_file_stays_private(database: Path) -> None:
    version = store.schema_version(database)
    assert version is not None
    store.upgrade(database)
    assert store.schema_version(database) == version
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "kentongan_server.adapters:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [store.HEAD]


def test_troubles_of_before_keep_what_was_said_of_them_and_get_a_deadline(tmp_path: Path) -> None:
    path = tmp_path / "kentongan.db"
    config = Config()
    config.set_main_option("script_location", "kentongan_server.adapters:migrations")
    config.attributes["engine"] = create_engine(f"sqlite:///{path}")
    command.upgrade(config, "0002")
    with closing(sqlite3.connect(path)) as connection, connection:
        row = (1, 9, "rewound-or-cloned", 1_000, 1_000, 1, 'press 7 rang although "its" counter went backwards')
        columns = "id, device, kind, opened_at_ms, last_at_ms, count, detail"
        connection.execute(f"INSERT INTO trouble ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    store.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        detail, subject, owner, deadline = connection.execute(
            "SELECT detail, subject, owner, deadline_at_ms FROM trouble"
        ).fetchone()
    assert json.loads(detail) == {"code": "note", "text": row[-1]}
    assert (subject, owner, deadline) == ("", None, 3_601_000)


async def test_refusals_of_before_keep_what_was_said_of_them(tmp_path: Path) -> None:
    path = tmp_path / "kentongan.db"
    config = Config()
    config.set_main_option("script_location", "kentongan_server.adapters:migrations")
    config.attributes["engine"] = create_engine(f"sqlite:///{path}")
    command.upgrade(config, "0003")
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = "reason, part, source, count, first_at_ms, last_at_ms, told_at_ms, detail, size, sample"
        row = ("bad-mac", "press", "0000005a", 1, 1, 1, 1, 'the MAC was "not" made with this device\'s key', 3, b"abc")
        connection.execute(f"INSERT INTO rejection ({columns}) VALUES ({', '.join('?' * len(row))})", row)
    store.upgrade(path)
    with closing(SqlViews(path)) as views:
        (told,) = (await views.rejections())["rejections"]
    assert told["detail"] == {"code": "note", "text": row[7]}


def test_a_database_of_a_newer_program_is_not_touched(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(HostError, match="newer version"):
        store.upgrade(database)
    assert store.schema_version(database) == "9999"


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kentongan.db"
    path.write_bytes(b"this is a shopping list, not a database" * 100)
    with pytest.raises(HostError, match="cannot open the database"):
        store.upgrade(path)


def test_writes_survive_a_power_cut(database: Path) -> None:
    with closing(open_sqlite(database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_readers_cannot_write(database: Path) -> None:
    engine = store.reader(database)
    with engine.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
    engine.dispose()


SMALL = ("SCAN own", "SCAN newest")  # sub-queries of a statement, bounded by themselves


@pytest.mark.parametrize("name", sorted(SqlRegister.SQL))
def test_every_named_statement_fits_the_schema(database: Path, name: str) -> None:
    statement = SqlRegister.SQL[name]
    with closing(sqlite3.connect(database)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?")).fetchall()
        scanned = [row[3] for row in plan if row[3].startswith("SCAN") and row[3] not in SMALL]
    # The first four stop at some rows, the others want all.
    unbounded = {"any_user", "feed_head", "next_queued", "open_outage", "device_states", "in_service", "open_troubles"}
    unbounded |= {"second_paths", "numbered", "accused_sites", "ringing_since", "other_admins", "roles_with_a_way_in"}
    assert scanned == [] or name in unbounded, "a statement reads a whole table"


def test_a_statement_cannot_be_named_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        load("press", "press")
