"""The judgement where only SMS works: what a gateway holds whole must be an alarm; what the radio damaged can't be."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from kentongan_gateway.adapters import custody_table
from kentongan_sim.universe.ending import wrong_at_the_end
from kentongan_sim.universe.oracle import Oracle

if TYPE_CHECKING:
    from kentongan_sim.universe.world import World

GATEWAY = 0xA0000001
PRESS = (0xA0000011, 65, bytes(8))
SENT = b"as its button sent it"
DAMAGED = b"as the radio left it"


def a_world(first_frame: bytes, newest_frame: bytes) -> World:
    connection = sqlite3.connect(":memory:")
    custody_table.prepare(connection)
    connection.execute(
        "INSERT INTO press (device, sequence, nonce, state, first_frame, first_boot, first_uptime_ms, first_wall_ms,"
        " frame, boot, uptime_ms, wall_ms, arrival) VALUES (?, ?, ?, 'held', ?, 1, 0, 0, ?, 1, 0, 0, 1)",
        (*PRESS, first_frame, newest_frame),
    )
    oracle = Oracle()
    oracle.genuine.add(PRESS)
    oracle.frames[SENT] = PRESS
    oracle.gateway_committed(GATEWAY, connection)
    gateway = SimpleNamespace(
        name="gateway-a0000001", identity=SimpleNamespace(device=GATEWAY), disk=SimpleNamespace(connection=connection)
    )
    plan = SimpleNamespace(ending="wifi")
    return cast("World", SimpleNamespace(plan=plan, oracle=oracle, buttons=[], gateways=[gateway]))


@pytest.mark.parametrize(("first", "newest"), [(SENT, SENT), (DAMAGED, SENT), (SENT, DAMAGED)])
def test_what_is_held_whole_is_missed_when_it_is_no_alarm(first, newest):
    assert "is no alarm, and SMS works" in (wrong_at_the_end(a_world(first, newest)) or "")


def test_what_was_damaged_on_its_way_to_the_gateway_is_not():
    assert wrong_at_the_end(a_world(DAMAGED, DAMAGED)) is None
