"""The judge's own eyes: journals, frames and hashes taken apart from their definitions, by no code of the cores."""

from __future__ import annotations

import base64
import hashlib
import struct
from binascii import crc32
from dataclasses import dataclass
from typing import NamedTuple

Identity = tuple[int, int, bytes]
"""(device, sequence, nonce)."""

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RECORD = struct.Struct(">4sIII")
_JOURNAL = struct.Struct(">BBIBI8s")
_BODY = struct.Struct(">I8sBBIQQB")
_ENTRY = struct.Struct(">HBIHB")


@dataclass(slots=True)
class Journalled:
    """A press as a button's flash has it."""

    repeats: int
    level: int
    revision: int


def read_journal(device: int, files: dict[str, bytes]) -> dict[Identity, Journalled] | None:
    """The presses of the newest whole journal in a flash; None when there is none."""
    record = _newest(files)
    if record is None:
        return None
    found: dict[Identity, Journalled] = {}
    for at in range(_JOURNAL.size, len(record), _BODY.size + _ENTRY.size):
        sequence, nonce = _BODY.unpack_from(record, at)[:2]
        repeats, level, revision, _, _ = _ENTRY.unpack_from(record, at + _BODY.size)
        found[device, sequence, nonce] = Journalled(repeats, level, revision)
    return found


def read_latch(files: dict[str, bytes]) -> bool:
    """Whether the newest whole journal says that the button is latched."""
    record = _newest(files)
    return record is not None and bool(_JOURNAL.unpack_from(record)[3])


def _newest(files: dict[str, bytes]) -> bytes | None:
    best: tuple[int, bytes] | None = None
    for slot in ("/state/journal.0", "/state/journal.1"):
        raw = files.get(slot, b"")
        if len(raw) < _RECORD.size:
            continue
        magic, generation, length, checksum = _RECORD.unpack_from(raw)
        data = raw[_RECORD.size :]
        if magic != b"KTG1" or length != len(data):
            continue
        if crc32(data, crc32(struct.pack(">II", generation, length))) != checksum:
            continue
        if best is None or generation > best[0]:
            best = generation, data
    return best[1] if best else None


def read_armour(text: str) -> bytes | None:
    """The frame in an SMS of ours, from its definition; None for words, and for what was damaged on the way."""
    value = 0
    try:
        if text.startswith("K1"):
            return base64.b32decode(text[2:] + "=" * (-len(text[2:]) % 8))
        if not text.startswith("K2"):
            return None
        for letter in text[2:]:
            value = value * 62 + BASE62.index(letter)
    except ValueError:
        return None
    return value.to_bytes((value.bit_length() + 7) // 8, "big")[1:]


def chain_hash(
    prev_hash: bytes, position: int, at_ms: int, texts: tuple[str, str, str, str], committed: bytes | None
) -> bytes:
    """The hash of a row, from its definition."""
    parts = [b"kentongan/feed/1", prev_hash, struct.pack(">QQ", position, at_ms)]
    for text in texts:
        data = text.encode()
        parts += [struct.pack(">I", len(data)), data]
    return hashlib.sha256(b"".join(parts) + (committed or b"")).digest()


def commitment(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 from its definition."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(one ^ 0x36 for one in block) + message).digest()
    return hashlib.sha256(bytes(one ^ 0x5C for one in block) + inner).digest()


# --- what was refused ---------------------------------------------------------------------------------

_IN_CUSTODY = struct.Struct(">4xIIB")  # of a gateway's frame: who, for how long it held, flags
ENVELOPED = slice(13, -16)  # the button's frame in a gateway's
# Of one frame in custody, tries that tell of arrivals up to 5 s apart are one arrival and count once
# (docs/architecture.md, a press hop by hop). Two such may share a third, which the oracle need not have seen.
ONE_ARRIVAL_MS = 2 * 5_000
# The same for bytes that nobody sends again on purpose: within 60 s they are a redelivery.
SAME_BYTES_MS = 2 * 60_000


class Refused(NamedTuple):
    """What a refused envelope in custody counts as.

    Attributes:
        lane: the gateway over whose lane it came, as which it is listed.
        what: the bytes that a repetition of it has in common.
        came_ms: when it came first, Unix ms.
        one_ms: two of the same closer than this may count once.
    """

    lane: int
    what: bytes
    came_ms: int
    one_ms: int


def read_refused(raw: bytes, topic: str, at_ms: int) -> Refused:
    """Of an envelope that the centre began with at `at_ms` (Unix ms): somebody may have played it on another's lane."""
    gateway, held_ms, _ = _IN_CUSTODY.unpack_from(raw)
    lane = int(topic.split("/")[1], 16)
    if lane == gateway:
        return Refused(lane, raw[ENVELOPED], at_ms - held_ms, ONE_ARRIVAL_MS)
    return Refused(lane, raw, at_ms, SAME_BYTES_MS)
