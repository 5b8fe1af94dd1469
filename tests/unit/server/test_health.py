"""Health is false unless a frame could be committed now: each part is proven, and a proof is short-lived."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from kentongan_server.application.health import PROVEN_FOR_MS, STILL_S, Health, HealthCheck
from kentongan_server.application.ports import StoreError
from kentongan_server.domain.turns import EACH_MAX, Turns
from tests.support.direct_centre import DirectCentre


@dataclass
class Road:
    """Lanes that work as a test says."""

    up: bool = True
    gets_through: bool = True
    still_s: dict[str, float] = field(default_factory=lambda: {"alarm": 0.0, "report": 1.0})

    async def proven(self) -> bool:
        return self.up and self.gets_through


@pytest.fixture
def centre() -> DirectCentre:
    return DirectCentre()


def look(centre: DirectCentre, road: Road) -> Health:
    async def ask() -> Health:
        return await HealthCheck(centre.store, centre.clock, road).check()

    return asyncio.run(ask())


def test_each_part_by_itself_makes_it_false(centre: DirectCentre) -> None:
    assert look(centre, Road()) == Health(broker=True, store=True, moving=True)
    assert look(centre, Road()).ok
    assert look(centre, Road(gets_through=False)) == Health(broker=False, store=True, moving=True)
    assert look(centre, Road(up=False)) == Health(broker=False, store=True, moving=True)
    assert look(centre, Road(still_s={"alarm": STILL_S})) == Health(broker=True, store=True, moving=False)
    centre.store.error = StoreError("full.")
    assert look(centre, Road()) == Health(broker=True, store=False, moving=True)


@pytest.mark.parametrize("lost", [{"broker": False}, {"store": False}, {"moving": False}])
def test_one_part_is_enough_to_be_unwell(lost: dict[str, bool]) -> None:
    assert not Health(**{"broker": True, "store": True, "moving": True} | lost).ok


def test_whoever_asks_often_costs_one_proof_a_second(centre: DirectCentre) -> None:
    async def ask_often() -> int:
        check = HealthCheck(centre.store, centre.clock, Road())
        before = centre.store.commits
        await asyncio.gather(*(check.check() for _ in range(50)))
        centre.clock.now_ms += PROVEN_FOR_MS
        await check.check()
        return centre.store.commits - before

    assert asyncio.run(ask_often()) == 2


def test_a_lane_that_went_down_since_the_proof_is_told_at_once(centre: DirectCentre) -> None:
    async def ask() -> tuple[bool, bool]:
        road = Road()
        check = HealthCheck(centre.store, centre.clock, road)
        before = (await check.check()).ok
        road.up = False
        return before, (await check.check()).ok

    assert asyncio.run(ask()) == (True, False)


# --- turns ----------------------------------------------------------------------------------------


def test_one_that_floods_delays_another_by_one_message() -> None:
    turns: Turns[str] = Turns()
    for number in range(1_000):
        turns.put("flood", f"f{number}")
    turns.put("bank", "press 1")
    turns.put("bank", "press 2")
    turns.put("gold", "press 3")
    assert [turns.next() for _ in range(6)] == ["f0", "press 1", "press 3", "f1", "press 2", "f2"]
    assert len(turns) == 1_003 - 6


def test_each_sender_has_room_of_its_own_and_what_finds_none_is_counted() -> None:
    turns: Turns[int] = Turns()
    assert all(turns.put("flood", number) for number in range(EACH_MAX))
    assert not turns.put("flood", -1)
    assert turns.put("bank", -2)
    assert turns.dropped == 1
    taken = [turns.next() for _ in range(EACH_MAX + 1)]
    assert taken[1] == -2
    assert [one for one in taken if one != -2] == list(range(EACH_MAX))
    assert turns.next() is None
