"""Our MQTT connection against a real broker, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from pathlib import Path

import pytest

from kentongan_host import mqtt
from kentongan_host.broker import Broker, BrokerConfig, Listener
from kentongan_host.mqtt import Connection, Endpoint, Inbox, Message, MqttError
from kentongan_sim.ports import free_port
from tests.support.certificates import Authority
from tests.support.site import MOSQUITTO, PATIENCE_S


class Changes:
    def __init__(self) -> None:
        self.queue: asyncio.Queue[tuple[bool, str]] = asyncio.Queue()

    def __call__(self, up: bool, why: str) -> None:
        self.queue.put_nowait((up, why))

    async def until(self, up: bool) -> str:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                is_up, why = await self.queue.get()
                if is_up == up:
                    return why


def config(folder: Path, *listeners: Listener) -> BrokerConfig:
    return BrokerConfig(MOSQUITTO, folder / "broker", listeners)


async def get(connection: Connection) -> Message:
    return await asyncio.wait_for(connection.inbox.get(), PATIENCE_S)


async def test_what_is_published_arrives_with_its_bytes(folder: Path):
    async with (
        Broker(config(folder)) as broker,
        Connection(Endpoint("in", unix_socket=broker.socket_path), ["a/+"]) as receiver,
        Connection(Endpoint("out", unix_socket=broker.socket_path)) as sender,
    ):
        await asyncio.gather(receiver.wait_up(), sender.wait_up())
        for payload in (b"\x00\xff", b""):
            await sender.publish("a/b", payload)
            assert await get(receiver) == Message("a/b", payload)


async def test_it_comes_back_subscribed_after_the_broker_died(folder: Path):
    changes = Changes()
    async with (
        Broker(config(folder)) as broker,
        Connection(Endpoint("in", unix_socket=broker.socket_path), ["a"], on_change=changes) as receiver,
        Connection(Endpoint("out", unix_socket=broker.socket_path)) as sender,
    ):
        await changes.until(up=True)
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        await changes.until(up=False)
        await changes.until(up=True)
        await asyncio.wait_for(sender.wait_up(), PATIENCE_S)
        await sender.publish("a", b"again")
        assert await get(receiver) == Message("a", b"again")


async def test_publishing_without_connection_fails_at_once(folder: Path):
    async with Connection(Endpoint("out", unix_socket=folder / "nothing")) as sender:
        with pytest.raises(MqttError, match=r"no connection to .*nothing"):
            await sender.publish("a", b"")


async def test_a_broker_that_dies_fails_what_it_has_not_confirmed_at_once(folder: Path):
    async with (
        Broker(config(folder)) as broker,
        Connection(Endpoint("out", unix_socket=broker.socket_path)) as sender,
    ):
        await asyncio.wait_for(sender.wait_up(), PATIENCE_S)
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGSTOP)
        waiting = asyncio.create_task(sender.publish("a", b"", deadline_s=10 * PATIENCE_S))
        await asyncio.sleep(0)
        os.kill(broker.pid, signal.SIGKILL)
        with pytest.raises(MqttError, match="connection lost"):
            await asyncio.wait_for(waiting, PATIENCE_S)


async def test_a_broker_that_does_not_confirm_ends_at_the_deadline(folder: Path):
    async with (
        Broker(config(folder)) as broker,
        Connection(Endpoint("out", unix_socket=broker.socket_path)) as sender,
    ):
        await asyncio.wait_for(sender.wait_up(), PATIENCE_S)
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGSTOP)
        with pytest.raises(MqttError, match=r"not confirmed within 0.05 s"):
            await sender.publish("a", b"", deadline_s=0.05)
        os.kill(broker.pid, signal.SIGCONT)


async def test_a_server_that_stays_silent_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mqtt, "CONNECT_S", 0.05)
    accepted = asyncio.Event()
    ended = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set()
        await ended.wait()
        writer.close()

    async with await asyncio.start_unix_server(silent, folder / "silent"):
        changes = Changes()
        async with Connection(Endpoint("out", unix_socket=folder / "silent"), on_change=changes):
            await asyncio.wait_for(accepted.wait(), PATIENCE_S)
            assert "timed out" in await changes.until(up=False)
        ended.set()


async def test_it_ends_although_the_broker_is_silent(folder: Path):
    """The farewell fails while the session is being cancelled; the end must come all the same."""
    async with Broker(config(folder)) as broker:
        connection = Connection(Endpoint("x", unix_socket=broker.socket_path))
        async with connection:
            await asyncio.wait_for(connection.wait_up(), PATIENCE_S)
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGSTOP)
            flood = [asyncio.create_task(connection.publish("a", bytes(60_000), deadline_s=0.01)) for _ in range(50)]
            await asyncio.gather(*flood, return_exceptions=True)  # fills the socket: DISCONNECT cannot leave
            leaving = asyncio.create_task(connection.__aexit__(None, None, None))
            ended, _ = await asyncio.wait({leaving}, timeout=PATIENCE_S)
            os.kill(broker.pid, signal.SIGCONT)
            assert ended


async def test_a_refused_subscription_is_an_error_that_names_it(folder: Path):
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # CONNECT is on its way
        writer.write(bytes.fromhex("2003000000"))  # CONNACK: accepted
        while await reader.read(4096):
            writer.write(bytes.fromhex("900400010087"))  # SUBACK of packet 1: not authorized
        writer.close()

    changes = Changes()
    async with await asyncio.start_unix_server(refusing, folder / "refusing"):
        endpoint = Endpoint("x", unix_socket=folder / "refusing")
        async with Connection(endpoint, ["b/#"], on_change=changes) as connection:
            assert "refused to subscribe us to b/#" in await changes.until(up=False)
            assert not connection.up


async def test_tls_wants_the_right_authority(folder: Path):
    port = free_port()
    authority = Authority(folder)
    certificate, key = authority.issue("server", "server", address="127.0.0.1")
    options = (
        ("allow_anonymous", "true"),
        ("cafile", str(authority.certificate)),
        ("certfile", str(certificate)),
        ("keyfile", str(key)),
    )
    (folder / "other").mkdir()
    stranger = Authority(folder / "other", "another CA")
    async with Broker(config(folder, Listener("127.0.0.1", port, options, "test"))):
        for trusted, expected in ((authority.certificate, True), (stranger.certificate, False)):
            changes = Changes()
            tls = ssl.create_default_context(cafile=trusted)
            async with Connection(Endpoint("x", "127.0.0.1", port, tls=tls), on_change=changes):
                assert "certificate" not in await changes.until(up=expected) or not expected


async def test_a_full_inbox_drops_the_newest_and_counts():
    inbox = Inbox(2)
    for number in range(5):
        inbox.put(Message("a", bytes([number])))
    assert inbox.dropped == 3
    assert (await inbox.get()).payload == b"\x00"
    assert inbox.get_nowait() == Message("a", b"\x01")
    assert inbox.get_nowait() is None


def test_an_endpoint_does_not_show_its_password():
    assert "hunter2" not in repr(Endpoint("x", "host", 1, password="hunter2"))


async def test_what_has_arrived_is_read_at_once(folder: Path):
    """A flood must wait with us, where senders take turns, and not in the broker's queue, where nobody does."""
    count = mqtt.READ_AT_ONCE
    topic = b"\x00\x01a"
    done = asyncio.Event()

    async def burst(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(200)  # CONNECT
        writer.write(b"\x20\x03\x00\x00\x00")
        subscribe = await reader.read(200)
        suback = b"\x90\x04" + subscribe[2:4] + b"\x00\x01"
        messages = (topic + number.to_bytes(2, "big") + b"\x00" for number in range(1, count + 1))
        writer.write(suback + b"".join(bytes((0x32, len(one))) + one for one in messages))
        await done.wait()
        writer.close()

    async with (
        await asyncio.start_unix_server(burst, folder / "burst"),
        Connection(Endpoint("in", unix_socket=folder / "burst"), ["a"]) as receiver,
    ):
        arrived = [await get(receiver)]
        while (message := receiver.inbox.get_nowait()) is not None:
            arrived.append(message)
        done.set()
    assert len(arrived) >= count - 1, "the subscription's answer is a packet, too"
