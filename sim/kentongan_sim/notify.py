"""The receiving end of `sd_notify`: how a service tells us that it is ready (systemd's protocol)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket

READY = "READY=1"
_DATAGRAM = 4096  # bytes: far more than our services ever say at once


class NotifySocket:
    """A datagram socket for one child; its `address` goes into the child's NOTIFY_SOCKET.

    Abstract (Linux), so that a deep state directory cannot exceed the 108 bytes of a socket path.
    """

    def __init__(self) -> None:
        self.address = f"@kentongan/{os.getpid()}/{secrets.token_hex(8)}"
        self.ready = asyncio.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.bind("\0" + self.address[1:])
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                if READY in self._socket.recv(_DATAGRAM).decode(errors="replace").splitlines():
                    self.ready.set()
