"""The schema of a store, made and brought up to date by Alembic, on both engines."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kentongan_host.errors import HostError
from kentongan_host.files import PRIVATE_FILE
from kentongan_host.group_commit import open_sqlite
from kentongan_server.adapters.database import Database, Place

HEAD = "0004"  # the newest migration; a test holds it to the folder
VERSION_MIN = 150_000  # PostgreSQL 15: the oldest that the tests run on
UPGRADING = 0x6B656E01  # advisory lock: of several programs that start at once, one upgrades


def upgrade(place: Place) -> None:
    """Makes the tables of a database, and its file, mode 0600, or brings it to this program's schema.

    Raises:
        HostError: it cannot be made or reached, is no database, or is newer than this program.
    """
    database = Database.of(place)
    if database.is_postgres:
        _upgrade_postgres(database)
        return
    have = _prepare(database.file)
    if have != HEAD:
        from sqlalchemy import URL, create_engine  # noqa: PLC0415

        _migrate(database, have, create_engine(URL.create("sqlite", database=str(database.file.absolute()))))


def is_new(place: Place) -> bool:
    """Whether nothing was ever kept there.

    Raises:
        HostError: it cannot be reached.
    """
    database = Database.of(place)
    if not database.is_postgres:
        return not database.file.exists()
    with _told(database), _postgres(database) as connection:
        return _postgres_version(connection) is None


def schema_version(place: Place) -> str | None:
    """The Alembic revision of a database; None for an empty one."""
    database = Database.of(place)
    if not database.is_postgres:
        return _sqlite_version(database.file)
    with _postgres(database) as connection:
        return _postgres_version(connection)


def check_known(version: str, of: str) -> None:
    """Whether this program knows a schema.

    Raises:
        HostError: it was made by a newer program.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - a quarter of the time of a start

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if version not in known:
        raise HostError(
            f"{of} has schema {version}, which this program does not know.",
            "It was written by a newer version: install that one.",
        )


def _config() -> Any:  # noqa: ANN401 - Alembic's
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "kentongan_server.adapters:migrations")
    return config


def _prepare(path: Path) -> str | None:
    """Sees that there is a database in WAL mode; returns its schema version."""
    try:
        path.touch(mode=PRIVATE_FILE)
        with closing(open_sqlite(path)):
            pass
        return _sqlite_version(path)
    except (OSError, sqlite3.Error) as error:
        raise HostError(
            f"cannot open the database {path}: {error}.", "Is its folder there, writable, and the disk not full?"
        ) from error


def _sqlite_version(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row: tuple[str] | None = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None


def _postgres_version(connection: Any) -> str | None:  # noqa: ANN401 - psycopg's
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row: tuple[str] | None = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _upgrade_postgres(database: Database) -> None:
    with _told(database), _postgres(database) as connection:
        found = connection.info.server_version
        if found < VERSION_MIN:
            raise HostError(
                f"the database {database} is of PostgreSQL {found // 10_000}.",
                f"This program needs PostgreSQL {VERSION_MIN // 10_000} or newer.",
            )
        if _postgres_version(connection) == HEAD:
            return
        # Alembic works on another connection while this one holds the lock: whoever waits for it may wait long.
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", (UPGRADING,))
        have = _postgres_version(connection)
        if have != HEAD:
            _migrate(database, have, _postgres_engine(database))


def _postgres(database: Database) -> Any:  # noqa: ANN401 - psycopg's connection
    from kentongan_server.adapters import postgres  # noqa: PLC0415 - a tenth of a second for who needs it

    return postgres.connect(database, "kentongan upgrade")


@contextmanager
def _told(database: Database) -> Iterator[None]:
    """Failures of the server in words."""
    import psycopg  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    try:
        yield
    except (psycopg.Error, DBAPIError) as error:
        raise HostError(
            f"cannot open the database {database}: {' '.join(str(error).split()).rstrip('.')}.",
            "Is PostgreSQL running there, is there a database of this name, and may this user make tables in it? "
            "Its password belongs into a file that PGPASSFILE names.",
        ) from error


def _postgres_engine(database: Database) -> Any:  # noqa: ANN401 - SQLAlchemy's Engine
    from psycopg import Connection  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415

    from kentongan_server.adapters import postgres  # noqa: PLC0415

    def connected() -> Connection[Any]:
        connection = postgres.connect(database, "kentongan upgrade", idle_in_transaction_session_timeout="0")
        connection.autocommit = False
        return connection

    return create_engine("postgresql+psycopg://", creator=connected)


def _migrate(database: Database, have: str | None, engine: Any) -> None:  # noqa: ANN401
    # Alembic is loaded only when there is something to do: it is a quarter of the time of a start.
    from alembic import command  # noqa: PLC0415

    if have is not None:
        check_known(have, f"the database {database}")
    config = _config()
    config.attributes["engine"] = engine
    command.upgrade(config, HEAD)
