"""The live stream: every console sees every change once, in order, without a gap, and a tick each second.

The history is read by position, never pushed from where it is written: what another process
committed is seen as well, and a console that was away reads on from where it was.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable

from kentongan_host.log import logger
from kentongan_server.application.eyes import RELOAD, Eyes, encode
from kentongan_server.application.ports import Clock, StoreError
from kentongan_server.application.views import StreamEvent, Views
from kentongan_server.domain.roles import Reach

TICK_S = 1.0  # consoles turn red after 5 s without one
# A row of the history that is the next to get its place gets it within milliseconds, and another process takes over
# from a sequencer that died within a second. Still the next after this long: nobody gives places, no stream has news.
UNPLACED_S = 3.0
RETRY_S = 0.5  # after the history could not be read
WAITING_BYTES_MAX = 4 << 20  # for one console; a slower one is let go and catches up when it comes back
CLIENTS_MAX = 1_000  # five times the operators of a large centre
# Of these at most so many are taken by those who sit at no desk, all together: the other half stays for the desks.
ELSEWHERE_MAX = 500
# One person's, each tab and telephone one: more come from a page that begins again and again, or from a stolen log-in.
USER_MAX = 20
DESK_USER_MAX = 250  # one account's that all places of a large control room share: half of what is the desks'
COMMENT = b": \n\n"  # says nothing, and lets the answer begin
# How long a stream can outlive a session that was ended by another worker or command: each costs one look-up.
CHECK_S = 10.0

_log = logger("kentongan.live")


class TooManyStreamsError(Exception):
    """There is no room for one more, or not for this person's."""


class Client:
    """One console's stream.

    Attributes:
        session: whose it is; `Live.end_session` ends it.
        eyes: how it sees, when that is not everything.
        whose: its person's, who may see everything.
        dropped: it was too slow, or its session ended.
        skip_through: the position of the history up to which it has everything by another way.
    """

    def __init__(self, session: bytes, expires_at_ms: int, skip_through: int, eyes: Eyes | None = None) -> None:
        self.session = session
        self.expires_at_ms = expires_at_ms
        self.eyes = eyes
        self.whose: Eyes | None = None
        self.check_at_s = 0.0
        self.dropped = False
        self.skip_through = skip_through
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._something_waits = asyncio.Event()

    def tell(self, event: StreamEvent, whole: bytes) -> None:
        """Queues an event as its person may see it; `whole` is all of it."""
        chunk = self.eyes.chunk(event) if self.eyes else whole
        if chunk is not None:
            self.push(event.position, chunk)

    def push(self, position: int | None, chunk: bytes) -> None:
        """Queues what is news for this console; ticks have no position."""
        if self.dropped or (position is not None and position <= self.skip_through):
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
    """Follows the history and hands it to all consoles.

    Args:
        stands: whether a session has not been ended; asked now and then.
    """

    def __init__(self, views: Views, clock: Clock, stands: Callable[[bytes], bool] = lambda _session: True) -> None:
        self._views = views
        self._clock = clock
        self._stands = stands
        self._clients: set[Client] = set()
        self._position = 0
        self._waiting: tuple[int | None, float] = None, 0.0  # the next to get its place, and since when, loop time
        self.moves = True
        """Whether what is committed gets its place in the history: until then it is on no stream."""
        self._woken = asyncio.Event()
        self._started = asyncio.Event()

    @property
    def clients(self) -> int:
        """How many consoles listen."""
        return len(self._clients)

    @property
    def answering(self) -> int:
        """How many consoles listen whose person can answer whatever rings: a partner's or a technician's is none."""
        return sum(client.whose is not None and client.whose.answers for client in self._clients)

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
        """Follows the history for ever.

        No tick is sent while it cannot be read or does not move: consoles turn red, rightly.
        """
        self._position = await self._views.position()
        self._started.set()
        loop = asyncio.get_running_loop()
        next_tick = loop.time()
        while True:
            try:
                await self._follow()
                if loop.time() >= next_tick:
                    self._look_whether_it_moves(await self._views.waiting(), loop.time())
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

    async def stream(
        self, after: int | None, session: bytes, expires_at_ms: int, eyes: Eyes | None = None
    ) -> AsyncGenerator[bytes, None]:
        """One console's stream, from behind position `after`; None begins with now.

        With `eyes` that do not see everything it begins with now and an event `reload`: read the lists, then go on.

        Raises:
            TooManyStreamsError: there is no room for it.
        """
        await self._started.wait()
        newest = await self._views.position()
        narrow = eyes is not None and not eyes.everything
        if (
            after is None or narrow or after > newest
        ):  # behind our end: a position of another store, from before a restore
            after = newest
        self._check_room(eyes)
        # From here to `add` nothing waits: what the follower reads later, this client gets.
        joined_at = self._position
        client = Client(session, expires_at_ms, max(after, joined_at), eyes if narrow else None)
        client.whose = eyes
        client.check_at_s = asyncio.get_running_loop().time() + CHECK_S
        self._clients.add(client)
        try:
            if narrow:
                await self._begin(client)
                yield RELOAD
            else:
                async for chunk in self._catch_up(after, joined_at):
                    yield chunk
            yield self._tick_chunk(client) if self.moves else COMMENT
            while chunk := await client.next():
                yield chunk
        finally:
            self._clients.discard(client)

    def _check_room(self, eyes: Eyes | None) -> None:
        """Nobody's streams may keep a desk from its own.

        Raises:
            TooManyStreamsError: there are too many, or too many of this person.
        """
        if len(self._clients) >= CLIENTS_MAX:
            raise TooManyStreamsError
        if eyes is None:
            return
        theirs = [client.whose for client in self._clients if client.whose is not None]
        if sum(one.user == eyes.user for one in theirs) >= (DESK_USER_MAX if eyes.desk else USER_MAX):
            raise TooManyStreamsError
        if not eyes.desk and sum(not one.desk for one in theirs) >= ELSEWHERE_MAX:
            raise TooManyStreamsError

    async def _begin(self, client: Client) -> None:
        """What the lists show that this console is about to read."""
        assert client.eyes is not None
        scope = client.eyes.scopes.get("incident")
        if scope is not None and scope.reach is Reach.AGENCY:
            client.eyes.shown |= await self._views.shown(scope)

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
                    client.tell(event, chunk)
            self._position = page.through
            if not page.more:
                return

    def _look_whether_it_moves(self, waiting: int | None, now_s: float) -> None:
        """By our own clock: the rows' times are those of what they tell, which may have waited for its commit."""
        if waiting is None or waiting != self._waiting[0]:
            self._waiting = waiting, now_s
        moves = waiting is None or now_s - self._waiting[1] < UNPLACED_S
        if moves != self.moves:
            (_log.info if moves else _log.error)("the history", moves=moves, next=waiting)
        self.moves = moves

    def _tick(self) -> None:
        now_ms = self._clock.wall_ms()
        now_s = asyncio.get_running_loop().time()
        for client in self._clients:
            if now_ms >= client.expires_at_ms or (now_s >= client.check_at_s and not self._still(client, now_s)):
                client.drop()
            if self.moves:
                client.push(None, self._tick_chunk(client))

    def _still(self, client: Client, now_s: float) -> bool:
        """Whether the session has not been ended elsewhere; a store that does not answer ends nobody's stream."""
        client.check_at_s = now_s + CHECK_S
        try:
            return self._stands(client.session)
        except StoreError:
            return True

    def _tick_chunk(self, client: Client) -> bytes:
        # Its lists may be newer than what this follower has read: a tick from before them would say "rewound" to it.
        position = max(self._position, client.skip_through) if client.eyes is None else 0  # see `Views`
        data = json.dumps({"position": position, "at_ms": self._clock.wall_ms()})
        return f"event: tick\ndata: {data}\n\n".encode()
