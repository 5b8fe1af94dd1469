"""The mark outside the database by which a centre notices that its database came from a backup.

Keep the file out of the database's backup. Whoever puts back the whole folder deletes it: without
a mark the centre begins a new incarnation.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

from kentongan_host.files import write_private
from kentongan_host.log import logger
from kentongan_host.tasks import Wake
from kentongan_server.adapters.database import Place
from kentongan_server.adapters.looking_up import LookUp, look_up
from kentongan_server.application.incarnation import Mark
from kentongan_server.application.ports import StoreError

NAME = "high-water"
PAUSE_S = 0.1  # between two marks: what is answered within it and then lost with the disk is what a restore can miss

_NEWEST = """\
SELECT m.value, f.position, f.hash FROM meta AS m LEFT JOIN feed AS f ON f.position = (SELECT max(position) FROM feed)
WHERE m.key = 'incarnation'"""
_HASH_AT = "SELECT hash FROM feed WHERE position = ?"

_log = logger("kentongan.high-water")


class HighWater:
    """Keeps the mark behind the history; `committed` may be called often.

    Args:
        directory: the centre's state folder.
        database: whose history is marked.
    """

    def __init__(self, directory: Path, database: Place) -> None:
        self._path = directory / NAME
        self._database = database
        self._rows: LookUp | None = None
        self._wake = Wake()
        self._written: Mark | None = None

    def read(self) -> Mark | None:
        """The mark; None when there is none that can be read."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return Mark(int(content["incarnation"]), int(content["position"]), str(content["hash"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self) -> None:
        """Marks how far the history has come; an older mark stays where that is not possible, and is still true."""
        try:
            mark = self._now()
            if mark != self._written:
                content = {"incarnation": mark.incarnation, "position": mark.position, "hash": mark.hash}
                write_private(self._path, json.dumps(content).encode() + b"\n")
                self._written = mark
        except (OSError, sqlite3.Error, StoreError) as error:
            _log.error("mark not written", path=str(self._path), why=str(error), remedy="Is the disk full?")

    def follow(self) -> None:
        """Moves a mark that still fits, while another centre on the same database works; one that does not fit stays.

        A centre that has none makes none: what it finds may be a restored store that nobody has noticed yet.
        """
        mark = self.read()
        if mark is None:
            return
        try:
            if self._fits(mark):
                self.write()
        except (sqlite3.Error, StoreError) as error:
            _log.warning("mark not moved", why=str(error))

    def committed(self) -> None:
        """Something was committed: the mark is moved soon."""
        self._wake.set()

    async def run(self) -> None:
        """Moves the mark for ever."""
        while True:
            await self._wake.wait(None)
            await asyncio.to_thread(self.write)
            await asyncio.sleep(PAUSE_S)

    def close(self) -> None:
        """Closes its connection, until the next mark."""
        if self._rows is not None:
            self._rows.close()
            self._rows = None

    def _fits(self, mark: Mark) -> bool:
        """Whether the history has the row that was marked; the mark of an empty one fits any of its incarnation."""
        if self._now().incarnation != mark.incarnation:
            return False
        row = self._one(_HASH_AT, mark.position)
        return mark.position == 0 or (row is not None and row[0].hex() == mark.hash)

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        if self._rows is None:
            self._rows = look_up(self._database)
        return self._rows.one(statement, values)

    def _now(self) -> Mark:
        row = self._one(_NEWEST)
        assert row is not None, "a store without an incarnation"
        return Mark(int(row[0]), row[1] or 0, (row[2] or b"").hex())
