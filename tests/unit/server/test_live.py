"""The live stream: nobody's streams keep a desk from its own, and without news that can come there is no tick."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing

import pytest

from kentongan_server.application import live
from kentongan_server.application.eyes import STREAMED, Eyes
from kentongan_server.application.live import Live, TooManyStreamsError
from kentongan_server.application.views import EventPage
from kentongan_server.domain.roles import EVERYTHING, Reach, Scope
from tests.support.direct_centre import ManualClock

FAR_MS = 1 << 62
PATIENCE_S = 60.0


class Quiet:
    """A history in which nothing happens."""

    async def position(self) -> int:
        await asyncio.sleep(0)  # as a thread that reads: whoever comes meanwhile is counted as well
        return 0

    async def waiting(self) -> int | None:
        return None

    async def events(self, after: int, _through: int | None = None) -> EventPage:
        return EventPage((), after, more=False)


def desk(user: int) -> Eyes:
    return Eyes(dict.fromkeys(STREAMED, EVERYTHING), user=user, answers=True, desk=True)


def partner(user: int) -> Eyes:
    return Eyes({"incident": Scope(Reach.SITES, user)}, user=user)


class Room:
    """A live stream that is open to consoles."""

    def __init__(self) -> None:
        self.history = Quiet()
        self.live = Live(self.history, ManualClock())  # type: ignore[arg-type]
        self.open = AsyncExitStack()

    async def come(self, eyes: Eyes) -> None:
        """Opens a stream; raises what keeps it out."""
        stream: AsyncGenerator[bytes, None] = self.live.stream(None, b"s", FAR_MS, eyes)
        await self.open.enter_async_context(aclosing(stream))
        await anext(stream)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    made = Room()
    following = asyncio.create_task(made.live.run())
    async with made.open:
        yield made
    assert made.live.clients == 0
    following.cancel()


async def test_one_person_has_a_bounded_number_of_streams(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "USER_MAX", 2)
    monkeypatch.setattr(live, "DESK_USER_MAX", 3)

    for of, most in ((partner(1), 2), (desk(2), 3)):
        for _ in range(most):
            await room.come(of)
        with pytest.raises(TooManyStreamsError):
            await room.come(of)
    await room.come(partner(3))
    assert (room.live.clients, room.live.answering) == (6, 3)


async def test_all_who_sit_at_no_desk_together_leave_the_desks_their_room(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ELSEWHERE_MAX", 3)
    monkeypatch.setattr(live, "CLIENTS_MAX", 5)

    for user in range(3):
        await room.come(partner(user))
    with pytest.raises(TooManyStreamsError):
        await room.come(partner(9))
    await room.come(desk(10))
    await room.come(desk(11))
    with pytest.raises(TooManyStreamsError):
        await room.come(desk(12))


async def test_streams_that_begin_at_once_are_counted_as_well(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question how far the history is and the place among the others, somebody else may have taken it."""
    monkeypatch.setattr(live, "USER_MAX", 1)

    came = await asyncio.gather(*(room.come(partner(1)) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in came if one is not None] == [TooManyStreamsError] * 2


async def come_and_listen(room: Room) -> AsyncGenerator[bytes, None]:
    stream = room.live.stream(None, b"s", FAR_MS, desk(1))
    await room.open.enter_async_context(aclosing(stream))
    return stream


async def look(room: Room, monkeypatch: pytest.MonkeyPatch, next_one: int) -> None:
    """Returns when the stream has asked what waits, and was told this."""
    asked = asyncio.Event()

    async def waiting() -> int:
        asked.set()
        return next_one

    monkeypatch.setattr(room.history, "waiting", waiting)
    await asked.wait()


async def test_while_nobody_gives_rows_their_place_there_is_no_tick(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streams could be read, and would have no news: a silent console would look like a quiet night."""
    monkeypatch.setattr(live, "TICK_S", 0.01)
    monkeypatch.setattr(live, "UNPLACED_S", 0.05)
    before = await come_and_listen(room)
    assert b"event: tick" in await anext(before)
    async with asyncio.timeout(PATIENCE_S):
        while room.live.moves:
            await look(room, monkeypatch, 7)
    await anext(before)  # what was ticked until then
    silent = asyncio.ensure_future(anext(before))
    during = await come_and_listen(room)
    assert await anext(during) == live.COMMENT, "nor does a console that comes now begin with one"
    for _ in range(3):
        await look(room, monkeypatch, 7)
    assert not silent.done()
    await look(room, monkeypatch, 8)
    async with asyncio.timeout(PATIENCE_S):
        assert b"event: tick" in await silent, "the next one waits: rows get their places again"


async def test_rows_that_wait_one_after_the_other_are_no_standstill(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large import: there is always a next one, but never the same."""
    monkeypatch.setattr(live, "TICK_S", 0.01)
    numbers, enough = itertools.count(), asyncio.Event()

    async def waiting() -> int:
        number = next(numbers)
        if number == 50:
            enough.set()
        return number

    monkeypatch.setattr(room.history, "waiting", waiting)
    monkeypatch.setattr(live, "UNPLACED_S", 1e-9)
    await enough.wait()
    assert room.live.moves


async def test_a_console_whose_lists_are_newer_than_what_the_stream_has_read_is_not_told_that_it_was_taken_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tick from before what a console holds says that the centre was restored: it would forget what rings."""

    async def ahead() -> int:
        return 9

    await room.come(desk(1))  # from now on the stream reads by itself, and finds nothing yet
    monkeypatch.setattr(room.history, "position", ahead)
    stream = room.live.stream(9, b"s", FAR_MS, desk(2))
    await room.open.enter_async_context(aclosing(stream))
    assert b'"position": 9' in await anext(stream)
    restored = room.live.stream(12, b"s", FAR_MS, desk(3))
    await room.open.enter_async_context(aclosing(restored))
    assert b'"position": 9' in await anext(restored), "one that is ahead of all there is, is"
