"""What the HTTP interface says of sites, plans and agencies: docs/operators-centre.md, "HTTP". Times are Unix ms."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic needs this one on Python 3.11


class SitePlace(TypedDict):
    """Where a site is, in degrees."""

    latitude: float
    longitude: float


class SiteRow(TypedDict):
    """A site in the list of all."""

    code: str
    name: str
    address: str
    zone: str
    place: SitePlace | None
    posts: int
    contacts: int
    has_pass_phrase: bool
    has_picture: bool


class Sites(TypedDict):
    """All sites, by code."""

    sites: list[SiteRow]


class Spot(TypedDict):
    """A place on a picture, in thousandths of its width and height."""

    x: int
    y: int


class SitePost(TypedDict):
    """A post of a site."""

    name: str
    variant: str
    spot: Spot | None


class SiteContact(TypedDict):
    """Somebody to call; `hours` as [weekday 1-7, from minute, to minute], null for always."""

    id: int
    place: int
    name: str
    role: str
    number: str
    hours: list[list[int]] | None


class SitePicture(TypedDict):
    """The picture of a site; it is at `/api/sites/{code}/picture`."""

    media_type: str
    width: int
    height: int
    changed_at_ms: int


class PassPhrase(TypedDict):
    """What is told of a pass-phrase: never itself."""

    has_duress: bool
    changed_at_ms: int
    changed_by: str


class PlanStep(TypedDict):
    """One thing to do, in both languages."""

    key: str
    id: str
    en: str
    mandatory: bool


class Plan(TypedDict):
    """The newest version of a plan; `category` empty for any kind, no steps when it was withdrawn."""

    id: int
    site: str | None
    category: str
    version: int
    steps: list[PlanStep]
    made_by: str
    made_at_ms: int


class Plans(TypedDict):
    """Plans of a site, or of the city."""

    plans: list[Plan]


class Site(SiteRow):
    """All that is known of a site."""

    people: list[SiteContact]
    fitted: list[SitePost]
    picture: SitePicture | None
    pass_phrase: PassPhrase | None
    plans: list[Plan]


class Agency(TypedDict):
    """Whose units drive."""

    code: str
    name: str
    kind: str


class Agencies(TypedDict):
    """All agencies, by code."""

    agencies: list[Agency]
