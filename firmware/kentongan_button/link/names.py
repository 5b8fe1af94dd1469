"""Finding the gateway's address without stopping the event loop.

`socket.getaddrinfo` of both ports blocks the whole interpreter, on a silent name server for many
seconds. So a dotted address is used as it is (`address.py`), and anything else is asked for with
one small DNS question of our own (RFC 1035), which a deadline bounds. A name that ends in `.local`
is asked of the whole network (one-shot multicast DNS, RFC 6762 section 5.1). Loaded only when a
name is to be found: most sites give an address.

An answer is not trusted with anything: who answers at that address must hold the TLS-PSK key.
"""

import struct

MDNS_SERVER = ("224.0.0.251", 5353)
DNS_PORT = 53
ANSWER_MAX = 512  # bytes: RFC 1035's limit of an answer by UDP
_HEADER = ">HHHHHH"
_HEADER_SIZE = 12
_RECURSION_DESIRED = 0x0100
_RESPONSE = 0x8000
_ERROR_MASK = 0x000F
_TYPE_A = 1
_CLASS_IN = 1
_CLASS_MASK = 0x7FFF  # multicast DNS uses the upper bit for something else
_LABEL_MAX = 63
_POINTER = 0xC0


class NameLookupError(ValueError):
    """A name that cannot be asked for, or an answer that says nothing about it."""


def question(host: str, query_id: int) -> bytes:
    """The DNS question for the IPv4 address of `host`.

    Raises:
        NameLookupError: the name has an empty or too long label.
    """
    out = bytearray(struct.pack(_HEADER, query_id, _RECURSION_DESIRED, 1, 0, 0, 0))
    for label in host.split("."):
        raw = label.encode()
        if not 0 < len(raw) <= _LABEL_MAX:
            raise NameLookupError("host name: expected labels of 1-%d bytes, got %r" % (_LABEL_MAX, host))
        out.append(len(raw))
        out.extend(raw)
    out.append(0)
    out.extend(struct.pack(">HH", _TYPE_A, _CLASS_IN))
    return bytes(out)


def _skip_name(data: bytes, at: int) -> int:
    while at < len(data):
        size = data[at]
        if size >= _POINTER:
            return at + 2
        at += 1 + size
        if not size:
            return at
    raise NameLookupError("answer: ends inside a name")


def answer(data: bytes, query_id: int) -> str:
    """The first IPv4 address in the answer to the question with this id.

    Raises:
        NameLookupError: not an answer to it, an error, cut off, or no address in it.
    """
    if len(data) < _HEADER_SIZE:
        raise NameLookupError("answer: expected at least %d bytes, got %d" % (_HEADER_SIZE, len(data)))
    got_id, flags, questions, answers, _, _ = struct.unpack_from(_HEADER, data, 0)
    if got_id != query_id or not flags & _RESPONSE:
        raise NameLookupError("answer: not to our question")
    if flags & _ERROR_MASK:
        raise NameLookupError("answer: error %d" % (flags & _ERROR_MASK))
    at = _HEADER_SIZE
    for _ in range(questions):
        at = _skip_name(data, at) + 4
    for _ in range(answers):
        at = _skip_name(data, at)
        if at + 10 > len(data):
            raise NameLookupError("answer: ends inside a record")
        kind, klass, _, size = struct.unpack_from(">HHIH", data, at)
        at += 10
        if kind == _TYPE_A and klass & _CLASS_MASK == _CLASS_IN and size == 4 and at + 4 <= len(data):
            return "%d.%d.%d.%d" % (data[at], data[at + 1], data[at + 2], data[at + 3])
        at += size
    raise NameLookupError("answer: holds no IPv4 address")
