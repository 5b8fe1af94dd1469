"""What the gateway texts, to whom and when, and what it makes of messages that come in."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kentongan_gateway.adapters.store import FILE_NAME, Store, StoreError
from kentongan_gateway.core.custody import REVIEW_MS
from kentongan_gateway.core.main_path import FIRST_MS, FIRST_SPREAD_MS, LOST_MS, PERIOD_MS, STEADY_MS
from kentongan_gateway.core.report import INTERVAL_MS
from kentongan_gateway.sms_road import BEHIND_MAX, FAILED_MAX
from kentongan_host.mqtt import Message
from kentongan_host.tasks import Background
from kentongan_wire.armour_dense import sms_text
from kentongan_wire.at_engine import FAULT_NO_SIM, FAULT_NOT_REGISTERED, FAULT_PIN, FAULT_SILENT
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, ENVELOPE_OFFERED_AGAIN, Envelope
from kentongan_wire.frame import seal
from kentongan_wire.mac import MacKey
from kentongan_wire.path_report import CAUSE_MAIN_BACK, CAUSE_MAIN_LOST, CAUSE_PERIODIC, PathReport
from kentongan_wire.receipts import Receipt
from kentongan_wire.second_path import PATIENCE_MS, SENTENCE_MS, TEXT_RETRY, TEXT_SENT, TEXT_UNKNOWN
from kentongan_wire.supervision import (
    SITE_BROKER_DOWN,
    SITE_PATH_LOST,
    SITE_SIM_FAULT,
    SITE_SMS_DOWN,
    HeartbeatAnswer,
)
from kentongan_wire.topics import ALARM, button_up
from tests.support.site import GATEWAY, SITE, TestButton
from tests.support.site_sms import CENTRE, DUTY, START_MS, SmsRig, Text

QUIET_MS = FIRST_MS + FIRST_SPREAD_MS


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[SmsRig]:
    """Its main path is proven and its first path report told."""
    async with Store(tmp_path / FILE_NAME) as store, Background() as background:
        await store.begin(0)
        rig = SmsRig(tmp_path, store, background, [TestButton(0xA1B2), TestButton(0xA1B3)])
        rig.main_path.told(CAUSE_PERIODIC, START_MS)
        rig.main_path.answered(START_MS)
        yield rig


def button(rig: SmsRig) -> TestButton:
    return rig.buttons[0xA1B2]


async def test_a_press_that_is_not_received_goes_to_both_numbers_after_two_seconds(rig: SmsRig):
    press = await rig.hold(button(rig))
    texts = await rig.texts_until(START_MS + LOST_MS - 1)
    assert [(at_ms - START_MS, number) for at_ms, number, _ in texts] == [(PATIENCE_MS, number) for number in CENTRE]
    for _, _, text in texts:
        assert rig.press_in(text) == press
        envelope = rig.read(text)
        assert isinstance(envelope, Envelope)
        assert (envelope.flags, envelope.held_ms) == (ENVELOPE_IN_CUSTODY, PATIENCE_MS)


async def test_without_a_proven_path_it_goes_at_once(rig: SmsRig):
    rig.clock.ms += 60_000
    await rig.texts()
    press = await rig.hold(button(rig))
    assert [rig.press_in(text) for _, text in await rig.texts()] == [press] * 2


async def test_a_received_press_is_not_texted(rig: SmsRig):
    press = await rig.hold(button(rig))
    rig.alarms.custody.receipt(press)
    assert await rig.texts_until(START_MS + LOST_MS - 1) == []


async def test_what_a_former_centre_had_confirmed_says_so(rig: SmsRig):
    press = await rig.hold(button(rig))
    rig.alarms.custody.receipt(press)
    await rig.store.received(press, 1, 0)
    rig.alarms.offered_again(await rig.store.restored(2))
    assert await rig.texts() == []  # the restored centre has just answered: MQTT will do
    rig.clock.ms += REVIEW_MS + PATIENCE_MS
    envelope = rig.read((await rig.texts())[0][1])
    assert isinstance(envelope, Envelope)
    assert envelope.flags == ENVELOPE_IN_CUSTODY | ENVELOPE_OFFERED_AGAIN


async def test_after_a_minute_people_are_told_in_plain_words(rig: SmsRig):
    await rig.hold(button(rig))
    texts = await rig.texts_until(START_MS + SENTENCE_MS + 1_000)
    (told,) = [(at_ms, text) for at_ms, number, text in texts if number in DUTY]
    assert told[0] == START_MS + SENTENCE_MS
    assert told[1].startswith("ALARM dari Bank Contoh, Loket 178")
    assert told[1].endswith("Pusat belum menjawab.")


async def test_the_centre_answers_nobody_is_told(rig: SmsRig):
    press = await rig.hold(button(rig))
    await rig.texts_until(START_MS + 5_000)
    assert await rig.road.take(rig.receipt(press))
    assert press not in rig.alarms.custody
    texts = await rig.texts_until(START_MS + SENTENCE_MS + 10_000)
    assert not [number for _, number, _ in texts if number in DUTY]


async def test_a_button_without_a_name_is_told_by_its_number(rig: SmsRig):
    stranger = TestButton(0xBEEF)
    await rig.hold(stranger)
    texts = await rig.texts_until(START_MS + SENTENCE_MS)
    (told,) = [text for _, number, text in texts if number in DUTY]
    assert told.startswith("ALARM dari Bank Contoh, tombol 0000beef")


# --- path reports ---------------------------------------------------------------------------


def reports(rig: SmsRig, texts: list[tuple[int, str, str]]) -> list[tuple[int, str, PathReport]]:
    read = [(at_ms, number, rig.read(text)) for at_ms, number, text in texts if number in CENTRE]
    return [(at_ms, number, payload) for at_ms, number, payload in read if isinstance(payload, PathReport)]


async def test_a_lost_path_is_told_to_both_numbers_within_ten_seconds(rig: SmsRig):
    found = reports(rig, await rig.texts_until(START_MS + 60_000))
    assert [(at_ms - START_MS, number, report.cause) for at_ms, number, report in found] == [
        (LOST_MS, CENTRE[0], CAUSE_MAIN_LOST),
        (LOST_MS, CENTRE[1], CAUSE_MAIN_LOST),
    ]
    report = found[0][2]
    assert report.counter == found[1][2].counter, "one report, however many numbers"
    assert report.state == SITE_PATH_LOST | SITE_BROKER_DOWN  # this rig has no broker
    assert (report.boot_id, report.uptime_ms, report.signal_dbm) == (3, LOST_MS, -71)


async def test_its_return_is_told_and_counters_rise(rig: SmsRig):
    lost = reports(rig, await rig.texts_until(START_MS + 20_000))[0][2]
    for _ in range(2 * STEADY_MS // INTERVAL_MS):
        rig.main_path.answered(rig.clock.ms)
        found = reports(rig, await rig.texts_until(rig.clock.ms + INTERVAL_MS))
        if found:
            break
    assert {report.cause for _, _, report in found} == {CAUSE_MAIN_BACK}
    assert not found[0][2].state & SITE_PATH_LOST
    assert found[0][2].counter > lost.counter


async def test_a_path_report_waits_for_the_two_texts_of_one_press_only(rig: SmsRig):
    for _ in range(20):
        await rig.hold(button(rig))
    rig.clock.ms += LOST_MS
    texts = await rig.texts_until(rig.clock.ms)
    places = [place for place, (_, _, text) in enumerate(texts) if isinstance(rig.read(text), PathReport)]
    assert places == [BEHIND_MAX, 2 * BEHIND_MAX + 1]


async def test_it_is_told_hourly_that_the_second_path_works(rig: SmsRig):
    found: list[tuple[int, str, PathReport]] = []
    while rig.clock.ms < START_MS + 3 * PERIOD_MS:
        rig.main_path.answered(rig.clock.ms)
        found += reports(rig, await rig.texts_until(rig.clock.ms + INTERVAL_MS))
    assert len(found) == 3 * len(CENTRE)
    assert {report.cause for _, _, report in found} == {CAUSE_PERIODIC}
    times = sorted({at_ms for at_ms, _, _ in found})
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [PERIOD_MS] * 2


async def test_a_modem_that_is_not_ready_is_not_asked_and_catches_up(rig: SmsRig):
    rig.modem.ready = False
    press = await rig.hold(button(rig))
    assert rig.road.wait_ms() is None
    assert await rig.texts_until(START_MS + 30_000) == []
    rig.modem.ready = True
    texts = [text for _, text in await rig.texts()]
    assert [rig.press_in(text) for text in texts[:2]] == [press] * 2
    assert isinstance(rig.read(texts[2]), PathReport)


# --- how the modem does ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (FAULT_SILENT, SITE_SMS_DOWN),
        (FAULT_NOT_REGISTERED, SITE_SMS_DOWN),
        (FAULT_NO_SIM, SITE_SMS_DOWN | SITE_SIM_FAULT),
        (FAULT_PIN, SITE_SMS_DOWN | SITE_SIM_FAULT),
    ],
)
async def test_a_fault_of_the_modem_is_one_of_the_site(rig: SmsRig, fault: int, state: int):
    assert rig.road.state() == 0
    rig.modem.fault = fault
    assert rig.road.state() == state
    assert rig.reports.state() & state == state


async def test_a_sim_that_sends_nothing_is_told_until_it_sends(rig: SmsRig):
    await rig.hold(button(rig))
    rig.modem.outcomes = [TEXT_RETRY] * FAILED_MAX
    await rig.texts_until(START_MS + PATIENCE_MS)
    assert (len(rig.modem.sent), rig.road.state()) == (2, 0)
    await rig.texts_until(START_MS + PATIENCE_MS + 5_000)
    assert rig.road.state() == 0, "another one went out since"
    rig.modem.outcomes = [TEXT_RETRY] * 100
    await rig.hold(button(rig))
    await rig.texts_until(START_MS + LOST_MS + 30_000)
    assert rig.road.state() == SITE_SMS_DOWN
    rig.modem.outcomes = [TEXT_SENT]
    await rig.texts_until(START_MS + 600_000)
    assert rig.road.state() == 0


async def test_what_may_have_gone_out_is_sent_again_and_changes_nothing_else(rig: SmsRig):
    press = await rig.hold(button(rig))
    rig.modem.outcomes = [TEXT_UNKNOWN]
    texts = await rig.texts_until(START_MS + LOST_MS - 1)
    assert [number for _, number, _ in texts] == [CENTRE[0], CENTRE[1], CENTRE[0]]
    assert press in rig.alarms.custody


# --- what comes in --------------------------------------------------------------------------


async def test_a_receipt_ends_custody_on_disk_before_it_is_deleted_from_the_modem(rig: SmsRig, tmp_path: Path):
    press = await rig.hold(button(rig))
    assert await rig.road.take(rig.receipt(press))
    with sqlite3.connect(tmp_path / FILE_NAME) as disk:
        assert disk.execute("SELECT state FROM press").fetchall() == [("received",)]


async def test_a_receipt_that_the_disk_does_not_take_stays_in_the_modem(rig: SmsRig, monkeypatch: pytest.MonkeyPatch):
    press = await rig.hold(button(rig))

    def full(*_arguments: object) -> asyncio.Future[object]:
        raise StoreError("no room on this device.")

    with monkeypatch.context() as patch:
        patch.setattr(rig.store, "received", full)
        assert not await rig.road.take(rig.receipt(press))
    await rig.alarms.save_ends()
    assert await rig.road.take(rig.receipt(press))


async def test_the_end_is_not_forgotten_when_a_later_attempt_found_no_room_on_the_disk(
    rig: SmsRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    body = button(rig).new_press()
    press = await rig.hold(button(rig), body)
    committing: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    asked = asyncio.Event()

    def hold(*_arguments: object) -> asyncio.Future[object]:
        asked.set()
        return committing

    monkeypatch.setattr(rig.store, "hold", hold)
    admitting = asyncio.create_task(rig.alarms.admit())
    rig.alarms.arrived(Message(button_up(SITE, press.device, ALARM), button(rig).attempt(body, 2)))
    await asyncio.wait_for(asked.wait(), 60)
    rig.alarms.receipt(Receipt(press, 1, 1, 0, 1))
    await rig.alarms.save_ends()
    committing.set_exception(StoreError("no room on this device."))
    await asyncio.sleep(0)  # what waits for the commit is told
    await rig.alarms.save_ends()
    with sqlite3.connect(tmp_path / FILE_NAME) as disk:
        assert disk.execute("SELECT state FROM press").fetchall() == [("received",)]
    admitting.cancel()


async def test_messages_are_deleted_once_they_are_done_with(rig: SmsRig):
    press = await rig.hold(button(rig))
    for_a_button = Receipt(press, 1, 1, 0, 1)
    handed_down = sms_text(seal(for_a_button, 0xA1B2, 1, button(rig).keys.down_link))
    for index, text in enumerate([rig.receipt(press), handed_down, "Promo! Pulsa murah"]):
        rig.modem.inbox.put_nowait(Text(index, text))
    receiving = asyncio.create_task(rig.road.receive())
    async with asyncio.timeout(60):
        # The button's receipt waits: its broker is not there.
        assert [await rig.modem.deleted.get() for _ in range(2)] == [0, 2]
    receiving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await receiving


@pytest.mark.parametrize("what", ["forged", "other key", "answer", "envelope", "foreign", "words", "nothing", "cut"])
async def test_what_is_none_of_ours_ends_nothing_is_counted_and_deleted(
    rig: SmsRig, what: str, capsys: pytest.CaptureFixture[str]
):
    press = await rig.hold(button(rig))
    receipt = Receipt(press, 1, 1, 0, 1)
    text = {
        "forged": sms_text(seal(receipt, GATEWAY, 1, MacKey(b"x" * 32))),
        "other key": sms_text(seal(receipt, GATEWAY, 2, rig.keys.down_link)),
        "answer": sms_text(seal(HeartbeatAnswer(1, 3, 0, 1), GATEWAY, 1, rig.keys.down_link)),
        "envelope": sms_text(seal(Envelope(0, 1, b"x"), GATEWAY, 1, rig.keys.up_link)),
        "foreign": sms_text(seal(receipt, 0xBEEF, 1, rig.keys.down_link)),
        "words": "Selamat! Anda menang undian 123",
        "nothing": "",
        "cut": rig.receipt(press)[:-10],
    }[what]
    assert await rig.road.take(text)
    assert press in rig.alarms.custody
    assert rig.road.strangers == 1
    assert rig.alarms.strays.refused == (what in {"forged", "other key"})
    logged = capsys.readouterr()
    assert not text or text not in logged.out + logged.err
