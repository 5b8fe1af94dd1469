"""No peer that falls silent, at whatever step, holds the button up: a deadline ends it, and the loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from pathlib import Path

import pytest

from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.ports import free_port
from tests.support.interpreter import ROOT, micropython
from tests.support.probe import probe
from tests.support.site import PATIENCE_S
from tests.support.site_hop import DEVICE, KEYS, SiteHop

pytestmark = pytest.mark.micropython

LIMIT_MS = 400
SHORT = {f"mqtt.{name}": LIMIT_MS for name in ("RESOLVE_MS", "CONNECT_MS", "HANDSHAKE_MS", "ANSWER_MS", "QUIET_MS")}
CONNACK, SUBACK, PINGRESP = "20020000", "9003000101", "d000"
GREETING = ("handshake", "read", f"send:{CONNACK}", "read", f"send:{SUBACK}")
TICKS_LEAST = LIMIT_MS // 100  # of the ticks that fit, every twentieth: a held loop makes none


async def gives_up(port, step, **plan):
    """The client tells this step within its deadline, and its other task ran on meanwhile."""
    async with probe(port, limits={**SHORT, **plan.pop("limits", {})}, **plan) as client:
        lost = await client.until("lost")
        ticks = await client.until("ticks")
    assert lost["step"] == step, lost
    assert "no answer within" in lost["detail"]
    assert lost["after_ms"] >= LIMIT_MS
    assert ticks["count"] >= TICKS_LEAST
    return lost


class Peer:
    def __init__(self, port, said):
        self.port = port
        self._said = said

    async def done(self):
        assert await asyncio.wait_for(self._said.readline(), PATIENCE_S) == b"done\n"


@contextlib.asynccontextmanager
async def peer(*steps):
    """A TLS-PSK server that does these steps and then nothing more."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        micropython(), "tests/support/on_device/psk_peer.py", str(port), f"{DEVICE:08x}", KEYS.transport.hex(), *steps,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), PATIENCE_S) == b"listening\n"
        yield Peer(port, process.stdout)
    finally:
        process.kill()
        await process.wait()


async def test_a_peer_that_accepts_and_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await gives_up(listener.getsockname()[1], "handshake")


async def test_a_peer_that_does_not_even_accept():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        # Two connections fill the queue: the kernel then drops further ones without a word.
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)
            await gives_up(address[1], "connect")


async def test_a_peer_that_is_silent_after_the_handshake():
    async with peer("handshake") as server:
        await gives_up(server.port, "connack")


async def test_a_peer_that_accepts_the_client_but_not_its_subscription():
    async with peer("handshake", "read", f"send:{CONNACK}") as server:
        await gives_up(server.port, "suback")


async def test_a_peer_that_stops_within_a_packet():
    async with peer("handshake", "read", "send:2002") as server:
        await gives_up(server.port, "connack")


async def test_a_peer_that_acknowledges_no_publish():
    async with peer(*GREETING) as server:
        await gives_up(server.port, "puback", publish=[100], limits={"mqtt.QUIET_MS": 60_000})


async def test_a_peer_that_answers_no_ping():
    async with peer(*GREETING) as server:
        lost = await gives_up(server.port, "pingresp")
        assert lost["after_ms"] >= 2 * LIMIT_MS


async def test_a_peer_that_reads_nothing_any_more():
    async with peer(*GREETING) as server:
        limits = {"mqtt.QUIET_MS": 60_000, "mqtt.IN_FLIGHT_MAX": 1_000}
        lost = await gives_up(server.port, "write", publish=[15_000] * 800, limits=limits)
        assert lost["after_ms"] < PATIENCE_S * 1_000


async def test_a_name_server_that_is_silent():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        limits = {"names.DNS_PORT": server.getsockname()[1]}
        await gives_up(1, "resolve", host="gateway.site", name_server="127.0.0.1", limits=limits)


async def test_a_half_open_connection():
    with tempfile.TemporaryDirectory(prefix="kt") as name:
        async with SiteHop(Path(name)) as hop:
            link = LinkProxy("127.0.0.1", hop.port)
            await link.start()
            try:
                async with probe(link.port, limits=SHORT) as client:
                    await client.until("open")
                    await link.silence()
                    lost = await client.until("lost")
                    assert lost["step"] == "pingresp"
                    assert (await client.until("ticks"))["count"] >= TICKS_LEAST
            finally:
                await link.stop()


async def test_a_peer_that_talks_nonsense_within_tls():
    async with peer("handshake", "read", "send:20ffffffff7f") as server, probe(server.port, limits=SHORT) as client:
        lost = await client.until("lost")
        assert lost["step"] == "connack"
        assert "length" in lost["detail"]


async def test_a_peer_that_answers_with_the_wrong_packet():
    async with peer("handshake", "read", "send:d000") as server, probe(server.port, limits=SHORT) as client:
        assert "expected packet type 2, got 13" in (await client.until("lost"))["detail"]


async def test_a_peer_that_refuses_the_client():
    async with peer("handshake", "read", "send:20020005") as server, probe(server.port, limits=SHORT) as client:
        assert "not authorised" in (await client.until("lost"))["detail"]


async def test_a_peer_that_refuses_the_subscription():
    steps = ("handshake", "read", f"send:{CONNACK}", "read", "send:9003000180")
    async with peer(*steps) as server, probe(server.port, limits=SHORT) as client:
        lost = await client.until("lost")
        assert lost["step"] == "suback"
        assert "refused the subscription" in lost["detail"]


async def test_a_quiet_connection_is_asked_again_and_again_whether_anybody_is_there():
    steps = (*GREETING, "read", f"send:{PINGRESP}", "read", f"send:{PINGRESP}", "read")
    limits = {"mqtt.QUIET_MS": 100}
    async with peer(*steps) as server, probe(server.port, limits=limits) as client:
        await client.until("open")
        await server.done()
        assert client.named("lost") == []
