"""What a gateway may do at the centre's broker: its own two lanes, and nothing else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kentongan_host.broker import Broker, BrokerConfig, Listener
from kentongan_host.mqtt import Connection, Endpoint, MqttError
from kentongan_host.secret_files import write_secret
from kentongan_server.centre_state import open_state
from kentongan_server.service import CentreService
from kentongan_sim.ports import free_port
from kentongan_wire import bundle, topics
from kentongan_wire.frame import parse
from kentongan_wire.receipts import Receipt
from kentongan_wire.supervision import HeartbeatAnswer
from tests.support.centre_rig import HOST, PATIENCE_S, CentreRig, SmallGateway, SmallSite
from tests.support.certificates import Authority
from tests.support.site import MOSQUITTO


@contextlib.asynccontextmanager
async def connected(endpoint: Endpoint, *subscriptions: str) -> AsyncIterator[Connection]:
    async with Connection(endpoint, subscriptions) as connection:
        async with asyncio.timeout(PATIENCE_S):
            await connection.wait_up()
        yield connection


async def press_until_answered(gateway: SmallGateway, site: SmallSite, count: int = 1) -> None:
    button = site.buttons[0]
    for body in [button.body() for _ in range(count)]:
        await gateway.carry(button.attempt(body))
        await gateway.receipt(button, body)


async def test_a_gateway_cannot_write_on_anothers_lane(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    thief = rig.add_site("gold").gateway
    async with connected(thief.endpoint(topics.ALARM)) as connection:
        for topic in (
            topics.gateway_up(gateway.device, topics.ALARM),
            topics.gateway_up(thief.device, topics.REPORT),
            topics.gateway_down(gateway.device, topics.ALARM),
            "k1c/elsewhere",
        ):
            # An MQTT 5 broker says that it was not allowed; what counts is that it is not delivered.
            with contextlib.suppress(MqttError):
                await connection.publish(topic, gateway.envelope(bank.buttons[0].press()))
    await press_until_answered(gateway, bank)
    (incident,) = (await centre.views.open_incidents())["incidents"]
    assert incident["count"] == 1
    assert (await centre.views.rejections())["rejections"] == []


async def test_nobody_reads_anothers_answers_or_shares_the_centres_messages(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    thief = rig.add_site("gold").gateway
    heard: list[str] = []
    greedy = ("k1c/#", f"k1c/{topics.alarm_lane(gateway.device)}/down/#", "$share/thieves/k1c/#", "$SYS/#", "#")

    async def listen(connection: Connection) -> None:
        async for message in connection.messages():
            heard.append(message.topic)  # noqa: PERF401 - the iteration never ends

    for filters in greedy:  # one by one: a broker that refuses one refuses the connection's others as well
        async with Connection(thief.endpoint(topics.ALARM), [filters]) as connection:
            listening = asyncio.create_task(listen(connection))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await connection.wait_up()
            await press_until_answered(gateway, bank, count=3)
            listening.cancel()
    assert heard == []
    (incident,) = (await centre.views.open_incidents())["incidents"]
    assert incident["count"] == 3 * len(greedy)


CONNECT = b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x0a\x00\x00\x00"  # MQTT 5, clean start, empty client id
CONNACK = 0x20


async def answers(port: int, tls: ssl.SSLContext | None) -> bool:
    """Whether the broker answers an MQTT client that comes this way."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(HOST, port, ssl=tls)
            writer.write(CONNECT)
            answer = await reader.read(1)
    except (ssl.SSLError, ConnectionError):
        return False
    writer.close()
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        await writer.wait_closed()
    return answer == bytes([CONNACK])


async def test_without_a_certificate_of_the_centre_nobody_gets_in(
    centre: CentreService, bank: SmallSite, rig: CentreRig, tmp_path: Path
) -> None:
    genuine = bank.gateway.endpoint(topics.ALARM).tls
    assert await answers(rig.broker_port, genuine)

    ca = str(rig.state.authority.ca_certificate)
    bare, foreign = ssl.create_default_context(cafile=ca), ssl.create_default_context(cafile=ca)
    foreign.load_cert_chain(*Authority(tmp_path).issue(topics.alarm_lane(bank.gateway.device), "thief"))
    assert not await answers(rig.broker_port, bare)
    assert not await answers(rig.broker_port, foreign)
    assert not await answers(rig.broker_port, None)


async def test_another_centre_is_not_believed(centre: CentreService, rig: CentreRig, tmp_path: Path) -> None:
    other = ssl.create_default_context(cafile=str(Authority(tmp_path).certificate))
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection(HOST, rig.broker_port, ssl=other)


async def test_nobody_can_push_another_off_by_taking_its_client_id(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite
) -> None:
    thief = rig.add_site("gold").gateway
    endpoint = replace(thief.endpoint(topics.ALARM), client_id=topics.alarm_lane(gateway.device))
    async with connected(endpoint):
        assert gateway.lanes[topics.ALARM].up
        await press_until_answered(gateway, bank)


@pytest.mark.parametrize("lane", [topics.ALARM, topics.REPORT])
async def test_a_connection_carries_its_own_kind_only(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService, lane: str
) -> None:
    """The broker keeps the other lane's messages out, so that intake never even sees them."""
    connection = gateway.lanes[lane]
    for other in {topics.ALARM, topics.REPORT} - {lane}:
        with contextlib.suppress(MqttError):
            await connection.publish(topics.gateway_up(gateway.device, other), b"on the wrong connection")
    await press_until_answered(gateway, bank)
    counter = await gateway.report()
    await gateway.wait_for(HeartbeatAnswer, gateway.device, lambda one: one.counter == counter)
    assert (await centre.views.rejections())["rejections"] == []


def mosquitto_hash(password: str) -> str:
    """As mosquitto_passwd writes it: PBKDF2 of SHA-512."""
    salt, rounds = secrets.token_bytes(12), 101
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(hashed).decode()}"


async def test_the_centre_works_behind_another_broker_by_url(rig: CentreRig, tmp_path: Path) -> None:
    """A plain MQTT 5 broker of somebody else, who gave us a name and a password."""
    port = free_port()
    site = rig.add_site("gold")
    credentials = rig.state.directory / "credentials"
    write_secret(credentials, b"centre:secret of the city broker\n")
    settings = rig.state.directory / "centre.toml"
    settings.write_text(
        f'[broker]\nurl = "mqtt://{HOST}:{port}"\nurl_credentials = "credentials"\n[http]\nport = {rig.http_port}\n'
    )
    password_file = tmp_path / "passwords"
    password_file.write_text(f"centre:{mosquitto_hash('secret of the city broker')}\n")
    options = (("allow_anonymous", "false"), ("password_file", str(password_file)))
    config = BrokerConfig(MOSQUITTO, tmp_path / "broker", (Listener(HOST, port, options, "test"),))
    foreign = replace(rig, state=open_state(rig.state.directory))
    async with Broker(config), foreign.running() as centre:
        async with asyncio.timeout(PATIENCE_S):
            for lane in centre.lanes.by_kind.values():
                await lane.connection.wait_up()
        endpoint = Endpoint("gold", HOST, port, username="centre", password="secret of the city broker")
        async with connected(endpoint, topics.gateway_down(site.gateway.device, topics.ALARM)) as connection:
            body = site.buttons[0].body()
            topic = topics.gateway_up(site.gateway.device, topics.ALARM)
            await connection.publish(topic, site.gateway.envelope(site.buttons[0].attempt(body)))
            async with asyncio.timeout(PATIENCE_S):
                message = await connection.inbox.get()
    receipt = parse(bundle.unpack(message.payload)[0], (Receipt,))
    assert receipt.verify(site.buttons[0].keys.down_link)
    assert isinstance(receipt.payload, Receipt)
    assert receipt.payload.press == site.buttons[0].identity(body)
