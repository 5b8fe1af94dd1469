"""A real mosquitto, started, killed, hung and refused."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kentongan_host import broker as broker_module
from kentongan_host.broker import Broker, BrokerConfig, BrokerError, Listener
from kentongan_host.mqtt import Connection, Endpoint
from kentongan_sim.ports import free_port
from tests.support.site import MOSQUITTO, PATIENCE_S


def config(folder: Path, *listeners: Listener, program: str = MOSQUITTO) -> BrokerConfig:
    return BrokerConfig(program, folder / "broker", listeners)


def listener(port: int, *options: tuple[str, str]) -> Listener:
    return Listener("127.0.0.1", port, (("allow_anonymous", "true"), *options), "[buttons] port in gateway.toml")


def is_alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


async def gone(pid: int) -> None:
    """Waits, through the kernel, for a process that need not be our child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(handle, ended.set)
    try:
        await asyncio.wait_for(ended.wait(), PATIENCE_S)
    finally:
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)


class Changes:
    """What a broker told about itself."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bool] = asyncio.Queue()

    async def until(self, up: bool) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while await self.queue.get() != up:
                pass


async def test_it_answers_when_entered_and_is_gone_when_left(folder: Path):
    port = free_port()
    async with Broker(config(folder, listener(port))) as broker:
        pid = broker.pid
        assert pid is not None
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
    assert not is_alive(pid)
    assert broker.pid is None


async def test_its_files_and_its_socket_are_private(folder: Path):
    async with Broker(BrokerConfig(MOSQUITTO, folder / "broker", (), {"psk": "a:bc\n"})) as broker:
        assert (folder / "broker").stat().st_mode & 0o777 == 0o700
        assert (folder / "broker" / "psk").stat().st_mode & 0o777 == 0o600
        assert (folder / "broker" / "mosquitto.conf").stat().st_mode & 0o777 == 0o600
        assert broker.socket_path.is_socket()


async def test_a_deep_folder_gets_its_socket_elsewhere(folder: Path):
    deep = folder / ("x" * 60) / ("y" * 60)
    async with Broker(config(deep)) as broker:
        place = broker.socket_path.parent
        assert place.stat().st_mode & 0o777 == 0o700
        assert broker.socket_path.is_socket()
    assert not place.exists()


async def test_one_that_was_killed_is_started_again(folder: Path):
    changes = Changes()
    async with Broker(config(folder), on_change=changes.queue.put_nowait) as broker:
        first = broker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await changes.until(up=False)
        await changes.until(up=True)
        assert broker.pid not in {None, first}
        assert broker.restarts == 1


async def test_one_that_hangs_is_killed_and_started_again(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(broker_module, "PROBE_EVERY_S", 0.05)
    monkeypatch.setattr(broker_module, "PROBE_S", 0.2)
    changes = Changes()
    async with Broker(config(folder), on_change=changes.queue.put_nowait) as broker:
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGSTOP)
        await changes.until(up=False)
        await changes.until(up=True)


async def test_kill_9_of_us_leaves_no_broker(folder: Path):
    script = f"""
import asyncio, os, signal
from pathlib import Path
from kentongan_host.broker import Broker, BrokerConfig
async def main():
    async with Broker(BrokerConfig({MOSQUITTO!r}, Path({str(folder / "broker")!r}), ())) as broker:
        print("pid", broker.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=subprocess.PIPE)
    assert process.stdout is not None
    pid = 0
    while not pid:  # its log is on the same stream
        word, _, rest = (await process.stdout.readline()).partition(b" ")
        pid = int(rest) if word == b"pid" else 0
    assert await process.wait() == -signal.SIGKILL
    await gone(pid)
    assert not is_alive(pid)


async def test_a_taken_address_is_named_with_a_remedy(folder: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BrokerError) as caught:
            async with Broker(config(folder, listener(port))):
                raise AssertionError("started")
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use." in str(caught.value)
    assert "[buttons] port in gateway.toml" in caught.value.remedy


async def test_an_address_of_another_machine_is_named(folder: Path):
    elsewhere = Listener("192.0.2.1", free_port(), (), "[buttons] host")
    with pytest.raises(BrokerError, match=r"cannot listen on 192.0.2.1:"):
        async with Broker(config(folder, elsewhere)):
            raise AssertionError("started")


async def test_a_missing_program_is_named_with_a_remedy(folder: Path):
    with pytest.raises(BrokerError, match=r"no program 'no-such-broker'.*apt-get install mosquitto"):
        async with Broker(config(folder, program="no-such-broker")):
            raise AssertionError("started")


async def test_a_config_that_it_refuses_is_told_in_its_own_words(folder: Path):
    with pytest.raises(BrokerError, match=r"ended with code 3: .*Unknown configuration variable .*nonsense"):
        async with Broker(config(folder, listener(free_port(), ("nonsense", "1")))):
            raise AssertionError("started")


async def test_an_option_cannot_smuggle_in_a_second_line(folder: Path):
    with pytest.raises(BrokerError, match="would break its line"):
        async with Broker(config(folder, listener(free_port(), ("psk_hint", "a\nallow_anonymous true")))):
            raise AssertionError("started")


async def test_mosquitto_does_not_speak_to_our_service_manager(folder: Path, monkeypatch: pytest.MonkeyPatch):
    address = str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
        manager.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        async with Broker(config(folder)) as broker:
            assert broker.pid is not None
            environment = environment_of(broker.pid)
        assert address not in environment
        with pytest.raises(BlockingIOError):
            manager.recv(1)


async def test_a_reload_takes_new_files_and_keeps_sessions(folder: Path):
    lines = (("acl_file", str(folder / "broker" / "acl")),)
    files = BrokerConfig(MOSQUITTO, folder / "broker", (listener(free_port(), *lines),), {"acl": "topic read a\n"})
    async with Broker(files) as broker, Connection(Endpoint("own", unix_socket=broker.socket_path)) as own:
        await asyncio.wait_for(own.wait_up(), PATIENCE_S)
        pid = broker.pid
        broker.reload({"acl": "topic read b\n"}, end_sessions=False)
        assert (folder / "broker" / "acl").read_text() == "topic read b\n"
        await own.publish("x", b"", deadline_s=PATIENCE_S)
        assert (broker.pid, own.up) == (pid, True)


async def test_a_connection_made_before_the_start_finds_a_broker_in_a_deep_folder(tmp_path: Path):
    deep = tmp_path / ("d" * 100)
    broker = Broker(config(deep))
    connection = Connection(Endpoint("early", unix_socket=broker.socket_path))
    async with broker, connection:
        await asyncio.wait_for(connection.wait_up(), PATIENCE_S)
        assert broker.socket_path.parent.stat().st_mode & 0o777 == 0o700
    assert not broker.socket_path.parent.exists()
