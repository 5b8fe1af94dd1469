"""Looking up people and sessions: point queries on the loop's thread, microseconds each."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kentongan_server.application.people import User

_USER = "SELECT id, name, role, password_hash FROM user WHERE name = ? AND disabled_at_ms IS NULL"
_SESSION = """\
SELECT u.name, u.role, s.expires_at_ms FROM session AS s JOIN user AS u ON u.id = s.user
WHERE s.token_hash = ? AND s.expires_at_ms > ? AND u.disabled_at_ms IS NULL"""


class SqlitePeopleReader:
    """Implements `application.people.PeopleReader`."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(f"file:{database.absolute()}?mode=ro", uri=True, isolation_level=None)

    def close(self) -> None:
        self._connection.close()

    def user(self, name: str) -> User | None:
        row = self._connection.execute(_USER, (name,)).fetchone()
        return User(*row) if row else None

    def session(self, key: bytes, now_ms: int) -> tuple[str, str, int] | None:
        row: tuple[str, str, int] | None = self._connection.execute(_SESSION, (key, now_ms)).fetchone()
        return row
