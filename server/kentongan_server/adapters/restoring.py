"""Putting a backup in place: proven whole first, then committed by one rename, then carried out, also after a crash.

Everything is made ready in a folder beside the state. Renaming that folder is the moment in which the restore
happens: before it nothing was touched, after it every command, and the centre itself, carries the rest out first.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_host.failpoints import RESTORE_BEFORE_COMMIT, RESTORE_BEFORE_END, RESTORE_BEFORE_FILE, fail_point
from kentongan_host.files import DirectoryLock, make_private_directory, sync_directory, write_private
from kentongan_server.adapters import archive, auditing, upgrading
from kentongan_server.adapters.archive import SQLITE, BackupError, Manifest
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.high_water import NAME as HIGH_WATER
from kentongan_server.adapters.seal import Sealer

STAGING, READY = "restore.new", "restore.ready"
PLAN = "restore.json"  # in the ready folder: which file goes where
FINDINGS_SHOWN = 5  # of a history that is not whole


@dataclass(frozen=True, slots=True)
class Places:
    """Where things of a restored state belong: its database, and the file of its sealing key."""

    database: Path
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
    """Puts a backup of a centre on SQLite in place.

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
        staging = directory / STAGING
        shutil.rmtree(staging, ignore_errors=True)
        try:
            make_private_directory(staging)
            manifest = archive.unpack(file, staging)
            if manifest.engine != SQLITE:
                raise BackupError(
                    f"{file} is of a centre on PostgreSQL.",
                    f"Take {manifest.database} out of it (it is a tar file), then: pg_restore --clean --if-exists "
                    "--no-owner --single-transaction --dbname=URL FILE; begin the state folder with its other files.",
                )
            belongs = places(staging)
            _prove(staging / manifest.database, manifest)
            missing = _match_key(staging, belongs, manifest, key)
            targets = {name: str(directory / name) for name in manifest.files if name != manifest.database}
            targets[manifest.database] = str(belongs.database)
            if key is not None:
                targets["seal.key"] = str(belongs.key_file)
            write_private(staging / PLAN, json.dumps({"database": manifest.database, "files": targets}).encode())
            fail_point(RESTORE_BEFORE_COMMIT)
            staging.rename(directory / READY)
            sync_directory(directory)
            _carry_out(directory)
        except OSError as error:
            raise HostError(
                f"cannot restore into {directory}: {error}.", "Has the disk room? Then try again."
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return Restored(manifest, belongs.key_file, missing)


def finish(directory: Path) -> None:
    """Carries out what an interrupted restore has begun; call it before anything of a state folder is opened.

    Raises:
        HostError: the restore goes on in another process.
    """
    if (directory / READY).is_dir():
        with DirectoryLock(directory):
            _carry_out(directory)


def _carry_out(directory: Path) -> None:
    """Moves every file that still waits to its place; may be interrupted and done again anywhere."""
    ready = directory / READY
    if (ready / PLAN).is_file():
        plan = json.loads((ready / PLAN).read_text(encoding="utf-8"))
        for name, target in plan["files"].items():
            fail_point(RESTORE_BEFORE_FILE)
            _place(ready / name, Path(target), is_database=name == plan["database"])
        fail_point(RESTORE_BEFORE_END)
        (directory / HIGH_WATER).unlink(missing_ok=True)  # the restored centre is a new incarnation
        sync_directory(directory)
    shutil.rmtree(ready, ignore_errors=True)


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
