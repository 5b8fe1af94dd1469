"""What an operator takes down of a phone call, and where the caller says that it is."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.incident import check_text

NAME_MAX = 200  # characters: a name with titles, or "the woman of the shop next door"
ADDRESS_MAX = 500  # characters: an address, and how to find it


@dataclass(frozen=True, slots=True)
class Said:
    """Who called and what they said; any of it may be unknown. `number` is E.164."""

    number: str | None = None
    name: str | None = None
    words: str | None = None

    def __repr__(self) -> str:
        return "Said(…)"  # a citizen's identity has no place in a log

    def check(self) -> None:
        """Raises `InvalidError` for what is too long."""
        if len(self.name or "") > NAME_MAX:
            raise InvalidError(f"name: expected at most {NAME_MAX} characters, got {len(self.name or '')}.")
        check_text("words", self.words or "")


@dataclass(frozen=True, slots=True)
class Where:
    """Where it is: a known site, a place on the map in degrees, an address in words; any of them."""

    site: str | None = None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def __repr__(self) -> str:
        return f"Where(site={self.site!r}, …)"

    def check(self) -> None:
        """Raises `InvalidError` for half a place, one that is not on Earth, or an address that is too long."""
        if len(self.address) > ADDRESS_MAX:
            raise InvalidError(f"address: expected at most {ADDRESS_MAX} characters, got {len(self.address)}.")
        if (self.latitude is None) != (self.longitude is None):
            raise InvalidError("latitude, longitude: expected both or none.")
        if self.latitude is not None and not -90 <= self.latitude <= 90:
            raise InvalidError(f"latitude: expected -90 to 90, got {self.latitude}.")
        if self.longitude is not None and not -180 <= self.longitude <= 180:
            raise InvalidError(f"longitude: expected -180 to 180, got {self.longitude}.")

    @property
    def is_exact(self) -> bool:
        """Whether it says more than which site it is."""
        return bool(self.address) or self.latitude is not None
