"""MQTT 3.1.1 packets without I/O: what a button sends, and a bounded reader of what a broker answers.

Either a packet comes out of the reader or `PacketError` is raised. Nothing is ever allocated for
a packet larger than the reader's own buffer: a broker that sends one is hung up on.
Source: OASIS MQTT 3.1.1; the section numbers below are those of the standard.
"""

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

CONNACK = 2
PUBLISH = 3
PUBACK = 4
SUBACK = 9
PINGRESP = 13

PINGREQ_PACKET = b"\xc0\x00"

SUBACK_REFUSED = 0x80  # 3.9.3
PACKET_ID_MAX = 0xFFFF
_STRING_MAX = 0xFFFF  # 1.5.3: a string's length is 16 bits
_LENGTH_BYTES_MAX = 4  # 2.2.3: bytes of a remaining length
_CLEAN_SESSION = 0x02

_CONNECT_REFUSALS = (
    "",
    "protocol version not accepted",
    "client identifier rejected",
    "server unavailable",
    "bad user name or password",
    "not authorised",
)


class PacketError(ValueError):
    """Bytes that are no MQTT packet for a button, or one that is too large for it."""


def packet_size(remaining: int) -> bytes:
    """The remaining length of a packet in its variable-length form (2.2.3)."""
    out = bytearray()
    while True:
        byte = remaining & 0x7F
        remaining >>= 7
        if not remaining:
            out.append(byte)
            return bytes(out)
        out.append(byte | 0x80)


def _string(text: str) -> bytes:
    raw = text.encode()
    if len(raw) > _STRING_MAX:
        raise PacketError("string: expected at most %d bytes, got %d" % (_STRING_MAX, len(raw)))
    return struct.pack(">H", len(raw)) + raw


def connect(client_id: str, keepalive_s: int) -> bytes:
    """CONNECT with a clean session and no password: the TLS-PSK identity is the user name."""
    body = _string("MQTT") + struct.pack(">BBH", 4, _CLEAN_SESSION, keepalive_s) + _string(client_id)
    return b"\x10" + packet_size(len(body)) + body


def subscribe(packet_id: int, topic: str) -> bytes:
    """SUBSCRIBE to one topic with QoS 1."""
    body = struct.pack(">H", packet_id) + _string(topic) + b"\x01"
    return b"\x82" + packet_size(len(body)) + body


def publish(packet_id: int, topic: str, payload: bytes, again: bool = False) -> bytes:
    """PUBLISH with QoS 1, never retained; `again` marks a duplicate (3.3.1.1)."""
    head = _string(topic) + struct.pack(">H", packet_id)
    return (b"\x3a" if again else b"\x32") + packet_size(len(head) + len(payload)) + head + payload


def puback(packet_id: int) -> bytes:
    """PUBACK for a received QoS 1 message."""
    return struct.pack(">BBH", PUBACK << 4, 2, packet_id)


def read_connack(body: bytes) -> int:
    """The return code: 0 accepted, else `connect_refusal` has the words (3.2.2.3)."""
    if len(body) != 2 or body[0] > 1:
        raise PacketError("CONNACK: expected 2 bytes, got %d" % len(body))
    return body[1]


def connect_refusal(code: int) -> str:
    """A CONNACK's return code in words."""
    return _CONNECT_REFUSALS[code] if code < len(_CONNECT_REFUSALS) else "code %d" % code


def read_suback(body: bytes) -> "tuple[int, int]":
    """The (packet id, granted QoS or `SUBACK_REFUSED`) of a subscription to one topic."""
    if len(body) != 3 or body[2] not in (0, 1, 2, SUBACK_REFUSED):
        raise PacketError("SUBACK: expected 3 bytes with a known code, got %d" % len(body))
    return (body[0] << 8) | body[1], body[2]


def read_puback(body: bytes) -> int:
    """The packet id that is acknowledged."""
    if len(body) != 2:
        raise PacketError("PUBACK: expected 2 bytes, got %d" % len(body))
    return (body[0] << 8) | body[1]


def read_publish(flags: int, body: bytes) -> "tuple[str, bytes, int]":
    """The (topic, payload, packet id) of a message; the packet id is 0 for QoS 0 (3.3)."""
    qos = (flags >> 1) & 3
    if qos > 1:
        raise PacketError("PUBLISH: expected QoS 0 or 1, got %d" % qos)
    if len(body) < 2:
        raise PacketError("PUBLISH: ends inside its topic's length")
    at = 2 + ((body[0] << 8) | body[1])
    end = at + 2 if qos else at
    if end > len(body):
        raise PacketError("PUBLISH: ends inside its header")
    try:
        topic = str(body[2:at], "utf-8")
    except ValueError:  # UnicodeError is one
        raise PacketError("PUBLISH: the topic is not UTF-8")
    packet_id = 0
    if qos:
        packet_id = (body[at] << 8) | body[at + 1]
        if not packet_id:
            raise PacketError("PUBLISH: packet id 0 with QoS 1")
    return topic, body[end:], packet_id


class PacketReader:
    """Collects bytes in one buffer of fixed size and takes whole packets out of it.

    Use: read from the socket into `room()`, tell `add(count)`, then call `take()` until it returns
    None. `limit` is the size in bytes of the largest packet that will be read, header included.
    """

    def __init__(self, limit: int) -> None:
        self._buffer = bytearray(limit)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0

    def clear(self) -> None:
        """Forget what was read: another connection begins, in the same buffer."""
        self._start = self._end = 0

    def room(self) -> "Any":
        """A writable view of the free end of the buffer; never empty after `take()` returned None."""
        if self._start:
            waiting = bytes(self._view[self._start : self._end])
            self._view[: len(waiting)] = waiting
            self._start = 0
            self._end = len(waiting)
        return self._view[self._end :]

    def add(self, count: int) -> None:
        """Say how many bytes were read into `room()`."""
        self._end += count

    def take(self) -> "tuple[int, int, bytes] | None":
        """The next packet as (type, flags, body), or None while it is incomplete.

        Raises:
            PacketError: a malformed length, or a packet larger than the buffer.
        """
        waiting = self._end - self._start
        if waiting < 2:
            return None
        size = 0
        at = self._start + 1
        for index in range(_LENGTH_BYTES_MAX):
            if at == self._end:
                return None
            byte = self._buffer[at]
            at += 1
            size |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                break
        else:
            raise PacketError("remaining length: expected at most %d bytes" % _LENGTH_BYTES_MAX)
        end = at + size
        if end - self._start > len(self._buffer):
            raise PacketError("oversize: expected at most %d bytes, got %d" % (len(self._buffer), end - self._start))
        if end > self._end:
            return None
        first = self._buffer[self._start]
        body = bytes(self._view[at:end])
        self._start = end
        if self._start == self._end:
            self._start = self._end = 0
        return first >> 4, first & 0x0F, body
