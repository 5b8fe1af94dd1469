"""The witness asks the database at the very moment when a lamp changes, and reads blinks as a guard does."""

from __future__ import annotations

import sqlite3

import pytest

from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.evidence import Evidence
from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.processes import ProcessManager
from kentongan_sim.virtual_button import BoardFiles, Trace, VirtualButton
from kentongan_sim.witness import Witness

DEVICE = 0x0000A1B2
NONCE = "0102030405060708"


@pytest.fixture
def centre(tmp_path):
    """The one table that a lamp is compared with, written to as the centre does: WAL, committed at once."""
    connection = sqlite3.connect(tmp_path / "kentongan.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE alarm (device INTEGER, sequence INTEGER, nonce BLOB, level INTEGER)")
    yield connection
    connection.close()


@pytest.fixture
def witness(centre, tmp_path):
    database = CentreDatabase(tmp_path / "kentongan.db")
    yield Witness(Evidence(), database)
    database.close()


@pytest.fixture
async def button(tmp_path):
    return VirtualButton(
        name="Pos Satpam",
        device=DEVICE,
        variant="guard-post",
        files=BoardFiles(tmp_path / "flash.img", tmp_path / "nvs"),
        link=LinkProxy("127.0.0.1", 1),
        manager=ProcessManager(tmp_path, print),
        seed=1,
        on_trace=lambda _button, _trace: None,
        on_fault=print,
    )


def commit(centre: sqlite3.Connection, level: int) -> None:
    centre.execute("DELETE FROM alarm")
    centre.execute("INSERT INTO alarm VALUES (?, 1, ?, ?)", (DEVICE, bytes.fromhex(NONCE), level))


def pressed(at_ms: float = 0.0) -> Trace:
    return Trace("pressed", {"sequence": 1, "nonce": NONCE, "after": 0, "saved": True}, at_ms)


def lamp(level: int) -> Trace:
    return Trace("lamp", {"sequence": 1, "nonce": NONCE, "level": level}, 0.0)


def blink(button: VirtualButton, at_ms: int) -> Trace:
    return Trace("pin", {"gpio": button.panel.wiring.lamp, "value": 1, "board_ms": at_ms}, float(at_ms))


async def test_a_lamp_is_judged_by_what_is_committed_then_not_later(witness, button, centre):
    witness.note(button, lamp(1))
    commit(centre, 1)
    witness.note(button, lamp(1))
    witness.note(button, lamp(2))
    commit(centre, 2)
    witness.note(button, lamp(2))
    assert [(seen.shown, seen.committed, seen.lies) for seen in witness.evidence.lamps] == [
        (1, None, True),
        (1, 1, False),
        (2, 1, True),
        (2, 2, False),
    ]


async def test_what_is_not_committed_yet_does_not_count(witness, button, centre):
    centre.execute("BEGIN")
    commit(centre, 1)
    witness.note(button, lamp(1))
    centre.execute("COMMIT")
    witness.note(button, lamp(1))
    assert [seen.lies for seen in witness.evidence.lamps] == [True, False]


async def test_a_blink_claims_what_its_rhythm_says(witness, button, centre):
    witness.note(button, pressed())
    for at_ms in (0, 3000, 4500):
        witness.note(button, blink(button, at_ms))
    commit(centre, 1)
    for at_ms in (6000, 6750):
        witness.note(button, blink(button, at_ms))
    assert [(seen.claimed, seen.committed) for seen in witness.evidence.blinks] == [(0, 0), (1, 0), (1, 1), (2, 1)]


async def test_the_decision_is_dated_before_the_journals_write(witness, button):
    witness.note(button, Trace("pressed", {"sequence": 1, "nonce": NONCE, "after": 7, "saved": False}, 1007.0))
    assert witness.evidence.pressed == {(DEVICE, 1, NONCE): 1000.0}
    assert witness.evidence.unsaved == [(DEVICE, 1, NONCE)]
