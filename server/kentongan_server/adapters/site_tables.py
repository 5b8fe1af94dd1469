"""Plans, contacts, pass-phrases and what else is known of a site: plain SQL behind the desk's acts."""

from __future__ import annotations

from typing import Any

from kentongan_server.adapters.statements import Statements
from kentongan_server.application.sites import Agency, By, PostFacts, SiteFacts
from kentongan_server.domain.contact import Contact, hours_from_json, hours_to_json
from kentongan_server.domain.picture import Picture
from kentongan_server.domain.plan import Done, Plan, from_json, to_json


class PlanTables(Statements):
    """Implements `application.case_work.CaseBook` beside the transaction."""

    def plans_for(self, site: str | None, category: str) -> list[Plan]:
        return [_plan(row) for row in self._all("plans_for", site, category, category)]

    def newest_plan(self, site: str | None, category: str) -> Plan | None:
        named = ("newest_city_plan", category) if site is None else ("newest_site_plan", site, category)
        row = self._one(*named)
        return _plan(row) if row else None

    def insert_plan(self, plan: Plan, who: str, at_ms: int) -> int:
        return self._insert("insert_plan", plan.site, plan.category, plan.version, to_json(plan.steps), who, at_ms)

    def fixed_plan(self, incident: int) -> Plan | None:
        row = self._one("fixed_plan", incident)
        return _plan(row) if row else None

    def steps_done(self, incident: int) -> dict[str, Done]:
        return {row[0]: Done(*row[1:]) for row in self._all("steps_done", incident)}

    def set_step(self, incident: int, step: str, done: Done) -> None:
        self._do("set_step", incident, step, done.by, done.at_ms, done.left_out)

    def contact_of(self, incident: int, contact: int) -> Contact | None:
        row = self._one("contact_of", incident, contact)
        return _contact(row) if row else None

    def phrases(self, site: str) -> tuple[bytes, bytes | None] | None:
        row = self._one("phrases", site)
        return (bytes(row[0]), bytes(row[1]) if row[1] is not None else None) if row else None


class SiteTables(PlanTables):
    """Implements `application.sites.SiteBook` beside the transaction."""

    def site_facts(self, code: str) -> SiteFacts | None:
        row = self._one("site_facts", code)
        if row is None:
            return None
        code, name, address, zone, latitude, longitude = row
        return SiteFacts(code, name, address, zone, None if latitude is None else (latitude, longitude))

    def save_site(self, site: SiteFacts, at_ms: int) -> None:
        self._do("save_site", site.code, site.name, site.address, site.zone, at_ms)
        if site.place is None:
            self._do("remove_place", site.code)
        else:
            self._do("save_place", site.code, *site.place)

    def agency(self, code: str) -> Agency | None:
        row = self._one("agency", code)
        return Agency(*row) if row else None

    def save_agency(self, agency: Agency) -> None:
        self._do("save_agency", agency.code, agency.name, agency.kind)

    def contacts_at(self, site: str) -> dict[str, Contact]:
        return {contact.number: contact for contact in map(_contact, self._all("contacts_at", site))}

    def save_contact(self, site: str, contact: Contact) -> None:
        hours = hours_to_json(contact.hours)
        self._do("save_contact", site, contact.place, contact.name, contact.role, contact.number, hours)

    def remove_contact(self, site: str, number: str) -> None:
        self._do("remove_contact", site, number)

    def save_phrases(self, site: str, sealed: bytes, duress: bytes | None, by: By) -> None:
        self._do("save_phrases", site, sealed, duress, by.at_ms, by.who)

    def save_picture(self, site: str, picture: Picture, at_ms: int) -> None:
        self._do("save_picture", site, picture.media_type, picture.width, picture.height, picture.data, at_ms)

    def remove_picture(self, site: str) -> bool:
        return self._do("remove_picture", site).rowcount > 0

    def posts_at(self, site: str) -> dict[str, PostFacts]:
        found = (
            PostFacts(row[0], row[1], row[2], bool(row[3]), None if row[4] is None else (row[4], row[5]))
            for row in self._all("posts_at", site, site)
        )
        return {post.name: post for post in found}

    def save_post(self, site: str, name: str, variant: str) -> int:
        return self._insert("save_post", site, name, variant)

    def save_spot(self, post: int, spot: tuple[int, int] | None) -> None:
        if spot is None:
            self._do("remove_spot", post)
        else:
            self._do("save_spot", post, *spot)


def _plan(row: tuple[Any, ...]) -> Plan:
    number, site, category, version, steps = row
    return Plan(number, site, category, version, from_json(steps))


def _contact(row: tuple[Any, ...]) -> Contact:
    place, name, role, number, hours = row
    return Contact(place, name, role, number, hours_from_json(hours))
