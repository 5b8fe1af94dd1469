"""Who may come in while a crowd tries: with fakes for the store and for the work of hashing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from kentongan_server.application import people
from kentongan_server.application.people import STRANGERS_MAX, LoginError, People, TooManyTriesError
from kentongan_server.application.person import StoredSession, User

HANGS_S = 30  # when a test gives up: nothing here waits for anything but the loop
SARI = User(1, "sari", "operator", "hash of right")


class Clock:
    def wall_ms(self) -> int:
        return 1_800_000_000_000

    def monotonic_ms(self) -> int:
        return 5_000_000


class Passwords:
    def matches(self, stored: str | None, password: str) -> bool:
        return stored == f"hash of {password}"

    def hashed(self, password: str) -> str:
        return f"hash of {password}"


class Everything:
    """Store, its transactions and its reader: one person, and the lines that were written."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.sessions: list[bytes] = []

    def user(self, name: str) -> User | None:
        return SARI if name == SARI.name else None

    def session(self, _key: bytes, _now_ms: int) -> StoredSession | None:
        return None

    async def submit(self, work: Callable[[Any], Any], *, urgent: bool = True) -> Any:
        return work(self)

    def person(self, user: int) -> User | None:
        return SARI if user == SARI.id else None

    def sessions_of(self, _user: int) -> list[bytes]:
        return self.sessions

    def insert_session(self, key: bytes, *_rest: object) -> None:
        self.sessions.append(key)

    def append(self, entry: object) -> None:
        self.lines.append(entry)


class Hashing:
    """Work that goes on until the test lets it end."""

    def __init__(self) -> None:
        self.begun = 0
        self.news = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def run(self, work: Callable[[], Any]) -> Any:
        self.begun += 1
        self.news.set()
        await self.goes_on.wait()
        return work()


def centre(hashing: Hashing) -> People:
    stored: Any = Everything()
    return People(stored, stored, Clock(), bytes(32), Passwords(), hashing.run)


async def known_browser(desk: People, hashing: Hashing) -> str:
    hashing.goes_on.set()
    mark = (await desk.login("sari", "right", "192.0.2.1")).browser
    hashing.goes_on.clear()
    hashing.begun = 0
    hashing.news.clear()
    return mark


async def test_a_crowd_of_strangers_does_not_stand_before_who_is_known() -> None:
    hashing = Hashing()
    desk = centre(hashing)
    mark = await known_browser(desk, hashing)
    crowd = [
        asyncio.create_task(desk.login(f"name {number}", "guess", f"198.51.100.{number}"))
        for number in range(STRANGERS_MAX + 5)
    ]
    done, waiting = await asyncio.wait(crowd, timeout=HANGS_S, return_when=asyncio.FIRST_EXCEPTION)
    refused = [task.exception() for task in done]
    assert len(refused) == 5
    assert all(isinstance(error, TooManyTriesError) for error in refused)
    assert hashing.begun == 1, "strangers hash one after the other"
    hashing.news.clear()
    entering = asyncio.create_task(desk.login("sari", "right", "198.51.100.1", mark))
    async with asyncio.timeout(HANGS_S):
        await hashing.news.wait()
    assert hashing.begun == 2, "sari does not wait for them"
    hashing.goes_on.set()
    assert (await entering).session.name == "sari"
    for task in waiting:
        with pytest.raises(LoginError):
            await task
    with pytest.raises(LoginError):  # and the waiting room is empty again
        await desk.login("somebody", "guess", "198.51.100.77")


async def test_a_made_up_mark_of_a_browser_is_counted_as_none() -> None:
    hashing = Hashing()
    hashing.goes_on.set()
    desk = centre(hashing)
    for number in range(people.TRIES_OF_NAME):
        with pytest.raises(LoginError):
            await desk.login("sari", "guess", "192.0.2.9", f"{number:032x}.{'0' * 64}")
    with pytest.raises(TooManyTriesError):
        await desk.login("sari", "right", "192.0.2.9", f"{'f' * 32}.{'0' * 64}")


async def test_the_mark_of_one_person_is_none_of_anothers() -> None:
    hashing = Hashing()
    desk = centre(hashing)
    mark = await known_browser(desk, hashing)
    hashing.goes_on.set()
    for number in range(people.TRIES_OF_ADDRESS):
        with pytest.raises(LoginError):
            await desk.login(f"name {number}", "guess", "192.0.2.9", mark)
    with pytest.raises(TooManyTriesError):
        await desk.login("one more", "guess", "192.0.2.9", mark)
