"""Floods over a real broker: presses in their order and before everything else; health proven end to end."""

from __future__ import annotations

import asyncio

import pytest

from kentongan_server.adapters.lanes import PROBE
from kentongan_server.domain import doors
from kentongan_server.service import CentreService
from kentongan_wire import topics
from kentongan_wire.receipts import Receipt
from tests.support.centre_rig import PATIENCE_S, CentreRig, SmallGateway, SmallSite

QUAKE = 200  # buttons that are pressed within one second


async def test_two_hundred_presses_behind_heartbeats_arrive_all_in_their_order(rig: CentreRig) -> None:
    site = rig.add_site("city", buttons=QUAKE)
    async with rig.running() as centre, site.gateway as gateway:
        bodies = [(button, button.body()) for button in site.buttons]
        heartbeats = [button.heartbeat() for button in site.buttons[:64]]
        reporting = asyncio.create_task(keep_reporting(gateway, heartbeats))
        for button, body in bodies:
            await gateway.carry(button.attempt(body))
        async with asyncio.timeout(PATIENCE_S * 3):
            for button, body in bodies:
                await gateway.receipt(button, body)
        reporting.cancel()
        await asyncio.gather(reporting, return_exceptions=True)
        answered = [one.press.nonce for one in gateway.find(Receipt, gateway.device)]
        assert list(dict.fromkeys(answered)) == [body.nonce for _, body in bodies]
        listed = sum(one["count"] for one in (await centre.views.open_incidents())["incidents"])
        assert listed == QUAKE


async def keep_reporting(gateway: SmallGateway, heartbeats: list[bytes]) -> None:
    """Bundles of heartbeats as fast as the broker confirms them."""
    while True:
        await gateway.report(*heartbeats)


async def test_a_flood_of_forged_frames_is_one_row_and_delays_no_other_gateways_press(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    thief = rig.add_site("gold").gateway
    async with thief:
        forged = [thief.envelope(bytes([number % 256]) * 85) for number in range(1_500)]
        flooding = [asyncio.create_task(thief.publish(topics.ALARM, one)) for one in forged]
        body = bank.buttons[0].body()
        await gateway.carry(bank.buttons[0].attempt(body))
        await gateway.receipt(bank.buttons[0], body)
        await asyncio.gather(*flooding, return_exceptions=True)
        later = bank.buttons[0].body()
        await gateway.carry(bank.buttons[0].attempt(later))
        await gateway.receipt(bank.buttons[0], later)
    await centre.rejections.flush()
    rows = (await centre.views.rejections())["rejections"]
    assert len([row for row in rows if row["source"] == topics.alarm_lane(thief.device)]) <= 250


async def test_who_floods_is_refused_by_the_broker_and_heard_again_later(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "USELESS_A_SECOND", 20)
    monkeypatch.setattr(doors, "SECOND_MS", 3_600_000)  # a slow machine floods as well
    monkeypatch.setattr(doors, "SHUT_FIRST_MS", 0)  # until the next tick, and nobody ticks here
    gold = rig.add_site("gold")
    name = topics.alarm_lane(gold.gateway.device)
    lane = centre.lanes.by_kind[topics.ALARM]
    handler, heard = lane._handler, list[str]()

    async def listen(topic: str, payload: bytes) -> object:
        heard.append(topic)
        return await handler(topic, payload)

    lane._handler = listen

    async def passed_on() -> bool:
        """Whether what the flooder says reaches us; an honest press behind it always does."""
        before = heard.count(topics.gateway_up(gold.gateway.device, topics.ALARM))
        await gold.gateway.publish(topics.ALARM, b"junk")
        body = bank.buttons[0].body()
        await gateway.carry(bank.buttons[0].attempt(body))
        await gateway.receipt(bank.buttons[0], body)
        return heard.count(topics.gateway_up(gold.gateway.device, topics.ALARM)) > before

    async with gold.gateway as thief:
        for _ in range(21):
            await thief.publish(topics.ALARM, b"junk")
        async with asyncio.timeout(PATIENCE_S):
            while await passed_on():
                pass
        assert centre.doorkeeper.shut == {name}
        assert all(connection.up for connection in thief.lanes.values()), "answers for its buttons still get down"
        centre.doorkeeper.tick()
        assert not centre.doorkeeper.shut
        async with asyncio.timeout(PATIENCE_S):
            while not await passed_on():
                pass


async def test_health_is_a_message_through_the_broker(rig: CentreRig, bank: SmallSite) -> None:
    async with rig.running() as centre:
        assert (await centre.health.check()).ok
        assert await centre.lanes.proven()
        lane = centre.lanes.by_kind[topics.ALARM]
        assert lane.still_s == 0.0, "a probe is nothing that is in work"
        # A lane whose handlers are all stuck takes no message, and a probe cannot get through either.
        stuck = asyncio.Event()

        async def wait_for_ever(_topic: str, _payload: bytes) -> None:
            await stuck.wait()

        lane._handler = wait_for_ever
        lane._handled = asyncio.Semaphore(1)
        async with bank.gateway as gateway:
            await gateway.carry(bank.buttons[0].press())
            async with asyncio.timeout(PATIENCE_S):
                while not lane.still_s:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert not await centre.lanes.proven()
            stuck.set()
            async with asyncio.timeout(PATIENCE_S):
                while not await centre.lanes.proven():
                    pass


@pytest.mark.parametrize("lane", [topics.ALARM, topics.REPORT])
async def test_no_gateway_can_answer_or_spoil_a_probe(
    centre: CentreService, gateway: SmallGateway, bank: SmallSite, lane: str
) -> None:
    for _ in range(5):
        await gateway.publish(lane, bytes(8))
    assert await centre.lanes.proven()


async def test_a_probe_that_comes_too_late_is_no_refused_frame(centre: CentreService, bank: SmallSite) -> None:
    """A broker that hung hands it out when nobody waits for it any more."""
    by = centre.lanes.by_kind[topics.REPORT].connection
    await by.publish(f"k1c/{PROBE}/up/{topics.ALARM}", bytes(8))
    async with bank.gateway as gateway:
        button = bank.buttons[0]
        body = button.body()
        await gateway.carry(button.attempt(body))
        await gateway.receipt(button, body)
    await centre.rejections.flush()
    assert (await centre.views.rejections())["rejections"] == []
