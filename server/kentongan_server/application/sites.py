"""What is known of a site: where it is, whom to call, what they say, how it looks, what to do there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kentongan_server.application import plans
from kentongan_server.application.case_work import DURESS, PHRASE, TextSealer
from kentongan_server.application.plans import PlanBook
from kentongan_server.application.ports import Clock, Store
from kentongan_server.domain import contact as contacts
from kentongan_server.domain import pass_phrase, register_tables
from kentongan_server.domain.contact import Contact
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.line import check_line
from kentongan_server.domain.picture import Picture
from kentongan_server.domain.plan import Step

Found = TypeVar("Found")

HOME_ZONE = "Asia/Jakarta"
PLACE_DIGITS = 7  # of degrees: a centimetre
SPOT_MAX = 1_000  # thousandths of a picture's side


@dataclass(frozen=True, slots=True)
class By:
    """Who changes the register, and when (Unix ms)."""

    who: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site; `zone` is an IANA time zone, `place` latitude and longitude in degrees when they are known."""

    code: str
    name: str
    address: str
    zone: str
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Agency:
    """Whose units drive."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post of a site; `spot` is where it is on the picture, in thousandths; `fitted`: it has or had a button."""

    id: int
    name: str
    variant: str
    fitted: bool
    spot: tuple[int, int] | None


class SiteBook(PlanBook, Protocol):
    """What the register of sites needs of the store; its transactions can do this as well."""

    def site_facts(self, code: str) -> SiteFacts | None: ...
    def save_site(self, site: SiteFacts, at_ms: int) -> None: ...
    def agency(self, code: str) -> Agency | None: ...
    def save_agency(self, agency: Agency) -> None: ...
    def contacts_at(self, site: str) -> dict[str, Contact]:
        """The site's contacts by their number."""

    def save_contact(self, site: str, contact: Contact) -> None: ...
    def remove_contact(self, site: str, number: str) -> None: ...
    def save_phrases(self, site: str, sealed: bytes, duress: bytes | None, by: By) -> None: ...
    def save_picture(self, site: str, picture: Picture, at_ms: int) -> None: ...
    def remove_picture(self, site: str) -> bool: ...
    def posts_at(self, site: str) -> dict[str, PostFacts]:
        """The site's posts by their name."""

    def save_post(self, site: str, name: str, variant: str) -> int: ...
    def save_spot(self, post: int, spot: tuple[int, int] | None) -> None: ...


class Sites:
    """The register of sites, changed by people at the desk.

    All of them raise:
        InvalidError: something given cannot be taken.
        NotFoundError: there is no such site.
        StoreError: nothing was committed.
    """

    def __init__(self, store: Store, clock: Clock, sealer: TextSealer) -> None:
        self._store = store
        self._clock = clock
        self._sealer = sealer

    async def put_site(self, who: str, site: SiteFacts) -> None:
        """Enrols a site, or changes what is known of it."""
        await self._do(partial(put_site, site=site, by=self._by(who)))

    async def put_agency(self, who: str, agency: Agency) -> None:
        """Enrols an agency, or changes its name."""
        await self._do(partial(put_agency, agency=agency, by=self._by(who)))

    async def put_contacts(self, who: str, site: str, people: Sequence[Contact]) -> None:
        """These people, and nobody else, are called."""
        await self._do(partial(_put_contacts, site=site, people=people, by=self._by(who)))

    async def put_phrases(self, who: str, site: str, phrase: str, duress: str | None) -> None:
        """What is agreed from now on; sealed before it goes anywhere."""
        pass_phrase.check_pair(phrase, duress)
        sealed = self._sealer.seal_text(phrase, f"{PHRASE}|{site}")
        sealed_duress = self._sealer.seal_text(duress, f"{DURESS}|{site}") if duress is not None else None
        await self._do(partial(_put_phrases, site=site, sealed=sealed, duress=sealed_duress, by=self._by(who)))

    async def put_picture(self, who: str, site: str, picture: Picture | None) -> None:
        """The picture of the site; None takes it away."""
        await self._do(partial(_put_picture, site=site, picture=picture, by=self._by(who)))

    async def put_spots(self, who: str, site: str, spots: Mapping[str, tuple[int, int]]) -> None:
        """Where the posts are on the picture, by name; those that are not named are nowhere."""
        await self._do(partial(_put_spots, site=site, spots=spots, by=self._by(who)))

    async def put_plan(self, who: str, site: str | None, category: str, steps: Sequence[Step], seen: int) -> None:
        """The next version of a plan; also raises `StaleError` (see `plans.put`)."""
        await self._do(partial(_put_plan, site=site, category=category, steps=steps, seen=seen, by=self._by(who)))

    def _by(self, who: str) -> By:
        return By(who, self._clock.wall_ms())

    async def _do(self, work: Callable[[SiteBook], Found]) -> Found:
        return await self._store.submit(work)  # type: ignore[arg-type]  # the store's transactions can do this as well


def zone_name(name: str) -> str:
    """A time zone that this machine knows.

    Raises:
        InvalidError: it is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError(f"expected a time zone such as {HOME_ZONE}, got {name[:40]!r}.") from error
    return name


def put_site(book: SiteBook, site: SiteFacts, by: By) -> str:
    """Enrols or changes a site; `new`, `changed` or `same`.

    Raises:
        InvalidError: something of it cannot be taken.
    """
    register_tables.code(site.code)
    check_line("name", site.name, register_tables.TEXT_MAX)
    check_line("address", site.address, register_tables.TEXT_MAX, may_be_empty=True)
    zone_name(site.zone)
    site = replace(site, place=_rounded(site.place))
    before = book.site_facts(site.code)
    if before == site:
        return "same"
    book.save_site(site, by.at_ms)
    facts: dict[str, Any] = {"name": site.name, "zone": site.zone, "has_place": site.place is not None}
    remember(book, by, "site" if before is None else "site-changed", site.code, facts)
    return "new" if before is None else "changed"


def put_agency(book: SiteBook, agency: Agency, by: By) -> str:
    """Enrols or changes an agency; `new`, `changed` or `same`.

    Raises:
        InvalidError: something of it cannot be taken.
    """
    register_tables.code(agency.code)
    check_line("name", agency.name, register_tables.TEXT_MAX)
    if agency.kind not in register_tables.AGENCY_KINDS:
        raise InvalidError(f"kind: expected one of {', '.join(register_tables.AGENCY_KINDS)}, got {agency.kind!r}.")
    before = book.agency(agency.code)
    if before == agency:
        return "same"
    book.save_agency(agency)
    remember(book, by, "agency", agency.code, {"kind": agency.kind, "name": agency.name})
    return "new" if before is None else "changed"


def put_contact(book: SiteBook, site: str, person: Contact, by: By) -> str:
    """Adds or changes a contact, known by the number; `new`, `changed` or `same`."""
    contacts.check(person)
    before = book.contacts_at(site).get(person.number)
    if before == person:
        return "same"
    book.save_contact(site, person)
    remember(book, by, "contact", site, {"place": person.place}, {"name": person.name, "number": person.number})
    return "new" if before is None else "changed"


def remember(
    book: SiteBook,
    by: By,
    what: str,
    subject: str,
    facts: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
) -> None:
    """A line of the history; who did it and names of people are its personal part."""
    personal = canonical({"who": by.who, **(more or {})})
    book.append(Entry(by.at_ms, Kind.ENROLMENT, what, subject, canonical(facts), personal))


def _put_contacts(book: SiteBook, site: str, people: Sequence[Contact], by: By) -> None:
    _there(book, site)
    if len(people) > contacts.CONTACTS_MAX:
        raise InvalidError(f"contacts: expected at most {contacts.CONTACTS_MAX}, got {len(people)}.")
    if len({one.number for one in people}) != len(people):
        raise InvalidError("contacts: expected each number once.")
    for number in book.contacts_at(site).keys() - {one.number for one in people}:
        book.remove_contact(site, number)
        remember(book, by, "contact-removed", site, {}, {"number": number})
    for person in people:
        put_contact(book, site, person, by)


def _put_phrases(book: SiteBook, site: str, sealed: bytes, duress: bytes | None, by: By) -> None:
    _there(book, site)
    book.save_phrases(site, sealed, duress, by)
    remember(book, by, "pass-phrase", site, {"has_duress": duress is not None})


def _put_picture(book: SiteBook, site: str, picture: Picture | None, by: By) -> None:
    _there(book, site)
    if picture is None:
        if book.remove_picture(site):
            remember(book, by, "picture-removed", site, {})
        return
    book.save_picture(site, picture, by.at_ms)
    facts = {"media_type": picture.media_type, "width": picture.width, "height": picture.height}
    remember(book, by, "picture", site, facts)


def _put_spots(book: SiteBook, site: str, spots: Mapping[str, tuple[int, int]], by: By) -> None:
    _there(book, site)
    posts = book.posts_at(site)
    for name, (x, y) in spots.items():
        if name not in posts:
            raise NotFoundError(f"site {site!r} has no post {name[:40]!r}.")
        if not (0 <= x <= SPOT_MAX and 0 <= y <= SPOT_MAX):
            raise InvalidError(f"spot of {name[:40]!r}: expected thousandths 0-{SPOT_MAX}, got {x}, {y}.")
    for name, post in posts.items():
        book.save_spot(post.id, spots.get(name))
    remember(book, by, "spots", site, {"spots": len(spots)})


def _put_plan(book: SiteBook, site: str | None, category: str, steps: Sequence[Step], seen: int, by: By) -> None:
    if site is not None:
        _there(book, site)
    plans.put(book, site, category, steps, seen, by.who, by.at_ms)


def _there(book: SiteBook, code: str) -> SiteFacts:
    found = book.site_facts(code)
    if found is None:
        raise NotFoundError(f"there is no site {code[:40]!r}.")
    return found


def _rounded(place: tuple[float, float] | None) -> tuple[float, float] | None:
    if place is None:
        return None
    latitude, longitude = (round(value, PLACE_DIGITS) + 0.0 for value in place)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidError(f"place: expected -90…90 and -180…180 degrees, got {latitude}, {longitude}.")
    return latitude, longitude
