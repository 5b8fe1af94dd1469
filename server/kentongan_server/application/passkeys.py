"""Passkeys: registering, removing, logging in and signing with one (WebAuthn, discoverable, with user verification)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from kentongan_host.log import logger
from kentongan_server.application.access_log import entry
from kentongan_server.application.people import TRIES_OF_ADDRESS, TRIES_WINDOW_MS, LoginError, People
from kentongan_server.application.person import LoggedIn, Passkey, PeopleWriter, Session, User, check_stands
from kentongan_server.application.ports import Clock
from kentongan_server.application.tickets import TICKET_MS, TicketError, Tickets, digest
from kentongan_server.domain.errors import CentreError, InvalidError, NotFoundError
from kentongan_server.domain.throttle import Throttle

CHALLENGE_SIZE = 32  # bytes; WebAuthn wants 16 at least
FRESH_MS = 5 * 60_000  # since the log-in: later the password is asked again before a passkey is added
KEYS_MAX = 10  # passkeys of one person: a phone, a computer, a spare key, and their predecessors
LABEL_MAX = 60  # characters
REGISTER, LOGIN, SIGN = "passkey-register", "passkey-login", "passkey-sign"

_log = logger("kentongan.people")


class PasskeyError(CentreError):
    """What a browser brought is no valid answer."""

    code = "invalid"


class NotFreshError(CentreError):
    """The log-in was too long ago: the password is asked again."""

    code = "not-fresh"


class CopiedError(LoginError):
    """Its counter went back: there may be two of this passkey."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey as an authenticator made it."""

    credential: bytes
    public_key: bytes
    sign_count: int


class NotSignedError(CentreError):
    """A passkey's answer is no signature of this person under this."""

    code = "not-signed"


@dataclass(frozen=True, slots=True)
class KeySignature:
    """A signature whose answer is right; it counts once `use` has said so in the transaction of what is signed."""

    user: User
    passkey: Passkey
    count: int
    ticket: str | None
    method = "passkey"

    def use(self, writer: PeopleWriter, at_ms: int) -> bool:
        """Spends it. False, and told, when the counter went back.

        Raises:
            NotSignedError: it was used before, or the passkey was removed meanwhile.
        """
        if not writer.spend(digest(self.ticket), at_ms + TICKET_MS, at_ms):
            raise NotSignedError("this signature was used already.", "Sign again.")
        now = writer.passkey(self.passkey.credential)  # as it is in this transaction
        if now is None:
            raise NotSignedError("this passkey was removed.", "Sign in another way.")
        return _used(writer, self.user.name, now, self.count, at_ms)


class Verifier(Protocol):
    """WebAuthn itself. What does not fit raises `PasskeyError`."""

    def registration_options(
        self, handle: bytes, name: str, full_name: str, challenge: bytes, known: list[bytes]
    ) -> dict[str, Any]: ...
    def registered(self, answer: Mapping[str, Any], challenge: bytes) -> NewKey: ...
    def login_options(self, challenge: bytes) -> dict[str, Any]: ...
    def claimed(self, answer: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """Credential and user handle that an answer says it is of."""

    def sign_count(self, answer: Mapping[str, Any], challenge: bytes, public_key: bytes) -> int:
        """The counter of a valid answer."""


class PasskeyReader(Protocol):
    """Looking passkeys up; takes microseconds."""

    def passkey(self, credential: bytes) -> tuple[Passkey, User] | None:
        """A passkey of an enabled user."""


class Passkeys:
    """Registering and logging in; tickets are kept in the browser's cookie meanwhile.

    Args:
        key: makes the handles by which authenticators know people, which tell nothing about them.
        run: runs work off the event loop.
    """

    def __init__(
        self,
        people: People,
        reader: PasskeyReader,
        verifier: Verifier,
        tickets: Tickets,
        clock: Clock,
        key: bytes,
        run: Callable[[Callable[[], Any]], Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self._people = people
        self._reader = reader
        self._verifier = verifier
        self._tickets = tickets
        self._clock = clock
        self._key = key
        self._run = run
        self._told = Throttle(TRIES_OF_ADDRESS, TRIES_WINDOW_MS)

    # --- registering ---------------------------------------------------------------------------

    async def begin_registration(self, session: Session, password: str | None) -> tuple[dict[str, Any], str]:
        """Options for the browser, and its ticket.

        Raises:
            NotFreshError: the password is needed.
            WrongPasswordError: it is another.
        """
        if password is not None:
            await self._people.check_password(session, password)
        elif not 0 <= self._clock.wall_ms() - session.began_at_ms < FRESH_MS:
            raise NotFreshError("you logged in a while ago.", "Give your password again.")
        challenge = secrets.token_bytes(CHALLENGE_SIZE)
        known = await self._people.do(lambda writer: writer.credentials_of(session.user_id))
        options = self._verifier.registration_options(
            self._handle(session.user_id), session.name, session.full_name or session.name, challenge, known
        )
        return options, self._tickets.make(REGISTER, {"challenge": _text(challenge), "session": session.key.hex()})

    async def register(self, session: Session, answer: Mapping[str, Any], label: str, ticket: str | None) -> int:
        """Adds a passkey; its id.

        Raises:
            TicketError: it was not begun by this session, in this browser, just now.
            PasskeyError: the answer is not valid.
            InvalidError: the label cannot be taken, or there are too many.
            SessionOverError: somebody ended the session meanwhile.
        """
        if not 0 < len(label.strip()) <= LABEL_MAX or not label.isprintable():
            raise InvalidError(f"label: expected 1-{LABEL_MAX} printable characters.")
        content = self._tickets.open(REGISTER, ticket)
        if content.get("session") != session.key.hex():
            raise TicketError
        key = await self._run(partial(self._verifier.registered, answer, _bytes(content["challenge"])))
        at_ms = self._clock.wall_ms()

        def add(writer: PeopleWriter) -> int:
            check_stands(writer, session)
            if not writer.spend(digest(ticket), at_ms + TICKET_MS, at_ms):
                raise TicketError
            if len(writer.credentials_of(session.user_id)) >= KEYS_MAX:
                raise InvalidError(f"expected at most {KEYS_MAX} passkeys.", "Remove one first.")
            user = session.user_id
            made = writer.insert_passkey(user, key.credential, key.public_key, key.sign_count, label.strip(), at_ms)
            if made is None:
                raise InvalidError("this passkey is registered already.", "Choose another device.")
            writer.append(entry(at_ms, "passkey-added", session.name, user, passkey=made))
            return made

        return await self._people.do(add)

    async def remove(self, session: Session, passkey: int) -> None:
        """Removes one of one's own passkeys.

        Raises:
            NotFoundError: they have no such passkey.
        """
        at_ms = self._clock.wall_ms()

        def remove(writer: PeopleWriter) -> None:
            if not writer.delete_passkey(passkey, session.user_id):
                raise NotFoundError(f"there is no passkey {passkey}.")
            writer.append(entry(at_ms, "passkey-removed", session.name, session.user_id, passkey=passkey))

        await self._people.do(remove)

    # --- logging in ----------------------------------------------------------------------------

    def begin_login(self) -> tuple[dict[str, Any], str]:
        """Options for the browser, and its ticket: who it is, the passkey says."""
        challenge = secrets.token_bytes(CHALLENGE_SIZE)
        return self._verifier.login_options(challenge), self._tickets.make(LOGIN, {"challenge": _text(challenge)})

    async def login(self, answer: Mapping[str, Any], ticket: str | None, address: str) -> LoggedIn:
        """Begins a session.

        Raises:
            TicketError: it was not begun in this browser just now, or is over.
            LoginError: nobody's passkey, or not its answer.
            CopiedError: its counter went back.
        """
        challenge = _bytes(self._tickets.open(LOGIN, ticket)["challenge"])
        try:
            passkey, user, count = await self._checked(answer, challenge)
        except PasskeyError as error:
            await self._tell_failure(address, "login-failed", "")
            raise LoginError("this passkey lets nobody in.", "Log in in another way.") from error
        logged_in = self._people.new_session(user, "passkey")
        if await self._people.do(partial(_enter, logged_in=logged_in, passkey=passkey, count=count, ticket=ticket)):
            return logged_in
        raise CopiedError(
            "this passkey's counter went back: there may be a copy of it.", "Log in by password and remove it."
        )

    # --- signing -------------------------------------------------------------------------------

    def begin_signature(self, session: Session, name: str, text: str) -> tuple[dict[str, Any], str]:
        """Options for the browser of this session, and its ticket: `name` is to sign under `text`, nobody else."""
        challenge = secrets.token_bytes(CHALLENGE_SIZE)
        content = {"challenge": _text(challenge), "session": session.key.hex(), "who": name, "under": _digest(text)}
        return self._verifier.login_options(challenge), self._tickets.make(SIGN, content)

    async def signature(
        self, session: Session, name: str, text: str, answer: Mapping[str, Any], ticket: str | None
    ) -> KeySignature:
        """That `name` has signed under `text` at the desk of this session.

        Raises:
            NotSignedError: it was not begun here, for them and for this text, just now; or it is not their answer.
        """
        try:
            content = self._tickets.open(SIGN, ticket)
        except TicketError:
            content = {}
        begun = (content.get("session"), content.get("who"), content.get("under"))
        if begun != (session.key.hex(), name, _digest(text)):
            raise NotSignedError("this was begun too long ago, elsewhere, or for something else.", "Begin again.")
        try:
            passkey, user, count = await self._checked(answer, _bytes(content["challenge"]), name)
        except PasskeyError as error:
            await self._tell_failure(session.key, "signature-refused", name)
            told = NotSignedError("this is not their passkey.", "Let them choose theirs, or type their password.")
            raise told from error
        return KeySignature(user, passkey, count, ticket)

    async def _checked(
        self, answer: Mapping[str, Any], challenge: bytes, name: str | None = None
    ) -> tuple[Passkey, User, int]:
        """Whose passkey answered, and its counter; `name`: nobody else's will do."""
        credential, handle = self._verifier.claimed(answer)
        found = self._reader.passkey(credential)
        if found is None or not hmac.compare_digest(handle, self._handle(found[1].id)):
            raise PasskeyError("nobody has this passkey.")
        passkey, user = found
        if name is not None and user.name != name:
            raise PasskeyError("this passkey is somebody else's.")
        count = await self._run(partial(self._verifier.sign_count, answer, challenge, passkey.public_key))
        return passkey, user, count

    async def _tell_failure(self, origin: str | bytes, what: str, name: str) -> None:
        """Nobody can guess a key, so nobody is made to wait; but an address or a session could flood the history."""
        now_ms = self._clock.monotonic_ms()
        if self._told.wait_ms(origin, now_ms) > 0:
            _log.warning("a passkey was refused", what=what, address=origin if isinstance(origin, str) else None)
            return
        self._told.failed(origin, now_ms)
        await self._people.remember(what, name, method="passkey")

    def _handle(self, user: int) -> bytes:
        return hmac.digest(self._key, b"kentongan user %d" % user, hashlib.sha256)


def counts_on(before: int, now: int) -> bool:
    """Whether a counter goes on; authenticators that do not count always say 0 (WebAuthn 3, 6.1.1)."""
    return now > before or (now == 0 and before == 0)


def _enter(writer: PeopleWriter, logged_in: LoggedIn, passkey: Passkey, count: int, ticket: str | None) -> bool:
    """False, and told, when the counter went back."""
    new = logged_in.session
    if not writer.spend(digest(ticket), new.began_at_ms + TICKET_MS, new.began_at_ms):
        raise TicketError
    now = writer.passkey(passkey.credential)  # as it is in this transaction: two log-ins may race
    if now is None:
        raise LoginError("this passkey lets nobody in.", "Log in in another way.")
    if not _used(writer, new.name, now, count, new.began_at_ms):
        return False
    People.begin(writer, logged_in)
    return True


def _used(writer: PeopleWriter, who: str, passkey: Passkey, count: int, at_ms: int) -> bool:
    """Remembers how far the counter has come. False, and told, when it went back."""
    if not counts_on(passkey.sign_count, count):
        counts = {"count": count, "before": passkey.sign_count}
        writer.append(entry(at_ms, "passkey-copied", who, passkey.user, passkey=passkey.id, counts=counts))
        return False
    writer.used_passkey(passkey.id, count, at_ms)
    return True


def _digest(text: str) -> str:
    """What a ticket keeps of what is signed: a cookie has no room for a note."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
