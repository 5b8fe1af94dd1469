"""Who sits at the desk: log-in by password, sessions, and what stands against guessing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from kentongan_host.log import logger
from kentongan_server.application.access_log import entry
from kentongan_server.application.enrol import check_password
from kentongan_server.application.person import (
    LoggedIn,
    Passwords,
    PeopleReader,
    PeopleWriter,
    Session,
    StoredSession,
    User,
    check_stands,
    session_name,
)
from kentongan_server.application.ports import Clock, Store, StoreError
from kentongan_server.domain.errors import CentreError, InvalidError, NotFoundError
from kentongan_server.domain.roles import idle_ms
from kentongan_server.domain.throttle import Throttle

SESSION_MS = 12 * 3_600_000  # a night shift and its hand-over; then the password again
TOKEN_SIZE = 32  # bytes: 256 bit from the system's random source
SEEN_EVERY_MS = 60_000  # how exactly the store knows when a session was used last: a thirtieth of the idle time
SESSIONS_MAX = 100  # of one person: all screens of a wall many times over; the oldest ends. Bounds what the store keeps
SEEN_MAX = 10_000  # sessions of which that is remembered here; then all are forgotten, and written once more
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

_log = logger("kentongan.people")

Result = TypeVar("Result")


class LoginError(CentreError):
    """Name and password, or passkey and person, do not belong together."""

    code = "wrong-login"


class WrongPasswordError(CentreError):
    """Somebody who is logged in gave a wrong password."""

    code = "wrong-password"


class TooManyTriesError(CentreError):
    """Too many failures; `wait_s` says for how long."""

    code = "too-many-tries"

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many wrong tries.", f"Wait {wait_s} s.")
        self.wait_s = wait_s


class People:
    """Log-in, sessions and one's own password.

    Args:
        browser_key: signs the marks of known browsers.
        run: runs blocking work off the event loop.
    """

    def __init__(
        self,
        reader: PeopleReader,
        store: Store,
        clock: Clock,
        browser_key: bytes,
        passwords: Passwords,
        run: Callable[[Callable[[], Any]], Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self._reader = reader
        self._store = store
        self._clock = clock
        self._browser_key = browser_key
        self._passwords = passwords
        self._run = run
        self._strangers = 0
        self._of_name = Throttle(TRIES_OF_NAME, TRIES_WINDOW_MS)
        self._of_address = Throttle(TRIES_OF_ADDRESS, TRIES_WINDOW_MS)
        self._told_locked = Throttle(1, TRIES_WINDOW_MS)
        self._hashing = asyncio.Semaphore(HASHING_MAX)
        self._hashing_of_strangers = asyncio.Semaphore(1)  # one place is always left for those who are known
        self._seen: dict[bytes, int] = {}
        self._noting: set[asyncio.Task[None]] = set()

    # --- log-in --------------------------------------------------------------------------------

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
        await self._count_try(keys, name)
        user = self._reader.user(name)
        async with self._turn(known=known):
            stored = user.password_hash if user else None
            right = await self._run(partial(self._passwords.matches, stored, password))
        if user is None or not right:
            await self.remember("login-failed", name, method="password")
            raise _wrong_login()
        self._succeeded(keys)
        logged_in = self.new_session(user, "password")

        def enter(writer: PeopleWriter) -> None:
            now = writer.person(user.id)  # hashing takes time: it may have been changed, because somebody else knew it
            if now is None or now.password_hash != user.password_hash:
                raise _wrong_login()
            self.begin(writer, logged_in)

        await self.do(enter)
        return logged_in

    async def _count_try(self, keys: list[tuple[Throttle, Hashable]], name: str) -> None:
        """Counts the try before its password is hashed: a burst must not pass all at once."""
        now_ms = self._clock.monotonic_ms()
        wait_ms = max(throttle.wait_ms(key, now_ms) for throttle, key in keys)
        if wait_ms <= 0:
            for throttle, key in keys:
                throttle.failed(key, now_ms)
            return
        who = keys[0][1]
        if self._told_locked.wait_ms(who, now_ms) == 0:  # told once, however often it is tried
            self._told_locked.failed(who, now_ms)
            await self.remember("login-locked", name)
        raise TooManyTriesError(-(-wait_ms // 1000))

    def _succeeded(self, keys: list[tuple[Throttle, Hashable]]) -> None:
        """Forgets the failures of who came in; not those of others that came from the same place."""
        for throttle, key in keys:
            if throttle is self._of_name:
                throttle.succeeded(key)
            else:
                throttle.take_back(key)

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

    def now_ms(self) -> int:
        """The centre's Unix time."""
        return self._clock.wall_ms()

    # --- sessions ------------------------------------------------------------------------------

    def session(self, token: str) -> Session | None:
        """Whose token this is; None when it is nobody's, expired, or was not used for too long."""
        key = _key(token)
        found = self._living(key)
        return _session(found, key, token) if found else None

    def stands(self, key: bytes) -> bool:
        """Whether the session under this key has not ended."""
        return self._living(key) is not None

    def _living(self, key: bytes) -> StoredSession | None:
        now_ms = self._clock.wall_ms()
        found = self._reader.session(key, now_ms)
        if found is None:
            return None
        idle = idle_ms(found.user.role)
        used_at_ms = max(found.seen_at_ms, found.began_at_ms, self._seen.get(key, 0))
        return None if idle is not None and now_ms - used_at_ms >= idle else found

    def used(self, session: Session) -> None:
        """Notes in passing that a session made a request; once a minute the store learns it."""
        now_ms = self._clock.wall_ms()
        last_ms = self._seen.get(session.key, session.began_at_ms)
        if 0 <= now_ms - last_ms < SEEN_EVERY_MS:
            return
        if len(self._seen) >= SEEN_MAX:
            self._seen.clear()
        self._seen[session.key] = now_ms
        task = asyncio.get_running_loop().create_task(self._note_used(session.key, now_ms))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _note_used(self, key: bytes, at_ms: int) -> None:
        try:
            await self.do(lambda writer: writer.seen_session(key, at_ms), urgent=False)
        except StoreError as error:  # at worst somebody must log in again
            _log.warning("use of a session not stored", why=error.what)

    async def logout(self, session: Session) -> None:
        """Ends a session.

        Raises:
            StoreError: it could not be ended.
        """
        at_ms = self._clock.wall_ms()

        def end(writer: PeopleWriter) -> None:
            if writer.delete_session(session.key):
                writer.append(entry(at_ms, "logout", session.name, session.user_id))

        await self.do(end)

    async def end_session(self, user: int, name: str, by: Session) -> bytes:
        """Ends one of a user's sessions, by the name that the lists give it; its key, so that its streams end as well.

        Raises:
            NotFoundError: they have no such session.
        """
        at_ms = self._clock.wall_ms()

        def end(writer: PeopleWriter) -> bytes:
            person = writer.person(user)
            for key in writer.sessions_of(user):
                if person is not None and session_name(key) == name and writer.delete_session(key):
                    writer.append(entry(at_ms, "session-ended", person.name, user, by.name))
                    return key
            raise NotFoundError("there is no such session.")

        return await self.do(end)

    def new_session(self, user: User, method: str) -> LoggedIn:
        """A session that `begin` will store."""
        token, at_ms = secrets.token_urlsafe(TOKEN_SIZE), self._clock.wall_ms()
        stored = StoredSession(user, at_ms, at_ms + SESSION_MS, at_ms, method)
        mark = self._mark(user.name, secrets.token_hex(16)).decode()
        return LoggedIn(_session(stored, _key(token), token), token, mark)

    @staticmethod
    def begin(writer: PeopleWriter, logged_in: LoggedIn) -> None:
        """Stores a new session, in a transaction of whoever proved that it is their right.

        Raises:
            LoginError: they were disabled meanwhile.
        """
        new = logged_in.session
        person = writer.person(new.user_id)
        if person is None or person.disabled:
            raise LoginError("this person is not let in any more.")
        for key in writer.sessions_of(new.user_id)[: 1 - SESSIONS_MAX]:
            writer.delete_session(key)
        writer.insert_session(new.key, new.user_id, new.began_at_ms, new.expires_at_ms, new.method)
        writer.append(entry(new.began_at_ms, "login", new.name, new.user_id, method=new.method))

    # --- one's own password --------------------------------------------------------------------

    async def check_password(self, session: Session, password: str) -> None:
        """Asks somebody who is logged in once more.

        Raises:
            WrongPasswordError: it is another, or they have none.
            TooManyTriesError: wait before the next try.
        """
        if await self._proven(session.name, password, session) is None:
            raise WrongPasswordError("this is not your password.")

    async def sign(self, name: str, password: str, session: Session) -> User:
        """Somebody else proves, at the desk of this session, that they are there.

        Raises:
            WrongPasswordError: name and password do not belong together.
            TooManyTriesError: wait before the next try.
        """
        user = await self._proven(name, password, session)
        if user is None:
            raise WrongPasswordError("name and password do not belong together.")
        return user

    async def _proven(self, name: str, password: str, session: Session) -> User | None:
        """The person whose password it is; tries are counted for this session."""
        keys: list[tuple[Throttle, Hashable]] = [(self._of_name, (session.key, name)), (self._of_address, session.key)]
        await self._count_try(keys, name)
        user = self._reader.user(name)
        async with self._turn(known=True):
            stored = user.password_hash if user else None
            right = await self._run(partial(self._passwords.matches, stored, password))
        if user is None or not right:
            await self.remember("password-wrong", name)
            return None
        self._succeeded(keys)
        return user

    async def change_password(self, session: Session, old: str, new: str) -> list[bytes]:
        """Makes a password one's own and ends all other sessions; their keys.

        Raises:
            InvalidError: the new one cannot be taken.
            WrongPasswordError: the old one is another.
            SessionOverError: somebody ended the session meanwhile.
        """
        check_password(new)
        if old == new:
            raise InvalidError("password: expected another one than before.")
        await self.check_password(session, old)
        async with self._turn(known=True):
            password_hash = await self._run(partial(self._passwords.hashed, new))
        at_ms = self._clock.wall_ms()

        def change(writer: PeopleWriter) -> list[bytes]:
            check_stands(writer, session)
            writer.set_password(session.user_id, password_hash, at_ms, must_change=False)
            ended = [key for key in writer.sessions_of(session.user_id) if key != session.key]
            for key in ended:
                writer.delete_session(key)
            writer.append(entry(at_ms, "password-changed", session.name, session.user_id, sessions_ended=len(ended)))
            return ended

        return await self.do(change)

    # --- for those who let people in in other ways -----------------------------------------------

    async def do(self, work: Callable[[PeopleWriter], Result], *, urgent: bool = True) -> Result:
        """Does something in a transaction of the store, whose transactions can do this as well."""
        return await self._store.submit(work, urgent=urgent)  # type: ignore[arg-type]

    async def remember(self, what: str, name: str, **facts: Any) -> None:  # noqa: ANN401 - JSON
        """A line of the history about somebody who did not get in."""
        line = entry(self._clock.wall_ms(), what, name, **facts)
        await self._store.submit(lambda transaction: transaction.append(line), urgent=False)


def _wrong_login() -> LoginError:
    return LoginError("name and password do not belong together.")


def _session(stored: StoredSession, key: bytes, token: str) -> Session:
    user = stored.user
    return Session(
        name=user.name,
        role=user.role,
        key=key,
        csrf=hmac.digest(token.encode(), _CSRF, "sha256").hex(),
        expires_at_ms=stored.expires_at_ms,
        user_id=user.id,
        began_at_ms=stored.began_at_ms,
        agency=user.agency,
        full_name=user.full_name,
        must_change=user.must_change,
        method=stored.method,
    )


def _key(token: str) -> bytes:
    """What the store keeps: whoever reads the database has no session."""
    return hashlib.sha256(token.encode()).digest()
