"""Who sits at the desk: log-in, sessions, and what stands against guessing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from kentongan_server.application.ports import Clock, Store, Transaction
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.throttle import Throttle

SESSION_MS = 12 * 3_600_000  # a night shift and its hand-over; then the password again
TOKEN_SIZE = 32  # bytes: 256 bit from the system's random source
# Against guessing: five tries a minute for one name from one address, and a bound on what one
# address may cost in hashing. A browser in which that person has logged in before is counted by
# itself, so that nobody who guesses, even from behind the same proxy, can lock a centre out.
TRIES_OF_NAME = 5
TRIES_OF_ADDRESS = 60
TRIES_WINDOW_MS = 60_000
HASHING_MAX = 2  # passwords hashed at once: 64 MiB each, and alarms need the other core
STRANGERS_MAX = 20  # tries from unknown browsers that may wait for it: a second of work
STRANGER_WAIT_S = 2  # what a stranger is told when more wait
BROWSER_MS = 400 * 86_400_000  # how long a browser stays known: as long as browsers keep a cookie
_CSRF = b"kentongan csrf"


class LoginError(CentreError):
    """Name and password do not belong together."""

    code = "wrong-login"


class TooManyTriesError(CentreError):
    """Too many failures; `wait_s` says for how long."""

    code = "too-many-tries"

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many wrong tries.", f"Wait {wait_s} s.")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class User:
    """A person as the store has them."""

    id: int
    name: str
    role: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in.

    Attributes:
        key: the hash under which the session is stored; not the token.
        csrf: to be echoed in `X-CSRF-Token`.
    """

    name: str
    role: str
    key: bytes
    csrf: str
    expires_at_ms: int

    def __repr__(self) -> str:
        return f"Session({self.name!r}, {self.role})"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session, the token for its cookie, which is nowhere stored, and the mark of the browser."""

    session: Session
    token: str
    browser: str

    def __repr__(self) -> str:
        return f"LoggedIn({self.session!r})"


class PeopleReader(Protocol):
    """Looking people up; takes microseconds."""

    def user(self, name: str) -> User | None:
        """An enabled user."""

    def session(self, key: bytes, now_ms: int) -> tuple[str, str, int] | None:
        """Name, role and expiry of a session that has not expired, of an enabled user."""


class SessionWriter(Transaction, Protocol):
    """What sessions write."""

    def insert_session(self, key: bytes, user: int, at_ms: int, expires_at_ms: int) -> None: ...
    def delete_session(self, key: bytes) -> bool: ...


class People:
    """Log-in and log-out.

    Args:
        browser_key: signs the marks of known browsers.
        matches: checks a password against a stored hash (None for an unknown name), in some 50 ms of work.
        run: runs blocking work off the event loop.
    """

    def __init__(
        self,
        reader: PeopleReader,
        store: Store,
        clock: Clock,
        browser_key: bytes,
        matches: Callable[[str | None, str], bool],
        run: Callable[[Callable[[], bool]], Awaitable[bool]] = asyncio.to_thread,
    ) -> None:
        self._reader = reader
        self._store = store
        self._clock = clock
        self._browser_key = browser_key
        self._matches = matches
        self._run = run
        self._strangers = 0
        self._of_name = Throttle(TRIES_OF_NAME, TRIES_WINDOW_MS)
        self._of_address = Throttle(TRIES_OF_ADDRESS, TRIES_WINDOW_MS)
        self._hashing = asyncio.Semaphore(HASHING_MAX)
        self._hashing_of_strangers = asyncio.Semaphore(1)  # one place is always left for those who are known

    async def login(self, name: str, password: str, address: str, browser: str | None = None) -> LoggedIn:
        """Begins a session; `browser` is the mark from an earlier log-in, if the browser has one.

        Raises:
            LoginError: the name is unknown or the password another.
            TooManyTriesError: wait before the next try.
            StoreError: the session could not be stored.
        """
        known = browser is not None and hmac.compare_digest(self._mark(name, browser), browser.encode())
        keys: list[tuple[Throttle, Hashable]] = [(self._of_name, (browser if known else address, name))]
        if not known:
            keys.append((self._of_address, address))
        self._count_try(keys)
        user = self._reader.user(name)
        async with self._turn(known=known):
            right = await self._run(partial(self._matches, user.password_hash if user else None, password))
        if user is None or not right:
            await self._remember("login-failed", name)
            raise LoginError("name and password do not belong together.")
        for throttle, key in keys:
            throttle.succeeded(key)
        return await self._begin(user)

    def _count_try(self, keys: list[tuple[Throttle, Hashable]]) -> None:
        """Counts the try before its password is hashed: a burst must not pass all at once."""
        now_ms = self._clock.monotonic_ms()
        wait_ms = max(throttle.wait_ms(key, now_ms) for throttle, key in keys)
        if wait_ms > 0:
            raise TooManyTriesError(-(-wait_ms // 1000))
        for throttle, key in keys:
            throttle.failed(key, now_ms)

    @asynccontextmanager
    async def _turn(self, *, known: bool) -> AsyncIterator[None]:
        """Waits for a turn to hash; a crowd of strangers does not stand before those who are known."""
        if known:
            async with self._hashing:
                yield
            return
        if self._strangers >= STRANGERS_MAX:
            raise TooManyTriesError(STRANGER_WAIT_S)
        self._strangers += 1
        try:
            async with self._hashing_of_strangers, self._hashing:
                yield
        finally:
            self._strangers -= 1

    def _mark(self, name: str, browser: str) -> bytes:
        """What the mark of a browser in which this person has logged in must be."""
        nonce = browser.partition(".")[0]
        signed = hmac.digest(self._browser_key, json.dumps([nonce, name]).encode(), "sha256").hex()
        return f"{nonce}.{signed}".encode()

    def session(self, token: str) -> Session | None:
        """Whose token this is; None when it is nobody's, or expired."""
        key = _key(token)
        found = self._reader.session(key, self._clock.wall_ms())
        return Session(found[0], found[1], key, _csrf(token), found[2]) if found else None

    async def logout(self, session: Session) -> None:
        """Ends a session.

        Raises:
            StoreError: it could not be ended.
        """
        at_ms = self._clock.wall_ms()

        def end(transaction: SessionWriter) -> None:
            if transaction.delete_session(session.key):
                transaction.append(_entry(at_ms, "logout", session.name))

        await self._store.submit(end)  # type: ignore[arg-type]  # the store's transactions can do this as well

    async def _begin(self, user: User) -> LoggedIn:
        token = secrets.token_urlsafe(TOKEN_SIZE)
        at_ms = self._clock.wall_ms()
        expires_at_ms = at_ms + SESSION_MS

        def begin(transaction: SessionWriter) -> None:
            transaction.insert_session(_key(token), user.id, at_ms, expires_at_ms)
            transaction.append(_entry(at_ms, "login", user.name))

        await self._store.submit(begin)  # type: ignore[arg-type]
        session = Session(user.name, user.role, _key(token), _csrf(token), expires_at_ms)
        mark = self._mark(user.name, secrets.token_hex(16)).decode()
        return LoggedIn(session, token, mark)

    async def _remember(self, what: str, name: str) -> None:
        entry = _entry(self._clock.wall_ms(), what, name)
        await self._store.submit(lambda transaction: transaction.append(entry), urgent=False)


def csrf_matches(session: Session, given: str) -> bool:
    """Whether the header belongs to the session, told in constant time."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


def _key(token: str) -> bytes:
    """What the store keeps: whoever reads the database has no session."""
    return hashlib.sha256(token.encode()).digest()


def _csrf(token: str) -> str:
    return hmac.digest(token.encode(), _CSRF, "sha256").hex()


def _entry(at_ms: int, what: str, name: str) -> Entry:
    return Entry(at_ms, Kind.ACCESS, what, "", canonical({}), canonical({"who": name[:200]}))
