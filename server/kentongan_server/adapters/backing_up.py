"""Backing a centre up while it runs: database, settings and certificate authority in one file, but not the sealing key.

The mark of the history (`high-water`) is never in it: a centre that was restored begins a new incarnation.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from kentongan_host.errors import HostError
from kentongan_host.failpoints import BACKUP_BEFORE_ARCHIVE, BACKUP_BEFORE_RENAME, fail_point
from kentongan_host.files import DirectoryLock, make_private_directory, sync_directory
from kentongan_host.secret_files import read_secret, write_secret
from kentongan_server.adapters import archive, upgrading
from kentongan_server.adapters.archive import POSTGRESQL, SQLITE, Manifest
from kentongan_server.adapters.database import Database, read_only, without_password
from kentongan_server.adapters.seal import Sealer
from kentongan_server.domain.feed import GENESIS

SQLITE_COPY, POSTGRESQL_COPY = "kentongan.db", "kentongan.dump"
PG_DUMP = "pg_dump"
HEAD_QUERY = "SELECT position, hash FROM feed ORDER BY position DESC LIMIT 1"
WORKSPACE = ".part"  # behind the name of the file: what is made there is never taken for a backup


@dataclass(frozen=True, slots=True)
class Sources:
    """What is backed up: the store, plain files of the state folder by their names in it, and the key's file."""

    database: Database
    files: dict[str, Path]
    key_file: Path


def back_up(sources: Sources, out: Path, at_ms: int, key_out: Path | None = None) -> Manifest:
    """Makes a backup; a crash leaves no file of this name, or a whole one.

    Args:
        sources: what to take.
        out: the file, which must not be there.
        at_ms: now.
        key_out: also writes the sealing key, to a file of its own, which must not be there.

    Raises:
        HostError: a file is there already, another backup to it is being made, or anything cannot be read or written.
    """
    for path in (out, *([key_out] if key_out is not None else [])):
        if path.exists():
            raise HostError(f"{path} exists.", "Give the new backup a name of its own, or delete that file.")
    workspace = make_private_directory(out.with_name(out.name + WORKSPACE))
    with DirectoryLock(workspace):
        try:
            manifest, parts = _collect(sources, workspace, at_ms)
            fail_point(BACKUP_BEFORE_ARCHIVE)
            whole = workspace / "archive"
            archive.write(whole, manifest, parts)
            if key_out is not None:
                write_secret(key_out, read_secret(sources.key_file))
            fail_point(BACKUP_BEFORE_RENAME)
            whole.rename(out)
            sync_directory(out.parent)
        except OSError as error:
            raise HostError(
                f"cannot write the backup {out}: {error}.", "Has its disk room, and may you write?"
            ) from error
        finally:
            shutil.rmtree(workspace, ignore_errors=True)
    return manifest


def _collect(sources: Sources, workspace: Path, at_ms: int) -> tuple[Manifest, dict[str, Path]]:
    """Copies of everything that may change meanwhile, and what they are."""
    engine, name = (POSTGRESQL, POSTGRESQL_COPY) if sources.database.is_postgres else (SQLITE, SQLITE_COPY)
    parts: dict[str, Path] = {}
    for file, path in sources.files.items():
        copied = workspace / "files" / file
        make_private_directory(copied.parent)
        shutil.copyfile(path, copied)
        parts[file] = copied
    parts[name] = workspace / name
    if sources.database.is_postgres:
        schema, head = _dump_postgres(sources.database, parts[name])
    else:
        _copy_sqlite(sources.database.file, parts[name])
        schema, head = upgrading.schema_version(Database(path=parts[name])) or "", head_of(parts[name])
    files = {file: archive.digest_of(path) for file, path in parts.items()}
    seal = Sealer(sources.key_file).fingerprint
    return Manifest(at_ms, version("kentongan"), engine, name, schema, head, seal, files), parts


def _copy_sqlite(path: Path, to: Path) -> None:
    """One state of the store, whatever is written meanwhile; writers do not wait for it (WAL)."""
    to.unlink(missing_ok=True)
    try:
        with closing(read_only(path)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)  # in one step: in several, each write would begin it anew
            target.execute("PRAGMA journal_mode = DELETE")  # one file that needs no other
    except sqlite3.Error as error:
        raise HostError(f"cannot copy the database {path}: {error}.", "Is it there, and has the disk room?") from error


def head_of(path: Path) -> str:
    """POSITION:HASH of the newest line of the history in a SQLite database."""
    with closing(sqlite3.connect(path)) as connection:
        return _told_head(connection.execute(HEAD_QUERY).fetchone())


def _told_head(row: tuple[int, bytes] | None) -> str:
    return f"{row[0]}:{row[1].hex()}" if row else f"0:{GENESIS.hex()}"


def _dump_postgres(database: Database, to: Path) -> tuple[str, str]:
    """PostgreSQL's own copy, of one state as well; the schema and the head of the history in it."""
    import psycopg  # noqa: PLC0415 - a tenth of a second for who needs it

    from kentongan_server.adapters import postgres  # noqa: PLC0415

    name = "kentongan backup"
    try:
        # The snapshot is at hand for as long as its transaction, which says nothing while the dump is made.
        with postgres.connect(database, name, idle_in_transaction_session_timeout="0") as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = _first(connection.execute("SELECT pg_export_snapshot()"))
            row = connection.execute(HEAD_QUERY).fetchone()
            schema = _first(connection.execute("SELECT version_num FROM alembic_version"))
            _run_pg_dump(database, to, snapshot)
    except psycopg.Error as error:
        raise HostError(
            f"cannot copy the database {database}: {postgres.in_words(error)}.", "Is it there and reachable?"
        ) from error
    return schema, _told_head(row)


def _first(cursor: Any) -> str:  # noqa: ANN401 - psycopg's
    return str(cursor.fetchone()[0])


def _run_pg_dump(database: Database, to: Path, snapshot: str) -> None:
    """A password goes by the environment, never by a command line."""
    assert database.url is not None
    password = urlsplit(database.url).password
    environment = os.environ | ({"PGPASSWORD": unquote(password)} if password else {})
    url = without_password(database.url)
    command = [PG_DUMP, "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={to}", f"--dbname={url}"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise HostError(f"there is no {PG_DUMP}.", "Install the client programs of PostgreSQL.") from error
    if done.returncode:
        raise HostError(f"{PG_DUMP} failed: {done.stderr.strip()[-500:]}", "Is its version the server's, or newer?")
