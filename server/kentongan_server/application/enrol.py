"""Enrolment: sites, posts, gateways, buttons, their secrets, and the people at the desks.

A root secret is drawn here, goes sealed into the store and once into the kit of its device;
nobody ever sees it again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kentongan_server.application.ports import Transaction
from kentongan_server.application.sites import PostFacts
from kentongan_server.application.troubles import restore_trouble
from kentongan_server.application.users import NewPerson, UserBook, add_person, one_time_password
from kentongan_server.domain.errors import CentreError, InvalidError, NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.line import check_line
from kentongan_server.domain.number import checked
from kentongan_server.domain.register_tables import TEXT_MAX
from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire import keys, topics
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import DEVICE_MAX

FIRST_KEY_ID = 1
VARIANTS = {"guard-post": "two-button", "desk": "recessed"}  # variant → how it is pressed
PASSWORD_MIN = 10  # characters; shorter ones fall to guessing even at five tries a minute
PASSWORD_MAX = 1_024  # characters: hashing costs by length


class ExistsError(CentreError):
    """It is there already."""

    code = "exists"


class Sealer(Protocol):
    """Seals root secrets for the store."""

    def seal(self, root: bytes, device: int, key_id: int) -> bytes: ...
    def open(self, sealed: bytes, device: int, key_id: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Site:
    """A partner's premises; `zone` is an IANA time zone."""

    code: str
    name: str
    address: str
    zone: str


class Register(Transaction, Protocol):
    """What enrolment writes, besides the history."""

    def meta(self, key: str) -> str | None: ...
    def set_meta(self, key: str, value: str) -> None: ...
    def site(self, code: str) -> Site | None: ...
    def insert_site(self, site: Site, at_ms: int) -> None: ...
    def post(self, site: str, name: str) -> int | None: ...
    def insert_post(self, site: str, name: str, variant: str) -> int: ...
    def posts_at(self, site: str) -> dict[str, PostFacts]: ...
    def save_post(self, site: str, name: str, variant: str) -> int: ...
    def has_device(self, device: int) -> bool: ...
    def device_with(self, number: str) -> int | None: ...
    def set_number(self, device: int, number: str | None) -> bool: ...
    def insert_device(self, device: int, role: str, site: str, post: int | None, at_ms: int) -> None: ...
    def insert_key(self, device: int, key_id: int, sealed: bytes, at_ms: int) -> None: ...
    def buttons_of(self, site: str) -> list[tuple[int, int, bytes, str]]: ...
    def retire(self, device: int, at_ms: int) -> bool: ...
    def compromise(self, device: int) -> bool: ...
    def troubles_of(self, device: int) -> list[tuple[int, TroubleKind]]: ...


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device and the secret that goes into its kit."""

    device: int
    key_id: int
    site: str
    root: bytes

    def __repr__(self) -> str:
        return f"NewDevice({self.device:08x}, site {self.site})"


@dataclass(frozen=True, slots=True)
class ButtonKeys:
    """What a gateway is given of one of its buttons: enough to carry, nothing to forge; `post` is for people."""

    device: int
    key_id: int
    psk: bytes
    hop: bytes
    post: str

    def __repr__(self) -> str:
        return f"ButtonKeys({self.device:08x})"


def begin(register: Register) -> int:
    """Gives a new store its incarnation; returns the one it has."""
    found = register.meta("incarnation")
    if found is None:
        found = str(1 + secrets.randbelow(0xFFFFFFFF))
        register.set_meta("incarnation", found)
        register.set_meta("keys_revision", "0")
    return int(found)


def add_site(register: Register, site: Site, at_ms: int) -> None:
    """Enrols a site.

    Raises:
        InvalidError: code, name, address or time zone cannot be taken.
        ExistsError: the code is taken.
    """
    try:
        topics.check_site(site.code)
    except FrameError as error:
        raise InvalidError(f"{error.detail}.") from error
    _check_text("name", site.name)
    _check_text("address", site.address, may_be_empty=True)
    try:
        ZoneInfo(site.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidError(f"time zone: expected a name such as Asia/Jakarta, got {site.zone!r}.") from error
    if register.site(site.code):
        raise ExistsError(f"there is a site {site.code!r} already.", "Choose another code.")
    register.insert_site(site, at_ms)
    _remember(register, at_ms, "site", site.code, {"name": site.name})


def add_gateway(register: Register, sealer: Sealer, site: str, at_ms: int, *, number: str | None = None) -> NewDevice:
    """Enrols a gateway at a site; `number` is that of its SIM, E.164.

    Raises:
        InvalidError: the number cannot be taken.
        NotFoundError: no such site.
        ExistsError: the number is another device's.
    """
    _site(register, site)
    device = _add_device(register, sealer, keys.ROLE_GATEWAY, site, None, at_ms)
    _set_number(register, device.device, number, at_ms)
    return device


def add_post(
    register: Register, sealer: Sealer, site: str, name: str, variant: str, at_ms: int, *, number: str | None = None
) -> NewDevice:
    """Enrols a post with its button; `number` is that of its SIM, E.164.

    Raises:
        InvalidError: name, variant or number cannot be taken.
        NotFoundError: no such site.
        ExistsError: the site has a post of this name with a button, or the number is another device's.
    """
    _site(register, site)
    _check_text("name", name)
    if variant not in VARIANTS:
        raise InvalidError(f"variant: expected one of {', '.join(VARIANTS)}, got {variant!r}.")
    listed = register.posts_at(site).get(name)
    if listed is not None and listed.fitted:
        raise ExistsError(f"site {site!r} has a post {name!r} already.", "Choose another name.")
    post = register.save_post(site, name, variant)  # one that a table brought in gets its button now
    device = _add_device(register, sealer, keys.ROLE_BUTTON, site, post, at_ms)
    _set_number(register, device.device, number, at_ms)
    return device


def change_number(register: Register, device: int, number: str | None, at_ms: int) -> None:
    """Says which number a device's SIM has: the only one that its receipts are texted to; None for no SIM.

    Raises:
        InvalidError: the number cannot be taken.
        NotFoundError: no such device.
        ExistsError: the number is another device's.
    """
    if not register.has_device(device):
        raise NotFoundError(f"there is no device {topics.device_name(device)}.")
    _set_number(register, device, number, at_ms)


def find_site(register: Register, code: str) -> Site:
    """An enrolled site.

    Raises:
        NotFoundError: there is none of this code.
    """
    return _site(register, code)


def site_keys(register: Register, sealer: Sealer, site: str, at_ms: int) -> list[ButtonKeys]:
    """The transport and hop keys of a site's buttons, for its gateway.

    Raises:
        NotFoundError: no such site.
    """
    _site(register, site)
    found = []
    for device, key_id, sealed, post in register.buttons_of(site):
        derived = keys.DeviceKeys(sealer.open(sealed, device, key_id), keys.ROLE_BUTTON, device, key_id, site)
        found.append(ButtonKeys(device, key_id, derived.transport, derived.hop_secret, post))
    _remember(register, at_ms, "keys-handed-out", site, {"buttons": len(found)})
    return found


def retire(register: Register, device: int, at_ms: int) -> None:
    """Takes a device out of service: it still rings, flagged, but nobody waits for its heartbeats.

    Raises:
        NotFoundError: no such device.
    """
    if not register.has_device(device):
        raise NotFoundError(f"there is no device {topics.device_name(device)}.")
    if register.retire(device, at_ms):
        _out_of_service(register, device, at_ms, "retired")


def compromise(register: Register, device: int, at_ms: int) -> None:
    """Marks all keys of a device compromised: from now on everything it sends is refused, visibly.

    Raises:
        NotFoundError: no such device.
    """
    if not register.has_device(device):
        raise NotFoundError(f"there is no device {topics.device_name(device)}.")
    if register.compromise(device):
        _out_of_service(register, device, at_ms, "compromised")


def add_user(
    register: UserBook, name: str, role: str, password_hash: str, at_ms: int, *, must_change: bool = False
) -> int:
    """Enrols a person who is bound to no agency and no site; see `users.add_person`."""
    return add_person(register, NewPerson(name, role), password_hash, at_ms, must_change=must_change)


def check_password(password: str) -> None:
    """Whether people may choose this password.

    Raises:
        InvalidError: too short or absurdly long.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InvalidError(f"password: expected {PASSWORD_MIN}-{PASSWORD_MAX} characters, got {len(password)}.")


def generated_password() -> str:
    """A password that nobody can guess, to be shown once."""
    return one_time_password()


def _add_device(register: Register, sealer: Sealer, role: str, site: str, post: int | None, at_ms: int) -> NewDevice:
    device = 1 + secrets.randbelow(DEVICE_MAX)
    while register.has_device(device):
        device = 1 + secrets.randbelow(DEVICE_MAX)
    root = secrets.token_bytes(keys.ROOT_SIZE)
    register.insert_device(device, role, site, post, at_ms)
    register.insert_key(device, FIRST_KEY_ID, sealer.seal(root, device, FIRST_KEY_ID), at_ms)
    _remember(register, at_ms, role, topics.device_name(device), {"site": site, "post": post, "key_id": FIRST_KEY_ID})
    _touch_keys(register)
    return NewDevice(device, FIRST_KEY_ID, site, root)


def _set_number(register: Register, device: int, number: str | None, at_ms: int) -> None:
    if number is not None:
        owner = register.device_with(checked(number))
        if owner not in (None, device):
            raise ExistsError(
                f"number {number} is that of device {topics.device_name(owner)}.",
                "Every device has a SIM of its own: correct one of the two with kentongan enrol number.",
            )
    if register.set_number(device, number):
        _remember(register, at_ms, "number", topics.device_name(device), {"has_number": number is not None})


def _out_of_service(register: Register, device: int, at_ms: int, what: str) -> None:
    for trouble, kind in register.troubles_of(device):
        restore_trouble(register, trouble, device, kind, at_ms)
    _remember(register, at_ms, what, topics.device_name(device), {})
    _touch_keys(register)


def _touch_keys(register: Register) -> None:
    """Tells running servers to forget the keys that they keep in memory."""
    register.set_meta("keys_revision", str(int(register.meta("keys_revision") or "0") + 1))


def _site(register: Register, code: str) -> Site:
    site = register.site(code)
    if site is None:
        raise NotFoundError(f"there is no site {code!r}.", "Enrol it first: kentongan enrol site.")
    return site


def _check_text(what: str, text: str, *, may_be_empty: bool = False) -> None:
    check_line(what, text, TEXT_MAX, may_be_empty=may_be_empty)


def _remember(register: Register, at_ms: int, what: str, subject: str, facts: dict[str, object]) -> None:
    register.append(Entry(at_ms, Kind.ENROLMENT, what, subject, canonical(facts)))
