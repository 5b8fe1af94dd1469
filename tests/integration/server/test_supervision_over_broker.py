"""Heartbeats over a real broker: verified each by itself, answered, and compared with what the lamps should show."""

from __future__ import annotations

from typing import Any

import pytest

from kentongan_server.service import CentreService
from kentongan_wire import topics
from kentongan_wire.command import COMMAND_REPORT_NOW, Command
from kentongan_wire.frame import seal
from kentongan_wire.receipts import Receipt
from kentongan_wire.supervision import (
    BUTTON_TAMPER,
    SITE_CUSTODY_FULL,
    Beat,
    HeartbeatAnswer,
    SiteReport,
)
from tests.support.centre_rig import CentreRig, SmallButton, SmallGateway, SmallSite, now_ms, until
from tests.support.presses import spoilt

pytestmark = pytest.mark.both_engines


async def answered(gateway: SmallGateway, device: int, counter: int) -> HeartbeatAnswer:
    return await gateway.wait_for(HeartbeatAnswer, device, lambda one: one.counter == counter)


async def beat(gateway: SmallGateway, button: SmallButton, **how: Any) -> None:
    """A heartbeat of the button, and its answer."""
    await gateway.report(button.heartbeat(**how))
    await answered(gateway, button.device, button.counter)


async def open_troubles(centre: CentreService) -> set[tuple[str, str | None]]:
    listed = (await centre.views.troubles())["troubles"]
    return {(one["kind"], one["device"]) for one in listed if one["closed_at_ms"] is None}


async def test_report_and_heartbeats_are_answered_each_with_its_own_key(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    first, second = bank.buttons
    counter = await gateway.report(first.heartbeat(), second.heartbeat())
    for device, keys, expected in (
        (gateway.device, gateway.keys, counter),
        (first.device, first.keys, first.counter),
        (second.device, second.keys, second.counter),
    ):
        answer = await answered(gateway, device, expected)
        assert answer.incarnation == centre.incarnation
        assert abs(answer.centre_ms - now_ms()) < 60_000
        frame = next(frame for frame in gateway.down if frame.payload is answer)
        assert frame.verify(keys.down_link)


async def test_a_forged_heartbeat_is_refused_and_its_neighbours_are_heard(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    first, second = bank.buttons
    forged = spoilt(first.heartbeat())
    await gateway.report(forged, second.heartbeat(), b"nonsense")
    await answered(gateway, second.device, second.counter)
    await beat(gateway, first)
    assert [one.counter for one in gateway.find(HeartbeatAnswer, first.device)] == [2]
    await until_rejected(centre, ("bad-mac", "heartbeat", first.name), ("malformed", "heartbeat", None))


async def test_an_old_heartbeat_is_stale_and_a_redelivered_one_is_answered_again(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    old, newest = button.heartbeat(), button.heartbeat()
    await gateway.report(newest)
    await answered(gateway, button.device, 2)
    await gateway.report(newest)
    await gateway.report(old)
    await answered(gateway, gateway.device, 3)
    await beat(gateway, button)
    assert [one.counter for one in gateway.find(HeartbeatAnswer, button.device)] == [2, 2, 3]
    await until_rejected(centre, ("stale", "heartbeat", button.name))


async def test_a_replayed_site_report_is_stale(gateway: SmallGateway, bank: SmallSite, centre: CentreService) -> None:
    button = bank.buttons[0]
    report = SiteReport(1, 5, 1_000, now_ms(), 0, 0, 0, 0, (Beat(0, button.heartbeat()),))
    raw = seal(report, gateway.device, gateway.key_id, gateway.keys.up_link)
    await gateway.publish(topics.REPORT, raw)
    await answered(gateway, gateway.device, 1)
    gateway.counter = 1
    await gateway.report()
    await answered(gateway, gateway.device, 2)
    await gateway.publish(topics.REPORT, raw)
    await gateway.report()
    await answered(gateway, gateway.device, 3)
    assert [one.counter for one in gateway.find(HeartbeatAnswer, gateway.device)] == [1, 2, 3]
    await until_rejected(centre, ("stale", "report", topics.device_name(gateway.device)))


async def test_after_a_restart_of_the_centre_old_heartbeats_stay_old(rig: CentreRig, bank: SmallSite) -> None:
    button, gateway = bank.buttons[0], bank.gateway
    old = button.heartbeat()
    async with rig.running(), gateway:
        await beat(gateway, button)
    gateway.down.clear()
    async with rig.running() as centre, gateway:
        await gateway.report(old, button.heartbeat())
        await answered(gateway, button.device, 3)
        await until_rejected(centre, ("stale", "heartbeat", button.name))
    assert [one.counter for one in gateway.find(HeartbeatAnswer, button.device)] == [3]


async def test_a_receipt_is_sent_again_until_the_heartbeat_shows_it(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    body = button.body()
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    (incident,) = (await centre.views.open_incidents())["incidents"]
    await centre.operate.acknowledge(incident["id"], incident["version"], "sari")
    await gateway.receipt(button, body, level=2)

    for shown in ((body.sequence, body.nonce, *one) for one in ((0, 0), (1, 1), (1, 1))):
        gateway.down.clear()
        await beat(gateway, button, shown=shown)
        assert (await gateway.receipt(button, body, level=2)).revision == 2
    gateway.down.clear()
    await beat(gateway, button, shown=(body.sequence, body.nonce, 2, 2))
    await beat(gateway, button, shown=(body.sequence, body.nonce, 2, 2))
    assert gateway.find(Receipt, button.device) == []

    async def guard_is_known_to_see_it() -> bool:
        (incident,) = (await centre.views.open_incidents())["incidents"]
        seen = incident["alarms"][0]["seen"]
        return seen is not None and (seen["level"], seen["revision"]) == ("acknowledged", 2)

    await until(centre, guard_is_known_to_see_it)


async def test_a_heartbeat_about_a_press_that_has_not_arrived_is_answered_with_no_receipt(
    gateway: SmallGateway, bank: SmallSite
) -> None:
    button = bank.buttons[0]
    await beat(gateway, button, shown=(41, b"notthere", 0, 0))
    await beat(gateway, button, shown=(41, b"notthere", 0, 0))
    assert gateway.find(Receipt, button.device) == []


async def test_state_bits_raise_troubles_once_and_end_them(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button, own = bank.buttons[0], topics.device_name(gateway.device)
    for _ in range(2):
        await gateway.report(button.heartbeat(state=BUTTON_TAMPER), state=SITE_CUSTODY_FULL)
        await answered(gateway, button.device, button.counter)
    await until_troubles(centre, {("tamper", button.name), ("custody-full", own)})
    assert [one["count"] for one in (await centre.views.troubles())["troubles"]] == [1, 1]
    await gateway.report(button.heartbeat())
    await until_troubles(centre, set())


async def until_troubles(centre: CentreService, expected: set[tuple[str, str | None]]) -> None:
    async def are_open() -> bool:
        return await open_troubles(centre) == expected

    await until(centre, are_open)


async def until_rejected(centre: CentreService, *expected: tuple[str, str, str | None]) -> None:
    """Until exactly these (reason, part, claimed device) are listed, each counted once."""

    async def are_listed() -> bool:
        listed = (await centre.views.rejections())["rejections"]
        assert sum(one["count"] for one in listed) <= len(expected)
        return {(one["reason"], one["part"], one["claimed_device"]) for one in listed} == set(expected)

    await until(centre, are_listed)


async def test_asking_a_button_for_a_heartbeat(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService, rig: CentreRig
) -> None:
    button = bank.buttons[0]
    await beat(gateway, button)
    await centre.supervise.commands.report_now(button.device)
    await centre.supervise.commands.report_now(button.device)
    await gateway.wait_for(Command, button.device, lambda one: one.counter == 2)
    first, second = gateway.find(Command, button.device)
    assert (first.counter, second.counter) == (1, 2)
    assert (first.boot_id, first.code) == (button.boot_id, COMMAND_REPORT_NOW)
    assert button.uptime_ms < first.expires_uptime_ms < button.uptime_ms + 60_000
    frame = next(frame for frame in gateway.down if frame.payload is first)
    assert frame.verify(button.keys.down_link)


async def test_heartbeats_are_saved_together_and_not_one_by_one(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService, rig: CentreRig
) -> None:
    button = bank.buttons[0]
    for _ in range(3):
        await beat(gateway, button)
    assert rig.rows("SELECT count(*) FROM device_state") == [(0,)]
    await centre.supervise.save()
    saved = rig.rows("SELECT device, counter FROM device_state ORDER BY device")
    assert saved == sorted([(button.device, 3), (gateway.device, 3)])
    listed = (await centre.views.devices())["devices"]
    states = {one["device"]: one["state"] for one in listed}
    assert states[button.name] == "alive"
    assert states[bank.buttons[1].name] == "never-heard"
