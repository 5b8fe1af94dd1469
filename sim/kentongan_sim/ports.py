"""TCP ports of loopback."""

from __future__ import annotations

import secrets
import socket

from kentongan_sim.errors import SimError

HOST = "127.0.0.1"
FIRST, LAST = 20_000, 32_000  # below the ports that Linux gives to outgoing connections (32,768 and up)


def free_port() -> int:
    """A port that nobody uses now, and that no outgoing connection gets by chance while a service restarts."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port


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
