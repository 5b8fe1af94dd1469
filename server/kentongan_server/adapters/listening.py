"""The socket on which browsers reach the console."""

from __future__ import annotations

import socket

from kentongan_host.errors import HostError
from kentongan_server.settings import Http

BACKLOG = 1_024  # browsers that connect at the same moment, after a restart
# A console whose machine or network is gone says no goodbye. Its stream gets a tick each second; when nothing of
# that was confirmed for so long, it is open no more, and an unheard alarm is texted (after 30 s) instead of waiting
# for the kernel to give up, which takes a quarter of an hour.
GONE_AFTER_MS = 10_000


def listen(http: Http) -> socket.socket:
    """A socket for browsers; from here on connections wait instead of being refused.

    Raises:
        HostError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    try:
        listening = socket.create_server((http.host, http.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise HostError(
            f"cannot listen on {http.host}:{http.port}: {error.strerror}.",
            "Stop the program that uses it, or choose another address with [http] host and port in centre.toml.",
        ) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_AFTER_MS)  # connections inherit it
    return listening
