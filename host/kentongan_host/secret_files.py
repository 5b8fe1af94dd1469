"""Secrets live in files that only their owner can read; this module refuses all others."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_host.files import PRIVATE_FILE, write_private

SECRET_MAX = 1 << 20  # bytes: a key, or a site's button list; more is the wrong file


def read_secret(path: Path) -> bytes:
    """The content of a secret file.

    Raises:
        HostError: missing, not a plain file, larger than `SECRET_MAX`, or open to group or others.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not hang us
    except OSError as error:
        raise HostError(
            f"cannot read the secret file {path}: {error.strerror}.",
            "Put it where the settings say, owned by the user that runs this program.",
        ) from error
    state = os.fstat(handle)  # of the opened file: the name could be changed meanwhile
    if not stat.S_ISREG(state.st_mode):
        os.close(handle)
        raise HostError(f"{path} is not a plain file.", "Name the file with the secret in the settings.")
    with os.fdopen(handle, "rb") as file:
        mode = stat.S_IMODE(state.st_mode)
        if mode & ~PRIVATE_FILE:
            raise HostError(
                f"{path} has mode {mode:04o}; expected 0600, so that nobody else reads the secret.",
                f"Run: chmod 600 '{path}'. Make a new secret if somebody else could have read it.",
            )
        content = file.read(SECRET_MAX + 1)
    if len(content) > SECRET_MAX:
        raise HostError(f"{path} is larger than {SECRET_MAX} bytes: no secret file.", "Name the right file.")
    return content


def read_hex_secret(path: Path, size: int) -> bytes:
    """A secret of `size` bytes that is written in the file as hex digits.

    Raises:
        HostError: see `read_secret`; or the content is something else (which is not shown).
    """
    text = read_secret(path).strip()
    try:
        secret = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != size:
        raise HostError(
            f"{path}: expected {2 * size} hex digits, found {len(text)} characters that are not that.",
            "Copy the file again from the kit that enrolment wrote.",
        )
    return secret


def write_secret(path: Path, content: bytes) -> None:
    """Writes a secret file whole, on disk when this returns, mode 0600.

    Raises:
        HostError: the folder is missing or not writable, or the disk is full.
    """
    try:
        write_private(path, content)
    except OSError as error:
        raise HostError(
            f"cannot write the secret file {path}: {error.strerror}.",
            "Make its folder, owned by the user that runs this program, and see that the disk has room.",
        ) from error
