"""Taking a city's register out as tables, in the columns by which it is brought in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, select

from kentongan_server.adapters.database import Place
from kentongan_server.adapters.schema import (
    agency,
    contact,
    crime_count,
    post,
    post_spot,
    site,
    site_place,
    user,
    user_site,
)
from kentongan_server.adapters.store import reader
from kentongan_server.application.importing import TABLES, columns_of
from kentongan_server.application.sites import PLACE_DIGITS
from kentongan_server.domain import crimes, csv_table
from kentongan_server.domain.contact import hours_from_json, hours_to_words

Rows = list[tuple[Any, ...]]

# Of the file with all tables: columns that hold numbers, and which columns of other tables these name.
_NUMBERS: Final = {
    **dict.fromkeys(("latitude", "longitude"), float),
    **dict.fromkeys(("x", "y", "place", "year", "month", "count"), int),
}
_NAMED: Final = {
    "posts": [("site", "sites", "code")],
    "contacts": [("site", "sites", "code")],
    "users": [("agency", "agencies", "code")],
}


def export(place: Place, kind: str) -> str:
    """The table of this kind, as text that begins with the mark of UTF-8."""
    with _reading(place) as connection:
        rows = _READERS[kind](connection)
    return csv_table.write(_names(kind), [[_cell(value) for value in row] for row in rows])


def export_all(place: Place) -> bytes:
    """All tables as they were at one moment: an SQLite database with types and keys, for ordinary tools."""
    from sqlite_utils import Database  # noqa: PLC0415 - a third of a second that other commands need not wait

    with _reading(place) as connection:
        tables = {kind: read(connection) for kind, read in _READERS.items()}
    made = Database(memory=True)
    try:
        for kind, rows in tables.items():
            names = _names(kind)
            table = made.table(kind)
            table.create(
                {name: _NUMBERS.get(name, str) for name in names}, pk=_KEYS[kind], foreign_keys=_NAMED.get(kind, [])
            )
            table.insert_all(dict(zip(names, row, strict=True)) for row in rows)
        return made.conn.serialize()
    finally:
        made.close()


@contextmanager
def _reading(place: Place) -> Iterator[Connection]:
    """One state of the store."""
    engine = reader(place)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def _names(kind: str) -> list[str]:
    return [column.name for column in (crimes.COLUMNS if kind == crimes.TABLE else columns_of(kind))]


def _cell(value: Any) -> str:  # noqa: ANN401 - what a column holds
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.{PLACE_DIGITS}f}".rstrip("0").rstrip(".")
    return str(value)


def _agencies(connection: Connection) -> Rows:
    return _rows(connection, select(agency.c.code, agency.c.name, agency.c.kind).order_by(agency.c.code))


def _sites(connection: Connection) -> Rows:
    query = (
        select(site.c.code, site.c.name, site.c.address, site.c.zone, site_place.c.latitude, site_place.c.longitude)
        .outerjoin(site_place, site_place.c.site == site.c.code)
        .order_by(site.c.code)
    )
    return _rows(connection, query)


def _posts(connection: Connection) -> Rows:
    query = (
        select(post.c.site, post.c.name, post.c.variant, post_spot.c.x, post_spot.c.y)
        .outerjoin(post_spot, post_spot.c.post == post.c.id)
        .order_by(post.c.site, post.c.id)
    )
    return _rows(connection, query)


def _contacts(connection: Connection) -> Rows:
    query = select(
        contact.c.site, contact.c.place, contact.c.name, contact.c.role, contact.c.number, contact.c.hours
    ).order_by(contact.c.site, contact.c.place, contact.c.id)
    return [(*row[:5], hours_to_words(hours_from_json(row[5]))) for row in _rows(connection, query)]


def _users(connection: Connection) -> Rows:
    """Those who may come in; passwords are nobody's business."""
    bound: dict[int, list[str]] = {}
    for one, code in connection.execute(select(user_site.c.user, user_site.c.site).order_by(user_site.c.site)):
        bound.setdefault(one, []).append(code)
    query = (
        select(user.c.id, user.c.name, user.c.full_name, user.c.role, user.c.agency)
        .where(user.c.disabled_at_ms.is_(None))
        .order_by(user.c.id)
    )
    return [(*row[1:], " ".join(bound.get(row[0], ()))) for row in _rows(connection, query)]


def _crimes(connection: Connection) -> Rows:
    """The city's own numbers; a whole year and all crimes are empty cells, as they come in."""
    one = crime_count.c
    query = select(one.year, one.month, one.category, one["count"], one.source)
    rows = _rows(connection, query.order_by(one.year, one.month, one.category))
    return [
        (year, month or None, None if category == crimes.ALL else category, count, source)
        for year, month, category, count, source in rows
    ]


def _rows(connection: Connection, query: Any) -> Rows:  # noqa: ANN401 - a Select of any columns
    return [tuple(row) for row in connection.execute(query)]


_KEYS: Final = {kind: table.key for kind, table in TABLES.items()} | {crimes.TABLE: ("year", "month", "category")}
_READERS: dict[str, Callable[[Connection], Sequence[tuple[Any, ...]]]] = {
    "agencies": _agencies,
    "sites": _sites,
    "posts": _posts,
    "contacts": _contacts,
    "users": _users,
    crimes.TABLE: _crimes,
}
