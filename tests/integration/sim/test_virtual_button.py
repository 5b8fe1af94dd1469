"""A virtual button with the real firmware on the real interpreter, without any gateway around it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

import pytest

from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Evidence
from kentongan_sim.flash_image import compile_slot, write_image, write_nvs
from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.panel import Contact
from kentongan_sim.presser import Presser
from kentongan_sim.processes import Death, ProcessManager
from kentongan_sim.virtual_button import BoardFiles, Trace, VirtualButton

pytestmark = pytest.mark.micropython

DEVICE = 0x0000A1B2
SOON_S = 90.0  # bounds what the firmware does at once, on a loaded machine
CALM_MS = (2_900, 3_200)  # between two calm blinks: every 3 s, and a board looks every 10 ms
BLINKS_MAX = 8  # a machine that is always busy in the moment of a blink is not believed
STOOD_STILL_S = 1.5  # longer than a hand leaves between two presses of a button
QUIET_S = 0.5  # three times the longest decision: what has not come by then does not come


@pytest.fixture(scope="module")
def slot(tmp_path_factory):
    slot = tmp_path_factory.mktemp("slot")
    compile_slot(slot)
    return slot


@contextlib.asynccontextmanager
async def button_of(variant, slot, folder):
    press = "two-button" if variant == "guard-post" else "recessed"
    link = LinkProxy("127.0.0.1", 1)
    await link.start()
    device = {
        "device": f"{DEVICE:08x}",
        "key_id": 1,
        "site": "bank-contoh",
        "variant": variant,
        "press": press,
        "gateway_host": "127.0.0.1",
        "gateway_port": link.port,
        "wifi_ssid": "contoh",
    }
    files = BoardFiles(folder / "flash.img", folder / "nvs")
    await asyncio.to_thread(write_image, files.flash, slot, device)
    write_nvs(files.nvs, bytes(range(32)), "rahasia")
    deaths: list[Death] = []
    faults: list[SimError] = []
    traces: list[Trace] = []
    manager = ProcessManager(folder, deaths.append)
    button = VirtualButton(
        name="Pos Contoh",
        device=DEVICE,
        variant=variant,
        files=files,
        link=link,
        manager=manager,
        seed=1,
        on_trace=lambda _button, trace: traces.append(trace),
        on_fault=faults.append,
    )
    try:
        await button.power_on()
        yield button, traces
    finally:
        await button.stop()
        await link.stop()
        await manager.stop()
    assert deaths == []
    assert faults == []


def named(name):
    return lambda trace: trace.name == name


async def pressed_by(button, *contacts):
    """The `pressed` trace that this push makes, or None."""
    pressed = button.expect(named("pressed"))
    await button.push(contacts)
    done, _ = await asyncio.wait({pressed}, timeout=SOON_S if len(contacts) == len(button.panel.contacts) else QUIET_S)
    return pressed.result() if done else None


@pytest.mark.parametrize(("variant", "contacts"), [("guard-post", (0, 1)), ("desk", (0,))])
async def test_a_push_is_decided_once_and_lights_nothing(variant, contacts, slot, tmp_path):
    async with button_of(variant, slot, tmp_path) as (button, traces):
        pressed = button.expect(named("pressed"))
        contact_ms = await button.push(contacts)
        trace = await asyncio.wait_for(pressed, SOON_S)
        assert trace.at_ms > contact_ms
        assert len(trace.values["nonce"]) == 16
        await asyncio.sleep(QUIET_S)
        assert [trace.name for trace in traces].count("pressed") == 1
        assert "lamp" not in [trace.name for trace in traces]
        assert button.view.shown_level == 0


async def test_one_of_two_buttons_is_no_press(slot, tmp_path):
    async with button_of("guard-post", slot, tmp_path) as (button, _):
        assert await pressed_by(button, 0) is None
        assert await pressed_by(button, 1) is None
        assert await pressed_by(button, 0, 1) is not None


async def test_a_latched_button_comes_back_from_a_power_cut_without_a_second_press(slot, tmp_path):
    async with button_of("desk", slot, tmp_path) as (button, traces):
        first = await pressed_by(button, 0)
        await button.cut_power()
        assert not button.view.powered
        await button.power_on()
        assert button.view.boots == 2
        await asyncio.sleep(QUIET_S)
        assert [trace.name for trace in traces].count("pressed") == 1
        await button.turn_key()
        second = await pressed_by(button, 0)
        assert second.values["nonce"] != first.values["nonce"]
        assert second.values["sequence"] > first.values["sequence"]


async def test_a_contact_held_while_the_power_returns_is_a_press(slot, tmp_path):
    async with button_of("desk", slot, tmp_path) as (button, _):
        await button.cut_power()
        pressed = button.expect(named("pressed"))
        button.set_contact(0, Contact.PRESSED)
        await button.power_on()
        await asyncio.wait_for(pressed, SOON_S)


def gaps(blinks):
    """Ms of the board's clock between one blink and the next."""
    return [later.values["board_ms"] - earlier.values["board_ms"] for earlier, later in itertools.pairwise(blinks)]


async def test_the_lamp_blinks_calmly_from_the_start(slot, tmp_path):
    async with button_of("guard-post", slot, tmp_path) as (button, _):

        def lit(trace):
            return trace.name == "pin" and (trace.values["gpio"], trace.values["value"]) == (lamp, 1)

        lamp = button.panel.wiring.lamp
        blinks = [await asyncio.wait_for(button.expect(lit), SOON_S)]
        while not any(CALM_MS[0] < gap_ms < CALM_MS[1] for gap_ms in gaps(blinks)):
            assert len(blinks) < BLINKS_MAX, gaps(blinks)
            blinks.append(await asyncio.wait_for(button.expect(lit), SOON_S))


async def test_a_hung_interpreter_is_bitten_by_the_watchdog_and_starts_again(slot, tmp_path):
    async with button_of("desk", slot, tmp_path) as (button, _):
        assert await pressed_by(button, 0) is not None  # the watchdog is armed and fed
        bitten, running = button.expect(named("watchdog-bite")), button.expect(named("running"))
        button.hang()
        await asyncio.wait_for(bitten, SOON_S)
        await asyncio.wait_for(running, SOON_S)
        assert button.view.boots == 2
        await button.turn_key()
        assert await pressed_by(button, 0) is not None


async def test_a_button_that_stood_still_sees_the_release_before_it_is_pressed_again(slot, tmp_path):
    async with button_of("desk", slot, tmp_path) as (button, _):
        presser = Presser([button], Evidence())
        button.expect(named("pressed")).add_done_callback(lambda _: button.hang())
        await presser.press(button)
        await asyncio.sleep(STOOD_STILL_S)
        again = button.expect(named("pressed"))
        button.thaw()
        await presser.press(button)
        await asyncio.wait_for(again, SOON_S)
