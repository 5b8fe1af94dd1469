"""The live stream: every console sees every change once, in order, without a gap, and a tick each second.

The history is read by position, never pushed from where it is written: what another process
committed is seen as well, and a console that was away reads on from where it was.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator

from kentongan_host.log import logger
from kentongan_server.application.ports import Clock
from kentongan_server.application.views import StreamEvent, Views

TICK_S = 1.0  # consoles turn red after 5 s without one
RETRY_S = 0.5  # after the history could not be read
WAITING_BYTES_MAX = 4 << 20  # for one console; a slower one is let go and catches up when it comes back
CLIENTS_MAX = 1_000  # five times the operators of a large centre

_log = logger("kentongan.live")


class TooManyStreamsError(Exception):
    """There are `CLIENTS_MAX` streams already."""


class Client:
    """One console's stream.

    Attributes:
        session: whose it is; `Live.end_session` ends it.
        dropped: it was too slow, or its session ended.
    """

    def __init__(self, session: bytes, expires_at_ms: int, skip_through: int) -> None:
        self.session = session
        self.expires_at_ms = expires_at_ms
        self.dropped = False
        self._skip_through = skip_through
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._something_waits = asyncio.Event()

    def push(self, position: int | None, chunk: bytes) -> None:
        """Queues what is news for this console; ticks have no position."""
        if self.dropped or (position is not None and position <= self._skip_through):
            return
        self._waiting.append(chunk)
        self._waiting_bytes += len(chunk)
        self._something_waits.set()
        if self._waiting_bytes > WAITING_BYTES_MAX:
            self.drop()

    def drop(self) -> None:
        """Ends the stream at its next step."""
        self.dropped = True
        self._waiting.clear()
        self._something_waits.set()

    async def next(self) -> bytes:
        """Everything that waits, joined; empty when the stream has ended."""
        await self._something_waits.wait()
        self._something_waits.clear()
        joined = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        return b"" if self.dropped else joined


class Live:
    """Follows the history and hands it to all consoles."""

    def __init__(self, views: Views, clock: Clock) -> None:
        self._views = views
        self._clock = clock
        self._clients: set[Client] = set()
        self._position = 0
        self._woken = asyncio.Event()
        self._started = asyncio.Event()

    @property
    def clients(self) -> int:
        """How many consoles listen."""
        return len(self._clients)

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    def end_session(self, session: bytes) -> None:
        """Ends the streams of a session that was logged out."""
        for client in self._clients:
            if client.session == session:
                client.drop()

    def close(self) -> None:
        """Ends all streams: the centre stops."""
        for client in self._clients:
            client.drop()

    async def run(self) -> None:
        """Follows the history for ever. No tick is sent while it cannot be read: consoles turn red, rightly."""
        self._position = await self._views.position()
        self._started.set()
        loop = asyncio.get_running_loop()
        next_tick = loop.time()
        while True:
            try:
                await self._follow()
            except Exception:  # noqa: BLE001 - whatever it was, consoles must get on when it is over
                _log.exception("the history cannot be read")
                await asyncio.sleep(RETRY_S)
                continue
            if loop.time() >= next_tick:
                self._tick()
                next_tick = loop.time() + TICK_S
            try:
                async with asyncio.timeout_at(next_tick):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def stream(self, after: int | None, session: bytes, expires_at_ms: int) -> AsyncGenerator[bytes, None]:
        """One console's stream, from behind position `after`; None begins with now.

        Raises:
            TooManyStreamsError: there is no room for it.
        """
        await self._started.wait()
        if len(self._clients) >= CLIENTS_MAX:
            raise TooManyStreamsError
        newest = await self._views.position()
        if after is None or after > newest:  # behind our end: a position of another store, from before a restore
            after = newest
        # From here to `add` nothing waits: what the follower reads later, this client gets.
        joined_at = self._position
        client = Client(session, expires_at_ms, max(after, joined_at))
        self._clients.add(client)
        try:
            async for chunk in self._catch_up(after, joined_at):
                yield chunk
            yield self._tick_chunk()
            while chunk := await client.next():
                yield chunk
        finally:
            self._clients.discard(client)

    async def _catch_up(self, after: int, through: int) -> AsyncGenerator[bytes, None]:
        while after < through:
            page = await self._views.events(after, through)
            if page.events:
                yield b"".join(encode(event) for event in page.events)
            if not page.more:
                return
            after = page.through

    async def _follow(self) -> None:
        self._woken.clear()
        if not self._clients:
            newest = await self._views.position()
            if not self._clients:  # still nobody to tell: whoever comes catches up from where they were
                self._position = newest
                return
        while True:
            page = await self._views.events(self._position)
            for event in page.events:
                chunk = encode(event)
                for client in self._clients:
                    client.push(event.position, chunk)
            self._position = page.through
            if not page.more:
                return

    def _tick(self) -> None:
        now_ms = self._clock.wall_ms()
        chunk = self._tick_chunk()
        for client in self._clients:
            if now_ms >= client.expires_at_ms:
                client.drop()
            client.push(None, chunk)

    def _tick_chunk(self) -> bytes:
        data = json.dumps({"position": self._position, "at_ms": self._clock.wall_ms()})
        return f"event: tick\ndata: {data}\n\n".encode()


def encode(event: StreamEvent) -> bytes:
    """A server-sent event."""
    return f"id: {event.position}\nevent: {event.name}\ndata: {event.text}\n\n".encode()
