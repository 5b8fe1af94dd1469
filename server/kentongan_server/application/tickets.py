"""What a browser is given to bring back once: the challenge of a passkey, the state of a log-in elsewhere.

A ticket is signed, not stored: any worker can check it. It lives in a cookie, so that only the browser that
began can finish, and its digest is spent in the store when it is used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping

from kentongan_server.application.ports import Clock
from kentongan_server.domain.errors import CentreError

TICKET_MS = 120_000  # from beginning to finishing: a fingerprint, a PIN, or a password at the issuer
TICKET_MAX = 2_000  # characters of a cookie that is looked at
_DOMAIN = b"kentongan/tickets/1"


class TicketError(CentreError):
    """It was begun in another browser, too long ago, or was finished already."""

    code = "wrong-login"

    def __init__(self) -> None:
        super().__init__("this was begun too long ago, in another browser, or is over.", "Begin again.")


class Tickets:
    """Makes and checks tickets.

    Args:
        key: the centre's; the tickets' own is derived from it.
    """

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = hmac.digest(key, _DOMAIN, "sha256")
        self._clock = clock

    def make(self, purpose: str, content: Mapping[str, str]) -> str:
        """A ticket for a cookie; what it holds is signed, not hidden from its browser."""
        until_ms = self._clock.wall_ms() + TICKET_MS
        body = base64.urlsafe_b64encode(json.dumps([purpose, until_ms, dict(content)]).encode()).decode()
        return f"{body}.{self._signed(body)}"

    def open(self, purpose: str, ticket: str | None) -> dict[str, str]:
        """What the ticket holds.

        Raises:
            TicketError: it is not one of ours, not for this, or too old.
        """
        if ticket is None or len(ticket) > TICKET_MAX:  # never cut: what is spent is the whole of it
            raise TicketError
        body, _, mac = ticket.partition(".")
        if not hmac.compare_digest(self._signed(body).encode(), mac.encode()):
            raise TicketError
        try:
            made_for, until_ms, content = json.loads(base64.urlsafe_b64decode(body))
        except (binascii.Error, ValueError):
            raise TicketError from None
        if made_for != purpose or self._clock.wall_ms() >= until_ms:
            raise TicketError
        opened: dict[str, str] = content
        return opened

    def _signed(self, body: str) -> str:
        return hmac.digest(self._key, body.encode(), "sha256").hex()


def digest(ticket: str | None) -> bytes:
    """Under which a ticket is spent."""
    return hashlib.sha256((ticket or "").encode()).digest()
