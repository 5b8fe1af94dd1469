"""The file of a backup: a plain tar whose first member says what the others must be, by size and hash."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from kentongan_host.errors import HostError
from kentongan_host.files import PRIVATE_FILE, make_private_directory

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_MAX = 1 << 20  # bytes: thousands of times what ours is
FILES_MAX = 100  # of one backup; ours has some ten
CHUNK = 1 << 20  # bytes read at once
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class BackupError(HostError):
    """This file is no backup, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup.

    Attributes:
        made_at_ms: Unix ms.
        engine: what `database` was copied from.
        database: its name in the archive.
        schema: Alembic revision.
        head: POSITION:HASH of the history.
        seal: fingerprint of the sealing key, which is not in it.
        files: of each its size and SHA-256.
    """

    made_at_ms: int
    program: str
    engine: str
    database: str
    schema: str
    head: str
    seal: str
    files: Mapping[str, tuple[int, str]]


def digest_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def write(to: Path, manifest: Manifest, sources: Mapping[str, Path]) -> None:
    """Writes an archive, on disk when this returns; `sources` are the files that the manifest names."""
    told = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1).encode()
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, MANIFEST, len(told), io.BytesIO(told))
            for name, (size, _) in manifest.files.items():
                with sources[name].open("rb") as source:
                    _add(archive, name, size, source)
        file.flush()
        os.fsync(file.fileno())


def unpack(file: Path, into: Path) -> Manifest:
    """Takes an archive apart into a folder; every file is there whole when this returns.

    Raises:
        BackupError: it is no backup, or anything of it is missing, changed or too much.
    """
    try:
        with tarfile.open(file, "r:") as archive:
            first = archive.next()
            if first is None or first.name != MANIFEST or first.size > MANIFEST_MAX:
                raise _broken(file, f"its first part is not {MANIFEST}")
            manifest = _manifest(file, _data(archive, first).read())
            missing = dict(manifest.files)
            while (member := archive.next()) is not None:
                expected = missing.pop(member.name, None)
                if expected is None or not member.isfile() or not _is_plain(member.name):
                    raise _broken(file, f"{member.name[:80]!r} does not belong into it")
                _take_out(_data(archive, member), into / member.name)
                if digest_of(into / member.name) != expected:
                    raise _broken(file, f"{member.name} is not what the manifest says")
    except (tarfile.TarError, EOFError) as error:
        raise _broken(file, str(error)) from error
    except OSError as error:
        raise HostError(
            f"cannot unpack {file}: {error}.", "Is it there and readable, and has the disk room?"
        ) from error
    if missing:
        raise _broken(file, f"{', '.join(sorted(missing))} is missing")
    return manifest


def _add(archive: tarfile.TarFile, name: str, size: int, source: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, PRIVATE_FILE
    archive.addfile(member, source)


def _data(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    data = archive.extractfile(member)
    if data is None:
        raise tarfile.TarError(f"{member.name[:80]!r} is no file")
    return data


def _take_out(data: IO[bytes], to: Path) -> None:
    make_private_directory(to.parent)
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as out:
        while chunk := data.read(CHUNK):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def _manifest(file: Path, told: bytes) -> Manifest:
    try:
        content: dict[str, Any] = json.loads(told)
        if content.pop("format") != FORMAT:
            raise BackupError(f"{file} is a backup of another format.", "A newer version of this program reads it.")
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in content.pop("files").items()}
        manifest = Manifest(**content, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _broken(file, f"{MANIFEST} cannot be read") from error
    if len(files) > FILES_MAX or manifest.database not in files or not all(_is_plain(name) for name in files):
        raise _broken(file, f"{MANIFEST} names what no backup has")
    return manifest


def _is_plain(name: str) -> bool:
    """Whether it is a name within the folder, written in one way only."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name and name not in ("", ".")


def _broken(file: Path, why: str) -> BackupError:
    return BackupError(f"{file} is no whole backup: {why}.", "Take another one; nothing was put in place.")
