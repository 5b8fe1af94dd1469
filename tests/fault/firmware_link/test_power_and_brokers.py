"""Power cuts, killed brokers, hung and broken firmware: the press comes through, once."""

from __future__ import annotations

import pytest

from kentongan_button.core.delivery import LAZY_SAVE_MS
from kentongan_wire.receipts import LEVEL_RECEIVED
from tests.support.site_hop import receipt

pytestmark = pytest.mark.micropython

ROOM_MS = 3_000  # for a write that is due on a loaded machine


async def test_power_cut_between_journal_and_puback_sends_the_same_press_again(hop, button):
    await button.start()
    await button.link.silence()
    pressed = await button.press()
    await button.thing.cut_power()
    assert button.named("puback") == []
    await button.link.cut()  # what waited in it is lost
    await button.thing.power_on()
    await button.link.restore()
    press = await hop.next_press()
    assert press.body.nonce.hex() == pressed["nonce"]
    assert press.body.sequence == pressed["sequence"]
    assert press.sending.boot_id != press.body.boot_id
    assert press.age_ms() is None
    await hop.say(receipt(press, LEVEL_RECEIVED, 1))
    await button.until("lamp", level=LEVEL_RECEIVED)
    assert len(button.named("pressed")) == 1


async def test_a_received_press_is_not_sent_again_after_a_power_cut(hop, button):
    await button.start()
    await button.press()
    press = await hop.next_press()
    await hop.say(receipt(press, LEVEL_RECEIVED, 1))
    await button.until("receipt")
    await hop.beat_after(press.sending.uptime_ms + LAZY_SAVE_MS + ROOM_MS)
    await button.thing.cut_power()
    await button.start()
    beat = await hop.next_beat(not_boot=press.body.boot_id)
    assert (beat.undelivered, beat.level) == (0, LEVEL_RECEIVED)


async def test_sequence_numbers_never_come_twice_over_power_cuts(hop, button):
    seen = []
    for _ in range(3):
        await button.start()
        seen.append((await button.press())["sequence"])
        await button.thing.cut_power()
    assert seen == sorted(set(seen))


async def test_a_killed_broker_is_found_again_and_gets_what_was_pressed_meanwhile(hop, button):
    await button.start()
    mark = len(button.traces)
    hop.kill_broker()
    await button.until("link", mark, up=False)
    pressed = await button.press()
    await button.until("link", mark, up=True)
    press = await hop.next_press()
    assert press.body.nonce.hex() == pressed["nonce"]
    await hop.say(receipt(press, LEVEL_RECEIVED, 1))
    await button.until("lamp", level=LEVEL_RECEIVED)


async def test_a_reset_connection_is_made_anew_at_once(hop, button):
    await button.start()
    mark = len(button.traces)
    button.link.reset_connections()
    await button.until("link", mark, up=False)
    await button.until("link", mark, up=True)
    await button.press()
    await hop.next_press()


async def test_a_press_into_a_silent_link_goes_out_when_it_is_noticed(hop, button):
    await button.start()
    mark = len(button.traces)
    await button.link.silence()
    pressed = await button.press()
    down = await button.until("link", mark, up=False)
    assert down["step"] in {"puback", "pingresp"}
    await button.link.restore()
    press = await hop.next_press()
    assert press.body.nonce.hex() == pressed["nonce"]


async def test_a_hung_interpreter_is_bitten_by_its_watchdog_and_comes_back(hop, button):
    await button.start()
    mark = len(button.traces)
    button.thing.hang()
    await button.until("watchdog-bite", mark)
    await button.until("link", mark, up=True)
    await button.press()
    await hop.next_press()
