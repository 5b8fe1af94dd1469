"""Reading drills with what rings in them, on SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from kentongan_server import shapes_desk as shapes
from kentongan_server.adapters.read_incidents import KINDS, post_shape
from kentongan_server.adapters.schema import device, drill, drill_alarm, post, site
from kentongan_wire import topics


def by_id(connection: Connection, ids: Sequence[int]) -> Mapping[int, shapes.Drill]:
    """These drills, ascending."""
    alarms: dict[int, list[shapes.DrillAlarm]] = {one: [] for one in ids}
    planned = (
        select(
            drill_alarm, device.c.site, site.c.name.label("site_name"), post.c.name.label("post_name"), post.c.variant
        )
        .join(device, device.c.device == drill_alarm.c.device)
        .join(site, site.c.code == device.c.site)
        .outerjoin(post, post.c.id == device.c.post)
        .where(drill_alarm.c.drill.in_(ids))
        .order_by(drill_alarm.c.due_at_ms, drill_alarm.c.id)
    )
    for row in connection.execute(planned):
        alarms[row.drill].append(
            {
                "device": topics.device_name(row.device),
                "site": {"code": row.site, "name": row.site_name},
                "post": post_shape(row.post_name, row.variant),
                "kind": KINDS[row.kind],
                "due_at_ms": row.due_at_ms,
                "alarm": row.alarm,
            }
        )
    query = select(drill).where(drill.c.id.in_(ids)).order_by(drill.c.id)
    return {row.id: _drill(row, alarms[row.id]) for row in connection.execute(query)}


def _drill(row: Row[Any], alarms: list[shapes.DrillAlarm]) -> shapes.Drill:
    return {
        "id": row.id,
        "name": row.name,
        "started_by": row.started_by,
        "started_at_ms": row.started_at_ms,
        "ends_at_ms": row.ends_at_ms,
        "ended_at_ms": row.ended_at_ms,
        "ended_by": row.ended_by,
        "alarms": alarms,
    }
