"""Reading troubles, rejections, devices and the history, on SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, exists, not_, or_, select, union

from kentongan_server import shapes
from kentongan_server.adapters import scoping
from kentongan_server.adapters.read_incidents import post_shape
from kentongan_server.adapters.schema import (
    device,
    device_key,
    device_state,
    feed,
    outage_site,
    post,
    rejection,
    second_path,
    site,
    trouble,
)
from kentongan_server.adapters.supervision_tables import detail_of
from kentongan_server.application.ports import KeyState
from kentongan_server.domain.feed import Entry, Kind
from kentongan_server.domain.feed import Row as FeedRow
from kentongan_server.domain.roles import EVERYTHING, Reach, Scope
from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire import topics

TROUBLES_MAX = 500  # rows of the page: all open ones of a bad day, then the newest ended ones
REJECTIONS_MAX = 500
DEVICES_MAX = 20_000
NOT_HEARD = (TroubleKind.SILENT, TroubleKind.PATH_LOST)  # over its main path


def troubles(connection: Connection, scope: Scope = EVERYTHING) -> list[shapes.Trouble]:
    """Open troubles first, newest first."""
    query = _troubles().where(scoping.of_troubles(scope))
    if scope.reach is Reach.ALL:  # years of ended ones are not sorted to find the newest
        newest = select(trouble.c.id).order_by(trouble.c.id.desc()).limit(TROUBLES_MAX).subquery()
        is_open = select(trouble.c.id).where(trouble.c.closed_at_ms.is_(None))
        query = query.where(trouble.c.id.in_(union(is_open, select(newest.c.id))))
    query = query.order_by(trouble.c.closed_at_ms.is_not(None), trouble.c.id.desc()).limit(TROUBLES_MAX)
    return [_trouble(row) for row in connection.execute(query)]


def troubles_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, shapes.Trouble]:
    """These troubles."""
    rows = connection.execute(_troubles().where(trouble.c.id.in_(ids)))
    return {row.id: _trouble(row) for row in rows}


def rejections(connection: Connection) -> list[shapes.Rejection]:
    """Newest first."""
    query = _rejections().order_by(rejection.c.last_at_ms.desc(), rejection.c.id.desc()).limit(REJECTIONS_MAX)
    return [_rejection(row) for row in connection.execute(query)]


def rejections_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, shapes.Rejection]:
    """These rows of rejections."""
    rows = connection.execute(_rejections().where(rejection.c.id.in_(ids)))
    return {row.id: _rejection(row) for row in rows}


def devices(connection: Connection, scope: Scope = EVERYTHING) -> list[shapes.Device]:
    """All enrolled devices, by site."""
    usable = exists().where(device_key.c.device == device.c.device, device_key.c.state != KeyState.COMPROMISED)
    silent = or_(
        exists().where(
            trouble.c.device == device.c.device, trouble.c.kind.in_(NOT_HEARD), trouble.c.closed_at_ms.is_(None)
        ),
        and_(
            device.c.role == "gateway",
            exists().where(outage_site.c.site == device.c.site, outage_site.c.back_at_ms.is_(None)),
        ),
    )
    state = case(
        (not_(usable), "compromised"),
        (device.c.retired_at_ms.is_not(None), "retired"),
        (device_state.c.device.is_(None), "never-heard"),
        (silent, "silent"),
        else_="alive",
    ).label("state")
    query = (
        select(
            device,
            device_state,
            second_path.c.heard_at_ms.label("texted_at_ms"),
            site.c.name.label("site_name"),
            post.c.name.label("post_name"),
            post.c.variant,
            state,
        )
        .join(site, site.c.code == device.c.site)
        .outerjoin(post, post.c.id == device.c.post)
        .outerjoin(device_state, device_state.c.device == device.c.device)
        .outerjoin(second_path, second_path.c.device == device.c.device)
        .where(scoping.of_devices(scope))
        .order_by(device.c.site, device.c.role.desc(), post.c.name, device.c.device)
        .limit(DEVICES_MAX)
    )
    found = [_device(row) for row in connection.execute(query)]
    return [scoping.without_presses(one) for one in found] if scope.reach is Reach.SITES else found


def feed_rows(connection: Connection, after: int, limit: int) -> list[FeedRow]:
    """The history after a position, ascending."""
    query = select(feed).where(feed.c.position > after).order_by(feed.c.position).limit(limit)
    return [feed_row(row) for row in connection.execute(query)]


def _troubles() -> Select[Any]:
    return (
        select(
            trouble,
            trouble.c["count"].label("times"),
            device.c.site,
            site.c.name.label("site_name"),
            post.c.name.label("post_name"),
            post.c.variant,
        )
        .outerjoin(device, device.c.device == trouble.c.device)
        .outerjoin(site, site.c.code == device.c.site)
        .outerjoin(post, post.c.id == device.c.post)
    )


def _trouble(row: Row[Any]) -> shapes.Trouble:
    return {
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject or None,
        "device": topics.device_name(row.device) if row.device else None,
        "site": {"code": row.site, "name": row.site_name} if row.site is not None else None,
        "post": post_shape(row.post_name, row.variant),
        "opened_at_ms": row.opened_at_ms,
        "closed_at_ms": row.closed_at_ms,
        "count": row.times,
        "detail": detail_of(row.detail),
        "owner": row.owner,
        "taken_at_ms": row.taken_at_ms,
        "deadline_at_ms": row.deadline_at_ms,
    }


def _rejections() -> Select[Any]:
    return select(rejection, rejection.c["count"].label("times"))


def _rejection(row: Row[Any]) -> shapes.Rejection:
    return {
        "id": row.id,
        "reason": row.reason,
        "part": row.part,
        "claimed_device": topics.device_name(row.claimed_device) if row.claimed_device is not None else None,
        "source": row.source,
        "count": row.times,
        "first_at_ms": row.first_at_ms,
        "last_at_ms": row.last_at_ms,
        "detail": detail_of(row.detail),
    }


def _device(row: Row[Any]) -> shapes.Device:
    return {
        "device": topics.device_name(row.device),
        "role": row.role,
        "site": {"code": row.site, "name": row.site_name},
        "post": post_shape(row.post_name, row.variant),
        "state": row.state,
        "last_heard_at_ms": row.heard_at_ms,
        "texted_at_ms": row.texted_at_ms,
        "battery_mv": row.battery_mv,
        "signal_dbm": row.signal_dbm,
        "firmware": row.firmware,
        "undelivered": row.undelivered,
    }


def feed_row(row: Row[Any]) -> FeedRow:
    """A line of the history as the domain has it."""
    entry = Entry(row.at_ms, Kind(row.kind), row.what, row.subject, row.facts, row.personal)
    return FeedRow(row.position, entry, row.salt, row.commitment, row.prev_hash, row.hash)
