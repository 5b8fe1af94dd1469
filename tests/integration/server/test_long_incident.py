"""An incident that grows all day is told within bounds, and how much of it is not."""

from __future__ import annotations

import httpx
import pytest

from kentongan_server.adapters import read_incidents
from tests.support.centre_rig import CentreRig, SmallGateway, SmallSite
from tests.support.operators import seen_of

pytestmark = pytest.mark.both_engines


async def ring(gateway: SmallGateway, bank: SmallSite) -> None:
    body = bank.buttons[0].body()
    await gateway.carry(bank.buttons[0].attempt(body))
    await gateway.receipt(bank.buttons[0], body)


async def test_a_button_that_chatters_all_day_makes_no_answer_without_end(
    operator: httpx.AsyncClient,
    gateway: SmallGateway,
    bank: SmallSite,
    rig: CentreRig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read_incidents, "ALONE_MAX", 3)
    await ring(gateway, bank)
    await rig.history_is_placed()
    alone = (await operator.get("/api/incidents/1")).json()
    assert (len(alone["alarms"]), alone["left_off"]) == (1, {"alarms": 0, "timeline": 0})
    for _ in range(4):
        await ring(gateway, bank)
    await operator.post("/api/incidents/1/acknowledge", json=seen_of(alone))
    await rig.history_is_placed()
    alone = (await operator.get("/api/incidents/1")).json()
    assert [one["id"] for one in alone["alarms"]] == [3, 4, 5]
    assert [one["what"] for one in alone["timeline"]] == ["alarm", "alarm", "acknowledged"]
    assert alone["left_off"] == {"alarms": 2, "timeline": 3}
    assert (alone["count"], alone["ringing"]) == (5, True)
