"""A press through a real gateway: site broker, custody on disk, TLS to the centre, and the answers back."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import time
from pathlib import Path

from kentongan_gateway.alarm_road import WINDOW
from kentongan_gateway.core.custody import PER_DEVICE_MAX, RETRY_FIRST_MS
from kentongan_gateway.core.turns import UNDERWAY_MAX, WAITING_MAX
from kentongan_wire.bundle import pack
from kentongan_wire.custody import ENVELOPE_CUT, ENVELOPE_IN_CUSTODY, INNER_MAX
from kentongan_wire.frame import seal
from kentongan_wire.mac import MacKey, frame_digest
from kentongan_wire.press import PressIdentity
from kentongan_wire.receipts import REFUSED_BAD_MAC, Receipt, Refusal, Stored
from kentongan_wire.topics import ALARM, gateway_down
from tests.support.site import GATEWAY, PATIENCE_S, TestButton, TestGateway
from tests.support.site_client import alarm_lane_stands, running


def states(gateway: TestGateway) -> list[str]:
    return read_states(gateway.state / "custody.db")


def read_states(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as store:
        return [row[0] for row in store.execute("SELECT state FROM press ORDER BY arrival")]


async def test_a_press_is_stored_forwarded_and_cleared_by_the_receipt(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    body = button.new_press()
    raw = button.attempt(body)
    async with gateway.centre, running(gateway) as site:
        began = time.monotonic()
        await site.press(button, raw)

        stored = await site.down(Stored)
        assert stored.device == button.device
        assert stored.verify(button.keys.hop)
        assert stored.payload == Stored(body.sequence, body.nonce)

        envelope, inner = await gateway.centre.next_envelope()
        assert inner == raw
        assert envelope.flags == ENVELOPE_IN_CUSTODY
        assert envelope.held_ms <= (time.monotonic() - began) * 1000

        receipt = await site.down(Receipt)
        assert receipt.verify(button.keys.down_link)
        assert isinstance(receipt.payload, Receipt)
        assert receipt.payload.press == button.identity(body)

        await gateway.centre.next_report(lambda report: report.custody_count == 0)
    assert states(gateway) == ["received"]


async def test_stored_is_said_while_the_centre_is_away_and_the_press_goes_up_when_it_comes(
    gateway: TestGateway, buttons: list[TestButton]
):
    raws = [button.attempt(button.new_press()) for button in buttons]
    async with running(gateway) as site:
        for button, raw in zip(buttons, raws, strict=True):
            await site.press(button, raw)
            await site.down(Stored)
        assert states(gateway) == ["held", "held"]
        async with gateway.centre:
            newest, _ = await gateway.centre.next_envelope()
            oldest, _ = await gateway.centre.next_envelope()
            assert [newest.inner, oldest.inner] == raws[::-1]
            assert oldest.held_ms >= newest.held_ms > 0
            await gateway.centre.next_report(lambda report: report.custody_count == 0)


async def test_without_an_answer_it_is_sent_again_with_its_age(gateway: TestGateway, buttons: list[TestButton]):
    raw = buttons[0].attempt(buttons[0].new_press())
    gateway.centre.answers = False
    async with gateway.centre, running(gateway) as site:
        await site.press(buttons[0], raw)
        first, _ = await gateway.centre.next_envelope()
        second, inner = await gateway.centre.next_envelope()
        assert inner == raw
        assert second.held_ms - first.held_ms >= RETRY_FIRST_MS


async def test_a_later_attempt_replaces_the_bytes_and_goes_up_at_once(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    body = button.new_press()
    gateway.centre.answers = False
    async with gateway.centre, running(gateway) as site:
        await site.press(button, button.attempt(body))
        await site.down(Stored)
        first, _ = await gateway.centre.next_envelope()
        assert first.inner == button.attempt(body)
        began = time.monotonic()
        await site.press(button, button.attempt(body, 2))
        await site.down(Stored)
        while (later := (await gateway.centre.next_envelope())[0]).inner == first.inner:
            pass  # the first attempt once more, on a machine that took two seconds for this
        assert later.inner == button.attempt(body, 2)
        assert later.held_ms <= (time.monotonic() - began) * 1000, "an attempt is as old as itself"
        report = await gateway.centre.next_report(lambda report: report.custody_count > 0)
        assert report.custody_count == 1


async def test_a_redelivery_is_answered_but_not_forwarded_anew(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    raw = button.attempt(button.new_press())
    marker = buttons[1].attempt(buttons[1].new_press())
    gateway.centre.answers = False
    async with gateway.centre, running(gateway) as site:
        await alarm_lane_stands(gateway, site, buttons[1])  # else all goes up together, the newest first
        for message in (raw, raw, raw):
            await site.press(button, message)
            assert (await site.down(Stored)).device == button.device
        await site.press(buttons[1], marker)
        held_ms = []
        while (envelope := (await gateway.centre.next_envelope())[0]).inner != marker:
            assert envelope.inner == raw
            held_ms.append(envelope.held_ms)
        assert held_ms
        assert all(later - earlier >= RETRY_FIRST_MS for earlier, later in itertools.pairwise(held_ms))


async def test_a_receipt_of_anybody_else_clears_nothing(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    body = button.new_press()
    gateway.centre.answers = False
    receipt = Receipt(button.identity(body), 1, 1, 0, 1)
    async with gateway.centre, running(gateway) as site:
        await site.press(button, button.attempt(body))
        await gateway.centre.next_envelope()
        forged = seal(receipt, GATEWAY, 1, MacKey(b"x" * 32))
        for_the_button = seal(receipt, button.device, 1, button.keys.down_link)
        await gateway.centre.send(ALARM, forged, for_the_button)
        await site.down(Receipt)  # passed on unopened
        await gateway.centre.next_envelope()  # and sent up again
        report = await gateway.centre.next_report(lambda report: report.refused_count > 0)
        assert (report.custody_count, report.refused_count) == (1, 1)


async def test_a_refusal_of_the_bytes_held_ends_custody(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    forger = TestButton(button.device)  # the right number, the wrong keys
    raw = forger.attempt(forger.new_press())
    async with gateway.centre, running(gateway) as site:
        await site.press(button, raw)
        await gateway.centre.next_envelope()
        await gateway.centre.send(
            ALARM, gateway.centre.for_gateway(Refusal(frame_digest(b"something else"), REFUSED_BAD_MAC))
        )
        await gateway.centre.next_report(lambda report: report.custody_count == 1)
        await gateway.centre.send(ALARM, gateway.centre.for_gateway(Refusal(frame_digest(raw), REFUSED_BAD_MAC)))
        await gateway.centre.next_report(lambda report: report.custody_count == 0)
    assert states(gateway) == ["refused"]


async def test_frames_for_foreign_devices_and_broken_bundles_go_nowhere(
    gateway: TestGateway, buttons: list[TestButton]
):
    stranger = TestButton(0xBEEF)
    receipt = Receipt(PressIdentity(stranger.device, 1, bytes(8)), 1, 1, 0, 1)
    answer = Receipt(PressIdentity(buttons[0].device, 1, bytes(8)), 2, 9, 0, 1)
    stored = seal(Stored(1, bytes(8)), buttons[0].device, 1, buttons[0].keys.hop)
    async with gateway.centre, running(gateway) as site:
        await alarm_lane_stands(gateway, site, buttons[1])
        await gateway.centre.send(ALARM, seal(receipt, stranger.device, 1, stranger.keys.down_link), stored, b"short")
        await gateway.centre.link.publish(gateway_down(GATEWAY, ALARM), b"\x00")
        await gateway.centre.link.publish(
            gateway_down(GATEWAY, ALARM), pack([seal(answer, buttons[0].device, 1, buttons[0].keys.down_link)])
        )
        first = await site.down(Receipt)
        assert first.payload == answer
        report = await gateway.centre.next_report(lambda report: report.refused_count >= 4)
        assert report.refused_count == 4


async def test_junk_on_the_alarm_lane_is_counted_and_shown_once(gateway: TestGateway, buttons: list[TestButton]):
    button, other = buttons
    long = b"\xff" * 2_000
    press_of_other = other.attempt(other.new_press())
    strays = [b"", b"nonsense", long, button.heartbeat(), press_of_other]
    async with gateway.centre, running(gateway) as site:
        for raw in [*strays, *strays]:
            await site.press(button, raw)
        shown = [(await gateway.centre.next_envelope())[0] for _ in strays]
        assert {envelope.inner for envelope in shown} == {raw[:INNER_MAX] for raw in strays}
        assert {envelope.flags for envelope in shown} == {0, ENVELOPE_CUT}
        assert not any(envelope.flags & ENVELOPE_IN_CUSTODY for envelope in shown)
        report = await gateway.centre.next_report(lambda report: report.refused_count >= len(strays))
        assert (report.refused_count, report.custody_count) == (len(strays), 0)
        assert gateway.centre.envelopes.empty()
    assert states(gateway) == []


async def test_two_hundred_buttons_at_once_all_arrive_in_their_order(folder: Path):
    crowd = [TestButton(0xC000 + number) for number in range(200)]
    early = TestButton(0xD000)
    gateway = TestGateway(folder, [*crowd, early])
    raws = [button.attempt(button.new_press()) for button in crowd]
    async with gateway.centre, running(gateway) as site:
        await alarm_lane_stands(gateway, site, early)
        beats = [site.beat(button, button.heartbeat()) for button in crowd]
        presses = [site.press(button, raw) for button, raw in zip(crowd, raws, strict=True)]
        await asyncio.gather(*presses, *beats)
        async with asyncio.timeout(PATIENCE_S):
            while len(set(gateway.centre.seen)) < len(raws):
                await gateway.centre.next_envelope()
        await gateway.centre.new_report(lambda report: report.custody_count == 0)
    assert list(dict.fromkeys(gateway.centre.seen)) == raws
    assert states(gateway) == ["received"] * (1 + len(raws))


async def test_a_flood_of_one_button_stands_before_nobody(folder: Path):
    """A thief with one transport key makes presses as fast as the broker takes them."""
    flooder, button, early = TestButton(0xC001), TestButton(0xC002), TestButton(0xC003)
    gateway = TestGateway(folder, [flooder, button, early])
    flood = [flooder.attempt(flooder.new_press()) for _ in range(1_500)]
    raw = button.attempt(button.new_press())
    gateway.centre.answers = False
    async with gateway.centre, running(gateway) as site:
        await alarm_lane_stands(gateway, site, early)
        flooding = asyncio.gather(*(site.press(flooder, one) for one in flood))
        await site.press(button, raw)
        async with asyncio.timeout(PATIENCE_S):
            while raw not in gateway.centre.seen:
                await gateway.centre.next_envelope()
        await flooding
        report = await gateway.centre.next_report(lambda report: report.refused_count > 0)
    before = gateway.centre.seen.index(raw)
    assert before <= UNDERWAY_MAX + WAITING_MAX + WINDOW, "what a press may find before it, whoever floods"
    assert report.custody_count <= PER_DEVICE_MAX + 1
