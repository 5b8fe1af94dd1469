"""Logging in at the city's own issuer (OpenID Connect, code flow with PKCE): only people who are enrolled here."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from kentongan_host.log import logger
from kentongan_server.application.access_log import entry
from kentongan_server.application.people import TRIES_OF_ADDRESS, TRIES_WINDOW_MS, LoginError, People
from kentongan_server.application.person import LoggedIn, PeopleWriter, User
from kentongan_server.application.ports import Clock
from kentongan_server.application.tickets import TICKET_MS, TicketError, Tickets, digest
from kentongan_server.application.users import BY_EMAIL, BY_SUBJECT
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.throttle import Throttle

LOGIN = "oidc"
TOKEN_SIZE = 32  # bytes of state, nonce and PKCE's verifier
SUBJECT_MAX = 255  # characters (OpenID Connect Core 1.0, 2)

_log = logger("kentongan.people")


class IssuerError(CentreError):
    """The issuer does not answer, or not as it must."""

    code = "issuer"


class NotEnrolledError(LoginError):
    """The issuer knows them, the centre does not."""


class Issuer(Protocol):
    """The issuer; everything here may raise `IssuerError`."""

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent."""

    async def claims(self, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
        """What the ID token says, verified."""


class Oidc:
    """Begins and finishes a log-in at the issuer.

    Args:
        name: what people call it.
        identifier: the issuer's, under which its names of people are kept.
    """

    def __init__(
        self, name: str, identifier: str, issuer: Issuer, people: People, tickets: Tickets, clock: Clock
    ) -> None:
        self.name = name
        self._identifier = identifier
        self._issuer = issuer
        self._people = people
        self._tickets = tickets
        self._clock = clock
        self._told = Throttle(TRIES_OF_ADDRESS, TRIES_WINDOW_MS)

    async def begin(self) -> tuple[str, str]:
        """Where the browser is to go, and its ticket.

        Raises:
            IssuerError: it does not answer.
        """
        content = {key: secrets.token_urlsafe(TOKEN_SIZE) for key in ("state", "nonce", "verifier")}
        address = await self._issuer.address(content["state"], content["nonce"], content["verifier"])
        return address, self._tickets.make(LOGIN, content)

    async def finish(self, code: str | None, state: str | None, ticket: str | None, address: str) -> LoggedIn:
        """Begins a session for whom the issuer has sent back to this network address.

        Raises:
            TicketError: it was not begun in this browser just now, or is over.
            IssuerError: what the issuer says is not valid.
            NotEnrolledError: nobody here is this person.
        """
        content = self._tickets.open(LOGIN, ticket)
        if code is None or state is None or not hmac.compare_digest(state.encode(), content["state"].encode()):
            raise TicketError
        await self._people.do(partial(self._spend, ticket))
        try:
            claims = await self._issuer.claims(code, content["verifier"], content["nonce"])
        except IssuerError:
            await self._tell_failure("", address)
            raise
        subject, email = _names(claims)
        found = await self._people.do(partial(self._find, subject, email))
        if found is None:
            await self._tell_failure(email or subject, address)
            raise NotEnrolledError("you are not enrolled at this centre.", "Ask an admin.")
        logged_in = self._people.new_session(found, "oidc")
        await self._people.do(partial(self._people.begin, logged_in=logged_in))
        return logged_in

    async def _tell_failure(self, name: str, address: str) -> None:
        """Nobody can guess a code, so nobody is made to wait; but they could fill the history."""
        now_ms = self._clock.monotonic_ms()
        if self._told.wait_ms(address, now_ms) > 0:
            _log.warning("a log-in at the issuer failed", address=address)
            return
        self._told.failed(address, now_ms)
        await self._people.remember("login-failed", name, method="oidc")

    def _spend(self, ticket: str | None, writer: PeopleWriter) -> None:
        """Before the issuer is asked: the code is good for one try."""
        at_ms = self._clock.wall_ms()
        if not writer.spend(digest(ticket), at_ms + TICKET_MS, at_ms):
            raise TicketError

    def _find(self, subject: str, email: str | None, writer: PeopleWriter) -> User | None:
        """Who is known by the issuer's name for them; the first time, by the e-mail that an admin allowed."""
        kept = f"{BY_SUBJECT}{self._identifier} {subject}"
        found = writer.person_at_issuer(kept)
        if found is None and email is not None:
            found = writer.person_at_issuer(BY_EMAIL + email)
            if found is not None and not found.disabled:
                writer.change_person(found.id, {"oidc_subject": kept})
                writer.append(entry(self._clock.wall_ms(), "issuer-linked", found.name, found.id))
        return None if found is None or found.disabled else found


def _names(claims: Mapping[str, Any]) -> tuple[str, str | None]:
    """What the issuer calls somebody, and their e-mail address if it vouches for it."""
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise IssuerError("the issuer does not say who it is.")
    vouched = isinstance(email, str) and claims.get("email_verified") is True
    return subject, email.casefold() if vouched and isinstance(email, str) else None
