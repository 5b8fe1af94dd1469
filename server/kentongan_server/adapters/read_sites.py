"""Reading what is known of sites, on SQLAlchemy Core."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from kentongan_server import site_shapes as shapes
from kentongan_server.adapters.schema import (
    agency,
    contact,
    pass_phrase,
    plan,
    post,
    post_spot,
    site,
    site_picture,
    site_place,
)
from kentongan_server.adapters.views import SqlViews
from kentongan_server.application.site_views import ServedPicture
from kentongan_server.domain.contact import hours_from_json
from kentongan_server.domain.plan import from_json


@dataclass(frozen=True, slots=True)
class SqlSiteViews:
    """Implements `application.site_views.SiteViews`, on the threads of the other views."""

    views: SqlViews

    async def sites(self) -> shapes.Sites:
        return await self.views.read(lambda c: {"sites": [_site(row) for row in c.execute(_sites())]})

    async def site(self, code: str) -> shapes.Site | None:
        return await self.views.read(lambda c: _whole(c, code))

    async def picture(self, code: str) -> ServedPicture | None:
        return await self.views.read(lambda c: _picture(c, code))

    async def city_plans(self) -> shapes.Plans:
        return await self.views.read(lambda c: {"plans": _plans(c, None)})

    async def agencies(self) -> shapes.Agencies:
        query = select(agency.c.code, agency.c.name, agency.c.kind).order_by(agency.c.code)
        return await self.views.read(
            lambda c: {"agencies": [{"code": one.code, "name": one.name, "kind": one.kind} for one in c.execute(query)]}
        )


def _sites() -> Select[Any]:
    posts = select(func.count()).where(post.c.site == site.c.code).scalar_subquery()
    people = select(func.count()).where(contact.c.site == site.c.code).scalar_subquery()
    return (
        select(
            site.c.code,
            site.c.name,
            site.c.address,
            site.c.zone,
            site_place.c.latitude,
            site_place.c.longitude,
            posts.label("posts"),
            people.label("contacts"),
            pass_phrase.c.site.label("phrase"),
            site_picture.c.site.label("picture"),
        )
        .outerjoin(site_place, site_place.c.site == site.c.code)
        .outerjoin(pass_phrase, pass_phrase.c.site == site.c.code)
        .outerjoin(site_picture, site_picture.c.site == site.c.code)
        .order_by(site.c.code)
    )


def _site(row: Row[Any]) -> shapes.SiteRow:
    place: shapes.SitePlace | None = None
    if row.latitude is not None:
        place = {"latitude": row.latitude, "longitude": row.longitude}
    return {
        "code": row.code,
        "name": row.name,
        "address": row.address,
        "zone": row.zone,
        "place": place,
        "posts": row.posts,
        "contacts": row.contacts,
        "has_pass_phrase": row.phrase is not None,
        "has_picture": row.picture is not None,
    }


def _whole(connection: Connection, code: str) -> shapes.Site | None:
    row = connection.execute(_sites().where(site.c.code == code)).first()
    if row is None:
        return None
    return {
        **_site(row),
        "people": _contacts(connection, code),
        "fitted": _posts(connection, code),
        "picture": _about_picture(connection, code),
        "pass_phrase": _phrase(connection, code),
        "plans": _plans(connection, code),
    }


def _contacts(connection: Connection, code: str) -> list[shapes.SiteContact]:
    query = select(contact).where(contact.c.site == code).order_by(contact.c.place, contact.c.id)
    found: list[shapes.SiteContact] = []
    for row in connection.execute(query):
        hours = hours_from_json(row.hours)
        found.append({
            "id": row.id,
            "place": row.place,
            "name": row.name,
            "role": row.role,
            "number": row.number,
            "hours": None if hours is None else [[one.weekday, one.begins, one.ends] for one in hours],
        })  # fmt: skip
    return found


def _posts(connection: Connection, code: str) -> list[shapes.SitePost]:
    query = (
        select(post.c.name, post.c.variant, post_spot.c.x, post_spot.c.y)
        .outerjoin(post_spot, post_spot.c.post == post.c.id)
        .where(post.c.site == code)
        .order_by(post.c.name)
    )
    return [
        {"name": row.name, "variant": row.variant, "spot": None if row.x is None else {"x": row.x, "y": row.y}}
        for row in connection.execute(query)
    ]


def _about_picture(connection: Connection, code: str) -> shapes.SitePicture | None:
    one = site_picture.c
    row = connection.execute(
        select(one.media_type, one.width, one.height, one.changed_at_ms).where(one.site == code)
    ).first()
    if row is None:
        return None
    return {
        "media_type": row.media_type,
        "width": row.width,
        "height": row.height,
        "changed_at_ms": row.changed_at_ms,
    }


def _phrase(connection: Connection, code: str) -> shapes.PassPhrase | None:
    row = connection.execute(select(pass_phrase).where(pass_phrase.c.site == code)).first()
    if row is None:
        return None
    return {
        "has_duress": row.sealed_duress is not None,
        "changed_at_ms": row.changed_at_ms,
        "changed_by": row.changed_by,
    }


def _plans(connection: Connection, code: str | None) -> list[shapes.Plan]:
    """The newest version of each; those that were withdrawn too, so that their number is known."""
    mine = plan.c.site.is_(None) if code is None else plan.c.site == code
    newest = (
        select(plan.c.category, func.max(plan.c.version).label("version"))
        .where(mine)
        .group_by(plan.c.category)
        .subquery()
    )
    query = (
        select(plan)
        .join(newest, and_(newest.c.category == plan.c.category, newest.c.version == plan.c.version))
        .where(mine)
        .order_by(plan.c.category)
    )
    return [
        {
            "id": row.id,
            "site": row.site,
            "category": row.category,
            "version": row.version,
            "steps": [
                {"key": step.key, "id": step.id, "en": step.en, "mandatory": step.mandatory}
                for step in from_json(row.steps)
            ],
            "made_by": row.made_by,
            "made_at_ms": row.made_at_ms,
        }
        for row in connection.execute(query)
    ]


def _picture(connection: Connection, code: str) -> ServedPicture | None:
    row = connection.execute(
        select(site_picture.c.media_type, site_picture.c.data).where(site_picture.c.site == code)
    ).first()
    if row is None:
        return None
    data = bytes(row.data)
    return ServedPicture(row.media_type, data, hashlib.sha256(data).hexdigest()[:32])
