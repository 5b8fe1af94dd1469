"""A press over real TLS and a real broker: committed first, answered then; everything else refused and shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from kentongan_server import centre_state
from kentongan_server.adapters import register
from kentongan_server.application import enrol
from kentongan_server.service import CentreService
from kentongan_wire import topics
from kentongan_wire.custody import ENVELOPE_CUT, INNER_MAX
from kentongan_wire.frame import parse, seal
from kentongan_wire.mac import frame_digest
from kentongan_wire.press import CLOCK_UNSET, CONTACT_A, CONTACT_AT_BOOT, Press
from kentongan_wire.receipts import (
    REFUSED_BAD_MAC,
    REFUSED_COMPROMISED,
    REFUSED_MALFORMED,
    REFUSED_OVERSIZE,
    REFUSED_UNKNOWN_DEVICE,
    Receipt,
    Refusal,
)
from tests.support.centre_rig import DOWN, CentreRig, SmallButton, SmallGateway, SmallSite, now_ms, until
from tests.support.presses import spoilt

DAY_MS = 86_400_000

pytestmark = pytest.mark.both_engines


def rows(rig: CentreRig, query: str, *values: object) -> list[tuple[Any, ...]]:
    return rig.rows(query, *values)


async def alarm_of(centre: CentreService, button: SmallButton) -> dict[str, Any]:
    """The newest alarm of a button, as operators see it."""
    listed = await centre.views.open_incidents()
    return dict(next(a for one in listed["incidents"] for a in reversed(one["alarms"]) if a["device"] == button.name))


async def test_a_press_becomes_an_alarm_and_both_get_their_receipts(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    body = button.body()
    await gateway.carry(button.attempt(body))
    receipt = await gateway.receipt(button, body)
    assert (receipt.level, receipt.revision, receipt.incarnation) == (1, 1, centre.incarnation)
    own = await gateway.wait_for(Receipt, gateway.device, lambda one: one.press == button.identity(body))
    frame = next(frame for frame in gateway.down if frame.payload is own)
    assert frame.verify(gateway.keys.down_link)
    assert rows(rig, "SELECT device, sequence, nonce, dated, flags FROM alarm") == [
        (button.device, body.sequence, body.nonce, "exact", 0)
    ]
    shown = await centre.views.open_incidents()
    assert [(one["state"], one["ringing"], one["count"]) for one in shown["incidents"]] == [("new", True, 1)]


async def test_a_receipt_is_sent_only_after_the_commit(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the moment when a receipt leaves for the broker, another process can read what it says."""
    claimed: list[tuple[int, int]] = []
    send = centre.lanes.send

    def look_then_send(device: int, lane: str, frames: Sequence[bytes]) -> None:
        for raw in frames:
            payload = parse(raw, DOWN).payload
            if isinstance(payload, Receipt):
                stored = rows(rig, "SELECT level, revision FROM alarm WHERE nonce = ?", payload.press.nonce)
                assert stored == [(payload.level, payload.revision)]
                claimed.append((payload.level, payload.revision))
        send(device, lane, frames)

    monkeypatch.setattr(centre.lanes, "send", look_then_send)
    button = bank.buttons[0]
    bodies = [button.body() for _ in range(20)]
    for body in bodies:
        await gateway.carry(button.attempt(body))
    for body in bodies:
        await gateway.receipt(button, body)
    (incident,) = (await centre.views.open_incidents())["incidents"]
    await centre.operate.acknowledge(incident["id"], incident["version"], "sari")
    await gateway.receipt(button, bodies[-1], level=2)
    assert len([one for one in claimed if one == (1, 1)]) >= 40
    assert len([one for one in claimed if one == (2, 2)]) == 20


async def test_a_repeated_press_is_answered_again_with_what_stands_now(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    body = button.body()
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    (incident,) = (await centre.views.open_incidents())["incidents"]
    await centre.operate.acknowledge(incident["id"], incident["version"], "sari")
    await gateway.receipt(button, body, level=2)
    gateway.down.clear()
    await gateway.carry(button.attempt(body, number=2))
    assert (await gateway.receipt(button, body, level=2)).revision == 2
    assert [one["count"] for one in (await centre.views.open_incidents())["incidents"]] == [1]


async def test_a_press_after_the_acknowledgement_rings_again(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    first, second = button.body(), button.body()
    await gateway.carry(button.attempt(first))
    await gateway.receipt(button, first)
    (incident,) = (await centre.views.open_incidents())["incidents"]
    await centre.operate.acknowledge(incident["id"], incident["version"], "sari")
    await gateway.carry(button.attempt(second))
    assert (await gateway.receipt(button, second)).level == 1
    (again,) = (await centre.views.open_incidents())["incidents"]
    assert (again["id"], again["owner"], again["ringing"], again["count"]) == (incident["id"], "sari", True, 2)


# --- what rings with a flag -----------------------------------------------------------------------


async def test_three_days_late_it_rings_marked_late(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    body = button.body(clock=CLOCK_UNSET, wall_ms=0)
    await gateway.carry(button.attempt(body), held_ms=3 * DAY_MS)
    await gateway.receipt(button, body)
    alarm = await alarm_of(centre, button)
    assert (alarm["flags"], alarm["pressed_at"], alarm["held_ms"]) == (["late"], "estimated", 3 * DAY_MS)
    assert abs(alarm["pressed_at_ms"] - (now_ms() - 3 * DAY_MS)) < 60_000


async def test_a_rewound_counter_rings_with_a_trouble_beside_it(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    first = button.body()
    await gateway.carry(button.attempt(first))
    await gateway.receipt(button, first)
    button.sequence -= 1
    button.boot_id += 1
    again = button.body()
    assert again.sequence == first.sequence
    await gateway.carry(button.attempt(again))
    await gateway.receipt(button, again)
    (incident,) = (await centre.views.open_incidents())["incidents"]
    assert [alarm["flags"] for alarm in incident["alarms"]] == [[], ["rewound"]]
    (trouble,) = (await centre.views.troubles())["troubles"]
    assert (trouble["kind"], trouble["device"], trouble["closed_at_ms"]) == ("rewound-or-cloned", button.name, None)


async def test_a_clock_in_the_future_is_suspect(gateway: SmallGateway, bank: SmallSite, centre: CentreService) -> None:
    button = bank.buttons[0]
    body = button.body(wall_ms=now_ms() + DAY_MS)
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    alarm = await alarm_of(centre, button)
    assert (alarm["flags"], alarm["pressed_at"]) == (["time-suspect"], "estimated")


async def test_found_pressed_at_power_on(gateway: SmallGateway, bank: SmallSite, centre: CentreService) -> None:
    button = bank.buttons[0]
    body = button.body(contacts=CONTACT_A | CONTACT_AT_BOOT)
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    assert (await alarm_of(centre, button))["flags"] == ["at-boot"]


async def test_through_another_sites_gateway_it_rings_marked_moved(
    rig: CentreRig, centre: CentreService, bank: SmallSite
) -> None:
    elsewhere = rig.add_site("gold")
    button = bank.buttons[0]
    body = button.body()
    async with elsewhere.gateway as gateway:
        await gateway.carry(button.attempt(body))
        await gateway.receipt(button, body)
    alarm = await alarm_of(centre, button)
    assert (alarm["flags"], alarm["gateway"]) == (["moved"], topics.device_name(gateway.device))


async def test_a_retired_button_rings_marked_retired(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    with register.writing(rig.state.database) as writing:
        enrol.retire(writing, button.device, now_ms())
    body = button.body()
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    assert (await alarm_of(centre, button))["flags"] == ["retired"]


async def test_a_button_enrolled_while_the_centre_runs_rings_at_once(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite
) -> None:
    button = rig.add_post("bank", "Brand-new desk")
    body = button.body()
    await gateway.carry(button.attempt(body))
    assert (await gateway.receipt(button, body)).level == 1


# --- what is refused ------------------------------------------------------------------------------


async def refusal(gateway: SmallGateway, raw: bytes) -> int:
    """The reason that the gateway is told for these bytes."""
    told = await gateway.wait_for(Refusal, gateway.device, lambda one: one.digest == frame_digest(raw))
    frame = next(frame for frame in gateway.down if frame.payload is told)
    assert frame.verify(gateway.keys.down_link)
    return told.reason


async def listed(centre: CentreService) -> list[tuple[str, str, str | None, int]]:
    found = (await centre.views.rejections())["rejections"]
    shown = [(one["reason"], one["part"], one["claimed_device"], one["count"]) for one in found]
    return sorted(shown, key=str)


async def test_forged_truncated_and_foreign_presses_are_refused_and_listed(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button, other = bank.buttons
    genuine = button.press()
    forged = spoilt(genuine)
    payload = parse(genuine, (Press,)).payload
    as_other = seal(payload, other.device, 1, button.keys.up_link)
    stranger = seal(payload, 0x0BADCAFE, 1, button.keys.up_link)
    beat = button.heartbeat()
    for raw, code in (
        (forged, REFUSED_BAD_MAC),
        (as_other, REFUSED_BAD_MAC),
        (stranger, REFUSED_UNKNOWN_DEVICE),
        (genuine[:40], REFUSED_MALFORMED),
        (beat, REFUSED_MALFORMED),
    ):
        await gateway.carry(raw)
        assert await refusal(gateway, raw) == code
    assert set(await listed(centre)) == {
        ("bad-mac", "press", button.name, 1),
        ("bad-mac", "press", other.name, 1),
        ("unknown-device", "press", "0badcafe", 1),
        ("malformed", "press", button.name, 2),
    }
    assert rows(rig, "SELECT count(*) FROM alarm") == [(0,)]
    body = button.body()
    await gateway.carry(button.attempt(body))
    assert (await gateway.receipt(button, body)).level == 1


async def test_what_was_too_long_for_the_gateway_is_listed_as_oversize(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    long = bank.buttons[0].press().ljust(INNER_MAX, b"x")
    await gateway.carry(long, flags=ENVELOPE_CUT)
    await gateway.carry(long)
    assert await refusal(gateway, long) == REFUSED_MALFORMED
    assert await listed(centre) == [
        ("malformed", "press", bank.buttons[0].name, 1),
        ("oversize", "press", bank.buttons[0].name, 1),
    ]
    assert REFUSED_OVERSIZE not in [one.reason for one in gateway.find(Refusal, gateway.device)]


async def test_a_compromised_key_is_refused_and_shown(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    button = bank.buttons[0]
    with register.writing(rig.state.database) as writing:
        enrol.compromise(writing, button.device, centre_state.now_ms())
    raw = button.press()
    await gateway.carry(raw)
    assert await refusal(gateway, raw) == REFUSED_COMPROMISED
    assert await listed(centre) == [("compromised", "press", button.name, 1)]
    assert rows(rig, "SELECT count(*) FROM alarm") == [(0,)]


async def test_a_key_marked_compromised_is_refused_although_it_was_in_use(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService
) -> None:
    """The running centre has the key in memory; another process marks it."""
    button = bank.buttons[0]
    body = button.body()
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    with register.writing(rig.state.database) as writing:
        enrol.compromise(writing, button.device, now_ms())
    looking = asyncio.create_task(centre.look_after())

    async def is_refused() -> bool:
        await gateway.carry(button.press())
        return bool(gateway.find(Refusal, gateway.device, lambda one: one.reason == REFUSED_COMPROMISED))

    await until(centre, is_refused)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


async def test_bad_envelopes_are_listed_and_not_answered(
    gateway: SmallGateway, bank: SmallSite, centre: CentreService, rig: CentreRig
) -> None:
    button = bank.buttons[0]
    envelope = gateway.envelope(spoilt(button.press()))
    await gateway.publish(topics.ALARM, spoilt(envelope))
    await gateway.publish(topics.ALARM, envelope[:9])
    await gateway.publish(topics.ALARM, b"")
    await gateway.publish(topics.ALARM, b"\x01" * 8_193)
    await gateway.publish(topics.ALARM, spoilt(button.press()))
    body = button.body()  # the lane goes on working behind them
    await gateway.carry(button.attempt(body))
    await gateway.receipt(button, body)
    own = topics.device_name(gateway.device)
    assert set(await listed(centre)) == {
        ("bad-mac", "envelope", own, 1),
        ("malformed", "envelope", None, 2),
        ("oversize", "envelope", None, 1),
        ("malformed", "envelope", button.name, 1),
    }
    assert gateway.find(Refusal, gateway.device) == []
    assert rows(rig, "SELECT sum(count) FROM rejection") == [(5,)]
    assert rows(rig, "SELECT count(*) FROM alarm") == [(1,)]


@pytest.mark.parametrize("how", ["bad envelope", "no envelope", "compromised gateway"])
async def test_a_genuine_press_rings_although_nobody_vouches_for_its_carrier(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite, centre: CentreService, how: str
) -> None:
    """A gateway with a wrong or stolen key cannot forge a press, and must not silence one either."""
    button = bank.buttons[0]
    body = button.body()
    raw = gateway.envelope(button.attempt(body))
    if how == "bad envelope":
        raw = spoilt(raw)
    elif how == "no envelope":
        raw = button.attempt(body)
    else:
        with register.writing(rig.state.database) as writing:
            enrol.compromise(writing, gateway.device, now_ms())
    for _ in range(2):
        await gateway.publish(topics.ALARM, raw)
        await gateway.receipt(button, body)
        gateway.down.clear()
    assert rows(rig, "SELECT count(*) FROM alarm") == [(1,)]
    assert (await alarm_of(centre, button))["flags"] == ["moved"]
    (found,) = await listed(centre)
    assert (found[1], found[3]) == ("envelope", 1)
    assert gateway.find(Receipt, gateway.device) == []


async def test_an_arrival_is_counted_once_however_often_it_is_sent(
    rig: CentreRig, gateway: SmallGateway, bank: SmallSite
) -> None:
    """Custody sends a refused frame until it hears the refusal; the broker may redeliver; a new arrival counts anew."""
    forged = spoilt(bank.buttons[0].press())
    for jitter_ms in (0, 700, 1_900):  # the way takes a little longer or shorter each time
        await gateway.carry(forged, held_ms=60_000 + jitter_ms)
        await gateway.wait_for(Refusal, gateway.device)
    raw = gateway.envelope(b"not a frame at all", flags=0)
    await gateway.publish(topics.ALARM, raw)
    await gateway.publish(topics.ALARM, raw)
    await gateway.carry(forged, held_ms=0)  # seen at the gateway a minute later: somebody sent it again
    body = bank.buttons[0].body()
    await gateway.carry(bank.buttons[0].attempt(body))
    await gateway.receipt(bank.buttons[0], body)
    counted = rows(rig, "SELECT reason, sum(count) FROM rejection GROUP BY reason ORDER BY reason")
    assert counted == [("bad-mac", 2), ("malformed", 1)]
