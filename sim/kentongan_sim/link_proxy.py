"""A TCP link that can be cut, silenced, slowed, torn and made flaky while it runs.

One proxy stands for one cable or one radio link: it listens on a port of its own and passes
bytes on to one target. It never looks inside, so TLS stays end to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from dataclasses import dataclass, replace
from enum import Enum

CHUNK = 65_536  # bytes read at once: more than any message of ours
WAITING_CHUNKS = 16  # chunks that a slowed direction holds before the sender feels it
SLICES_PER_S = 50  # a narrow link passes its bytes in this many portions a second
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: closing sends RST, not FIN


class LinkState(Enum):
    """Whether anything passes at all."""

    OPEN = "open"
    CUT = "cut"  # nobody answers: new connections refused, old ones reset
    SILENT = "silent"  # the worst kind: connections stand, nothing passes, nobody is told


@dataclass(frozen=True)
class LinkCondition:
    """What the link does to those who use it.

    Attributes:
        state: open, cut or silent.
        latency_ms: added to every chunk in each direction, order kept.
        bytes_per_s: how much passes in each direction; None for no limit.
        torn: every byte is handed over by itself.
        flaky_mean_ms: a connection is reset after a random time of this mean; None for never.
    """

    state: LinkState = LinkState.OPEN
    latency_ms: float = 0.0
    bytes_per_s: int | None = None
    torn: bool = False
    flaky_mean_ms: float | None = None


class LinkProxy:
    """One link. `await start()`, then `apply(…)` at will, then `await stop()`."""

    def __init__(self, target_host: str, target_port: int, *, name: str = "link", seed: int = 0) -> None:
        self.name = name
        self.condition = LinkCondition()
        self.accepted = 0  # connections since start
        self.passed_bytes = 0  # both directions
        self.port = 0
        self._target = (target_host, target_port)
        self._random = random.Random(seed)
        self._reserved: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._crossings: dict[_Crossing, asyncio.Task[None]] = {}
        self._open = asyncio.Event()
        self._open.set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. The port stays ours also while the link is cut.

        Raises:
            OSError: the port is taken.
        """
        # Bound but not listening, it refuses; the listeners come and go beside it.
        self._reserved = _bound(host, port)
        self.port = self._reserved.getsockname()[1]
        self._host = host
        await self._listen()

    async def stop(self) -> None:
        """Close everything and free the port."""
        self._close_listener()
        tasks = list(self._crossings.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None

    async def apply(self, condition: LinkCondition) -> None:
        """Behave like this from now on, towards standing connections too."""
        self.condition = condition
        if condition.state is LinkState.OPEN:
            self._open.set()
        else:
            self._open.clear()
        if condition.state is LinkState.CUT:
            self._close_listener()
            self.reset_connections()
        elif self._server is None and self._reserved is not None:
            await self._listen()

    async def cut(self) -> None:
        """Refuse new connections and reset the standing ones."""
        await self.apply(replace(self.condition, state=LinkState.CUT))

    async def silence(self) -> None:
        """Let connections stand and pass nothing."""
        await self.apply(replace(self.condition, state=LinkState.SILENT))

    async def restore(self) -> None:
        """A healthy link again: what waited in a silent one passes now, as TCP would resend it."""
        await self.apply(LinkCondition())

    def reset_connections(self) -> None:
        """Reset what stands now; new connections are welcome."""
        for crossing, task in list(self._crossings.items()):
            crossing.reset()
            task.cancel()

    @property
    def connections(self) -> int:
        """How many connections stand now."""
        return len(self._crossings)

    async def wait_until_open(self) -> None:
        """Wait while the link is silent."""
        await self._open.wait()

    def connection_life_s(self) -> float | None:
        """How long a new connection lives on a flaky link, drawn from the seed."""
        mean = self.condition.flaky_mean_ms
        return None if mean is None else self._random.expovariate(1 / mean) / 1000

    async def _listen(self) -> None:
        assert self._reserved is not None
        listener = _bound(self._host, self.port)
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=CHUNK)

    def _close_listener(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.condition.state is LinkState.CUT:  # accepted by the kernel just before the cut
            _reset(writer)
            return
        self.accepted += 1
        crossing = _Crossing(self, reader, writer)
        task = asyncio.ensure_future(crossing.run(self._target))
        self._crossings[crossing] = task
        # Cancelling is how a crossing is reset: not an error, and nobody's to report.
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await task
            finally:
                self._crossings.pop(crossing, None)


class _Crossing:
    """One connection through the link, and its other half to the target."""

    def __init__(self, link: LinkProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._link = link
        self._near = (reader, writer)
        self._writers = [writer]
        self._is_reset = False

    def reset(self) -> None:
        """Both ends lose the connection now: cancelling alone takes effect later, when the link may be whole again."""
        self._is_reset = True
        for writer in self._writers:
            _reset(writer)

    async def run(self, target: tuple[str, int]) -> None:
        writers = self._writers
        clean = False
        try:
            async with asyncio.timeout(self._link.connection_life_s()):
                await self._link.wait_until_open()
                far = await asyncio.open_connection(*target, limit=CHUNK)
                writers.append(far[1])
                if self._is_reset:
                    raise ConnectionResetError
                for writer in writers:
                    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pass_on(self._near[0], far[1]))
                    group.create_task(self._pass_on(far[0], self._near[1]))
            clean = True
        except* OSError:
            pass  # either end went away, or the flaky link's time is up (TimeoutError): both ends shall notice
        finally:
            for writer in writers:
                if clean:
                    writer.close()
                else:
                    _reset(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING_CHUNKS)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take(reader, waiting))
            group.create_task(self._give(waiting, writer))

    @staticmethod
    async def _take(reader: asyncio.StreamReader, waiting: asyncio.Queue[tuple[float, bytes]]) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            data = await reader.read(CHUNK)
            await waiting.put((clock(), data))
            if not data:
                return

    async def _give(self, waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            arrived, data = await waiting.get()
            wait_s = arrived + self._link.condition.latency_ms / 1000 - clock()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            if not data:
                await self._link.wait_until_open()
                if writer.can_write_eof():
                    writer.write_eof()
                return
            await self._write(data, writer)

    async def _write(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        at = 0
        while at < len(data):
            await self._link.wait_until_open()
            if self._is_reset:
                raise ConnectionResetError
            condition = self._link.condition
            size = _portion(condition, len(data) - at)
            writer.write(data[at : at + size])
            await writer.drain()
            at += size
            self._link.passed_bytes += size
            if condition.bytes_per_s is not None:
                await asyncio.sleep(size / condition.bytes_per_s)
            elif condition.torn:
                # Two rounds of the loop: one for the kernel to hand the byte over, one for the other end to read it.
                await asyncio.sleep(0)
                await asyncio.sleep(0)


def _portion(condition: LinkCondition, size: int) -> int:
    if condition.torn:
        return 1
    if condition.bytes_per_s is not None:
        return min(size, max(1, condition.bytes_per_s // SLICES_PER_S))
    return size


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket()
    try:
        # REUSEPORT lets the reservation and the listeners hold one port, and nobody of another user; REUSEADDR
        # lets a link begin again where the connections of one before it have not quite ended.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.settimeout(0)  # asyncio wants it non-blocking
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _reset(writer: asyncio.StreamWriter) -> None:
    transport = writer.transport
    endpoint = transport.get_extra_info("socket")
    if endpoint is not None:
        with contextlib.suppress(OSError):  # already closed by the other end
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
