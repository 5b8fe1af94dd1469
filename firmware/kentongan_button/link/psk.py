"""Whom a button talks to: the one that holds its own key. Needed once, at the start.

Why no certificate is checked: only pre-shared-key cipher suites are offered, so that the peer can
finish the handshake only by holding this button's own 256-bit transport key. There is no
certificate in it that could be looked at, no authority, no clock and nothing that expires.
What a suite without ECDHE lacks is forward secrecy: who records the traffic and steals the key
later, reads it later. So ECDHE suites alone are offered wherever the interpreter has them (the
ESP32 has, the unix interpreter of the tests has not). Frames carry their own MACs in any case.
"""

from typing import TYPE_CHECKING

import tls

from kentongan_button.link.stream import LinkError

if TYPE_CHECKING:
    from typing import Any


def choose_suites(offered: "list[str]") -> "list[str]":
    """The PSK cipher suites to offer: those with ECDHE if there are any, else the others; authenticated ones first.

    Raises:
        LinkError: the interpreter has none (MicroPython before 1.29).
    """
    for wanted in ("ECDHE-PSK-WITH-", "TLS-PSK-WITH-"):
        suites = [name for name in offered if wanted in name and ("AES" in name or "CHACHA20" in name)]
        if suites:
            return sorted(suites, key=lambda name: "CBC" in name)
    raise LinkError("handshake", "this interpreter has no TLS-PSK: expected MicroPython 1.29 or newer")


def psk_context(identity: str, key: bytes) -> "Any":
    """A TLS client context that only knows this identity and this 32-byte key."""
    context: Any = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_NONE  # see the module's docstring: there is no certificate
    context.set_ciphers(choose_suites(context.get_ciphers()))
    context.psk_identity = identity.encode()
    context.psk_key = key
    return context
