"""Where an emulated modem is plugged in: a pty for programs of this machine, a socket for virtual boards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

HOST = "127.0.0.1"
CHUNK = 4_096  # bytes read at once; a pty holds no more


class Port(Protocol):
    """One end of a serial line."""

    async def open(self, take: Callable[[bytes], None]) -> None:
        """Plug in; `take` is called with what the other end writes."""

    def write(self, data: bytes) -> None:
        """Bytes to the other end; lost when nobody listens, as on a wire."""

    async def close(self) -> None:
        """Unplug."""


class PtyPort:
    """A pty behind a symbolic link, so that it has the same name after it was unplugged.

    Args:
        link: the name that programs open.
    """

    def __init__(self, link: Path) -> None:
        self.link = link
        self._ends: tuple[int, int] | None = None

    async def open(self, take: Callable[[bytes], None]) -> None:
        """Make the pty; an old link is replaced."""
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._ends = ours, theirs  # theirs stays open: no hang-up between two programs
        asyncio.get_running_loop().add_reader(ours, self._read, ours, take)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(theirs))

    def write(self, data: bytes) -> None:
        if self._ends is not None:
            with contextlib.suppress(BlockingIOError):  # nobody reads: the wire holds 4 kB
                os.write(self._ends[0], data)

    async def close(self) -> None:
        """Whoever has it open sees an error, as from a pulled USB plug."""
        if self._ends is None:
            return
        ours, theirs = self._ends
        self._ends = None
        self.link.unlink(missing_ok=True)
        asyncio.get_running_loop().remove_reader(ours)
        with contextlib.suppress(termios.error):
            termios.tcflush(theirs, termios.TCIOFLUSH)
        os.close(theirs)
        os.close(ours)

    def _read(self, ours: int, take: Callable[[bytes], None]) -> None:
        try:
            data = os.read(ours, CHUNK)
        except BlockingIOError:
            return
        take(data)


class TcpPort:
    """A socket on loopback that one client at a time may use; the newest one wins, as a rebooted board must."""

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._take: Callable[[bytes], None] = lambda _data: None

    async def open(self, take: Callable[[bytes], None]) -> None:
        """Listen; on the same port as before when it was open already."""
        self._take = take
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def write(self, data: bytes) -> None:
        if self._writer is not None:
            self._writer.write(data)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._writer is not None:
            self._writer.close()
        self._writer = writer
        try:
            while data := await reader.read(CHUNK):
                self._take(data)
        except ConnectionError:
            pass  # the board's power was cut
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None
