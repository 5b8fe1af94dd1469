"""Where the store is: a file of this machine, or a PostgreSQL; shown to people without its password."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
SECRETS = ("password", "sslpassword")
READ_BUSY_S = 5.0  # a reader waits this long for a lock (only while a WAL file is being recovered)


@dataclass(frozen=True, slots=True, repr=False)
class Database:
    """One of `path` (SQLite) and `url` (PostgreSQL)."""

    path: Path | None = None
    url: str | None = None

    @classmethod
    def of(cls, place: Database | Path | str) -> Database:
        """A path, or postgresql://USER@HOST/NAME."""
        if isinstance(place, Database):
            return place
        if isinstance(place, str) and is_url(place):
            return cls(url=place)
        return cls(path=Path(place))

    @property
    def is_postgres(self) -> bool:
        return self.url is not None

    @property
    def file(self) -> Path:
        """Of a SQLite database."""
        assert self.path is not None, "a PostgreSQL has no file"
        return self.path

    @property
    def has_password(self) -> bool:
        """Whether a password stands in the URL, where a list of processes or a shell's history would show it."""
        return self.url is not None and self.url != without_password(self.url)

    def exists(self) -> bool:
        """Whether there is a file; a PostgreSQL is not asked."""
        return self.path is None or self.path.is_file()

    def __str__(self) -> str:
        return str(self.path) if self.url is None else without_password(self.url)

    def __repr__(self) -> str:
        return f"Database({self})"


Place = Database | Path | str


def read_only(path: Path) -> sqlite3.Connection:
    """A connection to the SQLite file that cannot write, in autocommit mode, for any thread.

    Raises:
        sqlite3.Error: there is no such file, or it is no database.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"  # quoted: a folder's name may have "?", "#" or "%" in it
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=READ_BUSY_S)


def is_url(text: str) -> bool:
    """Whether it names a PostgreSQL rather than a file."""
    return text.partition("://")[0] in SCHEMES and "://" in text


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    words = [word for word in parts.query.split("&") if word and unquote(word.partition("=")[0]) not in SECRETS]
    query = f"?{'&'.join(words)}" if words else ""
    return f"{parts.scheme}://{login.partition(':')[0]}{at}{host}{parts.path}{query}"
