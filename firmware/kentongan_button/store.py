"""What the button must not forget, in files that a power cut can't break.

Each record lies in two slots, each with its generation, length and checksum. A write goes to the
slot that does not hold the newest valid record, so whatever a power cut leaves, the newest or the
one before it is there. Uses only `open` and `os`, on both interpreters.
"""

import os
import struct
from binascii import crc32
from typing import TYPE_CHECKING

from kentongan_button.core.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Pieces = Iterable[bytes | bytearray]

PRESS_RESERVE = 64  # sequence numbers per flash write; a restart skips at most as many
BEAT_RESERVE = 1024  # heartbeats per flash write: about ten writes a day, 2**32 last for centuries
RECORD_MAX = 8192  # bytes; five times the full journal, bounds what a broken length makes us read

_HEADER = ">4sIII"  # magic, generation, length, checksum of the three and the data
_HEADER_SIZE = struct.calcsize(_HEADER)
_MAGIC = b"KTG1"
_COUNTER = ">I"


def _checksum(generation: int, length: int, pieces: "Pieces") -> int:
    checksum = crc32(struct.pack(">II", generation, length))
    for piece in pieces:
        checksum = crc32(piece, checksum)
    return checksum


class Record:
    """One record of up to `RECORD_MAX` bytes in the files `<path>.0` and `<path>.1`.

    Attributes:
        data: what was found at the start, b"" for nothing.
        damaged: at the start there was a record, and no slot of it was readable.
        failed: the last write failed (disk full, worn flash).
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._generation = 0
        self._slot = 1  # holds the newest valid record; the first write goes to 0
        self.data = b""
        self.failed = False
        damaged = 0
        for slot in (0, 1):
            raw = self._read(slot)
            if raw is None:
                continue
            generation, data = raw
            if data is None:
                damaged += 1
            elif generation > self._generation:
                self._generation = generation
                self._slot = slot
                self.data = data
        self.damaged = damaged > 0 and self._generation == 0

    def write(self, pieces: "Callable[[], Pieces]") -> bool:
        """Make this the record; on disk when it returns True, else the one before it stays.

        Args:
            pieces: gives the record piece by piece, the same at every call. It is never put together:
                a heap in pieces has no room for that.

        Raises:
            ValueError: longer than `RECORD_MAX`.
        """
        generation = self._generation + 1
        slot = 1 - self._slot
        try:
            length = sum(map(len, pieces()))
            if length > RECORD_MAX:
                raise ValueError("record: expected at most %d bytes, got %d" % (RECORD_MAX, length))
            header = struct.pack(_HEADER, _MAGIC, generation, length, _checksum(generation, length, pieces()))
            with open(self._name(slot), "wb") as file:
                file.write(header)
                for piece in pieces():
                    file.write(piece)
                file.flush()
                if hasattr(os, "fsync"):  # littlefs has it in flush
                    os.fsync(file.fileno())
        except (OSError, MemoryError):  # full, worn, or no buffer: the caller shows it, the alarm goes on from memory
            self.failed = True
            return False
        self._generation = generation
        self._slot = slot
        self.failed = False
        return True

    def _name(self, slot: int) -> str:
        return "%s.%d" % (self._path, slot)

    def _read(self, slot: int) -> "tuple[int, bytes | None] | None":
        """None without a record; (0, None) for a damaged one."""
        try:
            with open(self._name(slot), "rb") as file:
                header = file.read(_HEADER_SIZE)
                if not header:  # a power cut in the very first write
                    return None
                if len(header) < _HEADER_SIZE:
                    return 0, None
                magic, generation, length, checksum = struct.unpack(_HEADER, header)
                if magic != _MAGIC or length > RECORD_MAX:
                    return 0, None
                # No more than the record: a buffer for the longest may not fit a heap that has just loaded the code.
                data = file.read(length)
                if length == len(data) and not file.read(1) and checksum == _checksum(generation, length, (data,)):
                    return generation, data
        except OSError as error:
            return None if error.errno == 2 else (0, None)
        return 0, None


class Counter:
    """Numbers that never come twice: reserved ahead in flash, given out from memory.

    `take` writes only when the reserve is used up; `top_up` in an idle moment keeps that from
    ever happening between a press and its frame.
    """

    def __init__(self, path: str, reserve: int) -> None:
        self.record = Record(path)
        self._reserve = reserve
        self._next = 1
        if len(self.record.data) == struct.calcsize(_COUNTER):
            (self._next,) = struct.unpack(_COUNTER, self.record.data)
        self._limit = self._next  # first number that is not reserved

    def take(self) -> int:
        """The next number, 1…2**32-1; given also when it could not be reserved (see `record.failed`)."""
        if self._next >= self._limit:
            self._extend()
        number = self._next
        self._next += 1
        return number

    def top_up(self) -> None:
        """Reserve more when less than half of the reserve is left."""
        if self._limit - self._next < self._reserve // 2:
            self._extend()

    def _extend(self) -> None:
        limit = self._next + self._reserve
        data = (struct.pack(_COUNTER, limit),)
        if self.record.write(lambda: data):
            self._limit = limit


class Store:
    """The records of one button in one directory, which is made when it is missing.

    Numbers are reserved here at once, so that the first press need not wait for flash either.
    """

    def __init__(self, directory: str) -> None:
        try:
            os.mkdir(directory)
        except OSError:  # it is there; if it can't be made, every write fails and says so
            pass
        self._journal = Record(directory + "/journal")
        self.sequence = Counter(directory + "/sequence", PRESS_RESERVE)
        self.beat = Counter(directory + "/beat", BEAT_RESERVE)
        self.top_up()

    @property
    def fault(self) -> bool:
        """A record was lost before this start, or the last write of one failed (BUTTON_FLASH_FAULT)."""
        records = (self._journal, self.sequence.record, self.beat.record)
        return any([record.damaged or record.failed for record in records])

    def load_journal(self) -> Journal:
        """The journal of before this start; an empty one when there is none, or none readable (`fault`)."""
        data = self._journal.data
        self._journal.data = b""  # up to 1.4 kB that nobody reads again
        if data:
            try:
                return Journal.decode(data)
            except ValueError:  # of firmware that we don't know: shown as a flash fault
                self._journal.damaged = True
        return Journal()

    def save_journal(self, journal: Journal) -> bool:
        """True when it is on disk; False leaves the old one there and shows as `fault`."""
        return self._journal.write(journal.pieces)

    def top_up(self) -> None:
        """Do in an idle moment what must not be done between a press and its frame."""
        self.sequence.top_up()
        self.beat.top_up()
