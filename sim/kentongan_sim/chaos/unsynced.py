"""What a power cut leaves of a SQLite database when its disk had not yet written everything.

SQLite in WAL mode with `synchronous=FULL` appends the frames of a transaction to the log, calls
fsync once, and only then says that the transaction is committed. So at any power cut at most one
transaction, the newest, is unsure: it may be there, gone, or there in parts, and the parts need
not be the first ones, for a drive writes its sectors in any order. The shared-memory file never
survives. That is what is done here to the files of a killed process.

It is harsher than a drive may be: the newest transaction is taken even if its fsync had returned,
which is a drive that lies about one flush. What is not modelled: pages of the main file that a
checkpoint had not synced (the log still holds them), and files that vanish altogether.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct(">8I")  # the log's header: magic, version, page size, checkpoint, two salts, two sums
_FRAME = struct.Struct(">6I")  # a frame's: page, size of the database after a commit or 0, two salts, two sums
_MAGIC = 0x377F0682  # with the lowest bit set the sums are over big-endian words
_SUMMED = 24  # bytes of the log's header under its sum
_SUMMED_FRAME = 8  # bytes of a frame's header under its sum
SECTOR = 512  # bytes that a drive writes whole or not at all

LOST = "lost"
TORN = "torn"
SCATTERED = "scattered"
SHAPES = (LOST, TORN, SCATTERED)


@dataclass(frozen=True)
class Log:
    """What a write-ahead log holds.

    Attributes:
        newest_at: where the newest whole transaction begins, bytes; None without one.
        end: where the newest whole transaction ends.
        transactions: how many whole ones there are.
    """

    newest_at: int | None
    end: int
    transactions: int


def read_log(content: bytes) -> Log:
    """Find the whole transactions, as SQLite's own recovery does: by salts and running sums."""
    if len(content) < _HEADER.size:
        return Log(None, 0, 0)
    magic, _, page_size, _, *salts, sum_1, sum_2 = _HEADER.unpack_from(content)
    order = ">" if magic & 1 else "<"
    sums = _summed(content[:_SUMMED], (0, 0), order)
    if magic & ~1 != _MAGIC or sums != (sum_1, sum_2):
        return Log(None, 0, 0)
    newest_at, end, transactions = None, _HEADER.size, 0
    at = _HEADER.size
    while at + _FRAME.size + page_size <= len(content):
        _, commit_size, *found_salts, sum_1, sum_2 = _FRAME.unpack_from(content, at)
        page = content[at + _FRAME.size : at + _FRAME.size + page_size]
        sums = _summed(page, _summed(content[at : at + _SUMMED_FRAME], sums, order), order)
        if found_salts != salts or sums != (sum_1, sum_2):
            break  # left over from before the newest checkpoint, or never whole
        at += _FRAME.size + page_size
        if commit_size:
            newest_at, end, transactions = end, at, transactions + 1
    return Log(newest_at, end, transactions)


def cut_power(database: Path, fate: random.Random) -> str | None:
    """Leave of a database, which no process has open, what a power cut could have left.

    Returns:
        The shape of what happened to the newest transaction; None when the log held none.
    """
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    path = database.with_name(f"{database.name}-wal")
    content = path.read_bytes() if path.exists() else b""
    log = read_log(content)
    if log.newest_at is None:
        return None
    shape = fate.choice(SHAPES)
    path.write_bytes(_left_over(content, log.newest_at, log.end, shape, fate))
    return shape


def _left_over(content: bytes, start: int, end: int, shape: str, fate: random.Random) -> bytes:
    if shape == LOST:
        return content[:start]
    if shape == TORN:
        return content[: fate.randrange(start, end)]
    left = bytearray(content[:end])
    sectors = range(start - start % SECTOR, end, SECTOR)
    unwritten = [at for at in sectors if fate.random() < 0.5] or [fate.choice(sectors)]
    for at in unwritten:
        first, last = max(at, start), min(at + SECTOR, end)
        left[first:last] = bytes(last - first)
    return bytes(left)


def _summed(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """SQLite's running sum of pairs of 32-bit words (its file format, section 4.4)."""
    sum_1, sum_2 = sums
    for word_1, word_2 in struct.iter_unpack(f"{order}2I", data):
        sum_1 = (sum_1 + word_1 + sum_2) & 0xFFFFFFFF
        sum_2 = (sum_2 + word_2 + sum_1) & 0xFFFFFFFF
    return sum_1, sum_2
