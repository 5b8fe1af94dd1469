"""Private files and folders: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from kentongan_host.errors import HostError

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


def write_private(path: Path, content: bytes) -> None:
    """Replaces a file so that after a power cut either the old or the new content is there, mode 0600.

    Raises:
        OSError: the folder is missing or not writable, or the disk is full; the old file is untouched.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp makes 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Makes the names in a folder durable (a rename is on disk only after this)."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_private_directory(path: Path) -> Path:
    """Makes a folder (and its parents) that only its owner can enter, or tightens one that is there.

    Raises:
        HostError: the folder cannot be made or belongs to somebody else.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(PRIVATE_DIRECTORY)
    except OSError as error:
        raise HostError(
            f"cannot make the private folder {path}: {error.strerror}.",
            "Give this user a folder of its own there, or name another one in the settings.",
        ) from error
    return path


class DirectoryLock:
    """Holds a state folder for one process; the kernel lets go of it when the process dies.

    Raises (on entry):
        HostError: another process holds it.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._handle: int | None = None

    def __enter__(self) -> Self:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise HostError(
                f"{self._path.parent} is in use by another process (id {owner}).",
                "Stop that one first, or give this one a state folder of its own.",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
