"""A store that was put back from a backup answers under another name, and every press is one alarm again."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kentongan_server import centre_state
from kentongan_server.adapters.high_water import NAME
from kentongan_server.cli import audit
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, ENVELOPE_OFFERED_AGAIN
from kentongan_wire.press import PressBody
from tests.support.centre_rig import CentreRig, SmallButton, SmallSite

AGAIN = ENVELOPE_IN_CUSTODY | ENVELOPE_OFFERED_AGAIN
OLD_MS = 120_000  # older than what is late


def copied(database: Path, to: Path) -> None:
    """A backup as an administrator makes it, while the centre runs or not."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def put_back(database: Path, backup: Path) -> None:
    for name in (database.name + "-wal", database.name + "-shm"):
        with contextlib.suppress(FileNotFoundError):
            (database.parent / name).unlink()
    shutil.copy(backup, database)


async def press(rig: CentreRig, site: SmallSite, button: SmallButton, bodies: list[PressBody], flags: int = 1) -> int:
    """Starts the centre, presses, waits for every receipt; the incarnation that signed them."""
    site.gateway.down.clear()
    async with rig.running() as centre, site.gateway:
        for body in bodies:
            await site.gateway.carry(button.attempt(body), flags=flags)
        for body in bodies:
            assert (await site.gateway.receipt(button, body)).incarnation == centre.incarnation
        return centre.incarnation


def rows(rig: CentreRig, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(rig.database)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def bank(rig: CentreRig) -> SmallSite:
    return rig.add_site("bank")


async def test_a_restored_store_is_another_incarnation_and_each_press_one_alarm(
    rig: CentreRig, bank: SmallSite, tmp_path: Path
) -> None:
    (button,) = bank.buttons
    kept, lost = [button.body()], [button.body(age_ms=OLD_MS) for _ in range(3)]
    first = await press(rig, bank, button, kept)
    copied(rig.database, tmp_path / "backup.db")
    assert await press(rig, bank, button, lost) == first, "an ordinary restart changes nothing"
    put_back(rig.database, tmp_path / "backup.db")
    assert rows(rig, "SELECT count(*) FROM alarm") == [(1,)]

    second = await press(rig, bank, button, kept + lost, AGAIN)
    assert second != first
    assert rows(rig, "SELECT count(*), count(DISTINCT nonce) FROM alarm") == [(4, 4)]
    reviewed = "SELECT i.recovered, count(*) FROM alarm AS a JOIN incident AS i ON i.id = a.incident GROUP BY 1"
    assert rows(rig, reviewed) == [(0, 1), (1, 3)], "what had been confirmed is for review, apart from what rings"
    assert await press(rig, bank, button, kept + lost, AGAIN) == second, "it keeps its new name"
    assert rows(rig, "SELECT count(*) FROM alarm") == [(4,)]
    assert audit(["verify", "--state", str(rig.state.directory)]) == 0


async def test_a_restored_store_that_went_on_as_far_is_found_out(
    rig: CentreRig, bank: SmallSite, tmp_path: Path
) -> None:
    """Enrolling beside a stopped centre makes the history long again; it is another history."""
    (button,) = bank.buttons
    copied(rig.database, tmp_path / "backup.db")
    first = await press(rig, bank, button, [button.body()])
    put_back(rig.database, tmp_path / "backup.db")
    for number in range(20):
        rig.add_post("bank", f"Another {number}")
    assert await press(rig, bank, button, [button.body()]) != first


async def test_without_a_mark_nobody_knows_so_it_is_another(rig: CentreRig, bank: SmallSite) -> None:
    (button,) = bank.buttons
    first = await press(rig, bank, button, [button.body()])
    (rig.state.directory / NAME).unlink()
    second = await press(rig, bank, button, [button.body()])
    assert second != first
    (rig.state.directory / NAME).write_text("{torn")
    assert await press(rig, bank, button, [button.body()]) not in (first, second)


async def test_killing_and_starting_changes_nothing(rig: CentreRig, bank: SmallSite) -> None:
    """The mark is behind the history when the process dies, never before it."""
    (button,) = bank.buttons
    mark = rig.state.directory / NAME
    first = await press(rig, bank, button, [button.body()])
    before = mark.read_bytes()
    await press(rig, bank, button, [button.body()])
    mark.write_bytes(before)  # as if it had been killed before the mark moved
    assert await press(rig, bank, button, [button.body()]) == first


def test_a_new_centre_is_marked_at_once(tmp_path: Path) -> None:
    begun = centre_state.begin(tmp_path / "state")
    assert (begun.state.directory / NAME).is_file()
