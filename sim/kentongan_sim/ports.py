"""TCP ports of loopback."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import tempfile
from pathlib import Path

from kentongan_sim.errors import SimError

HOST = "127.0.0.1"
FIRST, LAST = 20_000, 32_000  # below the ports that Linux gives to outgoing connections (32,768 and up)


def free_port() -> int:
    """A port that nobody uses now, and that no outgoing connection gets by chance while a service restarts.

    Nor does anybody else of this user get it from here for the next 12,000 times: the service that it is for
    may open it seconds later, and close it for a while when it restarts.
    """
    while True:
        port = _next_port()
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port


def _next_port() -> int:
    """The port after the one that a process of this user was given last; any port when that cannot be known."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(_last_given(), flags, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            said = file.read()
            last = int(said) if said.isdecimal() else _any_port()
            port = last + 1 if FIRST <= last < LAST else FIRST
            file.seek(0)
            file.truncate()
            file.write(str(port))
            return port  # closing writes it down and lets the lock go, in this order
    except OSError:  # nobody may write there, or the name belongs to somebody else
        return _any_port()


def _last_given() -> Path:
    return Path(tempfile.gettempdir(), f"kentongan-ports-{os.getuid()}")


def _any_port() -> int:
    return FIRST + secrets.randbelow(LAST - FIRST + 1)


def check_port(port: int, option: str) -> int:
    """The port itself when it can be had; 0 gives any free one.

    Args:
        port: the wanted one.
        option: what to name in the message.

    Raises:
        SimError: it is in use, or not ours to take.
    """
    if port == 0:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise SimError(
                f"port {port} cannot be had ({why.lower()}): stop what uses it, or choose another with {option}"
            ) from error
    return port
