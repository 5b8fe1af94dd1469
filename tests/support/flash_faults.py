"""Flash that is full, worn or gone: the alarm goes on from memory. Run by run_portable.py on MicroPython."""

import os

from kentongan_button.core.delivery import SAVE_RETRY_MS
from kentongan_wire.press import Press
from kentongan_wire.supervision import BUTTON_FLASH_FAULT
from tests.support.button_rig import Centre, Rig, wall
from tests.support.nor import BLOCK, EIO, formatted, mounted, unmounted
from tests.support.portable import raises

ENOSPC = 28


def fill():
    """Write until nothing more fits."""
    count = 0
    while True:
        try:
            with open("/flash/filler%d" % count, "wb") as file:  # noqa: PTH123, UP031 - MicroPython
                file.write(bytes(BLOCK // 8))
        except OSError as error:
            assert error.errno == ENOSPC  # noqa: PT017 - MicroPython
            return
        count += 1


def empty():
    for name in os.listdir("/flash"):  # noqa: PTH208
        if name.startswith("filler"):
            os.remove("/flash/" + name)  # noqa: PTH107


def press_lights_the_lamp(rig, now_ms):
    """A press goes out, is answered and shows, whatever the flash does; returns the time after it."""
    centre = Centre()
    now_ms = rig.press(now_ms)
    rig.save(now_ms)
    assert rig.delivery.next_save_ms == now_ms + SAVE_RETRY_MS
    assert rig.state(now_ms) & BUTTON_FLASH_FAULT
    (attempt,) = [payload for payload in rig.sendings(now_ms) if isinstance(payload, Press)]
    rig.receive(centre.take(attempt, wall(now_ms)), now_ms + 40)
    assert rig.indicator.level == 1
    return now_ms + 40


def saved_later(rig, now_ms):
    """Once flash works again the journal is written and the fault ends."""
    now_ms += SAVE_RETRY_MS
    rig.save(now_ms)
    rig.store.top_up()
    assert not rig.state(now_ms) & BUTTON_FLASH_FAULT
    again = Rig("/flash/state", 3)
    assert again.delivery.journal.encode() == rig.delivery.journal.encode()
    assert again.delivery.latched


def calm(rig):
    rig.hold((1, 1), 0, 200)
    return 200


def with_a_history():
    """A journal so long that it takes a block of its own, all of it received and the latch reset."""
    rig = Rig("/flash/state", 1)
    centre = Centre()
    now_ms = calm(rig)
    for _ in range(25):
        now_ms = rig.press(now_ms + 1_000)
        for payload in rig.sendings(now_ms):
            rig.receive(centre.take(payload, wall(now_ms)), now_ms)
    rig.hold((1, 1), now_ms, now_ms + 100, key=True)
    rig.save(now_ms + 100)
    assert not rig.store.fault


def test_a_full_disk():
    mounted(formatted())
    try:
        with_a_history()
        fill()
        rig = Rig("/flash/state", 2)
        now_ms = press_lights_the_lamp(rig, calm(rig))
        empty()
        saved_later(rig, now_ms)
    finally:
        unmounted()


def test_a_disk_that_was_full_from_the_first_day():
    mounted(formatted())
    try:
        fill()
        rig = Rig("/flash/state", 1)
        press_lights_the_lamp(rig, calm(rig))
        assert [rig.store.sequence.take() for _ in range(3)] == [2, 3, 4]
    finally:
        unmounted()


def test_worn_flash():
    flash = formatted()
    mounted(flash)
    try:
        rig = Rig("/flash/state", 1)
        flash.worn = True
        now_ms = press_lights_the_lamp(rig, calm(rig))
        flash.worn = False
        saved_later(rig, now_ms)
    finally:
        unmounted()


def test_flash_that_is_gone():
    flash = formatted()
    mounted(flash)
    try:
        Rig("/flash/state", 1)
        flash.operations, flash.cut_at = 1, 0
        assert raises(OSError, os.listdir, "/flash").errno == EIO
        rig = Rig("/flash/state", 2)
        assert rig.store.fault
        press_lights_the_lamp(rig, calm(rig))
    finally:
        unmounted()
