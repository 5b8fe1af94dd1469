"""Several centres on one PostgreSQL: one works, the others stand by, and one of them takes over within 10 s."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kentongan_host.errors import HostError
from kentongan_server.adapters import auditing
from kentongan_server.adapters.advisory import Lock
from kentongan_server.adapters.leading import Leading
from kentongan_sim.ports import free_port
from tests.support.centre_rig import LOOK_S, PATIENCE_S, POSTGRESQL, CentreRig

LEADER = int(Lock.LEADER)
HELD = "FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = ?"


@pytest.fixture
def rig() -> Iterator[CentreRig]:
    with tempfile.TemporaryDirectory(prefix="kc") as name, CentreRig.on(Path(name), POSTGRESQL) as made:
        yield made


@asynccontextmanager
async def serving(state: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with (state.parent / "serve.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kentongan_tools", "serve", "--state", str(state),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log, env=os.environ,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        await process.wait()


async def says(process: asyncio.subprocess.Process, words: bytes) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(3 * PATIENCE_S):
        while words not in (line := await process.stdout.readline()):
            assert line, f"it ended before it said {words!r}"


async def test_a_leader_that_dies_is_replaced_and_presses_are_answered_again(rig: CentreRig) -> None:
    bank = rig.add_site("bank")
    button = bank.buttons[0]
    async with serving(rig.state.directory) as leader:
        await says(leader, b"console is at")
        async with serving(rig.state.directory) as other, bank.gateway as gateway:
            await says(other, b"stands by")
            first, second = button.body(), button.body()
            await gateway.carry(button.attempt(first))
            before = await gateway.receipt(button, first)
            leader.kill()
            began = time.monotonic()
            await says(other, b"console is at")
            print(f"replaced after {time.monotonic() - began:.1f} s")
            await gateway.connected()
            await gateway.carry(button.attempt(second))
            after = await gateway.receipt(button, second)
            assert after.incarnation == before.incarnation, "it is the same store: nobody offers old presses again"
    await rig.history_is_placed()
    assert auditing.verify(rig.state.database).findings == []
    assert rig.rows("SELECT count(*) FROM alarm") == [(2,)]


async def test_a_leader_that_freezes_is_replaced_and_ends_when_it_wakes(rig: CentreRig) -> None:
    elsewhere = rig.directory / "elsewhere"  # another machine: ports, broker and lock of its own
    shutil.copytree(rig.state.directory, elsewhere)
    settings = (elsewhere / "centre.toml").read_text()
    for port in (rig.broker_port, rig.http_port):
        settings = settings.replace(str(port), str(free_port()))
    (elsewhere / "centre.toml").write_text(settings)
    async with serving(rig.state.directory) as leader:
        await says(leader, b"console is at")
        async with serving(elsewhere) as other:
            await says(other, b"stands by")
            leader.send_signal(signal.SIGSTOP)
            await says(other, b"console is at")
            leader.send_signal(signal.SIGCONT)
            async with asyncio.timeout(3 * PATIENCE_S):
                assert await leader.wait() == 1


async def test_a_leader_whose_session_was_cut_goes_on_unless_another_one_led(rig: CentreRig) -> None:
    one, other = Leading(rig.state.database), Leading(rig.state.database)
    cut = f"SELECT pg_terminate_backend(pid) {HELD}"
    waits: list[bool] = []
    async with asyncio.timeout(3 * PATIENCE_S):
        await one.take(lambda: None)
        keeping = asyncio.create_task(one.keep())
        assert rig.rows(cut, LEADER) == [(True,)]
        while not rig.rows(f"SELECT 1 {HELD}", LEADER):  # noqa: ASYNC110 - another session raises no event here
            await asyncio.sleep(LOOK_S)
        assert not keeping.done(), "it leads on"
        taking = asyncio.create_task(other.take(lambda: waits.append(True)))
        while not waits:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        while not taking.done():
            rig.rows(cut, LEADER)
            await asyncio.sleep(0.3)
        with pytest.raises(HostError, match="leads now"):
            await keeping
    await one.aclose()
    await other.aclose()
