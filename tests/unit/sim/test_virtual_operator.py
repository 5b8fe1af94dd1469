"""The operator at the desk of a run: answers what the screen shows, also when the screen is behind."""

from __future__ import annotations

import asyncio
import random
from typing import Any, cast

import pytest

from kentongan_sim import virtual_operator
from kentongan_sim.console_client import ConsoleClient, ConsoleError
from kentongan_sim.evidence import Evidence
from kentongan_sim.virtual_operator import CONFLICT, VirtualOperator

CLOSED = {"id": 9, "version": 30, "position": 300, "ringing": False, "alarms": []}


def ringing(version: int, *alarms: int, position: int = 0) -> dict[str, Any]:
    told = [{"id": one, "device": "a0000001", "sequence": one, "nonce": f"{one:016x}"} for one in alarms]
    return {"id": 9, "version": version, "position": position, "ringing": True, "alarms": told}


class Desk:
    """A console that takes one answer; what it is told after that finds the incident closed."""

    def __init__(self, refused_status: int = CONFLICT) -> None:
        self.keys: list[tuple[str, int]] = []
        self.closed = False
        self.refused_status = refused_status

    async def acknowledge(self, incident: int, version: int) -> dict[str, Any]:
        self.keys.append(("acknowledge", version))
        if self.closed:
            raise ConsoleError("acknowledge", self.refused_status, "closed")
        return {**ringing(20, 1), "ringing": False}

    async def finish_plan(self, incident: int) -> dict[str, Any]:
        self.keys.append(("finish", incident))
        return {**ringing(25, 1), "ringing": False}

    async def close(self, incident: int, version: int, outcome: str, cause: str) -> dict[str, Any]:
        self.keys.append(("close", version))
        self.closed = True
        return CLOSED

    async def incident(self, incident: int) -> dict[str, Any]:
        self.keys.append(("look", incident))
        return CLOSED


@pytest.fixture(autouse=True)
def no_delays(monkeypatch):
    monkeypatch.setattr(virtual_operator, "ANSWER_S", (0.0, 0.0))
    monkeypatch.setattr(virtual_operator, "CLOSE_S", (0.0, 0.0))
    monkeypatch.setattr(virtual_operator, "CLOSED_SHARE", 1.0)


async def at_rest(operator):
    while operator._hands:
        await asyncio.gather(*operator._hands.values(), return_exceptions=True)
        await asyncio.sleep(0)


async def test_a_stream_that_is_behind_makes_nobody_answer_again():
    desk, evidence = Desk(), Evidence()
    operator = VirtualOperator(cast("ConsoleClient", desk), evidence, random.Random(1))
    operator.show(ringing(10, 1))
    await at_rest(operator)
    operator.show(ringing(15, 1))  # told by the stream after the answers to both keys
    assert operator.idle
    assert desk.keys == [("acknowledge", 10), ("finish", 9), ("close", 20)]
    assert len(evidence.acknowledgements) == 1


async def test_a_bell_that_rings_again_without_a_new_version_is_heard_whatever_comes_late():
    operator = VirtualOperator(cast("ConsoleClient", Desk()), Evidence(), random.Random(1))
    waits = {**ringing(10, 1, position=100), "ringing": False}
    operator.show(waits)
    operator.show(ringing(10, 1, position=101))
    operator.show(waits)  # an answer that was on its way for longer
    assert operator._screen[9]["ringing"]
    await operator.stop()


async def test_an_answer_to_what_is_closed_is_refused_and_it_is_loaded_again():
    desk, evidence = Desk(), Evidence()
    desk.closed = True
    operator = VirtualOperator(cast("ConsoleClient", desk), evidence, random.Random(1))
    operator.show(ringing(10, 1))
    await at_rest(operator)
    assert operator.failure is None
    assert operator.idle
    assert operator.refused == 1
    assert desk.keys == [("acknowledge", 10), ("look", 9)]
    assert not evidence.acknowledgements


async def test_another_refusal_is_a_failure_of_the_run():
    desk = Desk(refused_status=500)
    desk.closed = True
    operator = VirtualOperator(cast("ConsoleClient", desk), Evidence(), random.Random(1))
    operator.show(ringing(10, 1))
    await at_rest(operator)
    assert isinstance(operator.failure, ConsoleError)
