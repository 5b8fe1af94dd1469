"""The simulator's judge counts what had to be refused: each arrival of a forged frame, as its gateway's, once."""

from __future__ import annotations

import sqlite3

import pytest

from kentongan_sim.universe.oracle import Oracle, Violation
from kentongan_sim.universe.reading import ONE_ARRIVAL_MS, SAME_BYTES_MS
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import seal
from kentongan_wire.keys import DeviceKeys

GATEWAY, ANOTHER = 0xA0000001, 0xB0000001
AT_MS = 1_790_000_000_000
FORGED = bytes(80)


def envelope(held_ms: int = 0, inner: bytes = FORGED, gateway: int = GATEWAY) -> bytes:
    keys = DeviceKeys(bytes(32), "gateway", gateway, 1, "amber")
    return seal(Envelope(held_ms, ENVELOPE_IN_CUSTODY, inner), gateway, 1, keys.up_link)


class Judge(Oracle):
    """An oracle that is told of messages by the gateway over whose lane they came."""

    def told(self, raw: bytes, at_ms: int, lane: int | None = None) -> None:
        gateway = int.from_bytes(raw[4:8], "big") if lane is None else lane
        self.refused(raw, f"k1c/{gateway:08x}/up/alarm", at_ms)


@pytest.fixture
def oracle() -> Judge:
    return Judge()


def listed(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Nothing so far."""
    connection.execute("CREATE TABLE rejection (source TEXT, count INTEGER)")
    return connection


def owed(oracle: Judge) -> dict[str, int]:
    """How many the list must show at least, of each gateway; found by what the judge complains of."""
    connection = listed(sqlite3.connect(":memory:"))
    needed: dict[str, int] = {}
    for gateway in (GATEWAY, ANOTHER):
        connection.execute("DELETE FROM rejection")
        other = ANOTHER if gateway == GATEWAY else GATEWAY
        connection.execute("INSERT INTO rejection VALUES (?, 1000)", (f"{other:08x}",))
        rows = 0
        while complains(oracle, connection):
            connection.execute("INSERT INTO rejection VALUES (?, 1)", (f"{gateway:08x}",))
            rows += 1
        needed[f"{gateway:08x}"] = rows
    return needed


def complains(oracle: Judge, connection: sqlite3.Connection) -> bool:
    try:
        oracle.count_rejections(connection)
    except Violation:
        return True
    return False


def test_every_forged_frame_must_be_listed_as_its_gateways(oracle: Judge) -> None:
    for number in range(3):
        oracle.told(envelope(inner=bytes([number]) * 80), AT_MS)
    oracle.told(envelope(gateway=ANOTHER), AT_MS)
    with pytest.raises(Violation, match="invariant 4: 3 forged frames of a0000001 were worked off, 0 are listed"):
        oracle.count_rejections(listed(sqlite3.connect(":memory:")))
    assert owed(oracle) == {"a0000001": 3, "b0000001": 1}


def test_tries_of_one_frame_in_custody_are_one_however_long_it_was_held(oracle: Judge) -> None:
    for wait_ms in (0, 7, 2_000, 60_000):
        oracle.told(envelope(held_ms=100 + wait_ms), AT_MS + wait_ms)
    assert owed(oracle) == {"a0000001": 1, "b0000001": 0}


def test_the_same_frame_at_another_time_counts_again(oracle: Judge) -> None:
    oracle.told(envelope(), AT_MS)
    oracle.told(envelope(), AT_MS + ONE_ARRIVAL_MS)
    assert owed(oracle)["a0000001"] == 1
    oracle.told(envelope(), AT_MS + ONE_ARRIVAL_MS + 1)
    oracle.told(envelope(held_ms=ONE_ARRIVAL_MS + 1), AT_MS)
    assert owed(oracle)["a0000001"] == 3


def test_a_frame_that_was_played_on_anothers_lane_is_listed_there(oracle: Judge) -> None:
    oracle.told(envelope(gateway=ANOTHER), AT_MS)
    for wait_ms in (0, ONE_ARRIVAL_MS + 1, SAME_BYTES_MS, SAME_BYTES_MS + 1):
        oracle.told(envelope(gateway=ANOTHER), AT_MS + wait_ms, lane=GATEWAY)
    assert owed(oracle) == {"a0000001": 2, "b0000001": 1}


def test_what_a_restored_centre_forgot_is_not_owed_by_it(oracle: Judge) -> None:
    oracle.told(envelope(), AT_MS)
    backup = oracle.backed_up()
    oracle.told(envelope(inner=bytes(79)), AT_MS)
    oracle.restored(backup, 2)
    assert owed(oracle)["a0000001"] == 1
    oracle.told(envelope(inner=bytes(79)), AT_MS)
    assert owed(oracle)["a0000001"] == 2
