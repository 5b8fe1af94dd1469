"""Who may enter the site broker, and where: real TLS-PSK clients."""

from __future__ import annotations

import asyncio
import json
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process

import pytest

from kentongan_wire.receipts import Stored
from kentongan_wire.supervision import SITE_BROKER_DOWN
from kentongan_wire.topics import ALARM, BEAT, button_down, button_up
from tests.support.site import PATIENCE_S, ROOT, SITE, TestButton, TestGateway
from tests.support.site_client import running

BIN = ROOT / ".tools" / "bin"


async def client(program: str, gateway: TestGateway, button: TestButton, *arguments: str, name: str = "") -> Process:
    """mosquitto's own client with a button's PSK."""
    return await asyncio.create_subprocess_exec(
        str(BIN / program), "-V", "5", "-h", "127.0.0.1", "-p", str(gateway.port), "--tls-version", "tlsv1.2",
        "--psk-identity", name or button.name, "--psk", button.keys.transport.hex(), "-q", "1", *arguments,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
    )  # fmt: skip


async def publish(gateway: TestGateway, button: TestButton, topic: str, payload: bytes, name: str = "") -> int:
    process = await client("mosquitto_pub", gateway, button, "-t", topic, "-s", name=name)
    await asyncio.wait_for(process.communicate(payload), PATIENCE_S)
    assert process.returncode is not None
    return process.returncode


async def test_a_button_with_its_psk_delivers(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    raw = button.attempt(button.new_press())
    async with gateway.centre, running(gateway) as site:
        assert await publish(gateway, button, button_up(SITE, button.device, ALARM), raw) == 0
        assert (await site.down(Stored)).device == button.device
        assert (await gateway.centre.next_envelope())[1] == raw


@pytest.mark.parametrize("lane", [ALARM, BEAT])
async def test_a_button_cannot_publish_on_the_topics_of_another(
    gateway: TestGateway, buttons: list[TestButton], lane: str
):
    thief, victim = buttons
    raw = victim.attempt(victim.new_press())
    async with gateway.centre, running(gateway) as site:
        await publish(gateway, thief, button_up(SITE, victim.device, lane), raw)
        await publish(gateway, thief, button_up("other-site", thief.device, lane), raw)
        await publish(gateway, thief, button_down(SITE, victim.device), raw)
        own = thief.attempt(thief.new_press())
        await publish(gateway, thief, button_up(SITE, thief.device, ALARM), own)
        assert (await site.down(Stored)).device == thief.device
        assert (await gateway.centre.next_envelope())[1] == own
        assert set(gateway.centre.seen) == {own}


async def test_a_button_cannot_listen_to_another(gateway: TestGateway, buttons: list[TestButton]):
    spy, victim = buttons
    async with gateway.centre, running(gateway) as site:
        process = await client("mosquitto_sub", gateway, spy, "-t", "#", "-F", "%t", "-C", "1")
        overheard = asyncio.create_task(process.communicate())
        async with asyncio.timeout(PATIENCE_S):
            while not overheard.done():  # until its subscription stands; the victim's answers always come first
                for button in (victim, spy):
                    await site.press(button, button.attempt(button.new_press()))
                    while (await site.down(Stored)).device != button.device:
                        pass
                await asyncio.wait({overheard}, timeout=0.1)
        assert (await overheard)[0].decode().split() == [button_down(SITE, spy.device)]


async def test_a_wrong_psk_and_an_unknown_name_are_refused(gateway: TestGateway, buttons: list[TestButton]):
    liar = TestButton(buttons[0].device)
    async with running(gateway):
        topic = button_up(SITE, liar.device, ALARM)
        assert await publish(gateway, liar, topic, b"x") != 0
        assert await publish(gateway, buttons[0], topic, b"x", name="0000beef") != 0


async def test_sighup_lets_new_buttons_in_and_throws_removed_ones_out(gateway: TestGateway, buttons: list[TestButton]):
    kept, removed = buttons
    added = TestButton(0xA1B4)
    async with running(gateway):
        session = await client("mosquitto_sub", gateway, removed, "-t", button_down(SITE, removed.device))
        await gateway.logged(f"as {removed.name} (p5")
        gateway.write_buttons([kept, added])
        assert gateway.process is not None
        gateway.process.send_signal(signal.SIGHUP)
        await gateway.logged("broker runs again")  # which ended all sessions; the keys kept are let in again
        assert await publish(gateway, added, button_up(SITE, added.device, ALARM), b"x") == 0
        assert await publish(gateway, kept, button_up(SITE, kept.device, ALARM), b"x") == 0
        session.kill()
        await session.wait()
        assert await publish(gateway, removed, button_up(SITE, removed.device, ALARM), b"x") != 0


async def test_a_broken_button_list_is_refused_and_the_old_one_stays(gateway: TestGateway, buttons: list[TestButton]):
    async with gateway.centre, running(gateway):
        path = gateway.directory / "buttons.json"
        path.write_text(json.dumps({"site": "elsewhere", "buttons": []}))
        assert gateway.process is not None
        gateway.process.send_signal(signal.SIGHUP)
        await gateway.logged("button list not taken, the old one stays")
        raw = buttons[0].attempt(buttons[0].new_press())
        assert await publish(gateway, buttons[0], button_up(SITE, buttons[0].device, ALARM), raw) == 0
        assert (await gateway.centre.next_envelope())[1] == raw


async def test_a_broker_that_dies_is_told_and_comes_back(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    async with gateway.centre, running(gateway) as site:
        await gateway.centre.next_report()
        gateway.kill_broker()
        await gateway.centre.next_report(lambda report: bool(report.state & SITE_BROKER_DOWN))
        await gateway.centre.next_report(lambda report: report.state == 0)
        await asyncio.wait_for(site.connection.wait_up(), PATIENCE_S)
        raw = button.attempt(button.new_press())
        await site.press(button, raw)
        assert (await gateway.centre.next_envelope())[1] == raw
