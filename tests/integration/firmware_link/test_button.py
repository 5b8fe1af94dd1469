"""The shipped firmware on the real interpreter: a press goes out, and only the centre's signed word lights the lamp."""

from __future__ import annotations

import pytest

from kentongan_sim.panel import Contact
from kentongan_wire.command import COMMAND_REPORT_NOW, Command
from kentongan_wire.frame import seal
from kentongan_wire.keys import ROLE_BUTTON, DeviceKeys
from kentongan_wire.press import CLOCK_SET, CLOCK_UNSET, CONTACT_A, CONTACT_AT_BOOT, CONTACT_B
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_RECEIVED
from kentongan_wire.supervision import (
    BUTTON_BATTERY_LOW,
    BUTTON_CLOCK_UNSET,
    BUTTON_LATCHED,
    BUTTON_MAINS_LOST,
    BUTTON_TAMPER,
    HeartbeatAnswer,
)
from tests.support.real_button import RealButton
from tests.support.site_hop import CENTRE_MS, DEVICE, KEY_ID, KEYS, SITE, receipt

pytestmark = pytest.mark.micropython

STRANGER = DeviceKeys(bytes(32), ROLE_BUTTON, DEVICE, KEY_ID, SITE)


async def test_a_press_arrives_as_the_button_decided_it(hop, button):
    await button.start()
    pressed = await button.press()
    press = await hop.next_press()
    assert press.body.sequence == pressed["sequence"]
    assert press.body.nonce.hex() == pressed["nonce"]
    assert press.body.contacts == CONTACT_A | CONTACT_B
    assert press.sending.attempt == 1
    await button.until("puback", sequence=press.body.sequence)


async def test_only_the_centres_signed_word_lights_the_lamp(hop, button):
    await button.start()
    await button.press()
    press = await hop.next_press()
    word = receipt(press, LEVEL_RECEIVED, 1)
    forged = (KEYS.hop, KEYS.up_link, STRANGER.down_link)
    for count, key in enumerate(forged, start=1):
        await hop.say(word, key)
        assert (await button.until("rejected", count=count))["reason"] == "mac"
    changed = bytearray(seal(word, DEVICE, KEY_ID, KEYS.down_link))
    changed[-20] ^= 1
    await hop.say_raw(bytes(changed))
    await button.until("rejected", count=len(forged) + 1)
    await hop.store(press)
    await button.until("stored")
    assert button.named("lamp") == []
    assert button.named("receipt") == []

    await hop.say(word)
    lamp = await button.until("lamp")
    assert lamp == {"sequence": press.body.sequence, "nonce": press.body.nonce.hex(), "level": LEVEL_RECEIVED}
    await hop.say(receipt(press, LEVEL_ACKNOWLEDGED, 2))
    await button.until("lamp", level=LEVEL_ACKNOWLEDGED)
    await hop.say(receipt(press, LEVEL_RECEIVED, 3))  # the operator gave it back
    assert [lamp["level"] for lamp in button.named("lamp")] == [LEVEL_RECEIVED, LEVEL_ACKNOWLEDGED]
    mark = len(button.traces)
    await button.until("lamp", mark, level=LEVEL_RECEIVED)


async def test_without_receipt_it_is_sent_again_and_with_it_no_more(hop, button):
    await button.start()
    await button.press()
    first = await hop.next_press()
    again = await hop.next_press()
    assert again.body == first.body
    assert again.sending.attempt == 2
    await hop.say(receipt(first, LEVEL_RECEIVED, 1))
    await button.until("receipt")
    await button.thing.turn_key()
    await button.press()
    assert (await hop.next_press()).body.sequence > first.body.sequence


async def test_a_desk_has_one_button_and_tells_by_a_pulse(slot, folder, hop):
    async with RealButton(slot, folder, hop.port, "desk") as desk:
        await desk.start()
        await desk.press()
        press = await hop.next_press()
        assert press.body.contacts == CONTACT_A
        mark = len(desk.traces)
        await hop.say(receipt(press, LEVEL_RECEIVED, 1))
        motor = desk.thing.panel.wiring.vibration
        await desk.until("pin", mark, gpio=motor, value=1)
        await desk.until("pin", mark, gpio=motor, value=0)


async def test_heartbeats_tell_the_state_and_their_answers_set_the_clock(hop, button):
    await button.start()
    beat = await hop.next_beat()
    assert beat.state & BUTTON_CLOCK_UNSET
    assert (beat.clock, beat.wall_ms) == (CLOCK_UNSET, 0)
    assert beat.battery_mv == button.thing.panel.battery_mv
    await hop.answer_beat(beat)
    await button.until("answered")
    button.thing.set_lid(opened=True)
    button.thing.set_mains(lost=True)
    button.thing.set_battery(3_300)
    later = await hop.next_beat(BUTTON_TAMPER | BUTTON_MAINS_LOST | BUTTON_BATTERY_LOW)
    assert not later.state & BUTTON_CLOCK_UNSET
    assert later.counter > beat.counter
    assert later.clock == CLOCK_SET
    await button.press()
    press = await hop.next_press()
    assert press.body.clock == CLOCK_SET
    assert CENTRE_MS <= press.body.wall_ms < CENTRE_MS + 60_000


async def test_a_heartbeat_answer_by_anyone_else_sets_no_clock(hop, button):
    await button.start()
    beat = await hop.next_beat()
    for key in (KEYS.hop, STRANGER.down_link):
        await hop.say(HeartbeatAnswer(beat.counter, beat.boot_id, CENTRE_MS, 7), key)
    await button.until("rejected", count=2)
    await button.press()
    assert (await hop.next_press()).body.clock == CLOCK_UNSET


async def test_report_now_is_obeyed_once_and_only_in_this_boot(hop, button):
    await button.start()
    beat = await hop.next_beat()
    await hop.say(Command(1, beat.boot_id ^ 1, beat.uptime_ms + 60_000, COMMAND_REPORT_NOW))
    await hop.say(Command(2, beat.boot_id, beat.uptime_ms + 60_000, COMMAND_REPORT_NOW))
    asked = await hop.next_beat()
    assert asked.uptime_ms - beat.uptime_ms < 8_000  # not merely the next one that was due
    await hop.say(Command(2, beat.boot_id, beat.uptime_ms + 60_000, COMMAND_REPORT_NOW))
    due = await hop.next_beat()
    assert due.uptime_ms - asked.uptime_ms >= 7_900


async def test_a_latched_button_held_through_a_power_cut_presses_only_once(hop, button):
    await button.start()
    for index in (0, 1):
        button.thing.set_contact(index, Contact.PRESSED)
    press = await hop.next_press()
    await hop.say(receipt(press, LEVEL_RECEIVED, 1))
    await button.until("lamp", level=LEVEL_RECEIVED)
    await button.thing.cut_power()
    await button.start()
    beat = await hop.next_beat(BUTTON_LATCHED, not_boot=press.body.boot_id)
    assert beat.sequence == press.body.sequence
    assert len(button.named("pressed")) == 1


async def test_a_contact_closed_at_power_on_is_a_press(hop, button):
    for index in (0, 1):
        button.thing.set_contact(index, Contact.PRESSED)
    await button.start()
    press = await hop.next_press()
    assert press.body.contacts == CONTACT_A | CONTACT_B | CONTACT_AT_BOOT


async def test_wifi_lost_and_found_again_delivers_what_was_pressed_between(hop, button):
    await button.start()
    await button.thing.set_wifi(up=False)
    down = await button.until("link", up=False)
    assert "Wi-Fi" in down["detail"]
    await button.press()
    mark = len(button.traces)
    await button.thing.set_wifi(up=True)
    await button.until("link", mark, up=True)
    press = await hop.next_press()
    assert press.body.sequence == button.named("pressed")[0]["sequence"]
