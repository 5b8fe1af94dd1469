"""What must not lose a press: kills between any two steps, a full or damaged disk, silent and restored centres."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sqlite3
import time

import pytest

from kentongan_gateway.core.strays import JUNK_PER_S
from kentongan_host.failpoints import (
    GATEWAY_AFTER_COMMIT_BEFORE_STORED,
    GATEWAY_AFTER_RECEIPT_BEFORE_CLEAR,
    GATEWAY_BEFORE_FORWARD,
)
from kentongan_host.mqtt import MqttError
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY
from kentongan_wire.receipts import Receipt, Stored
from kentongan_wire.supervision import SITE_CUSTODY_FULL
from kentongan_wire.topics import ALARM
from tests.support.site import PATIENCE_S, TestButton, TestGateway
from tests.support.site_client import SiteClient, running

CLOCKS_APART_MS = 50  # what the gateway's clocks may lose over a restart against the test's


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    "failpoint", [GATEWAY_AFTER_COMMIT_BEFORE_STORED, GATEWAY_BEFORE_FORWARD, GATEWAY_AFTER_RECEIPT_BEFORE_CLEAR]
)
async def test_a_kill_between_two_steps_loses_nothing(
    gateway: TestGateway, buttons: list[TestButton], failpoint: str, nth: int
):
    raws = [button.attempt(button.new_press()) for button in buttons]
    async with gateway.centre:
        await gateway.start(failpoint=f"{failpoint}:{nth}")
        async with SiteClient(gateway.own_socket) as site:
            with contextlib.suppress(MqttError):  # the broker dies with the gateway while we publish
                for button, raw in zip(buttons, raws, strict=True):
                    await site.press(button, raw)
            assert await gateway.ended() == -signal.SIGKILL

        held = stored_frames(gateway)
        async with running(gateway) as site:
            for button, raw in zip(buttons, raws, strict=True):
                if raw not in held:  # the button never heard *stored* or *received* and goes on trying
                    await site.press(button, raw)
            await gateway.centre.next_report(lambda report: report.custody_count == 0)
            async with asyncio.timeout(PATIENCE_S):
                while set(gateway.centre.seen) != set(raws):
                    await gateway.centre.next_envelope()


def stored_frames(gateway: TestGateway) -> list[bytes]:
    with contextlib.closing(sqlite3.connect(gateway.state / "custody.db")) as store:
        return [row[0] for row in store.execute("SELECT frame FROM press")]


async def test_stored_is_said_only_of_what_is_on_disk(gateway: TestGateway, buttons: list[TestButton]):
    """Kills at the moment of the answer: whatever was answered is there."""
    answered: list[bytes] = []
    await gateway.start()
    async with SiteClient(gateway.own_socket) as site:
        for _ in range(5):
            raw = buttons[0].attempt(buttons[0].new_press())
            await site.press(buttons[0], raw)
            await site.down(Stored)
            answered.append(raw)
        await gateway.kill()
    assert stored_frames(gateway) == answered


async def test_the_age_of_a_press_counts_through_a_restart(gateway: TestGateway, buttons: list[TestButton]):
    raw = buttons[0].attempt(buttons[0].new_press())
    began = time.monotonic()
    async with running(gateway) as site:
        await site.press(buttons[0], raw)
        await site.down(Stored)
        stored = time.monotonic()
        await gateway.kill()
    async with gateway.centre:
        between_ms = (time.monotonic() - stored) * 1000  # before it starts: it forwards as soon as it can
        async with running(gateway):
            envelope, inner = await gateway.centre.next_envelope()
            assert inner == raw
            assert between_ms - CLOCKS_APART_MS <= envelope.held_ms <= (time.monotonic() - began) * 1000


async def test_a_full_disk_stops_custody_but_no_alarm(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    unheld, held = button.attempt(button.new_press()), button.attempt(button.new_press())
    async with gateway.centre, running(gateway) as site:
        await gateway.centre.next_report()
        gateway.file_size_limit(0)
        await site.press(button, unheld)
        envelope, inner = await gateway.centre.next_envelope()
        assert inner == unheld
        assert not envelope.flags & ENVELOPE_IN_CUSTODY
        first = await site.next_frame()
        assert isinstance(first.payload, Receipt), "the alarm got through, and nobody said *stored* before"
        report = await gateway.centre.next_report(lambda report: bool(report.state & SITE_CUSTODY_FULL))
        assert report.custody_count == 0
        assert not [message for message in received(site) if message.startswith(b"\x01\x81")], "*stored* was a lie"

        gateway.file_size_limit(resource.RLIM_INFINITY)
        await gateway.centre.next_report(lambda report: not report.state & SITE_CUSTODY_FULL)
        await site.press(button, held)
        await site.down(Stored)
        assert (await gateway.centre.envelope_of(held)).flags == ENVELOPE_IN_CUSTODY


def received(site: SiteClient) -> list[bytes]:
    """What arrived at the buttons and was not looked at yet."""
    messages = []
    while (message := site.connection.inbox.get_nowait()) is not None:
        messages.append(message.payload)
    return messages


async def test_a_damaged_store_is_set_aside_and_alarms_go_on(gateway: TestGateway, buttons: list[TestButton]):
    gateway.state.mkdir()
    (gateway.state / "custody.db").write_bytes(b"no database " * 1_000)
    first, second = [buttons[0].attempt(buttons[0].new_press()) for _ in range(2)]
    async with gateway.centre, running(gateway) as site:
        await site.press(buttons[0], first)
        assert (await gateway.centre.next_envelope())[1] == first
        await gateway.centre.next_report(lambda report: not report.state & SITE_CUSTODY_FULL)
        await site.press(buttons[0], second)
        await site.down(Stored)
        await gateway.centre.envelope_of(second)
    assert (gateway.state / "custody.db.broken").read_bytes().startswith(b"no database")


async def test_a_restored_centre_is_offered_what_its_former_self_had(gateway: TestGateway, buttons: list[TestButton]):
    raws = [button.attempt(button.new_press()) for button in buttons]
    async with gateway.centre, running(gateway) as site:
        for button, raw in zip(buttons, raws, strict=True):
            await site.press(button, raw)
        async with asyncio.timeout(PATIENCE_S):
            while set(gateway.centre.seen) != set(raws):
                await gateway.centre.next_envelope()
        await gateway.centre.new_report(lambda report: report.custody_count == 0)
        gateway.centre.forget()
        gateway.centre.incarnation = 2
        async with asyncio.timeout(PATIENCE_S):
            while set(gateway.centre.seen) != set(raws):
                await gateway.centre.next_envelope()
        await gateway.centre.new_report(lambda report: report.custody_count == 0)
        gateway.centre.forget()
        await gateway.centre.new_report()
        assert gateway.centre.seen == []  # once is enough


async def test_a_late_receipt_of_the_former_centre_ends_no_custody_for_long(
    gateway: TestGateway, buttons: list[TestButton]
):
    button = buttons[0]
    body = button.new_press()
    raw = button.attempt(body)
    gateway.centre.incarnation = 2
    async with gateway.centre, running(gateway) as site:
        await gateway.centre.new_report()  # incarnation 2 is confirmed
        gateway.centre.answers = False
        await site.press(button, raw)
        await gateway.centre.next_envelope()
        stale = Receipt(button.identity(body), 1, 1, 0, 1)
        await gateway.centre.send(ALARM, gateway.centre.for_gateway(stale))
        gateway.centre.answers = True
        assert (await gateway.centre.next_envelope())[1] == raw
        await gateway.centre.new_report(lambda report: report.custody_count == 0)


async def test_a_centre_that_stays_silent_stops_nothing_at_the_site(gateway: TestGateway, buttons: list[TestButton]):
    silent = asyncio.Event()

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.set()
        await reader.read()
        writer.close()

    raw = buttons[0].attempt(buttons[0].new_press())
    server = await asyncio.start_server(stay_silent, "127.0.0.1", gateway.centre.port)
    async with running(gateway) as site:
        await asyncio.wait_for(silent.wait(), PATIENCE_S)
        await site.press(buttons[0], raw)
        await site.down(Stored)
        server.close()
        async with gateway.centre:
            assert (await gateway.centre.next_envelope())[1] == raw


async def test_it_ends_soon_while_the_centre_is_silent(gateway: TestGateway):
    silent = asyncio.Event()

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(stay_silent, "127.0.0.1", gateway.centre.port):
        await gateway.start()
        await asyncio.wait_for(silent.wait(), PATIENCE_S)
        assert await gateway.stop() == 0


async def test_an_impostor_of_the_centre_gets_no_alarm(
    gateway: TestGateway, buttons: list[TestButton], tmp_path_factory: pytest.TempPathFactory
):
    impostor = TestGateway(tmp_path_factory.mktemp("x"), buttons, centre_port=gateway.centre.port).centre
    raw = buttons[0].attempt(buttons[0].new_press())
    async with running(gateway) as site:
        async with impostor:
            await site.press(buttons[0], raw)
            await site.down(Stored)
            await gateway.logged("certificate verify failed")
            assert impostor.seen == []
        async with gateway.centre:
            assert (await gateway.centre.next_envelope())[1] == raw


async def test_the_watchdog_is_fed_while_all_is_well(gateway: TestGateway):
    await gateway.start(watchdog_s=0.2)
    for _ in range(3):
        assert "presses in custody" in await gateway.notified("WATCHDOG=1")
    assert await gateway.stop() == 0


async def test_a_flood_of_junk_does_not_stand_before_a_press(gateway: TestGateway, buttons: list[TestButton]):
    flooder, button = buttons
    raw = button.attempt(button.new_press())
    async with gateway.centre, running(gateway) as site:
        began = time.monotonic()
        await asyncio.gather(*(site.press(flooder, b"junk %d" % number) for number in range(500)))
        await site.press(button, raw)
        await site.down(Stored)
        async with asyncio.timeout(PATIENCE_S):
            while (await gateway.centre.next_envelope())[1] != raw:
                pass
        shown = len(gateway.centre.seen) - 1
        assert shown <= JUNK_PER_S * (2 + time.monotonic() - began)  # the rest is only counted
        assert shown < 500
        report = await gateway.centre.next_report(lambda report: report.refused_count >= 500)
        assert report.refused_count == 500
