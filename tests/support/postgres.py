"""A PostgreSQL of the tests' own: one server a test process, on a socket in a private folder; one database a test.

Started with the program that set-up unpacked, under another user when the tests run as root (PostgreSQL refuses
root). It forgets what a power cut would forget, unless a test asks for a server that does not.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from kentongan_server.adapters import upgrading
from kentongan_server.adapters.database import Database

TOOLS = Path(__file__).resolve().parents[2] / ".tools" / "bin"
SUPERUSER = "kentongan"
START_S = 60.0
LOOK_S = 0.05
# Small and careless: a test's rows are gone with the test.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "max_wal_size": "256MB",
    "log_min_messages": "error",
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
}

_numbers = itertools.count(1)


class Server:
    """A server, running or stopped."""

    def __init__(self, **settings: str) -> None:
        # Short: a socket's path has a hundred bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="kp"))
        self._settings = SETTINGS | settings
        self._process: subprocess.Popen[bytes] | None = None
        self._as = _other_user()
        if self._as:
            os.chown(self.folder, self._as["user"], self._as["group"])
        initdb = [TOOLS / "initdb", "-D", self.folder / "data", "-U", SUPERUSER, "--auth=trust", "-E", "UTF8"]
        self._run([*initdb, "--no-locale", "--no-sync"])

    def _run(self, command: list[Any]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **self._as)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Returns when it answers."""
        options = [word for key, value in self._settings.items() for word in ("-c", f"{key}={value}")]
        command: list[Any] = [TOOLS / "postgres", "-D", self.folder / "data", "-k", self.folder, *options]
        log = (self.folder / "log").open("ab")
        process = self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._as)
        log.close()
        status = self.folder / "data" / "postmaster.pid"
        for _ in range(int(START_S / LOOK_S)):
            # Its last line says whether connections are taken.
            if status.exists() and status.read_text().rstrip().endswith("ready"):
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_S)
                break
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: at once, in order. SIGQUIT: as by a crash."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(how)
            process.wait(START_S)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://{SUPERUSER}@/{name}?host={self.folder}"

    def run(self, statement: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """One statement as the superuser."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    @contextlib.contextmanager
    def database(self, template: str) -> Iterator[Database]:
        """A copy of another database, dropped at the end."""
        name = f"test{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield Database.of(self.url(name))
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def _other_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@functools.cache
def server() -> Server:
    """The one of this test process."""
    made = Server()
    atexit.register(made.remove)
    made.start()
    return made


@functools.cache
def migrated() -> str:
    """Name of a database with our tables and nothing in them, to be copied."""
    running = server()
    running.run("CREATE DATABASE migrated")
    upgrading.upgrade(running.url("migrated"))
    return "migrated"


@contextlib.contextmanager
def fresh_database() -> Iterator[Database]:
    """An empty one with our tables."""
    with server().database(migrated()) as database:
        yield database


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds, beside whoever works on the database."""
    assert database.url is not None
    with psycopg.connect(database.url, autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []
