"""Reading callers, drills, hand-overs and the history of one incident, on SQLAlchemy Core."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select

from kentongan_server import shapes_desk as shapes
from kentongan_server.adapters import read_drills
from kentongan_server.adapters.read_incidents import position
from kentongan_server.adapters.read_lists import feed_row
from kentongan_server.adapters.schema import call, caller_mark, drill, feed, hand_over, incident, passkey, site, user
from kentongan_server.adapters.views import SqlViews
from kentongan_server.application.hand_over import TAKES_SHIFTS, Head
from kentongan_server.domain.feed import GENESIS, Kind
from kentongan_server.domain.replay import Step, replay

CALLS_SHOWN = 10  # of a caller, newest first: what fits beside a call that is being taken down
DRILLS_MAX = 100  # newest drills of one list
TAKERS_MAX = 1_000  # far beyond the desks of a city
HAND_OVERS_MAX = 200  # two months of three shifts a day
STEPS_MAX = 5_000  # of a replay: a chattering button's day; the rest is told as being there


@dataclass(frozen=True, slots=True)
class SqlDeskViews:
    """Implements `application.shift.DeskViews`, `hand_over.Heads` and `retention.OldLines`."""

    views: SqlViews

    async def caller(self, digest: bytes) -> shapes.Caller:
        return await self.views.read(lambda c: _caller(c, digest))

    async def drills(self) -> shapes.Drills:
        newest = select(drill.c.id).order_by(drill.c.id.desc()).limit(DRILLS_MAX)
        return await self.views.read(
            lambda c: {
                "position": position(c),
                "drills": list(read_drills.by_id(c, list(c.execute(newest).scalars())).values())[::-1],
            }
        )

    async def drill(self, drill: int) -> shapes.Drill | None:
        return await self.views.read(lambda c: read_drills.by_id(c, [drill]).get(drill))

    async def hand_overs(self) -> shapes.HandOvers:
        query = select(hand_over).order_by(hand_over.c.id.desc()).limit(HAND_OVERS_MAX)
        return await self.views.read(lambda c: {"hand_overs": [_hand_over(row) for row in c.execute(query)]})

    async def takers(self, giver: str) -> list[shapes.Taker]:
        return await self.views.read(lambda c: _takers(c, giver))

    async def hand_over(self, number: int) -> shapes.HandOverPage | None:
        return await self.views.read(lambda c: _page(c, number))

    async def replay(self, incident: int) -> shapes.Replay:
        return await self.views.read(lambda c: _replay(c, incident))

    async def head(self) -> Head:
        query = select(feed.c.position, feed.c.hash).order_by(feed.c.position.desc()).limit(1)
        row = await self.views.read(lambda c: c.execute(query).first())
        return Head(row.position, row.hash) if row is not None else Head(0, GENESIS)

    async def old_access(self, before_ms: int, most: int) -> list[int]:
        query = (
            select(feed.c.position)
            .where(feed.c.kind == Kind.ACCESS, feed.c.at_ms < before_ms, feed.c.personal.is_not(None))
            .order_by(feed.c.position)
            .limit(most)
        )
        return await self.views.read(lambda c: list(c.execute(query).scalars()))


def _caller(connection: Connection, digest: bytes) -> shapes.Caller:
    calls = connection.execute(select(func.count()).select_from(call).where(call.c.caller == digest)).scalar_one()
    pranks = connection.execute(select(caller_mark.c.pranks).where(caller_mark.c.caller == digest)).scalar()
    query = (
        select(call.c.taken_at_ms, call.c.incident, incident.c.category, incident.c.outcome)
        .join(incident, incident.c.id == call.c.incident)
        .where(call.c.caller == digest)
        .order_by(call.c.id.desc())
        .limit(CALLS_SHOWN)
    )
    newest: list[shapes.EarlierCall] = [
        {"at_ms": row.taken_at_ms, "category": row.category, "outcome": row.outcome, "incident": row.incident}
        for row in connection.execute(query)
    ]
    return {"calls": calls, "pranks": pranks or 0, "newest": newest}


def _hand_over(row: Row[Any]) -> shapes.HandOver:
    return {
        "id": row.id,
        "at_ms": row.at_ms,
        "given_by": row.given_by,
        "taken_by": row.taken_by,
        "note": row.note,
        "incidents": json.loads(row.incidents),
        "head": f"{row.head_position}:{row.head_hash.hex()}",
        "signed": row.signed,
    }


def _takers(connection: Connection, giver: str) -> list[shapes.Taker]:
    has_key = exists().where(passkey.c.user == user.c.id).label("has_key")
    query = (
        select(user.c.name, user.c.full_name, has_key)
        .where(user.c.role.in_(sorted(TAKES_SHIFTS)), user.c.name != giver)
        .where(user.c.disabled_at_ms.is_(None), user.c.must_change == 0)
        .order_by(user.c.name)
        .limit(TAKERS_MAX)
    )
    return [
        {"name": row.name, "full_name": row.full_name, "passkey": bool(row.has_key)}
        for row in connection.execute(query)
    ]


def _page(connection: Connection, number: int) -> shapes.HandOverPage | None:
    row = connection.execute(select(hand_over).where(hand_over.c.id == number)).first()
    if row is None:
        return None
    told = _hand_over(row)
    query = (
        select(incident, site.c.name.label("site_name"), site.c.address.label("site_address"))
        .outerjoin(site, site.c.code == incident.c.site)
        .where(incident.c.id.in_(told["incidents"]))
        .order_by(incident.c.priority, incident.c.id)
    )
    cases: list[shapes.HandedCase] = [
        {
            "id": one.id,
            "category": one.category,
            "priority": one.priority,
            "state": one.state,
            "opened_at_ms": one.opened_at_ms,
            "site": {"code": one.site, "name": one.site_name} if one.site is not None else None,
            "address": one.address or one.site_address or "",
        }
        for one in connection.execute(query)
    ]
    return {**told, "cases": cases}


def _replay(connection: Connection, incident_id: int) -> shapes.Replay:
    query = (
        select(feed)
        .where(feed.c.kind == Kind.INCIDENT, feed.c.subject == str(incident_id))
        .order_by(feed.c.position)
        .limit(STEPS_MAX + 1)
    )
    rows = [feed_row(row) for row in connection.execute(query)]
    steps = [_step(step) for step in replay(rows[:STEPS_MAX])]
    return {"incident": incident_id, "steps": steps, "more": len(rows) > STEPS_MAX}


def _step(step: Step) -> shapes.ReplayStep:
    after = step.after
    return {
        "position": step.position,
        "at_ms": step.at_ms,
        "what": step.what,
        "who": step.who,
        "words": step.words,
        "facts": dict(step.facts),
        "after": {
            "state": str(after.state),
            "owner": after.owner,
            "rings": after.rings,
            "alarms": len(after.alarms),
            "unanswered": len(after.unanswered),
            "calls": after.calls,
            "dispatched_to": after.dispatched_to,
            "parked_until_ms": after.parked_until_ms,
            "outcome": after.outcome,
            "cause": after.cause,
        },
    }
