"""A press over real TLS and a real broker: committed first, answered then; everything else refused and shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from kentongan_server.service import CentreService
from kentongan_wire.receipts import Receipt
from tests.support.centre_rig import CentreRig, SmallGateway, SmallSite


def rows(rig: CentreRig, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(rig.database)) as connection:
        return connection.execute(query, values).fetchall()


async def test_a_press_becomes_an_alarm_and_both_get_their_receipts(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    body = button.body()
    await gateway.carry(button.attempt(body))
    receipt = await gateway.receipt(button, body)
    assert (receipt.level, receipt.revision, receipt.incarnation) == (1, 1, centre.incarnation)
    own = await gateway.wait_for(Receipt, gateway.device, lambda one: one.press == button.identity(body))
    assert own.level == 1
    assert rows(rig, "SELECT device, sequence, nonce, dated, flags FROM alarm") == [
        (button.device, body.sequence, body.nonce, "exact", 0)
    ]
    shown = await centre.views.open_incidents()
    assert [(one["state"], one["ringing"], one["count"]) for one in shown["incidents"]] == [("new", True, 1)]
