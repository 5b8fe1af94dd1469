"""Looking up people and sessions: point queries on the loop's thread, microseconds each."""

from __future__ import annotations

from kentongan_server.adapters.database import Place
from kentongan_server.adapters.looking_up import look_up
from kentongan_server.application.people import User

_USER = 'SELECT id, name, role, password_hash FROM "user" WHERE name = ? AND disabled_at_ms IS NULL'
_SESSION = """\
SELECT u.name, u.role, s.expires_at_ms FROM session AS s JOIN "user" AS u ON u.id = s."user"
WHERE s.token_hash = ? AND s.expires_at_ms > ? AND u.disabled_at_ms IS NULL"""


class SqlitePeopleReader:
    """Implements `application.people.PeopleReader`."""

    def __init__(self, database: Place) -> None:
        self._rows = look_up(database)

    def close(self) -> None:
        self._rows.close()

    def user(self, name: str) -> User | None:
        row = self._rows.one(_USER, (name,))
        return User(*row) if row else None

    def session(self, key: bytes, now_ms: int) -> tuple[str, str, int] | None:
        row = self._rows.one(_SESSION, (key, now_ms))
        return (row[0], row[1], row[2]) if row else None
