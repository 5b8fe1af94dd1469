"""A door in front of the centre: passes connections through, answers each request 503 as a proxy does whose
centre is being restarted, or lets connections die without a word as a broken network does."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from types import TracebackType
from typing import Self

from kentongan_sim.ports import HOST

SLAMMED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\nshut"
CHUNK = 65_536


class Door:
    """Listens on a port of its own; `shut()` cuts what is open and refuses what comes, `open()` passes it again."""

    def __init__(self, port: int) -> None:
        self._centre = port
        self._listener = socket.create_server((HOST, 0))
        self._is_shut = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._stalled: set[socket.socket] = set()
        self._refused: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()
        self._thread.join()

    def shut(self) -> None:
        self._is_shut.set()
        self._cut()

    def stall(self) -> None:
        """Nothing passes any more on the connections that are open now; they stay open. New ones work."""
        with self._lock:
            self._stalled |= self._sockets

    def wait_until_refused(self, path: str, times: int, within_s: float) -> None:
        """Until so many requests of this path were answered 503."""
        deadline = time.monotonic() + within_s
        while times > 0:
            times -= self._refused.get(timeout=max(0.0, deadline - time.monotonic())).startswith(path)

    def open(self) -> None:
        self._is_shut.clear()

    def _cut(self) -> None:
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        with self._kept(client):
            if self._is_shut.is_set():
                with contextlib.suppress(OSError):
                    request = client.recv(CHUNK)
                    client.sendall(SLAMMED)
                    self._refused.put(request.split(b" ")[1].decode())
                return
            with contextlib.suppress(OSError), self._kept(socket.create_connection((HOST, self._centre))) as centre:
                back = threading.Thread(target=self._pump, args=(centre, client), daemon=True)
                back.start()
                self._pump(client, centre)
                back.join()

    @contextlib.contextmanager
    def _kept(self, each: socket.socket):
        with self._lock:
            self._sockets.add(each)
        try:
            yield each
        finally:
            with self._lock:
                self._sockets.discard(each)
            each.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if source not in self._stalled:
                    sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
