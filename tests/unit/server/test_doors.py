"""Whose door is shut, and for how long: only for what brings no new alarm, and never for ever."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from kentongan_server.application.doorkeeper import Doorkeeper
from kentongan_server.application.ports import Clock
from kentongan_server.application.take import Taken
from kentongan_server.domain.doors import (
    FORGIVEN_AFTER_MS,
    SECOND_MS,
    SHUT_FIRST_MS,
    SHUT_MAX_MS,
    USELESS_A_SECOND,
    Doors,
)


def flood(doors: Doors, at_ms: int, sender: str = "thief", count: int = USELESS_A_SECOND + 1) -> bool:
    return any(doors.useless(sender, at_ms) for _ in range(count))


def test_the_door_is_shut_by_the_first_message_above_the_rate() -> None:
    doors = Doors()
    assert not flood(doors, 5_000, count=USELESS_A_SECOND)
    assert doors.useless("thief", 5_000 + SECOND_MS - 1)
    assert doors.shut == {"thief"}


def test_the_rate_is_a_second_and_each_senders_own() -> None:
    doors = Doors()
    for second in range(5):
        for sender in ("a", "b", "c"):
            assert not flood(doors, 5_000 + second * SECOND_MS, sender, USELESS_A_SECOND)
    assert not doors.shut


def test_what_was_on_its_way_when_the_door_was_shut_does_not_shut_it_again() -> None:
    doors = Doors()
    assert flood(doors, 5_000)
    assert not flood(doors, 5_000, count=10_000)
    assert doors.open_again(5_000 + SHUT_FIRST_MS)
    assert not doors.shut


def test_a_flood_that_goes_on_is_shut_out_longer_each_time_up_to_a_bound() -> None:
    doors, now_ms, took = Doors(), 5_000, []
    for _ in range(8):
        assert flood(doors, now_ms)
        began_ms = now_ms
        while not doors.open_again(now_ms):
            now_ms += SECOND_MS
        took.append(now_ms - began_ms)
    assert took[:3] == [SHUT_FIRST_MS, 2 * SHUT_FIRST_MS, 4 * SHUT_FIRST_MS]
    assert took[-2:] == [SHUT_MAX_MS, SHUT_MAX_MS]


def test_who_was_quiet_for_long_begins_anew() -> None:
    doors = Doors()
    assert flood(doors, 5_000)
    opened_ms = 5_000 + SHUT_FIRST_MS
    assert doors.open_again(opened_ms)
    assert flood(doors, opened_ms + FORGIVEN_AFTER_MS)
    assert doors.open_again(opened_ms + FORGIVEN_AFTER_MS + SHUT_FIRST_MS)


class Gatehouse:
    """A doorkeeper with a clock that stands still, before an intake that always says the same."""

    def __init__(self, outcome: object) -> None:
        self.now_ms = 5_000
        self.told: list[frozenset[str]] = []
        clock = cast("Clock", SimpleNamespace(monotonic_ms=lambda: self.now_ms))
        self.keeper = Doorkeeper(clock, self.told.append)
        self._outcome = outcome

    def messages(self, count: int) -> None:
        async def take(_topic: str, _payload: bytes) -> object:
            return self._outcome

        async def all_of_them() -> None:
            watched = self.keeper.watch(take)
            for _ in range(count):
                await watched("k1c/0000005a/up/alarm", b"")

        asyncio.run(all_of_them())


def taken(*, fresh: bool) -> Taken:
    known = Taken.__new__(Taken)
    object.__setattr__(known, "fresh", fresh)
    return known


def test_new_alarms_shut_no_door_however_many() -> None:
    gatehouse = Gatehouse(taken(fresh=True))
    gatehouse.messages(5 * USELESS_A_SECOND)
    assert gatehouse.told == []


@pytest.mark.parametrize("outcome", ["refused", taken(fresh=False)], ids=["refused", "replayed"])
def test_forged_and_replayed_frames_shut_it_once_and_time_opens_it(outcome: object) -> None:
    gatehouse = Gatehouse(outcome)
    gatehouse.messages(5 * USELESS_A_SECOND)
    assert gatehouse.told == [{"0000005a"}]
    gatehouse.now_ms += SHUT_FIRST_MS - 1
    gatehouse.keeper.tick()
    assert gatehouse.keeper.shut == {"0000005a"}
    gatehouse.now_ms += 1
    gatehouse.keeper.tick()
    assert gatehouse.told == [{"0000005a"}, frozenset()]
