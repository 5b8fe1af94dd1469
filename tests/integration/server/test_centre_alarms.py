"""What the centre finds by itself, as consoles see it: in the alarm queue, rung, answered, closed."""

from __future__ import annotations

from functools import partial

import httpx
import pytest

from kentongan_server.application import centre_alarms
from kentongan_server.service import CentreService
from kentongan_wire import topics
from kentongan_wire.keys import ROLE_GATEWAY
from kentongan_wire.receipts import Receipt
from kentongan_wire.supervision import HeartbeatAnswer
from tests.support.centre_rig import CentreRig, SmallGateway, SmallSite, now_ms
from tests.support.operators import finish_plan, seen_of

pytestmark = pytest.mark.both_engines


async def test_a_suspected_attack_rings_is_answered_and_closed_and_nobody_gets_a_receipt(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite, centre: CentreService, rig: CentreRig
) -> None:
    at_ms = now_ms()
    work = partial(centre_alarms.suspect_attack, site="bank", since_ms=at_ms - 18_000, at_ms=at_ms)
    raised = await centre.store.submit(work)
    assert raised is not None
    (incident,) = (await operator.get("/api/incidents")).json()["incidents"]
    assert (incident["ringing"], incident["state"], incident["count"]) == (True, "new", 1)
    (alarm,) = incident["alarms"]
    assert (alarm["kind"], alarm["path"], alarm["sequence"], alarm["nonce"]) == ("suspected-attack", "none", None, None)
    assert (alarm["device"], alarm["pressed_at_ms"]) == (topics.device_name(gateway.device), at_ms - 18_000)
    assert alarm["sites"] == [{"code": "bank", "name": "Site bank"}]
    url = f"/api/incidents/{incident['id']}"
    answered = await operator.post(f"{url}/acknowledge", json=seen_of(incident))
    assert (answered.json()["ringing"], answered.json()["owner"]) == (False, "sari")
    await finish_plan(operator, incident["id"])
    closed = await operator.post(f"{url}/close", json=seen_of(incident) | {"outcome": "false", "cause": "path-fault"})
    assert closed.json()["state"] == "closed"
    await rig.history_is_placed()
    shown = (await operator.get(url)).json()
    told = [one["what"] for one in shown["timeline"] if one["what"] != "step"]
    assert told == ["opened", "acknowledged", "closed"]
    await gateway.report()
    assert gateway.find(Receipt, gateway.device) == []


async def test_an_outage_lists_its_sites_and_its_gateways_are_not_alive(
    operator: httpx.AsyncClient, rig: CentreRig, bank: SmallSite, centre: CentreService
) -> None:
    for code in ("gold", "shop"):
        rig.add_site(code)
    at_ms, sites = now_ms(), ("bank", "gold", "shop")
    join = partial(centre_alarms.join_outage, outage=None, sites=sites, since_ms=at_ms - 18_000, at_ms=at_ms)
    outage, _ = await centre.store.submit(join)
    ring = partial(centre_alarms.ring_outage, outage=outage, sites=sites, since_ms=at_ms - 18_000, at_ms=at_ms)
    assert await centre.store.submit(ring) is not None
    (incident,) = (await operator.get("/api/incidents")).json()["incidents"]
    (alarm,) = incident["alarms"]
    assert (alarm["kind"], alarm["device"], incident["count"]) == ("outage", None, 3)
    assert [site["code"] for site in alarm["sites"]] == list(sites)
    (trouble,) = (await operator.get("/api/troubles")).json()["troubles"]
    assert (trouble["kind"], trouble["device"], trouble["detail"]["count"]) == ("outage", None, 3)
    async with bank.gateway as gateway:
        counter = await gateway.report()
        await gateway.wait_for(HeartbeatAnswer, gateway.device, lambda one: one.counter == counter)
        await centre.supervise.save()
    devices = (await operator.get("/api/devices")).json()["devices"]
    states = {one["device"]: one["state"] for one in devices if one["role"] == ROLE_GATEWAY}
    assert sorted(states.values()) == ["never-heard", "never-heard", "silent"]


async def test_a_button_that_claims_a_kind_of_the_centres_rings_as_a_hold_up(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite
) -> None:
    button = bank.buttons[0]
    body = button.body(kind=0x80)
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    (incident,) = (await operator.get("/api/incidents")).json()["incidents"]
    assert (incident["alarms"][0]["kind"], incident["alarms"][0]["sites"]) == ("hold-up", None)


async def test_a_bell_that_waits_is_shown_as_not_ringing_and_cannot_be_closed(
    operator: httpx.AsyncClient, gateway: SmallGateway, bank: SmallSite
) -> None:
    button = bank.buttons[0]
    for _ in range(4):
        body = button.body()
        await gateway.carry(button.attempt(body))
        await gateway.receipt(button, body)
        (incident,) = (await operator.get("/api/incidents")).json()["incidents"]
        url = f"/api/incidents/{incident['id']}"
        if incident["count"] < 4:
            await operator.post(f"{url}/acknowledge", json=seen_of(incident))
    assert (incident["count"], incident["ringing"]) == (4, False)
    assert incident["alarms"][-1]["acknowledged_by"] is None
    assert (
        await operator.post(f"{url}/close", json=seen_of(incident) | {"outcome": "false", "cause": "path-fault"})
    ).status_code == 409
    await operator.post(f"{url}/acknowledge", json=seen_of(incident))
    await finish_plan(operator, incident["id"])
    assert (
        await operator.post(f"{url}/close", json=seen_of(incident) | {"outcome": "false", "cause": "path-fault"})
    ).status_code == 200
