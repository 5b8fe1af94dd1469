"""boot.py and the virtual board under it: slots, faults, watchdog, and how a board may end."""

from __future__ import annotations

import asyncio
import signal

import pytest

from kentongan_sim.board_link import BoardLink
from kentongan_sim.flash_image import compile_slot, write_nvs
from kentongan_sim.panel import Panel, wiring
from tests.support.interpreter import ROOT, micropython
from tests.support.raw_board import RUN, Board
from tests.support.site import PATIENCE_S

pytestmark = pytest.mark.micropython

SAY = "import machine\nmachine.trace('slot', {{'name': {!r}}})\n"
RAISE = "def main():\n    raise ValueError('broken on purpose')\n"
IDLE = """
import machine, time
def main():
    machine.trace('idle', {})
    while True:
        machine.ADC(machine.Pin(1), atten=3).read_uv()  # looks at its inputs, feeds nothing
        time.sleep_ms(10)
"""


async def test_a_broken_firmware_is_noted_and_restarted(tmp_path):
    board = Board(tmp_path, a=RAISE)
    board.image()
    assert await board.run() == -signal.SIGUSR1
    assert board.said("reset") == [True]
    assert "broken on purpose" in board.output


async def test_a_crash_loop_does_not_wear_the_flash(tmp_path):
    board = Board(tmp_path, a=RAISE)
    board.image()
    before = board.flash.read_bytes()
    await board.run()
    noted = board.flash.read_bytes()
    assert b"Traceback" in noted
    assert b"Traceback" not in before
    await board.run()
    assert board.flash.read_bytes() == noted
    assert board.said("hello") == [{"boot": 1}, {"boot": 2}]


async def test_the_slot_file_chooses_between_two_slots(tmp_path):
    for wanted, chosen in (("a", "a"), ("b", "b"), ("", "a")):
        folder = tmp_path / f"wants-{wanted}"
        folder.mkdir()
        board = Board(folder, a=SAY.format("a") + RAISE, b=SAY.format("b") + RAISE)
        board.image(slot=wanted)
        await board.run()
        assert board.said("name") == [chosen]


async def test_a_slot_that_is_not_there_is_not_chosen(tmp_path):
    board = Board(tmp_path, a=SAY.format("a") + RAISE)
    board.image(slot="b")
    await board.run()
    assert board.said("name") == ["a"]


async def test_a_blank_board_keeps_its_console(tmp_path):
    board = Board(tmp_path, a=SAY.format("a") + RAISE)
    board.image(device=False)
    assert await board.run() == 0
    assert "REPL" in board.output
    assert board.said("name") == []


async def test_a_watchdog_that_is_not_fed_kills_the_board_even_when_the_host_does_not(tmp_path):
    board = Board(tmp_path, a=IDLE)
    board.image(watchdog_ms="200")
    assert await board.run() == -signal.SIGALRM
    assert board.said("watchdog") == ["armed"]
    assert board.said("timeout_ms") == [200]


async def test_a_board_does_not_outlive_its_host(tmp_path):
    board = Board(tmp_path, a=IDLE)
    board.image()
    link = BoardLink("test", Panel(wiring("guard-post")).snapshot, lambda *_: hang_up.set(), board.fault)
    hang_up = asyncio.Event()
    running = asyncio.create_task(board.run(link))
    await asyncio.wait_for(hang_up.wait(), PATIENCE_S)
    await link.stop()
    assert await running == -signal.SIGHUP


async def test_what_is_missing_is_named(tmp_path):
    board = Board(tmp_path, a=IDLE)
    board.image()
    for name in ("KENTONGAN_BOARD", "KENTONGAN_FLASH", "KENTONGAN_NVS"):
        environment = board.environment(1)
        del environment[name]
        process = await asyncio.create_subprocess_exec(
            micropython(), RUN, cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        assert process.returncode == 2
        assert name in said.decode()


async def test_a_button_without_its_secret_says_so_and_restarts(tmp_path):
    board = Board(tmp_path)
    compile_slot(tmp_path / "slot" / "a")
    board.image()
    write_nvs(board.nvs, b"", "rahasia")
    assert await board.run() == -signal.SIGUSR1
    assert "secret: expected 32 bytes" in board.output


async def test_a_torn_line_of_the_nvs_file_is_ignored(tmp_path):
    board = Board(tmp_path, a=RAISE)
    board.image()
    with board.nvs.open("a") as file:
        file.write('{"boot": 41')
    await board.run()
    await board.run()
    assert board.said("hello") == [{"boot": 1}, {"boot": 2}]


def test_the_nvs_file_is_private(tmp_path):
    board = Board(tmp_path)
    assert board.nvs.stat().st_mode & 0o777 == 0o600
