"""Reading incidents with their alarms and history, on SQLAlchemy Core."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from kentongan_server import shapes
from kentongan_server.adapters import scoping
from kentongan_server.adapters.read_cases import contacts_of, plan_of
from kentongan_server.adapters.schema import (
    alarm,
    call,
    caller_mark,
    device,
    feed,
    incident,
    outage,
    outage_site,
    post,
    site,
    site_place,
)
from kentongan_server.application.views import ANY_CLOSED, Closed
from kentongan_server.domain import alarm_kind, flags
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.feed import Kind
from kentongan_server.domain.roles import EVERYTHING, Reach, Scope
from kentongan_wire import press, receipts, topics

OPEN_MAX = 2_000  # incidents of one list: far beyond what a console shows, and bounded; what is left off is told
CLOSED_MAX = 200  # newest closed incidents of one page
ALARMS_MAX = 50  # newest alarms of an incident in lists and streams
# Newest alarms and newest lines of an incident alone: a button that chatters for a day makes thousands of both, which
# nobody reads, but each of which would be sent again after each press. The replay has the whole history.
ALONE_MAX = 500

KINDS = {
    press.KIND_HOLD_UP: "hold-up",
    press.KIND_DURESS: "duress",
    press.KIND_MEDICAL: "medical",
    press.KIND_FIRE: "fire",
}
# Of alarms under a gateway: those only the centre makes, for a gateway never presses.
OWN_KINDS = {alarm_kind.KIND_SUSPECTED_ATTACK: "suspected-attack", alarm_kind.KIND_OUTAGE: "outage"}
PATHS = {alarm_kind.PATH_NONE: "none", press.PATH_MQTT: "mqtt", press.PATH_SMS: "sms", press.PATH_HTTP: "http"}
# What happened to an incident itself; what its guard saw is shown beside the alarm.
TIMELINE = (
    *("opened", "alarm", "repeated", "also", "acknowledged", "closed", "reopened", "rings-again"),
    *("second-path", "site-back", "site-lost", "sites-joined", "outage-over"),
    *("taken", "dispatched", "arrived", "withdrawn", "parked", "unparked", "park-over", "noted"),
    *("merged", "merged-in", "split", "split-off", "called", "call", "step", "pass-phrase", "handed-over"),
)


def position(connection: Connection) -> int:
    """The newest feed position."""
    found: int = connection.execute(select(func.coalesce(func.max(feed.c.position), 0))).scalar_one()
    return found


def opened(connection: Connection, scope: Scope = EVERYTHING) -> list[shapes.Incident]:
    """All open incidents, oldest first; of too many those that ring, the most urgent and the newest."""
    unanswered = select(alarm.c.id).where(alarm.c.incident == incident.c.id, alarm.c.acknowledged_by.is_(None)).exists()
    rings = or_(and_(unanswered, incident.c.quiet_until_ms.is_(None)), incident.c.reminded_at_ms.is_not(None))
    first = (case((rings, 0), else_=1), incident.c.priority, incident.c.id.desc())
    chosen = select(incident.c.id).where(scoping.IS_OPEN, scoping.of_incidents(scope)).order_by(*first).limit(OPEN_MAX)
    query = _incidents(scope).where(incident.c.id.in_(chosen)).order_by(incident.c.id)
    return _with_alarms(connection, query, ALARMS_MAX)


def open_ones(connection: Connection, scope: Scope = EVERYTHING) -> int:
    """How many are open."""
    query = select(func.count()).select_from(incident).where(scoping.IS_OPEN, scoping.of_incidents(scope))
    found: int = connection.execute(query).scalar_one()
    return found


def closed(connection: Connection, scope: Scope = EVERYTHING, which: Closed = ANY_CLOSED) -> list[shapes.Incident]:
    """The newest of these closed incidents, newest first."""
    wanted = _wanted(connection, scope, which)
    newest = _incidents(scope).where(scoping.IS_CLOSED, *wanted, scoping.newest_closed(scope, CLOSED_MAX, wanted))
    query = newest.order_by(incident.c.closed_at_ms.desc(), incident.c.id.desc()).limit(CLOSED_MAX)
    found = _with_alarms(connection, query, ALARMS_MAX)
    return [scoping.outcome_only(one) for one in found] if scope.reach is Reach.SITES else found


def by_id(connection: Connection, ids: Sequence[int]) -> dict[int, shapes.Incident]:
    """These incidents, as lists and streams show them."""
    query = _incidents().where(incident.c.id.in_(ids))
    return {one["id"]: one for one in _with_alarms(connection, query, ALARMS_MAX)}


def alone(connection: Connection, incident_id: int, scope: Scope = EVERYTHING) -> shapes.IncidentWithTimeline | None:
    """One incident with its alarms and its history, the newest of both."""
    found = _with_alarms(connection, _incidents(scope).where(incident.c.id == incident_id), ALONE_MAX)
    if not found:
        return None
    if scope.reach is Reach.SITES:
        left_off: shapes.LeftOff = {"alarms": 0, "timeline": 0}
        return {**scoping.outcome_only(found[0]), "timeline": [], "left_off": left_off, "plan": None, "contacts": []}
    alarms = connection.execute(select(func.count()).where(alarm.c.incident == incident_id)).scalar_one()
    timeline, lines = _timeline(connection, incident_id)
    return {
        **found[0],
        "timeline": timeline,
        "left_off": {"alarms": alarms - len(found[0]["alarms"]), "timeline": lines - len(timeline)},
        "plan": plan_of(connection, incident_id),
        "contacts": contacts_of(connection, incident_id, time.time_ns() // 1_000_000),
    }


def _wanted(connection: Connection, scope: Scope, which: Closed) -> list[ColumnElement[bool]]:
    closed_at_ms = incident.c.closed_at_ms
    wanted: list[ColumnElement[bool]] = []
    if which.site is not None:
        wanted.append(incident.c.site == which.site)
    if which.from_ms is not None:
        wanted.append(closed_at_ms >= which.from_ms)
    if which.to_ms is not None:
        wanted.append(closed_at_ms < which.to_ms)
    if which.before is not None:
        one = select(closed_at_ms).where(incident.c.id == which.before, scoping.IS_CLOSED, scoping.of_incidents(scope))
        at_ms = connection.execute(one).scalar_one_or_none()
        if at_ms is None:
            raise NotFoundError(f"there is no closed incident {which.before}.")
        wanted += [closed_at_ms <= at_ms, or_(closed_at_ms < at_ms, incident.c.id < which.before)]
    return wanted


def _incidents(scope: Scope = EVERYTHING) -> Select[Any]:
    return (
        select(
            incident,
            site.c.name.label("site_name"),
            site.c.address.label("site_address"),
            site_place.c.latitude.label("site_latitude"),
            site_place.c.longitude.label("site_longitude"),
        )
        .outerjoin(site, site.c.code == incident.c.site)
        .outerjoin(site_place, site_place.c.site == incident.c.site)
        .where(scoping.of_incidents(scope))
    )


def _with_alarms(connection: Connection, query: Select[Any], alarms_max: int) -> list[shapes.Incident]:
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    at = position(connection)
    sums = _sums(connection, ids)
    alarms = _alarms(connection, ids, alarms_max)
    calls = _calls(connection, ids)
    return [_incident(row, at, sums.get(row.id), alarms[row.id], calls.get(row.id, [])) for row in rows]


def _sums(connection: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Of each incident: presses, newest alarm, alarms that nobody answered."""
    query = (
        select(
            alarm.c.incident,
            func.sum(alarm.c.repeats + 1).label("presses"),
            func.max(alarm.c.id).label("newest"),
            func.count().filter(alarm.c.acknowledged_by.is_(None)).label("unanswered"),
        )
        .where(alarm.c.incident.in_(ids))
        .group_by(alarm.c.incident)
    )
    return {row.incident: row for row in connection.execute(query)}


def _alarms(connection: Connection, ids: Sequence[int], newest: int) -> Mapping[int, list[shapes.Alarm]]:
    """Of each incident its newest alarms, ascending."""
    place = func.row_number().over(partition_by=alarm.c.incident, order_by=alarm.c.id.desc()).label("place")
    chosen = select(alarm.c.id, place).where(alarm.c.incident.in_(ids)).subquery()
    query = (
        select(
            alarm,
            device.c.role,
            device.c.site.label("site_code"),
            site.c.name.label("site_name"),
            post.c.name.label("post_name"),
            post.c.variant,
        )
        .join(chosen, chosen.c.id == alarm.c.id)
        .join(device, device.c.device == alarm.c.device)
        .join(site, site.c.code == device.c.site)
        .outerjoin(post, post.c.id == device.c.post)
        .where(chosen.c.place <= newest)
        .order_by(alarm.c.id)
    )
    found: dict[int, list[shapes.Alarm]] = {one: [] for one in ids}
    rows = connection.execute(query).all()
    outages = _outages(connection, [row.id for row in rows if row.role == "gateway"])
    for row in rows:
        found[row.incident].append(_alarm(row) if row.role == "button" else _own_alarm(row, outages.get(row.id)))
    return found


def _calls(connection: Connection, ids: Sequence[int]) -> dict[int, list[shapes.Call]]:
    """Of each incident its phone calls, oldest first."""
    query = (
        select(call, func.coalesce(caller_mark.c.pranks, 0).label("pranks"))
        .outerjoin(caller_mark, caller_mark.c.caller == call.c.caller)
        .where(call.c.incident.in_(ids))
        .order_by(call.c.id)
    )
    found: dict[int, list[shapes.Call]] = {}
    for row in connection.execute(query):
        found.setdefault(row.incident, []).append(
            {
                "id": row.id,
                "taken_at_ms": row.taken_at_ms,
                "taken_by": row.taken_by,
                "number": row.number,
                "name": row.name,
                "words": row.words,
                "pranks": row.pranks,
            }
        )
    return found


def _outages(connection: Connection, alarms: Sequence[int]) -> dict[int, list[shapes.Site]]:
    """The sites of each alarm that is one of an outage."""
    found: dict[int, list[shapes.Site]] = {}
    if alarms:
        query = (
            select(outage.c.alarm, site.c.code, site.c.name)
            .join(outage_site, outage_site.c.outage == outage.c.id)
            .join(site, site.c.code == outage_site.c.site)
            .where(outage.c.alarm.in_(alarms))
            .order_by(outage_site.c.lost_at_ms, site.c.code)
        )
        for row in connection.execute(query):
            found.setdefault(row.alarm, []).append({"code": row.code, "name": row.name})
    return found


def _incident(
    row: Row[Any], at: int, sums: Row[Any] | None, alarms: list[shapes.Alarm], calls: list[shapes.Call]
) -> shapes.Incident:
    unanswered = sums.unanswered > 0 if sums else False
    rings = row.state != "closed" and ((unanswered and row.quiet_until_ms is None) or row.reminded_at_ms is not None)
    return {
        "id": row.id,
        "position": at,
        "version": row.version,
        "source": row.source,
        "category": row.category,
        "priority": row.priority,
        "agency": row.agency,
        "drill": row.drill,
        "site": _site(row),
        "place": _place(row),
        "state": row.state,
        "ringing": rings,
        "reminding": row.reminded_at_ms is not None,
        "opened_at_ms": row.opened_at_ms,
        "last_alarm_at_ms": row.last_alarm_at_ms,
        "owner": row.owner,
        "acknowledged_at_ms": row.acknowledged_at_ms,
        "dispatched_at_ms": row.dispatched_at_ms,
        "dispatched_to": row.dispatched_to,
        "arrived_at_ms": row.arrived_at_ms,
        "parked_until_ms": row.parked_until_ms,
        "closed_at_ms": row.closed_at_ms,
        "outcome": row.outcome,
        "cause": row.cause,
        "note": row.note,
        "merged_into": row.merged_into,
        "split_from": row.split_from,
        "count": sums.presses if sums else 0,
        "newest_alarm": sums.newest if sums else None,
        "recovered": bool(row.recovered),
        "alarms": alarms,
        "calls": calls,
    }


def _site(row: Row[Any]) -> shapes.SiteWithAddress | None:
    return {"code": row.site, "name": row.site_name, "address": row.site_address} if row.site is not None else None


def _place(row: Row[Any]) -> shapes.Place | None:
    """What the caller said goes before what is known of the site."""
    if row.latitude is not None or row.address is not None:
        return {"latitude": row.latitude, "longitude": row.longitude, "address": row.address or ""}
    if row.site_latitude is None:
        return None
    return {"latitude": row.site_latitude, "longitude": row.site_longitude, "address": row.site_address}


def _alarm(row: Row[Any]) -> shapes.Alarm:
    return {
        "id": row.id,
        "device": topics.device_name(row.device),
        "post": post_shape(row.post_name, row.variant),
        # A kind that this centre does not know rings as a hold-up: when in doubt it is real.
        "kind": KINDS.get(row.kind, KINDS[press.KIND_HOLD_UP]),
        "sequence": None if row.sequence < 0 else row.sequence,  # of a drill there is none
        "nonce": None if row.sequence < 0 else row.nonce.hex(),
        "pressed_at_ms": row.pressed_at_ms,
        "pressed_at": row.dated,
        "received_at_ms": row.received_at_ms,
        "level": receipts.LEVEL_NAMES[row.level],
        "revision": row.revision,
        "repeats": row.repeats,
        "acknowledged_by": row.acknowledged_by,
        "gateway": topics.device_name(row.gateway) if row.gateway is not None else None,
        "path": PATHS.get(row.path, "unknown"),
        "modem": row.modem,
        "also": [word for path, word in PATHS.items() if path and row.also_paths >> path & 1],
        "held_ms": row.held_ms,
        "seen": _seen(row),
        "flags": flags.names(row.flags),
        "sites": None,
    }


def _own_alarm(row: Row[Any], sites: list[shapes.Site] | None) -> shapes.Alarm:
    """What the centre found by itself; an outage is of no single gateway."""
    return {
        **_alarm(row),
        "device": None if sites else topics.device_name(row.device),
        "kind": OWN_KINDS.get(row.kind, OWN_KINDS[alarm_kind.KIND_SUSPECTED_ATTACK]),
        "sequence": None,
        "nonce": None,
        "path": "none",
        "sites": sites or [{"code": row.site_code, "name": row.site_name}],
    }


def _seen(row: Row[Any]) -> shapes.Seen | None:
    if row.seen_level is None:
        return None
    known = row.seen_level < len(receipts.LEVEL_NAMES)
    level = receipts.LEVEL_NAMES[row.seen_level] if known else "unknown"
    return {"level": level, "revision": row.seen_revision, "at_ms": row.seen_at_ms}


def post_shape(name: str | None, variant: str | None) -> shapes.Post | None:
    """A post; None for a device without one."""
    return {"name": name, "variant": variant} if name is not None and variant is not None else None


def _timeline(connection: Connection, incident_id: int) -> tuple[list[shapes.TimelineEntry], int]:
    """Its newest lines, ascending, and how many there are in all."""
    shown = (feed.c.kind == Kind.INCIDENT, feed.c.subject == str(incident_id), feed.c.what.in_(TIMELINE))
    query: Select[Any] = (
        select(feed.c.position, feed.c.at_ms, feed.c.what, feed.c.facts, feed.c.personal)
        .where(*shown)
        .order_by(feed.c.position.desc())
        .limit(ALONE_MAX)
    )
    lines = [_timeline_entry(row) for row in connection.execute(query)]
    lines.reverse()
    count: int = connection.execute(select(func.count()).select_from(feed).where(*shown)).scalar_one()
    return lines, count


def _timeline_entry(row: Row[Any]) -> shapes.TimelineEntry:
    facts = json.loads(row.facts)
    personal = json.loads(row.personal) if row.personal is not None else {}
    detail = {
        "repeated": f"+{facts.get('repeats', 0)}",
        "also": PATHS.get(facts.get("path"), "unknown"),
        "acknowledged": str(facts["still_ringing"]) if facts.get("still_ringing") else None,
        "closed": facts.get("outcome"),
        "sites-joined": f"+{facts.get('sites', 0)}",
        **dict.fromkeys(("site-back", "site-lost", "second-path"), facts.get("site")),
    }.get(row.what, ", ".join(facts.get("flags", [])) or None)
    return {
        "position": row.position,
        "at_ms": row.at_ms,
        "what": row.what,
        "who": personal.get("who"),
        "detail": detail,
        "facts": facts,
        "words": personal.get("note"),
    }
