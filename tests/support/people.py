"""People in front of a centre without a password's hashing: sessions are put into its store."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx

from kentongan_server.adapters import register
from kentongan_server.api.access import COOKIE, CSRF_HEADER
from kentongan_server.application import people, users
from kentongan_server.application.users import NewPerson
from kentongan_server.domain.feed import Entry, Kind, canonical
from tests.support.centre_http import http_client
from tests.support.centre_rig import CentreRig, now_ms


def enrol(rig: CentreRig, name: str, role: str, agency: str | None = None, sites: tuple[str, ...] = ()) -> int:
    """A person without a password."""
    with register.writing(rig.state.database) as book:
        found = book.person_named(name)
        person = NewPerson(name, role, agency=agency, sites=sites)
        return found.id if found else users.add_person(book, person, None, now_ms())


def token_of(rig: CentreRig, user: int, *, began_ms: int | None = None) -> str:
    """The token of a new session."""
    token, at_ms = secrets.token_urlsafe(32), began_ms if began_ms is not None else now_ms()
    with register.writing(rig.state.database) as book:
        book.insert_session(people._key(token), user, at_ms, at_ms + people.SESSION_MS, "password")
    return token


@contextlib.asynccontextmanager
async def browser_of(
    rig: CentreRig, address: str, name: str, role: str, began_ms: int | None = None, **bound: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which somebody is logged in."""
    token = token_of(rig, enrol(rig, name, role, **bound), began_ms=began_ms)
    async with http_client(address) as client:
        client.cookies.set(COOKIE, token)
        client.headers[CSRF_HEADER] = (await client.get("/api/me")).json()["csrf"]
        yield client


def add_agency(rig: CentreRig, code: str) -> None:
    _execute(rig, "INSERT INTO agency (code, name, kind) VALUES (?, ?, 'police')", code, code)


def add_incident(rig: CentreRig, site: str | None, state: str = "acknowledged", **columns: Any) -> int:
    """An incident without alarms; its history says that a phone call opened it."""
    values = {"site": site, "state": state, "opened_at_ms": now_ms(), "last_alarm_at_ms": now_ms(), **columns}
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    made = int(_execute(rig, f"INSERT INTO incident ({names}) VALUES ({marks}) RETURNING id", *values.values()))
    with register.writing(rig.state.database) as book:
        book.append(Entry(now_ms(), Kind.INCIDENT, "call", str(made), canonical({"opens": True})))
    return made


def change_incident(rig: CentreRig, incident: int, **columns: Any) -> None:
    sets = ", ".join(f"{name} = ?" for name in columns)
    _execute(rig, f"UPDATE incident SET {sets} WHERE id = ?", *columns.values(), incident)


def access_log(rig: CentreRig) -> list[tuple[str, str, str]]:
    """(what, facts, personal) of what the history says of log-ins and users, with what waits for its place."""
    columns = "what, facts, personal, kind"
    query = (
        f"SELECT what, facts, personal FROM (SELECT {columns}, 0 AS waits, position AS place FROM feed"
        f" UNION ALL SELECT {columns}, 1, id FROM feed_queue) AS told WHERE kind = 'access' ORDER BY waits, place"
    )
    return [(what, facts, personal) for what, facts, personal in rig.rows(query)]


def _execute(rig: CentreRig, statement: str, *values: Any) -> Any:
    with register.writing(rig.state.database) as book:
        cursor = book._connection.execute(statement, values)
        row = cursor.fetchone() if "RETURNING" in statement else None
        return row[0] if row else None
