"""The watchdog is fed only while every task works: one that hangs brings the button down, and back."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

import kentongan_button
from kentongan_sim import flash_image
from tests.support.raw_board import Board
from tests.support.real_button import RealButton

pytestmark = pytest.mark.micropython

# The shipped firmware with one task that hangs and its deadline shortened. Each text stands once.
HANGS = {
    "delivery": (
        ("app.py", "            await self._wake.wait()\n", "            await asyncio.Event().wait()\n"),
        ("core/health.py", '"delivery": 10_000', '"delivery": 400'),
    ),
    "link": (
        ("link/connection.py", "            self._looks += 1\n", "            await asyncio.Event().wait()\n"),
        ("core/health.py", '"link": 60_000', '"link": 400'),
    ),
}
SHORT_WATCHDOG = ("hal/esp32.py", "WATCHDOG_MS = 8_000", "WATCHDOG_MS = 1_500")
PATIENT_WATCHDOG = ("hal/esp32.py", "WATCHDOG_MS = 8_000", "WATCHDOG_MS = 5_000")  # a loaded machine stalls, too


def changed_firmware(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of the firmware with these texts replaced."""
    copy = folder / "firmware" / "kentongan_button"
    shutil.copytree(kentongan_button.__path__[0], copy)
    for name, before, after in changes:
        text = (copy / name).read_text()
        assert text.count(before) == 1, (name, before, text.count(before))
        (copy / name).write_text(text.replace(before, after))
    return copy


@pytest.fixture
def slot_of(folder, monkeypatch):
    def make(path, *changes):
        monkeypatch.setattr(flash_image, "_BUTTON", changed_firmware(folder, *changes))
        flash_image.compile_slot(path)
        return path

    return make


@pytest.mark.parametrize("task", sorted(HANGS))
async def test_a_task_that_hangs_is_named_and_the_watchdog_bites(task, slot_of, folder):
    slot_of(folder / "slot" / "a", *HANGS[task], SHORT_WATCHDOG)
    board = Board(folder)
    board.image()
    assert await board.run() == -signal.SIGALRM
    assert board.said("tasks")[0] == [task]


async def test_a_healthy_button_feeds_its_watchdog(slot_of, folder, hop):
    async with RealButton(slot_of(folder / "slot", PATIENT_WATCHDOG), folder, hop.port) as button:
        await button.start()
        await hop.beat_after(2 * 5_000)
        assert button.named("unhealthy") == []
        assert button.named("watchdog-bite") == []
