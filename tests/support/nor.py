"""Flash as a model, and a littlefs on it, for scripts that run on MicroPython.

Erasing sets bits, programming only clears them, as in a NOR chip.
"""

import vfs  # type: ignore[import-not-found]

BLOCK = 4096  # erase size of the ESP32's flash
BLOCKS = 24
EIO = 5
MODES = ("nothing", "half", "noise")  # what of the interrupted operation reached the flash


class Nor:
    """Flash that stops working at operation `cut_at` (never when it is -1).

    With `worn` set it still reads, but programs and erases nothing.
    """

    def __init__(self, image=None, cut_at=-1, mode=0):
        self.image = image or bytearray(b"\xff" * (BLOCK * BLOCKS))
        self.worn = False
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
        if self.dead() or self.worn:
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


def formatted():
    flash = Nor()
    vfs.VfsLfs2.mkfs(flash)
    return flash


def mounted(flash):
    vfs.mount(vfs.VfsLfs2(flash), "/flash")


def unmounted():
    vfs.umount("/flash")
