"""What stands beside an incident: its plan with what was done of it, and whom to call now."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from kentongan_server import shapes
from kentongan_server.adapters.schema import contact, incident, plan, plan_step, site
from kentongan_server.domain.contact import Contact, hours_from_json, in_order, is_now
from kentongan_server.domain.plan import from_json


def plan_of(connection: Connection, incident_id: int) -> shapes.CasePlan | None:
    """The plan that was fixed for it; None before that, or when there was none."""
    query = (
        select(plan.c.id, plan.c.version, plan.c.steps)
        .join(incident, incident.c.plan == plan.c.id)
        .where(incident.c.id == incident_id)
    )
    found = connection.execute(query).first()
    if found is None:
        return None
    done = {
        row.step: row for row in connection.execute(select(plan_step).where(plan_step.c.incident == incident_id)).all()
    }
    steps: list[shapes.CaseStep] = []
    for step in from_json(found.steps):
        row = done.get(step.key)
        steps.append({
            "key": step.key,
            "id": step.id,
            "en": step.en,
            "mandatory": step.mandatory,
            "done_by": row.done_by if row else None,
            "done_at_ms": row.done_at_ms if row else None,
            "left_out": row.left_out if row else None,
        })  # fmt: skip
    return {"id": found.id, "version": found.version, "steps": steps}


def contacts_of(connection: Connection, incident_id: int, now_ms: int) -> list[shapes.CaseContact]:
    """The contacts of its site, those first who can be called now."""
    query = (
        select(contact, site.c.zone)
        .join(site, site.c.code == contact.c.site)
        .join(incident, incident.c.site == contact.c.site)
        .where(incident.c.id == incident_id)
    )
    ids: dict[str, int] = {}
    people: list[tuple[Contact, bool]] = []
    for row in connection.execute(query):
        hours = hours_from_json(row.hours)
        ids[row.number] = row.id
        person = Contact(row.place, row.name, row.role, row.number, hours)
        people.append((person, is_now(hours, now_ms, ZoneInfo(row.zone))))
    return [
        {
            "id": ids[person.number],
            "name": person.name,
            "role": person.role,
            "number": person.number,
            "now": now,
            "hours": None if person.hours is None else [[one.weekday, one.begins, one.ends] for one in person.hours],
        }
        for person, now in in_order(people)
    ]
