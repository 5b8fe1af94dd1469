"""The journal of presses as it lies in flash: what must survive a power cut."""

import struct
from typing import TYPE_CHECKING

from kentongan_wire.press import BODY_SIZE, REPEATS_MAX, PressBody, PressIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator

CAPACITY = 32  # presses kept; bounds the record to 1.5 kB, well inside one 4 kB flash block
_VERSION = 1
_HEADER = ">BBIBI8s"  # version, overflow, incarnation, latched, latch sequence, latch nonce
_HEADER_SIZE = struct.calcsize(_HEADER)
_ENTRY = ">HBIHB"  # repeats, level, revision, told, offered again; after the body
_ENTRY_SIZE = BODY_SIZE + struct.calcsize(_ENTRY)
_NO_NONCE = bytes(8)


class Entry:
    """One press, and how far its delivery came.

    Attributes:
        raw: the encoded body, which never changes; kept so, it takes a third of the memory.
        repeats: presses merged into this one.
        level: newest receipt's level; LEVEL_NONE until the centre has it.
        revision: newest receipt's revision, 0 before the first.
        attempt: sendings in this boot.
        pace: sendings since the link came up, by which the next retry waits.
        next_ms: uptime of the next attempt.
        stored: the gateway holds it (this boot's knowledge only).
        told: of `repeats`, how many the centre has confirmed.
        again: 1 when another incarnation of the centre had confirmed it: for review, not for panic.
        since_ms: uptime since when it is held without *received*.
    """

    def __init__(
        self, body: PressBody, repeats: int = 0, level: int = 0, revision: int = 0, told: int = 0, again: int = 0
    ) -> None:
        self.raw = body.encode()
        self.repeats = repeats
        self.level = level
        self.revision = revision
        self.attempt = 0
        self.pace = 0
        self.next_ms = 0
        self.stored = False
        self.told = told
        self.again = again
        self.since_ms = 0

    @property
    def body(self) -> PressBody:
        """What was true at the press."""
        return PressBody.decode(self.raw)

    def identity(self, device: int) -> PressIdentity:
        """The press of this device that this entry is."""
        body = self.body
        return PressIdentity(device, body.sequence, body.nonce)

    def pending(self) -> bool:
        """True while the centre has still to be told something."""
        return self.level == 0 or self.told < self.repeats

    def repeat(self) -> None:
        """One press more in this one."""
        self.repeats = min(self.repeats + 1, REPEATS_MAX)


class Journal:
    """Entries in the order of their presses, the latch, and what else delivery must remember.

    Attributes:
        entries: oldest first.
        latch: (sequence, nonce) of the press that latched the button; None when it is not latched.
        overflow: presses were merged because the journal was full of undelivered ones.
        incarnation: of the centre, 0 while unknown.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.latch: tuple[int, bytes] | None = None
        self.overflow = False
        self.incarnation = 0

    def pieces(self) -> "Iterator[bytes | bytearray]":
        """The record for the store, piece by piece; a piece is good until the next one is taken.

        In one piece it does not fit a heap that has worked for a while: of 25 kB free the largest
        hole was 700 bytes.
        """
        latch = self.latch or (0, _NO_NONCE)
        yield struct.pack(
            _HEADER,
            _VERSION,
            self.overflow,
            self.incarnation,
            self.latch is not None,
            latch[0],
            latch[1],
        )
        rest = bytearray(_ENTRY_SIZE - BODY_SIZE)
        for entry in self.entries:
            yield entry.raw
            struct.pack_into(_ENTRY, rest, 0, entry.repeats, entry.level, entry.revision, entry.told, entry.again)
            yield rest

    def encode(self) -> bytes:
        """The record in one piece."""
        return b"".join([bytes(piece) for piece in self.pieces()])

    @classmethod
    def decode(cls, data: bytes) -> "Journal":
        """Read a record back.

        Raises:
            ValueError: not a journal of this version.
        """
        if len(data) < _HEADER_SIZE or data[0] != _VERSION or (len(data) - _HEADER_SIZE) % _ENTRY_SIZE:
            raise ValueError("journal: expected version %d, got %d bytes %r" % (_VERSION, len(data), data[:1]))
        journal = cls()
        _, overflow, journal.incarnation, latched, sequence, nonce = struct.unpack_from(_HEADER, data, 0)
        journal.overflow = bool(overflow)
        journal.latch = (sequence, nonce) if latched else None
        for at in range(_HEADER_SIZE, len(data), _ENTRY_SIZE):
            body = PressBody.decode(data[at : at + BODY_SIZE])
            journal.entries.append(Entry(body, *struct.unpack_from(_ENTRY, data, at + BODY_SIZE)))
        return journal
