"""Putting a backup in place: proven whole first, then committed by one rename, then carried out, also after a crash.

Everything is made ready in a folder beside the state. Renaming that folder is the moment in which the restore
happens: before it nothing was touched, after it every command, and the centre itself, carries the rest out first.
On PostgreSQL the moment is the COMMIT that follows (`restoring_postgres`): who finds the renamed folder asks the
database whether it came to that, and carries the rest out or throws the folder away.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kentongan_host.errors import HostError
from kentongan_host.failpoints import RESTORE_BEFORE_COMMIT, RESTORE_BEFORE_END, RESTORE_BEFORE_FILE, fail_point
from kentongan_host.files import DirectoryLock, make_private_directory, sync_directory, write_private
from kentongan_server.adapters import archive, auditing, upgrading
from kentongan_server.adapters.archive import POSTGRESQL, SQLITE, BackupError, Manifest
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.high_water import NAME as HIGH_WATER
from kentongan_server.adapters.seal import Sealer

STAGING, READY = "restore.new", "restore.ready"
PLAN = "restore.json"  # in the ready folder: which file goes where
FINDINGS_SHOWN = 5  # of a history that is not whole


@dataclass(frozen=True, slots=True)
class Places:
    """Where things of a restored state belong: its database, and the file of its sealing key."""

    database: Database
    key_file: Path


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place; `key_missing`: the sealing key must still be put where `key_file` is."""

    manifest: Manifest
    key_file: Path
    key_missing: bool


def restore(
    directory: Path, file: Path, places: Callable[[Path], Places], *, replace: bool, key: Path | None = None
) -> Restored:
    """Puts a backup in place.

    Args:
        directory: the state folder; made when it is not there.
        file: the backup.
        places: says where the database and the key belong, from a folder with the restored settings.
        replace: what is there may be replaced.
        key: a file with the sealing key, to be put in place as well.

    Raises:
        BackupError: the file is no whole backup, its history has faults, or it belongs to another key.
        HostError: the centre runs, there is one already and it may not be replaced, or the disk is full.
    """
    make_private_directory(directory)
    with DirectoryLock(directory):
        _carry_out(directory)
        if not replace and (directory / "centre.toml").exists():
            raise HostError(
                f"there is a centre in {directory}.",
                "Back it up first; then say --replace, or restore into another folder.",
            )
        try:
            return _replace(directory, file, places, replace=replace, key=key)
        except OSError as error:
            raise HostError(
                f"cannot restore into {directory}: {error}.", "Has the disk room? Then try again."
            ) from error
        finally:
            shutil.rmtree(directory / STAGING, ignore_errors=True)


def _replace(
    directory: Path, file: Path, places: Callable[[Path], Places], *, replace: bool, key: Path | None
) -> Restored:
    """Makes all ready beside the state; the renaming is the moment in which it happens (on PostgreSQL the COMMIT)."""
    staging = directory / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    make_private_directory(staging)
    manifest = archive.unpack(file, staging)
    belongs = places(staging)
    _check(file, staging, belongs.database, manifest, replace=replace)
    missing = _match_key(staging, belongs, manifest, key)
    plan = _plan(directory, belongs, manifest, with_key=key is not None)
    write_private(staging / PLAN, json.dumps(plan).encode())
    if not belongs.database.is_postgres:
        fail_point(RESTORE_BEFORE_COMMIT)
    staging.rename(directory / READY)
    sync_directory(directory)
    if belongs.database.is_postgres:
        _load(directory, belongs.database, manifest, plan["restore"])
    _carry_out(directory)
    return Restored(manifest, belongs.key_file, missing)


def finish(directory: Path) -> None:
    """Carries out what an interrupted restore has begun; call it before anything of a state folder is opened.

    Raises:
        HostError: the restore goes on in another process.
    """
    if (directory / READY).is_dir():
        with DirectoryLock(directory):
            _carry_out(directory)


def _check(file: Path, staging: Path, database: Database, manifest: Manifest, *, replace: bool) -> None:
    """Proves what can be proven before anything is touched."""
    if manifest.engine != (POSTGRESQL if database.is_postgres else SQLITE):
        raise BackupError(
            f"{file} is of a centre on {manifest.engine}, the database {database} is another kind.",
            "Name one of its own kind with --database.",
        )
    if database.is_postgres:
        from kentongan_server.adapters import restoring_postgres  # noqa: PLC0415 - it loads psycopg

        restoring_postgres.check(database, manifest, replace=replace)
    else:
        _prove(staging / manifest.database, manifest)


def _plan(directory: Path, places: Places, manifest: Manifest, *, with_key: bool) -> dict[str, Any]:
    """Which file goes where, and on PostgreSQL which restore of which database must have been committed for it."""
    targets = {name: str(directory / name) for name in manifest.files if name != manifest.database}
    if with_key:
        targets["seal.key"] = str(places.key_file)
    if places.database.is_postgres:
        return {"database": None, "files": targets, "restore": secrets.token_hex(16), "url": places.database.url}
    targets[manifest.database] = str(places.database.file)
    return {"database": manifest.database, "files": targets, "restore": None, "url": None}


def _load(directory: Path, database: Database, manifest: Manifest, restore: str) -> None:
    from kentongan_server.adapters import restoring_postgres  # noqa: PLC0415

    dump = directory / READY / manifest.database
    try:
        restoring_postgres.load(database, dump, manifest, restore, lambda: fail_point(RESTORE_BEFORE_COMMIT))
    except HostError:
        # Where only the answer to the COMMIT was lost, it did happen.
        if not _carry_out(directory):
            raise


def _happened(plan: dict[str, Any]) -> bool:
    if plan["restore"] is None:
        return True
    from kentongan_server.adapters import restoring_postgres  # noqa: PLC0415

    return restoring_postgres.was_loaded(Database.of(plan["url"]), plan["restore"])


def _carry_out(directory: Path) -> bool:
    """Moves every file that still waits to its place; may be interrupted and done again anywhere.

    Returns:
        False when the restore never came to its moment: then it is thrown away.
    """
    ready = directory / READY
    happened = True
    if (ready / PLAN).is_file():
        plan = json.loads((ready / PLAN).read_text(encoding="utf-8"))
        happened = _happened(plan)
    if happened and (ready / PLAN).is_file():
        for name, target in plan["files"].items():
            fail_point(RESTORE_BEFORE_FILE)
            _place(ready / name, Path(target), is_database=name == plan["database"])
        fail_point(RESTORE_BEFORE_END)
        (directory / HIGH_WATER).unlink(missing_ok=True)  # the restored centre is a new incarnation
        sync_directory(directory)
    shutil.rmtree(ready, ignore_errors=True)
    return happened


def _place(source: Path, target: Path, *, is_database: bool) -> None:
    if not source.exists():  # it is in its place already
        return
    make_private_directory(target.parent)
    if is_database:  # what the old one still had to write must not be written into the new one
        for behind in ("-wal", "-shm", "-journal"):
            target.with_name(target.name + behind).unlink(missing_ok=True)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(target.name + ".restore")  # another disk: copied, then renamed there
        shutil.copy2(source, beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(target)
        sync_directory(target.parent)
        source.unlink()
    sync_directory(target.parent)


def _prove(database: Path, manifest: Manifest) -> None:
    """Brings the copy to this program's schema and walks its whole history; ends the sessions that it remembers."""
    try:
        upgrading.upgrade(database)
        result = auditing.verify(Database(path=database), manifest.head)
        with closing(sqlite3.connect(database)) as connection:
            # Whoever logged out since the backup was made must not be in again.
            connection.execute("DELETE FROM session")
            connection.commit()
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"the database of the backup cannot be read: {error}.", "Take another backup.") from error
    if result.findings:
        told = "; ".join(result.findings[:FINDINGS_SHOWN])
        raise BackupError(f"the history of the backup is not whole: {told}.", "Take another backup.")


def _match_key(staging: Path, places: Places, manifest: Manifest, key: Path | None) -> bool:
    """Whether the key is still missing; one that is there must be the right one."""
    if key is not None:
        write_private(staging / "seal.key", key.read_bytes())
        found = staging / "seal.key"
    elif places.key_file.exists():
        found = places.key_file
    else:
        return True
    if Sealer(found).fingerprint != manifest.seal:
        raise BackupError(
            f"{key or found} is not the sealing key of this backup.",
            "Give the right one with --key: with another no device can be understood.",
        )
    return False
