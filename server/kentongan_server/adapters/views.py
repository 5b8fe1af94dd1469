"""Reading for people and streams, on threads of its own so that no query delays an alarm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from kentongan_server import shapes
from kentongan_server.adapters import read_incidents, read_lists
from kentongan_server.adapters.read_incidents import position as _position
from kentongan_server.adapters.store import READERS, reader
from kentongan_server.application.views import EventPage, StreamEvent
from kentongan_server.domain.feed import STREAMED, Kind, Row

Result = TypeVar("Result")

PAGE = 200  # rows of the history read at once: bounds the memory of a console that catches up

_READERS: Mapping[Kind, Callable[[Connection, Sequence[int]], Mapping[int, Any]]] = {
    Kind.INCIDENT: read_incidents.by_id,
    Kind.TROUBLE: read_lists.troubles_by_id,
    Kind.REJECTION: read_lists.rejections_by_id,
}


class SqliteViews:
    """Implements `application.views.Views`."""

    def __init__(self, database: Path) -> None:
        self._engine = reader(database)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store reader")

    def close(self) -> None:
        """Ends the threads and closes the connections."""
        self._threads.shutdown()
        self._engine.dispose()

    async def position(self) -> int:
        return await self._read(_position)

    async def open_incidents(self) -> shapes.Incidents:
        return await self._read(lambda c: {"position": _position(c), "incidents": read_incidents.opened(c)})

    async def closed_incidents(self) -> shapes.Incidents:
        return await self._read(lambda c: {"position": _position(c), "incidents": read_incidents.closed(c)})

    async def incident(self, incident: int) -> shapes.IncidentWithTimeline | None:
        return await self._read(lambda c: read_incidents.alone(c, incident))

    async def troubles(self) -> shapes.Troubles:
        return await self._read(lambda c: {"position": _position(c), "troubles": read_lists.troubles(c)})

    async def trouble(self, trouble: int) -> shapes.Trouble | None:
        return await self._read(lambda c: read_lists.troubles_by_id(c, [trouble]).get(trouble))

    async def rejections(self) -> shapes.Rejections:
        return await self._read(lambda c: {"position": _position(c), "rejections": read_lists.rejections(c)})

    async def devices(self) -> shapes.Devices:
        return await self._read(lambda c: {"position": _position(c), "devices": read_lists.devices(c)})

    async def events(self, after: int, through: int | None = None) -> EventPage:
        """What to tell a stream that has seen everything up to `after`; not beyond `through`."""
        return await self._read(lambda c: _events(c, after, through))

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """For the views of another concern, on the same connections and threads."""
        return await self._read(query)

    async def _read(self, query: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with self._engine.connect() as connection, connection.begin():
                return query(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


def _events(connection: Connection, after: int, through: int | None) -> EventPage:
    rows = read_lists.feed_rows(connection, after, PAGE)
    if through is not None:
        rows = [row for row in rows if row.position <= through]
    texts = {kind: _texts(connection, kind, rows) for kind in STREAMED}
    events = []
    for row in rows:
        kind = row.entry.kind
        text = texts.get(kind, {}).get(row.entry.subject)
        if text is not None:
            head = json.dumps({"position": row.position, "what": row.entry.what})[:-1]
            events.append(StreamEvent(row.position, kind, f'{head}, "{kind}": {text}}}'))
    end = rows[-1].position if rows else after
    return EventPage(tuple(events), end, more=len(rows) == PAGE)


def _texts(connection: Connection, kind: Kind, rows: Sequence[Row]) -> dict[str, str]:
    """The JSON of everything of this kind that the rows are about, as it is now, each once."""
    ids = sorted({int(row.entry.subject) for row in rows if row.entry.kind is kind})
    if not ids:
        return {}
    return {str(one): json.dumps(shape, ensure_ascii=False) for one, shape in _READERS[kind](connection, ids).items()}
