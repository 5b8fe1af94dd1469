"""Yesterday's database is put back: what was pressed since is offered again, and every press is one alarm."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.city import CENTRE
from kentongan_sim.evidence import Identity
from kentongan_sim.headless import Run, RunOptions
from kentongan_sim.virtual_button import VirtualButton
from kentongan_sim.witness import identity_of
from tests.support.city import running_city

pytestmark = [pytest.mark.micropython, pytest.mark.slow]

SOON_S = 300.0  # bounds reconnections, heartbeats and offering again, on a loaded machine
QUIET_S = 3.0  # after that, how long nothing more may come
LOOK_S = 0.2
RECEIVED = 1


async def received(run: Run, button: VirtualButton) -> Identity:
    """A press of this button that the centre has."""
    decided = button.expect(lambda trace: trace.name == "pressed")
    await run.presser.press(button)
    press = await asyncio.wait_for(decided, SOON_S)
    answered = button.since_press(lambda trace: trace.name == "lamp" and trace.values["level"] >= RECEIVED)
    await asyncio.wait_for(answered, SOON_S)
    return identity_of(button, press)


def alarms(database: Path) -> list[Identity]:
    """Every press that the database holds, as often as it does."""
    opened = CentreDatabase(database)
    try:
        return [row.identity for row in opened.final_state().alarms if not row.by_centre]
    finally:
        opened.close()


def back_up(database: Path, backup: Path) -> None:
    """A whole copy of a database that somebody uses."""
    with contextlib.closing(sqlite3.connect(database)) as source, contextlib.closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)


async def put_back(run: Run, database: Path, backup: Path) -> None:
    """What somebody does who restores a backup: stop, copy, start."""
    await run.city.manager[CENTRE].stop()
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    copy = backup.with_name("copy.db")
    shutil.copy(backup, copy)
    copy.replace(database)  # another file, for the witness still has the old one open
    await run.city.start_centre()


async def test_presses_since_yesterday_are_offered_again_and_none_twice(tmp_path):
    async with running_city(tmp_path / "city", RunOptions(presses=0, seed=1945, forged=0, replayed=0)) as run:
        database = run.city.enrolled.database
        guard, cashier, teller = (run.city.button(name) for name in ("Pos Satpam", "Meja Kasir", "Meja Teller 1"))
        before = await received(run, guard)
        backup = tmp_path / "yesterday.db"
        back_up(database, backup)
        since = [await received(run, cashier), await received(run, teller), await received(run, guard)]
        assert sorted(alarms(database)) == sorted([before, *since])

        await put_back(run, database, backup)
        async with asyncio.timeout(SOON_S):
            while not set(since) <= set(alarms(database)):  # noqa: ASYNC110 - another process's database
                await asyncio.sleep(LOOK_S)
        await asyncio.sleep(QUIET_S)
        assert sorted(alarms(database)) == sorted([before, *since])
        after = await received(run, cashier)
        assert sorted(alarms(database)) == sorted([before, *since, after])
