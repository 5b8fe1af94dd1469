"""One TLS-PSK connection over asyncio that no silent peer can hold up.

The handshake is deferred: it happens inside the first write, step by step, whenever the socket
has something for it. Every wait is an await with a deadline of the caller; nothing here blocks. What the
peer has to prove: psk.py.
"""

import asyncio
import errno
import socket
from typing import TYPE_CHECKING

from kentongan_button.link.address import is_address

if TYPE_CHECKING:
    from typing import Any

_IPPROTO_TCP = 6  # the same numbers on Linux and lwIP; the unix interpreter does not name them
_TCP_NODELAY = 1


class LinkError(Exception):
    """The path to the gateway is gone or was never there.

    Attributes:
        step: where it ended: resolve, connect, handshake, connack, suback, puback, pingresp, read, write.
        detail: what was expected or what the system said, for people.
        number: errno of the system's answer, 0 when it was no such answer.
    """

    def __init__(self, step: str, detail: str, number: int = 0) -> None:
        super().__init__(step + ": " + detail)
        self.step = step
        self.detail = detail
        self.number = number


def _waits() -> "Any":
    # What asyncio's own streams await. They cannot be used: polling the TLS object instead of the
    # socket below it makes the unix interpreter wake a thousand times a second.
    return asyncio.core._io_queue  # noqa: SLF001 # pyright: ignore[reportAttributeAccessIssue]


def _readable(sock: "Any") -> "Any":
    yield _waits().queue_read(sock)


def _writable(sock: "Any") -> "Any":
    yield _waits().queue_write(sock)


async def within(deadline_ms: int, step: str, work: "Any") -> "Any":
    """Await `work` for at most `deadline_ms`; every way to fail becomes a `LinkError` of that step."""
    try:
        return await asyncio.wait_for_ms(work, deadline_ms)
    except asyncio.TimeoutError:
        raise LinkError(step, "no answer within %d ms" % deadline_ms)
    except MemoryError:  # a heap in pieces: a restart would miss presses, the next try may find room
        raise LinkError(step, "no memory", errno.ENOMEM)
    except OSError as error:
        raise LinkError(step, "%r" % error, error.errno or 0)
    except ValueError as error:  # a PacketError, a NameLookupError, or what mbedTLS has to say
        raise LinkError(step, str(error))


async def look_up(host: str, name_server: str, query_id: int) -> str:
    """The IPv4 address of `host`; await it with a deadline, for UDP may get lost.

    Raises:
        NameLookupError: no such name, or an answer that is none.
        OSError: no network.
    """
    if is_address(host):
        return host
    from kentongan_button.link import names  # noqa: PLC0415 # its memory only where it is needed

    server, port = names.MDNS_SERVER if host.endswith(".local") else (name_server, names.DNS_PORT)
    if not is_address(server):
        raise names.NameLookupError("host name %r: expected an address, the network gave no name server" % host)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.sendto(names.question(host, query_id), socket.getaddrinfo(server, port)[0][-1])
        await _readable(sock)
        return names.answer(sock.recv(names.ANSWER_MAX), query_id)
    finally:
        sock.close()


class PskStream:
    """A TLS-PSK connection; reads and writes whole buffers, one write a packet."""

    def __init__(self, context: "Any") -> None:
        self._context = context
        self._sock: "Any" = None
        self._tls: "Any" = None

    async def connect(self, address: str, port: int) -> None:
        """Open TCP to a numeric address; TLS begins with the first write. Raises OSError."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._sock = sock
        sock.setblocking(False)
        try:
            sock.connect(socket.getaddrinfo(address, port)[0][-1])
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        await _writable(sock)
        sock.send(b"")  # says here, and not in the handshake, that nobody listens
        try:
            sock.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        except OSError:  # a port without the option: slower, not wrong
            pass
        self._tls = self._context.wrap_socket(sock, do_handshake_on_connect=False)

    async def first_write(self, data: bytes) -> None:
        """Handshake, then send `data`. Raises OSError when the peer does not hold the key."""
        # While the handshake runs, a refused write waits for the peer's next flight.
        await self._drain(data, _readable)

    async def write(self, data: bytes, deadline_ms: int) -> None:
        """Send all of `data` at once, waiting (at most `deadline_ms`) only when the socket is full.

        Raises:
            LinkError: it did not drain in time, or the connection is gone.
        """
        try:
            rest = self._try(memoryview(data))
        except OSError as error:
            raise LinkError("write", "%r" % error, error.errno or 0)
        if rest:  # only now is a timer worth its memory
            await within(deadline_ms, "write", self._drain(rest, _writable))

    def _try(self, view: "Any") -> "Any":
        if self._tls is None:
            raise OSError(errno.ENOTCONN)
        return view[self._tls.write(view) or 0 :]

    async def _drain(self, view: "Any", wait: "Any") -> None:
        view = self._try(memoryview(view))
        while view:
            await wait(self._sock)
            view = self._try(view)

    async def readinto(self, view: "Any") -> int:
        """Wait for bytes and read as many as there are; 0 means that the peer closed. Raises OSError."""
        while True:
            if self._tls is None:
                raise OSError(errno.ENOTCONN)
            count = self._tls.readinto(view)
            if count is not None:
                return count
            await _readable(self._sock)

    def close(self) -> None:
        """Let go of socket and TLS buffers; safe at any time and more than once."""
        for end in (self._tls, self._sock):
            if end is not None:
                end.close()
        self._tls = self._sock = None
