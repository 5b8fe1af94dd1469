"""The process manager with real processes: readiness, honest deaths, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from kentongan_sim.errors import SimError
from kentongan_sim.processes import Child, Death, ProcessManager, Program

SOON_S = 60.0  # bounds the start of an interpreter or an end on a loaded machine; both take milliseconds

NOTIFIER = """
import os, socket, sys, time
address = os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1)
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"STATUS=hello\\nREADY=1\\n", address)
print("serving", flush=True)
time.sleep(600)
"""


def python(name: str, source: str, **options) -> Program:
    return Program(name, (sys.executable, "-c", textwrap.dedent(source)), **options)


def exists(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def until(condition, timeout_s: float = SOON_S) -> None:
    """For what only the kernel's process table tells."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the process table and other people's files raise no event
            await asyncio.sleep(0.005)


@pytest.fixture
def deaths() -> list[Death]:
    return []


@pytest.fixture
async def manager(tmp_path, deaths):
    manager = ProcessManager(tmp_path, deaths.append)
    yield manager
    await manager.stop(grace_s=0.5)


async def test_a_service_is_ready_when_it_says_so(manager, tmp_path):
    child = await manager.start(python("service", NOTIFIER, notifies=True))
    assert child.running
    await until(lambda: "serving" in (tmp_path / "service.log").read_text())


async def test_a_service_that_says_nothing_is_not_waited_for_without_end(manager):
    program = python("mute", "import sys, time; print('thinking', flush=True); time.sleep(60)", notifies=True)
    with pytest.raises(SimError, match=r"mute was not ready within 0\.5 s"):
        await manager.start(program, timeout_s=0.5)
    assert not manager["mute"].running


async def test_a_service_that_dies_at_start_says_how_and_why(manager):
    program = python("broken", "import sys; sys.exit('port 8080 is in use')", notifies=True)
    with pytest.raises(SimError, match=r"(?s)broken did not start.*exit code 1.*port 8080 is in use"):
        await manager.start(program)


async def test_a_program_that_does_not_exist_is_named(manager):
    with pytest.raises(SimError, match="no-such-program"):
        await manager.start(Program("ghost", ("/nowhere/no-such-program",), notifies=True))


async def test_an_unexpected_death_is_reported_with_signal_and_log(manager, deaths):
    child = await manager.start(python("victim", NOTIFIER, notifies=True))
    await until(lambda: "serving" in child.log.read_text())
    os.kill(child.pid, signal.SIGKILL)
    death = await asyncio.wait_for(asyncio.shield(child.ended), SOON_S)
    assert deaths == [death]
    assert (death.name, death.returncode, death.expected) == ("victim", -9, False)
    assert "killed by SIGKILL" in str(death)
    assert "serving" in str(death)


async def test_an_asked_for_death_is_not_reported(manager, deaths):
    child = await manager.start(python("asked", NOTIFIER, notifies=True))
    child.kill()
    assert (await asyncio.wait_for(asyncio.shield(child.ended), SOON_S)).expected
    assert deaths == []


async def test_the_same_name_starts_again_only_after_its_end(manager):
    program = python("again", NOTIFIER, notifies=True)
    child = await manager.start(program)
    with pytest.raises(SimError, match="again runs already"):
        await manager.start(program)
    await child.stop()
    assert (await manager.start(program)).running


async def test_stopping_takes_deaf_programs_and_their_own_children_along(manager, tmp_path):
    source = f"""
        import pathlib, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        grandchild = subprocess.Popen([sys.executable, "-c", deaf])
        path = pathlib.Path({str(tmp_path)!r}, "grandchild")
        path.with_suffix(".new").write_text(str(grandchild.pid))
        path.with_suffix(".new").rename(path)
        time.sleep(60)
    """
    child = await manager.start(python("deaf", source))
    await until((tmp_path / "grandchild").exists)
    grandchild = int((tmp_path / "grandchild").read_text())
    assert exists(grandchild)
    await manager.stop(grace_s=0.2)
    assert not child.running
    await until(lambda: not exists(grandchild))


async def test_the_environment_of_a_service_manager_is_not_handed_on(manager, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", "@somebody-else")
    child = await manager.start(python("plain", "import os; print(os.environ.get('NOTIFY_SOCKET'))"))
    death = await asyncio.wait_for(asyncio.shield(child.ended), SOON_S)
    assert death.tail == "None"


def test_children_die_with_a_parent_that_is_killed(tmp_path):
    source = f"""
        import asyncio, pathlib, sys
        from kentongan_sim.processes import ProcessManager, Program
        async def main():
            manager = ProcessManager(pathlib.Path({str(tmp_path)!r}), print)
            child = await manager.start(Program("child", (sys.executable, "-c", {NOTIFIER!r}), notifies=True))
            print(child.pid, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(source)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert exists(pid)
        parent.kill()
        parent.wait(SOON_S)
        deadline = time.monotonic() + SOON_S
        while exists(pid) and time.monotonic() < deadline:
            time.sleep(0.005)
        assert not exists(pid)


async def test_a_socket_path_may_be_as_deep_as_it_likes(tmp_path):
    deep = tmp_path / ("d" * 200)
    deep.mkdir()
    child = Child(python("deep", NOTIFIER, notifies=True), deep / "deep.log")
    await child.start()
    await child.ready()
    await child.stop(0.5)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as named, pytest.raises(OSError, match="too long"):
        named.bind(str(deep / "socket"))
