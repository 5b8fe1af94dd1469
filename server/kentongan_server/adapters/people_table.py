"""Looking up people and sessions: point queries on the loop's thread, microseconds each."""

from __future__ import annotations

from kentongan_server.adapters.database import Place
from kentongan_server.adapters.looking_up import look_up
from kentongan_server.adapters.people_tables import passkey, person
from kentongan_server.application.person import Passkey, StoredSession, User

_COLUMNS = "u.id, u.name, u.full_name, u.role, u.agency, u.password_hash, u.must_change, u.oidc_subject"
_USER = f'SELECT {_COLUMNS}, u.disabled_at_ms FROM "user" AS u WHERE u.name = ? AND u.disabled_at_ms IS NULL'  # noqa: S608
_SESSION = f"""\
SELECT s.created_at_ms, s.expires_at_ms, s.seen_at_ms, s.method, {_COLUMNS}, u.disabled_at_ms
FROM session AS s JOIN "user" AS u ON u.id = s."user"
WHERE s.token_hash = ? AND s.expires_at_ms > ? AND u.disabled_at_ms IS NULL"""  # noqa: S608

_PASSKEY = f"""\
SELECT k.id, k."user", k.credential, k.public_key, k.sign_count, k.label, {_COLUMNS}, u.disabled_at_ms
FROM passkey AS k JOIN "user" AS u ON u.id = k."user"
WHERE k.credential = ? AND u.disabled_at_ms IS NULL"""  # noqa: S608


class SqlPeopleReader:
    """Implements `application.person.PeopleReader`."""

    def __init__(self, database: Place) -> None:
        self._rows = look_up(database)

    def close(self) -> None:
        self._rows.close()

    def user(self, name: str) -> User | None:
        return person(self._rows.one(_USER, (name,)))

    def passkey(self, credential: bytes) -> tuple[Passkey, User] | None:
        """See `application.passkeys.PasskeyReader`."""
        row = self._rows.one(_PASSKEY, (credential,))
        user = person(row[6:]) if row else None
        return (passkey(row), user) if row and user else None

    def session(self, key: bytes, now_ms: int) -> StoredSession | None:
        row = self._rows.one(_SESSION, (key, now_ms))
        user = person(row[4:]) if row else None
        return StoredSession(user, *row[:4]) if row and user else None
