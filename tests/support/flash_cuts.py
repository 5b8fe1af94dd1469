"""Cut the power at every program and erase of a cycle of the store on littlefs; on MicroPython.

`flash_cuts.py PATH[:PATH…]` prints `points N erases E modes 3 inconsistent M`, and one line for each
case that went wrong. The flash is a NOR model: erasing sets bits, programming only clears them.
"""

import sys

sys.path[0:0] = sys.argv[1].split(":")

import vfs  # type: ignore[import-not-found]  # noqa: E402

from kentongan_button.core.delivery import Delivery  # noqa: E402
from kentongan_button.core.journal import CAPACITY  # noqa: E402
from kentongan_button.store import PRESS_RESERVE, Store  # noqa: E402
from tests.support.portable import BOOT_ID, DEVICE, body, receipt  # noqa: E402

BLOCK = 4096  # erase size of the ESP32's flash
BLOCKS = 24
EIO = 5
# Cycles before the one that is cut: a new board, a filling and a full journal, littlefs compacting.
AGES = (0, 1, 2, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
MODES = ("nothing", "half", "noise")  # what of the interrupted operation reached the flash


class Nor:
    """Flash that stops working at operation `cut_at` (never when it is -1)."""

    def __init__(self, image=None, cut_at=-1, mode=0):
        self.image = image or bytearray(b"\xff" * (BLOCK * BLOCKS))
        self.operations = 0
        self.erased = False  # by the operation of the cut
        self.cut_at = cut_at
        self.mode = mode

    def dead(self):
        return 0 <= self.cut_at < self.operations

    def readblocks(self, block, buffer, offset=0):
        if self.dead():
            return -EIO
        at = block * BLOCK + offset
        buffer[:] = self.image[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        old = self.image[at : at + len(buffer)]
        return self.change(at, old, bytes([was & bit for was, bit in zip(old, buffer)]))  # noqa: B905 - MicroPython

    def ioctl(self, operation, block):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK
        if operation == 6:
            at = block * BLOCK
            self.erased = self.operations == self.cut_at or self.erased
            return self.change(at, self.image[at : at + BLOCK], b"\xff" * BLOCK)
        return 0

    def change(self, at, old, new):
        if self.dead():
            return -EIO
        cut = self.operations == self.cut_at
        self.operations += 1
        if cut:
            half = len(new) // 2
            if self.mode == 0:
                new = old
            elif self.mode == 1:
                new = new[:half] + old[half:]
            else:  # some cells flipped, some not, some in between
                new = bytes([(old[i] & new[i]) ^ ((old[i] ^ new[i]) & (i * 37 + at)) for i in range(len(new))])
        self.image[at : at + len(new)] = new
        return -EIO if cut else 0


def mounted(flash):
    vfs.mount(vfs.VfsLfs2(flash), "/flash")


def unmounted():
    vfs.umount("/flash")


class PowerCutError(Exception):
    """The processor stops too."""


class Cycle:
    """One life of the button: start, press, receipt, key, and the reserves topped up.

    `states` are all that may be found afterwards, `states[done]` the newest that a save reported;
    `given` are the numbers that were given out.
    """

    def __init__(self, flash):
        self.flash = flash
        self.given = []
        self.states = []
        self.done = 0
        self.store = Store("/flash/state")
        self.delivery = Delivery(DEVICE, BOOT_ID, self.store.load_journal())
        self.states.append(self.delivery.journal.encode())

    def alive(self):
        if self.flash.dead():
            raise PowerCutError

    def save(self):
        self.alive()
        self.states.append(self.delivery.journal.encode())
        if self.store.save_journal(self.delivery.journal):
            self.done = len(self.states) - 1
        self.alive()

    def take(self, count):
        for _ in range(count):
            number = self.store.sequence.take()
            self.alive()
            self.given.append(number)
        return self.given[-1]

    def run(self):
        sequence = self.take(1) % 900
        self.delivery.offer(body(sequence), 0)
        self.save()
        self.delivery.handle_receipt(receipt(sequence, 1, 1), 0)
        self.delivery.reset_latch(0)
        self.save()
        self.take(PRESS_RESERVE // 2)
        self.store.top_up()
        self.take(1)


def images():
    """A flash image of every age."""
    flash = Nor()
    vfs.VfsLfs2.mkfs(flash)
    for age in range(AGES[-1] + 1):
        if age in AGES:
            yield bytes(flash.image)
        mounted(flash)
        cycle = Cycle(flash)
        assert age < CAPACITY or len(cycle.delivery.journal.entries) == CAPACITY
        cycle.run()
        unmounted()


def check(flash, cycle):
    """After the cut: what is wrong, or None."""
    again = Cycle(flash)
    if again.store.fault:
        return "damaged"
    if again.states[0] not in cycle.states[cycle.done :]:
        return "journal older than what was reported as saved"
    again.run()
    if set(again.given) & set(cycle.given):
        return "number given out twice"
    if Store("/flash/state").load_journal().encode() != again.states[-1]:
        return "no write after the cut"
    return None


def cut(image, cut_at, mode):
    """Run a cycle with the cut; returns (what is wrong or None, whether it was reached, in an erase)."""
    flash = Nor(bytearray(image), cut_at, mode)
    mounted(flash)
    try:
        cycle = Cycle(flash)
        cycle.run()
    except PowerCutError:
        pass
    finally:
        unmounted()
    if not flash.dead():
        return None, False, False
    after = Nor(flash.image)
    mounted(after)
    try:
        return check(after, cycle), True, flash.erased
    finally:
        unmounted()


def main():
    points = erases = wrong = 0
    for image in images():
        for mode in range(len(MODES)):
            cut_at = 0
            while True:
                problem, reached, erased = cut(image, cut_at, mode)
                if not reached:
                    break
                points += mode == 0
                erases += mode == 0 and erased
                if problem:
                    wrong += 1
                    print("cut at", cut_at, MODES[mode], "-", problem)
                cut_at += 1
    print("points", points, "erases", erases, "modes", len(MODES), "inconsistent", wrong)


main()
