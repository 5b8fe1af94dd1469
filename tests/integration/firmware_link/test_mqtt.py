"""The firmware's MQTT client on the real interpreter against the gateway's real broker."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from kentongan_sim.link_proxy import LinkCondition, LinkProxy
from kentongan_sim.ports import free_port
from kentongan_wire.frame import seal
from kentongan_wire.press import PressIdentity
from kentongan_wire.receipts import LEVEL_RECEIVED, Receipt
from tests.support.probe import probe
from tests.support.site_hop import CENTRE_MS, DEVICE, KEYS, SiteHop

pytestmark = pytest.mark.micropython

RECEIPT = Receipt(PressIdentity(DEVICE, 1, bytes(8)), LEVEL_RECEIVED, 1, CENTRE_MS, 7)


@pytest.fixture
async def link(hop):
    proxy = LinkProxy("127.0.0.1", hop.port)
    await proxy.start()
    yield proxy
    await proxy.stop()


async def test_it_publishes_and_hears(hop):
    async with probe(hop.port, publish=[1, 100, 400]) as client:
        await client.until("open")
        acknowledged = [await client.until("settled") for _ in range(3)]
        assert [(line["number"], line["acknowledged"]) for line in acknowledged] == [(0, True), (1, True), (2, True)]
        await hop.say(RECEIPT)
        assert (await client.until("message"))["size"] == len(seal(RECEIPT, DEVICE, 1, KEYS.down_link))


async def test_it_works_when_every_byte_comes_alone(hop, link):
    await link.apply(LinkCondition(torn=True))
    async with probe(link.port, publish=[100]) as client:
        await client.until("open")
        assert (await client.until("settled"))["acknowledged"] is True
        await hop.say(RECEIPT)
        await client.until("message")


async def test_it_works_over_a_slow_and_narrow_link(hop, link):
    await link.apply(LinkCondition(latency_ms=100, bytes_per_s=4_000))
    async with probe(link.port, publish=[400]) as client:
        await client.until("open")
        assert (await client.until("settled"))["ms"] >= 200


async def test_a_wrong_key_is_refused(hop):
    async with probe(hop.port, key=secrets.token_hex(32)) as client:
        assert (await client.until("lost"))["step"] in {"handshake", "connack"}
        assert client.named("open") == []


async def test_a_broker_without_our_key_is_refused(folder):
    async with SiteHop(folder, psk=secrets.token_bytes(32)) as impostor, probe(impostor.port) as client:
        assert (await client.until("lost"))["step"] in {"handshake", "connack"}
        assert client.named("open") == []


async def test_nobody_listens(hop):
    async with probe(free_port()) as client:
        lost = await client.until("lost")
        assert lost["step"] == "connect"


async def test_an_oversize_packet_ends_the_connection(hop):
    async with probe(hop.port) as client:
        await client.until("open")
        await hop.say_raw(bytes(2_000))
        lost = await client.until("lost")
        assert lost["step"] == "read"
        assert "oversize" in lost["detail"]
        assert client.named("message") == []


async def test_too_many_unanswered_publishes_are_refused_without_being_kept(hop, link):
    limits = {"mqtt.ANSWER_MS": 60_000}
    async with probe(link.port, limits=limits, publish=[10] * 5_000) as client:
        await client.until("open")
        await link.silence()
        lost = await client.until("lost")
        assert lost["step"] == "puback"
        assert "16 messages wait" in lost["detail"]


async def test_a_killed_broker_is_noticed_at_once_and_waiting_publishes_are_told(hop, link):
    async with probe(link.port, publish=[10]) as client:
        await client.until("settled")
        hop.kill_broker()
        assert (await client.until("lost"))["step"] == "read"


async def test_a_name_is_looked_up(hop):
    class Server(asyncio.DatagramProtocol):
        asked: bytes = b""

        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, address):
            Server.asked = data
            answer = data[:2] + b"\x81\x80" + data[4:6] + b"\x00\x01\x00\x00\x00\x00" + data[12:]
            answer += b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"
            self.transport.sendto(answer, address)

    server, _ = await asyncio.get_running_loop().create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    try:
        limits = {"names.DNS_PORT": server.get_extra_info("sockname")[1]}
        async with probe(hop.port, host="gateway.site", name_server="127.0.0.1", limits=limits) as client:
            await client.until("open")
            assert b"\x07gateway\x04site\x00" in Server.asked
    finally:
        server.close()
