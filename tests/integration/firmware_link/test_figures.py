"""What the firmware costs, against NUMBERS: the size of its .mpy files and the heap that it leaves."""

from __future__ import annotations

import pytest

from kentongan_button.core.journal import CAPACITY, Entry, Journal
from kentongan_button.store import Store
from kentongan_sim.flash_image import compile_slot
from kentongan_sim.virtual_button import HEAP
from kentongan_wire.press import KIND_HOLD_UP, PressBody
from tests.support.real_button import RealButton

pytestmark = pytest.mark.micropython

MPY_MAX = 40 * 1024  # bytes of all .mpy files together, wire included
FREE_LEAST = 40 * 1024  # bytes of the 160 kB heap, collected, when the link stands; without what only the bench takes
FREE_FULL_LEAST = 24 * 1024  # bytes, with 32 undelivered presses in the journal: room for a handshake and its garbage


def test_the_firmware_is_small(tmp_path):
    sizes = compile_slot(tmp_path)
    for module, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size:6d} {module}")
    print(f"{sum(sizes.values()):6d} total")
    assert sum(sizes.values()) <= MPY_MAX


async def test_enough_heap_is_left_when_connected(hop, button):
    assert HEAP == "160k"
    await button.start()
    memory = button.named("memory")[-1]
    print(f"free heap when connected: {memory['free']} bytes, {memory['fakes']} more are the fakes'")
    assert memory["free"] + memory["fakes"] >= FREE_LEAST


async def test_a_full_journal_goes_out_newest_first_and_leaves_room_to_work(slot, folder, hop):
    journal = Journal()
    for sequence in range(1, CAPACITY + 1):
        journal.entries.append(Entry(PressBody(sequence, bytes(8), KIND_HOLD_UP, 3, 1, 1_000, 0, 0)))
    assert Store(str(folder / "state")).save_journal(journal)
    async with RealButton(slot, folder, hop.port, state=folder / "state") as button:
        await button.start()
        arrived = [(await hop.next_press()).body.sequence for _ in range(CAPACITY)]
        assert arrived == list(range(CAPACITY, 0, -1))
        mark = len(button.traces)
        button.link.reset_connections()
        free = (await button.until("memory", mark))["free"]
        print(f"free heap with a full journal: {free} bytes")
        assert free >= FREE_FULL_LEAST
