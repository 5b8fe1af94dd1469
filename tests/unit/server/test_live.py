"""The live stream's room: nobody's streams keep a desk from its own."""

from __future__ import annotations

import asyncio
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


class Quiet:
    """A history in which nothing happens."""

    async def position(self) -> int:
        await asyncio.sleep(0)  # as a thread that reads: whoever comes meanwhile is counted as well
        return 0

    async def events(self, after: int, _through: int | None = None) -> EventPage:
        return EventPage((), after, more=False)


def desk(user: int) -> Eyes:
    return Eyes(dict.fromkeys(STREAMED, EVERYTHING), user=user, answers=True, desk=True)


def partner(user: int) -> Eyes:
    return Eyes({"incident": Scope(Reach.SITES, user)}, user=user)


class Room:
    """A live stream that is open to consoles."""

    def __init__(self) -> None:
        self.live = Live(Quiet(), ManualClock())  # type: ignore[arg-type]
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
