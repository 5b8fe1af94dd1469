"""The wires between a virtual board and us: JSON lines over one TCP connection on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from typing import Any

from kentongan_sim.errors import SimError
from kentongan_sim.evidence import now_ms
from kentongan_sim.panel import Change

LINE_MAX = 65_536  # bytes: a hundred times the longest message of a board


class BoardLink:
    """Listens for one board, hands it the whole state when it connects and every change after that.

    Args:
        name: of the button, for messages.
        snapshot: the whole state, asked at each connection.
        on_message: called with each message of the board and when it arrived (`now_ms`).
        on_fault: called when the board says something that is no message.
    """

    def __init__(
        self,
        name: str,
        snapshot: Callable[[], Change],
        on_message: Callable[[dict[str, Any], float], None],
        on_fault: Callable[[SimError], None],
    ) -> None:
        self.port = 0
        self._name = name
        self._snapshot = snapshot
        self._on_message = on_message
        self._on_fault = on_fault
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LINE_MAX)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._server.close()
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    def send(self, change: Change | None) -> None:
        """Send a change; a board without power will read it from the snapshot when it starts."""
        if change is not None and self._writer is not None:
            self._writer.write(_line(change))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writer = writer
        writer.write(_line(self._snapshot()))
        try:
            while line := await reader.readline():
                at_ms = now_ms()
                self._take(line, at_ms)
        except ConnectionError:
            pass  # the power was cut
        except ValueError:  # asyncio's, for a line without end
            self._on_fault(SimError(f"{self._name}: a line of its board exceeds {LINE_MAX} bytes"))
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None

    def _take(self, line: bytes, at_ms: float) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if isinstance(message, dict):
            self._on_message(message, at_ms)
        elif line.endswith(b"\n"):  # else the power was cut within a line
            self._on_fault(SimError(f"{self._name}: expected a JSON object from its board, got {line[:80]!r}"))


def _line(change: Change) -> bytes:
    return json.dumps(change, separators=(",", ":")).encode() + b"\n"
