"""The second path through a real gateway and an emulated modem on a pty."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kentongan_wire.armour_dense import sms_text
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import seal
from kentongan_wire.path_report import CAUSE_MAIN_BACK, CAUSE_MAIN_LOST
from kentongan_wire.receipts import Receipt, Stored
from kentongan_wire.supervision import SITE_PATH_LOST, SITE_SMS_DOWN
from tests.integration.gateway.test_alarm_road import states
from tests.support.site import TestButton, TestGateway
from tests.support.site_client import SiteClient, running
from tests.support.site_sms import CENTRE, GATEWAY_NUMBER, SmsWorld


@pytest.fixture
async def world(folder: Path) -> AsyncIterator[SmsWorld]:
    world = SmsWorld(folder)
    async with world.bank:
        yield world


@pytest.fixture
async def gateway(world: SmsWorld, folder: Path, buttons: list[TestButton]) -> AsyncIterator[TestGateway]:
    """With a modem; not started."""
    gateway = TestGateway(folder, buttons, more=world.settings)
    try:
        yield gateway
    finally:
        await gateway.stop()


async def test_a_press_arrives_by_sms_and_so_does_its_receipt(
    world: SmsWorld, gateway: TestGateway, buttons: list[TestButton]
):
    button = buttons[0]
    body = button.new_press()
    raw = button.attempt(body)
    async with running(gateway) as site:  # there is no centre at the other end of the main path
        await site.press(button, raw)
        await site.down(Stored)
        for number in CENTRE:
            envelope = await world.next_payload(gateway, number, Envelope)
            assert isinstance(envelope, Envelope)
            assert (envelope.inner, envelope.flags) == (raw, ENVELOPE_IN_CUSTODY)

        receipt = Receipt(button.identity(body), 1, 1, 0, 1)
        for_button = seal(receipt, button.device, button.key_id, button.keys.down_link)
        world.bank.text(CENTRE[0], GATEWAY_NUMBER, sms_text(for_button))
        world.bank.text(CENTRE[0], GATEWAY_NUMBER, sms_text(gateway.centre.for_gateway(receipt)))
        world.bank.text(CENTRE[0], GATEWAY_NUMBER, "Promo! Pulsa murah")
        assert (await site.down(Receipt)).raw == for_button, "handed down unopened"
        await gateway.logged("message of a stranger")
        await gateway.logged("received by the centre")
        await world.sim_is_empty()
        assert states(gateway) == ["received"]
    assert "Promo" not in gateway.log()


async def test_a_lost_main_path_and_its_return_are_told_by_sms(world: SmsWorld, gateway: TestGateway):
    async with gateway.centre, running(gateway):
        await gateway.centre.next_report(lambda report: not report.state & SITE_SMS_DOWN)
        gateway.centre.answers = False
        lost = [await world.next_path_report(gateway, number, CAUSE_MAIN_LOST) for number in CENTRE]
        assert lost[0] == lost[1]
        assert lost[0].state == SITE_PATH_LOST
        gateway.centre.answers = True
        back = await world.next_path_report(gateway, CENTRE[1], CAUSE_MAIN_BACK)
        assert (back.state, back.counter > lost[0].counter) == (0, True)


async def test_a_modem_that_is_gone_is_told_until_it_is_back(world: SmsWorld, gateway: TestGateway):
    async with gateway.centre, running(gateway):
        await gateway.centre.next_report(lambda report: report.state == 0)
        await world.bank.unplug("gateway")
        await gateway.centre.next_report(lambda report: report.state == SITE_SMS_DOWN)
        await world.bank.plug("gateway")
        await gateway.centre.next_report(lambda report: report.state == 0)


async def test_a_kill_between_sent_and_received_loses_nothing(
    world: SmsWorld, gateway: TestGateway, buttons: list[TestButton]
):
    button = buttons[0]
    body = button.new_press()
    raw = button.attempt(body)
    await gateway.start(failpoint="gateway.after_text_before_receipt")
    async with SiteClient(gateway.own_socket) as site:
        await site.press(button, raw)
        assert await gateway.ended() == -signal.SIGKILL
    await world.next_payload(gateway, CENTRE[0], Envelope)
    assert states(gateway) == ["held"]
    receipt = sms_text(gateway.centre.for_gateway(Receipt(button.identity(body), 1, 1, 0, 1)))
    async with running(gateway):
        again = await world.next_payload(gateway, CENTRE[0], Envelope)
        assert isinstance(again, Envelope)
        assert again.inner == raw
        for _ in range(2):  # it is answered twice, as it came twice
            world.bank.text(CENTRE[0], GATEWAY_NUMBER, receipt)
        await gateway.logged("received by the centre")
        await world.sim_is_empty()
        assert states(gateway) == ["received"]
