"""A console that is gone without a goodbye is not open for long: then somebody on duty must be texted."""

from __future__ import annotations

import socket

import pytest

from kentongan_host.errors import HostError
from kentongan_server.adapters.listening import GONE_AFTER_MS, listen
from kentongan_server.domain.duty import UNHEARD_AFTER_MS
from kentongan_server.settings import Http
from kentongan_sim.ports import free_port


def test_what_a_console_does_not_confirm_ends_its_connection_within_seconds() -> None:
    listening = listen(Http(host="127.0.0.1", port=free_port()))
    with listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == GONE_AFTER_MS
    assert GONE_AFTER_MS < UNHEARD_AFTER_MS


def test_an_address_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(HostError, match="cannot listen"):
        listen(Http(host="127.0.0.1", port=taken.getsockname()[1]))
