"""The JSON routes of the register: sites with all that is known of them, plans of the city, agencies."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import Field

from kentongan_server import site_shapes as shapes
from kentongan_server.api.access import Current, ThisCentre, authorised
from kentongan_server.api.bodies import Body, Id
from kentongan_server.application.sites import SPOT_MAX, Agency, SiteFacts
from kentongan_server.domain import contact as contacts
from kentongan_server.domain import picture as pictures
from kentongan_server.domain import plan as plans
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.pass_phrase import LETTERS_MAX
from kentongan_server.domain.register_tables import SITES_MAX, TEXT_MAX

router = APIRouter(prefix="/api", dependencies=[Depends(authorised)])

PICTURE_S = 120.0  # for a picture to come in whole: 2 MB over a bad mobile line take some 80 s

Line = Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
Phrase = Annotated[str, Field(max_length=LETTERS_MAX * 2)]
Minute = Annotated[int, Field(ge=0, le=contacts.DAY_MINUTES)]
Window = tuple[Annotated[int, Field(ge=1, le=7)], Minute, Minute]


class Place(Body):
    """Where a site is, in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class PutSite(Body):
    """What is known of a site."""

    name: Line
    address: Annotated[str, Field(max_length=TEXT_MAX)] = ""
    zone: Annotated[str, Field(max_length=64)]
    place: Place | None = None


class PutContact(Body):
    """Somebody to call; hours as [weekday 1-7, from minute, to minute], null for always."""

    name: Annotated[str, Field(min_length=1, max_length=contacts.NAME_MAX)]
    role: Annotated[str, Field(max_length=contacts.NAME_MAX)] = ""
    number: Annotated[str, Field(max_length=20)]
    hours: Annotated[list[Window], Field(max_length=contacts.WINDOWS_MAX)] | None = None


class PutContacts(Body):
    """All people to call, the first one first."""

    contacts: Annotated[list[PutContact], Field(max_length=contacts.CONTACTS_MAX)]


class PutPhrase(Body):
    """What is said, and what is said under duress."""

    phrase: Phrase
    duress: Phrase | None = None


class PutSpot(Body):
    """Where a post is on the picture, in thousandths."""

    post: Line
    x: Annotated[int, Field(ge=0, le=SPOT_MAX)]
    y: Annotated[int, Field(ge=0, le=SPOT_MAX)]


class PutSpots(Body):
    """Where the posts are; those that are not named are nowhere."""

    spots: Annotated[list[PutSpot], Field(max_length=SITES_MAX)]


class PutStep(Body):
    """One thing to do, in both languages."""

    key: Annotated[str, Field(max_length=40)]
    id: Annotated[str, Field(max_length=plans.TEXT_MAX)]
    en: Annotated[str, Field(max_length=plans.TEXT_MAX)]
    mandatory: bool = False


class PutPlan(Body):
    """The next version of a plan; `version` is the one on the screen (0: none), no steps withdraw it."""

    category: Annotated[str, Field(max_length=40)] = plans.ANY
    version: Id
    steps: Annotated[list[PutStep], Field(max_length=plans.STEPS_MAX)]

    def as_steps(self) -> list[plans.Step]:
        """The steps as the rules know them."""
        return [plans.Step(one.key, one.id, one.en, one.mandatory) for one in self.steps]


class PutAgency(Body):
    """Whose units drive."""

    name: Line
    kind: Literal["police", "army", "fire", "medical", "disaster", "order", "transport", "other"]


@router.get("/sites")
async def sites(centre: ThisCentre) -> shapes.Sites:
    """All sites."""
    return await centre.site_views.sites()


@router.get("/sites/{code}")
async def site(centre: ThisCentre, code: str) -> shapes.Site:
    """All that is known of a site, but for its pass-phrase."""
    found = await centre.site_views.site(code)
    if found is None:
        raise NotFoundError(f"there is no site {code[:40]!r}.")
    return found


@router.put("/sites/{code}")
async def put_site(centre: ThisCentre, session: Current, code: str, body: PutSite) -> shapes.Site:
    """Enrols a site, or changes what is known of it."""
    place = (body.place.latitude, body.place.longitude) if body.place else None
    await centre.sites.put_site(session.name, SiteFacts(code, body.name, body.address, body.zone, place))
    return await site(centre, code)


@router.put("/sites/{code}/contacts")
async def put_contacts(centre: ThisCentre, session: Current, code: str, body: PutContacts) -> shapes.Site:
    """These people, and nobody else, are called, in this order."""
    people = [
        contacts.Contact(
            place,
            one.name,
            one.role,
            one.number,
            None if one.hours is None else tuple(contacts.Window(*window) for window in one.hours),
        )
        for place, one in enumerate(body.contacts, 1)
    ]
    await centre.sites.put_contacts(session.name, code, people)
    return await site(centre, code)


@router.put("/sites/{code}/pass-phrase")
async def put_phrase(centre: ThisCentre, session: Current, code: str, body: PutPhrase) -> shapes.Site:
    """What is agreed from now on; never told again."""
    await centre.sites.put_phrases(session.name, code, body.phrase, body.duress)
    return await site(centre, code)


@router.get("/sites/{code}/picture", response_class=Response)
async def picture(centre: ThisCentre, request: Request, code: str) -> Response:
    """The picture of a site, as what it is."""
    found = await centre.site_views.picture(code)
    if found is None:
        raise NotFoundError(f"site {code[:40]!r} has no picture.")
    tag = f'"{found.tag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.data, media_type=found.media_type, headers=headers)


@router.put("/sites/{code}/picture")
async def put_picture(centre: ThisCentre, session: Current, request: Request, code: str) -> shapes.Site:
    """A PNG, JPEG or WebP, told from its own bytes."""
    await centre.sites.put_picture(session.name, code, pictures.check(await _picture(request)))
    return await site(centre, code)


async def _picture(request: Request) -> bytes:
    data = bytearray()
    try:
        async with asyncio.timeout(PICTURE_S):
            async for part in request.stream():
                data += part
                if len(data) > pictures.BYTES_MAX:
                    break  # one byte more than it may have is enough to say so
    except TimeoutError as error:
        told = f"a picture must be whole within {PICTURE_S:.0f} s."
        raise HTTPException(408, told, {"Connection": "close"}) from error
    return bytes(data)


@router.delete("/sites/{code}/picture")
async def remove_picture(centre: ThisCentre, session: Current, code: str) -> shapes.Site:
    """Takes the picture of a site away."""
    await centre.sites.put_picture(session.name, code, None)
    return await site(centre, code)


@router.put("/sites/{code}/spots")
async def put_spots(centre: ThisCentre, session: Current, code: str, body: PutSpots) -> shapes.Site:
    """Where the posts are on the picture."""
    await centre.sites.put_spots(session.name, code, {one.post: (one.x, one.y) for one in body.spots})
    return await site(centre, code)


@router.put("/sites/{code}/plans")
async def put_site_plan(centre: ThisCentre, session: Current, code: str, body: PutPlan) -> shapes.Site:
    """The next version of a plan of this site."""
    await centre.sites.put_plan(session.name, code, body.category, body.as_steps(), body.version)
    return await site(centre, code)


@router.get("/plans")
async def city_plans(centre: ThisCentre) -> shapes.Plans:
    """The city's own plans, for sites that have none."""
    return await centre.site_views.city_plans()


@router.put("/plans")
async def put_city_plan(centre: ThisCentre, session: Current, body: PutPlan) -> shapes.Plans:
    """The next version of a plan of the city."""
    await centre.sites.put_plan(session.name, None, body.category, body.as_steps(), body.version)
    return await centre.site_views.city_plans()


@router.get("/agencies")
async def agencies(centre: ThisCentre) -> shapes.Agencies:
    """Whose units drive."""
    return await centre.site_views.agencies()


@router.put("/agencies/{agency}")
async def put_agency(centre: ThisCentre, session: Current, agency: str, body: PutAgency) -> shapes.Agencies:
    """Enrols an agency, or changes its name."""
    await centre.sites.put_agency(session.name, Agency(agency, body.name, body.kind))
    return await centre.site_views.agencies()
