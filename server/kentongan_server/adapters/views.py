"""Reading for people and streams, on threads of its own so that no query delays an alarm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from kentongan_server import shapes, shapes_people
from kentongan_server.adapters import read_drills, read_incidents, read_lists, read_people, scoping
from kentongan_server.adapters.database import Database, Place
from kentongan_server.adapters.read_incidents import position as _position
from kentongan_server.adapters.schema import device, feed_queue, incident, site, trouble, user_site
from kentongan_server.adapters.store import READERS, reader
from kentongan_server.application.ports import StoreError
from kentongan_server.application.views import ANY_CLOSED, Closed, EventPage, StreamEvent
from kentongan_server.domain.feed import STREAMED, Kind, Row
from kentongan_server.domain.roles import EVERYTHING, TELLS_OF_A_PRESS, About, Reach, Scope

Result = TypeVar("Result")

# A database that is away, restarts, or whose file cannot be opened; not a mistake in a query.
_OF_THE_STORE = (OperationalError, InterfaceError, InternalError)

PAGE = 200  # rows of the history read at once: bounds the memory of a console that catches up

_READERS: Mapping[Kind, Callable[[Connection, Sequence[int]], Mapping[int, Any]]] = {
    Kind.INCIDENT: read_incidents.by_id,
    Kind.TROUBLE: read_lists.troubles_by_id,
    Kind.REJECTION: read_lists.rejections_by_id,
    Kind.DRILL: read_drills.by_id,
}


class SqlViews:
    """Implements `application.views.Views`."""

    def __init__(self, database: Place) -> None:
        self._engine = reader(database)
        self._queues = Database.of(database).is_postgres  # SQLite's writer places what it writes
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store reader")

    def close(self) -> None:
        """Ends the threads and closes the connections."""
        self._threads.shutdown()
        self._engine.dispose()

    async def position(self) -> int:
        return await self._read(_position)

    async def waiting(self) -> int | None:
        query = select(feed_queue.c.id).order_by(feed_queue.c.id).limit(1)
        return await self._read(lambda c: c.execute(query).scalar()) if self._queues else None

    async def open_incidents(self, scope: Scope = EVERYTHING) -> shapes.Incidents:
        return await self._read(lambda c: _opened(c, scope))

    async def closed_incidents(self, scope: Scope = EVERYTHING, which: Closed = ANY_CLOSED) -> shapes.Incidents:
        return await self._read(
            lambda c: {"position": _told(c, scope), "incidents": read_incidents.closed(c, scope, which)}
        )

    async def incident(self, incident: int, scope: Scope = EVERYTHING) -> shapes.IncidentWithTimeline | None:
        return await self._read(lambda c: read_incidents.alone(c, incident, scope))

    async def troubles(self, scope: Scope = EVERYTHING) -> shapes.Troubles:
        return await self._read(lambda c: {"position": _told(c, scope), "troubles": read_lists.troubles(c, scope)})

    async def trouble(self, trouble: int) -> shapes.Trouble | None:
        return await self._read(lambda c: read_lists.troubles_by_id(c, [trouble]).get(trouble))

    async def rejections(self) -> shapes.Rejections:
        return await self._read(lambda c: {"position": _position(c), "rejections": read_lists.rejections(c)})

    async def devices(self, scope: Scope = EVERYTHING) -> shapes.Devices:
        return await self._read(lambda c: {"position": _told(c, scope), "devices": read_lists.devices(c, scope)})

    async def within(self, scope: Scope, name: str, which: int | str) -> bool:
        query: Select[Any] = {
            "incident": select(incident.c.id).where(incident.c.id == which, scoping.of_incidents(scope)),
            "trouble": select(trouble.c.id)
            .outerjoin(device, device.c.device == trouble.c.device)
            .where(trouble.c.id == which, scoping.of_troubles(scope)),
            "site": select(site.c.code).where(site.c.code == which, scoping.of_sites(scope)),
        }[name]
        return await self._read(lambda c: c.execute(query).first() is not None)

    async def shown(self, scope: Scope) -> set[int]:
        query = select(incident.c.id).where(scoping.IS_OPEN, scoping.of_incidents(scope))
        return await self._read(lambda c: set(c.execute(query).scalars()))

    async def sites_of(self, user: int) -> frozenset[str]:
        query = select(user_site.c.site).where(user_site.c.user == user)
        return await self._read(lambda c: frozenset(c.execute(query).scalars()))

    async def users(self) -> list[shapes_people.User]:
        return await self._read(read_people.users)

    async def user(self, user: int) -> shapes_people.User | None:
        return await self._read(lambda c: read_people.one(c, user))

    async def sessions(self, user: int, now_ms: int) -> list[shapes_people.Session]:
        return await self._read(lambda c: read_people.sessions(c, user, now_ms))

    async def passkeys(self, user: int) -> list[shapes_people.Passkey]:
        return await self._read(lambda c: read_people.passkeys(c, user))

    async def events(self, after: int, through: int | None = None) -> EventPage:
        """What to tell a stream that has seen everything up to `after`; not beyond `through`."""
        return await self._read(lambda c: _events(c, after, through))

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """For the views of another concern, on the same connections and threads.

        Raises:
            StoreError: the store cannot be read now.
        """
        return await self._read(query)

    async def _read(self, query: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            try:
                with self._engine.connect() as connection, connection.begin():
                    return query(connection)
            except _OF_THE_STORE as error:
                why = " ".join(str(error.orig).split()).rstrip(".")
                remedy = "Is the database there and reachable? The program goes on trying."
                raise StoreError(f"the store cannot be read: {why}.", remedy) from error

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


def _events(connection: Connection, after: int, through: int | None) -> EventPage:
    rows = read_lists.feed_rows(connection, after, PAGE)
    if through is not None:
        rows = [row for row in rows if row.position <= through]
    told = {kind: _told_of(connection, kind, rows) for kind in STREAMED}
    events = []
    for row in rows:
        kind = row.entry.kind
        found = told.get(kind, {}).get(row.entry.subject)
        if found is not None:
            text, about, outcome = found
            head = json.dumps({"position": row.position, "what": row.entry.what})[:-1]
            over = f'{{"position": {row.position}, "what": "closed", "{kind}": {outcome}}}' if outcome else None
            whole = f'{head}, "{kind}": {text}}}'
            events.append(StreamEvent(row.position, kind, whole, about, over, int(row.entry.subject)))
    end = rows[-1].position if rows else after
    return EventPage(tuple(events), end, more=len(rows) == PAGE)


def _opened(connection: Connection, scope: Scope) -> shapes.Incidents:
    found = read_incidents.opened(connection, scope)
    listed: shapes.Incidents = {"position": _told(connection, scope), "incidents": found}
    if len(found) >= read_incidents.OPEN_MAX:
        listed["left_off"] = read_incidents.open_ones(connection, scope) - len(found)
    return listed


def _told(connection: Connection, scope: Scope) -> int:
    return _position(connection) if scope.reach is Reach.ALL else 0


def _told_of(connection: Connection, kind: Kind, rows: Sequence[Row]) -> dict[str, tuple[str, About, str | None]]:
    """Of everything of this kind that the rows are about, as it is now, each once: JSON, whose it is, its outcome."""
    ids = sorted({int(row.entry.subject) for row in rows if row.entry.kind is kind})
    if not ids:
        return {}
    found = {}
    for one, shape in _READERS[kind](connection, ids).items():
        about = _about(kind, shape)
        over = kind is Kind.INCIDENT and not about.live
        outcome = json.dumps(scoping.outcome_only(shape), ensure_ascii=False) if over else None
        found[str(one)] = (json.dumps(shape, ensure_ascii=False), about, outcome)
    return found


def _about(kind: Kind, shape: Mapping[str, Any]) -> About:
    if kind in (Kind.REJECTION, Kind.DRILL):
        return About()
    site = shape["site"]["code"] if shape["site"] else None
    if kind is Kind.TROUBLE:
        return About(site, tells=shape["kind"] in TELLS_OF_A_PRESS)
    live = shape["state"] != "closed" or shape["merged_into"] is not None
    return About(site, shape["agency"], shape["dispatched_to"], live=live)
