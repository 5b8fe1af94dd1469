"""Putting the dump of a backup into PostgreSQL: one transaction, whose history is proven before it is committed.

That COMMIT is the moment in which a restore on PostgreSQL happens. A row of `meta` names the restore, so that who
finds one that was interrupted can ask whether it happened.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from kentongan_host.errors import HostError
from kentongan_server.adapters import auditing, postgres, schema, upgrading
from kentongan_server.adapters.advisory import Lock
from kentongan_server.adapters.archive import BackupError, Manifest
from kentongan_server.adapters.database import Database

PG_RESTORE = "pg_restore"
RESTORED = "restored"  # key in `meta`: which restore made this database
FINDINGS_SHOWN = 5  # of a history that is not whole
NAME = "kentongan restore"
COPY = re.compile(rb"COPY .+ FROM stdin;\n")
COPY_END = rb"\." + b"\n"
# A newer pg_restore writes settings and words for psql that an older server, or we, do not know; our bounds stay.
NOT_FOR_US = re.compile(rb"\\|SET \w+_timeout = ")
REPLACE_META = "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


def check(database: Database, manifest: Manifest, *, replace: bool) -> None:
    """Whether the dump may and can go into this database.

    Raises:
        HostError: there is a centre in it that may not be replaced, or either is of a newer program.
    """
    upgrading.check_known(manifest.schema, "the backup")
    with _told(database):
        found = upgrading.schema_version(database)
    if found is None:
        return
    if not replace:
        raise HostError(
            f"there is a centre in the database {database}.",
            "Back it up first; then say --replace, or give an empty one with --database.",
        )
    upgrading.check_known(found, f"the database {database}")


def load(database: Database, dump: Path, manifest: Manifest, restore: str, before_commit: Callable[[], None]) -> None:
    """Replaces our tables by those of the dump and proves its history; everything or nothing of it is done.

    Args:
        database: its tables are dropped, no others.
        dump: in PostgreSQL's custom format.
        manifest: of the backup.
        restore: its name, for `was_loaded`.
        before_commit: called when all but the COMMIT is done.

    Raises:
        BackupError: the dump cannot be read, or its history has faults.
        HostError: a centre works on the database, or the database refuses.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: _connected(database))
    try:
        with _told(database), engine.connect() as connection, connection.begin():
            raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
            _lock(raw)
            ours = [*(table.name for table in schema.metadata.sorted_tables), "alembic_version"]
            raw.execute(f"DROP TABLE IF EXISTS {', '.join(map(_quoted, ours))} CASCADE".encode())
            _run(raw, dump)
            raw.execute("RESET search_path")
            found = auditing.verify_on(connection, manifest.head)
            if found.findings:
                told = "; ".join(found.findings[:FINDINGS_SHOWN])
                raise BackupError(f"the history of the backup is not whole: {told}.", "Take another backup.")
            # Whoever logged out since the backup was made must not be in again.
            raw.execute("DELETE FROM session")
            raw.execute(REPLACE_META, (RESTORED, restore))
            before_commit()
    finally:
        engine.dispose()


def was_loaded(database: Database, restore: str) -> bool:
    """Whether a restore was committed; one whose process died a moment ago is waited for.

    Raises:
        HostError: the database cannot be asked.
    """
    with _told(database), postgres.connect(database, NAME) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (int(Lock.RESTORE),))
        if upgrading.schema_version(database) is None:
            return False
        return connection.execute("SELECT value FROM meta WHERE key = %s", (RESTORED,)).fetchone() == (restore,)


def _connected(database: Database) -> psycopg.Connection[Any]:
    # Proving a long history takes longer than a transaction may otherwise say nothing.
    connection = postgres.connect(database, NAME, idle_in_transaction_session_timeout="0", synchronous_commit="on")
    connection.autocommit = False
    return connection


def _lock(raw: psycopg.Connection[Any]) -> None:
    """Until the transaction ends no centre works here, and no other restore."""
    raw.execute("SELECT pg_advisory_xact_lock(%s)", (int(Lock.RESTORE),))
    if raw.execute("SELECT pg_try_advisory_xact_lock(%s)", (int(Lock.LEADER),)).fetchone() != (True,):
        raise HostError("a centre works on this database.", "Stop all centres that name it, then try again.")


def _run(raw: psycopg.Connection[Any], dump: Path) -> None:
    """Does what the dump says, in the open transaction."""
    command = [PG_RESTORE, "--no-owner", "--no-privileges", "--no-comments", "--file=-", str(dump)]
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told)  # noqa: S603
        except FileNotFoundError as error:
            raise HostError(f"there is no {PG_RESTORE}.", "Install the client programs of PostgreSQL.") from error
        with process:
            assert process.stdout is not None
            _run_script(raw, process.stdout)
        if process.returncode:
            told.seek(0)
            why = " ".join(told.read()[-500:].decode(errors="replace").split())
            raise BackupError(
                f"the dump cannot be read: {why}.", f"Is {PG_RESTORE} as new as the pg_dump that made it?"
            )


def _run_script(raw: psycopg.Connection[Any], lines: IO[bytes]) -> None:
    """Statements in pieces, rows by COPY."""
    waiting: list[bytes] = []
    for line in lines:
        if COPY.fullmatch(line):
            raw.execute(b"".join(waiting), prepare=False)
            waiting.clear()
            with raw.cursor() as cursor, cursor.copy(line) as copying:
                for row in iter(lines.readline, COPY_END):
                    if not row:
                        raise BackupError("the dump ends in the middle of a table.", "Take another backup.")
                    copying.write(row)
        elif not NOT_FOR_US.match(line):
            waiting.append(line)
    raw.execute(b"".join(waiting), prepare=False)


def _quoted(name: str) -> str:
    return f'"{name}"'


@contextmanager
def _told(database: Database) -> Iterator[None]:
    """Failures of the server in words."""
    try:
        yield
    except (psycopg.Error, DBAPIError, OSError) as error:
        raise HostError(
            f"the database {database} cannot be restored: {postgres.in_words(error)}.",
            "Is it reachable, ours, and does nobody else use it? Nothing was changed in it.",
        ) from error
