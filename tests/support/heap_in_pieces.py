"""A full journal written on a heap in pieces. Run by run_portable.py on MicroPython, with a heap of 512 kB."""

import gc

import vfs  # type: ignore[import-not-found]

from kentongan_button.core.journal import CAPACITY, Entry, Journal
from kentongan_button.store import Store
from kentongan_wire.armour import armour, dearmour
from kentongan_wire.at_steps import letters, plain_text
from tests.support.nor import BLOCK, BLOCKS
from tests.support.portable import body, raises

HOLE = 512  # bytes: littlefs opens a file in one, a full journal (1.4 kB) lies in none
HOLES = 64
LARGEST = 64 * 1024  # bytes of a block
BLOCKS_MAX = 512  # that a heap of 512 kB can be filled with


class Flash:
    """As a chip's driver, it takes nothing of the heap to read, program and erase."""

    def __init__(self):
        self.image = bytearray(BLOCK * BLOCKS)
        self.view = memoryview(self.image)

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = self.view[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        self.view[at : at + len(buffer)] = buffer

    def ioctl(self, operation, _block):
        return {4: BLOCKS, 5: BLOCK}.get(operation, 0)


def fill(blocks):
    """Take all of the heap but holes of less than two."""
    size = LARGEST
    while size >= 2 * HOLE:
        try:
            blocks[blocks.index(None)] = bytearray(size)
        except MemoryError:
            size //= 2


def in_pieces():
    """Fill the heap, then free every second block of a row; what is returned keeps the others."""
    gc.collect()
    row: list[bytearray | None] = [None] * (2 * HOLES)
    rest: list[bytearray | None] = [None] * BLOCKS_MAX
    fill(rest)
    rest[0] = None  # the row lies where one of the largest was
    gc.collect()
    for index in range(2 * HOLES):
        row[index] = bytearray(HOLE)
    fill(rest)
    for index in range(0, 2 * HOLES, 2):
        row[index] = None
    gc.collect()
    return row, rest


def full_journal(store):
    journal = store.load_journal()
    for sequence in range(1, CAPACITY + 1):
        journal.entries.append(Entry(body(sequence)))
    journal.latch = (CAPACITY, body(CAPACITY).nonce)
    return journal


def test_a_full_journal_needs_no_large_hole():
    flash = Flash()
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(flash, "/flash")
    try:
        store = Store("/flash/state")
        journal = full_journal(store)
        kept = in_pieces()
        assert gc.mem_free() > HOLES * HOLE  # type: ignore[attr-defined]
        raises(MemoryError, bytearray, 3 * HOLE)
        assert store.save_journal(journal)
        assert store.save_journal(journal)  # and into the other slot
        assert not store.fault
        del kept
        gc.collect()
        again = Store("/flash/state")
        assert again.load_journal().encode() == journal.encode()
        assert not again.fault
    finally:
        vfs.umount("/flash")


def test_a_frame_becomes_a_text():
    raw = bytes(range(100))
    row = in_pieces()
    text = armour(raw)
    del row
    assert dearmour(text) == raw


def test_a_text_goes_to_the_modem():
    text = "K1" * 80
    row = in_pieces()
    assert len(plain_text(text)) == len(text)
    assert letters(b"K1" * 160) == text * 2
    del row


def test_the_record_in_one_piece_would_find_no_room():
    """Else the other test proves nothing."""
    journal = Journal()
    for sequence in range(1, CAPACITY + 1):
        journal.entries.append(Entry(body(sequence)))
    kept = in_pieces()
    raises(MemoryError, journal.encode)
    del kept
