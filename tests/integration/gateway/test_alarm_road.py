"""A press through a real gateway: site broker, custody on disk, TLS to the centre, and the answers back."""

from __future__ import annotations

import sqlite3

from kentongan_wire.custody import ENVELOPE_IN_CUSTODY
from kentongan_wire.receipts import Receipt, Stored
from tests.support.site import TestButton, TestGateway, running


async def test_a_press_is_stored_forwarded_and_cleared_by_the_receipt(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    body = button.new_press()
    raw = button.attempt(body)
    async with gateway.centre, running(gateway) as site:
        await site.press(button, raw)

        stored = await site.down(Stored)
        assert stored.device == button.device
        assert stored.verify(button.keys.hop)
        assert stored.payload == Stored(body.sequence, body.nonce)

        envelope, inner = await gateway.centre.next_envelope()
        assert inner == raw
        assert envelope.flags == ENVELOPE_IN_CUSTODY
        assert envelope.held_ms < 5_000

        receipt = await site.down(Receipt)
        assert receipt.verify(button.keys.down_link)
        assert isinstance(receipt.payload, Receipt)
        assert receipt.payload.press == button.identity(body)

        await gateway.centre.next_report(lambda report: report.custody_count == 0)
    with sqlite3.connect(gateway.state / "custody.db") as store:
        assert store.execute("SELECT state FROM press").fetchall() == [("received",)]
    store.close()
