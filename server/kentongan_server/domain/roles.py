"""Who works with the centre, and how far each of them sees: what the table of permissions is made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kentongan_server.domain.trouble import TroubleKind


class Role(StrEnum):
    """What somebody is at the centre."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    AGENCY_DESK = "agency-desk"
    TECHNICIAN = "technician"
    PARTNER = "partner"
    UNIT = "unit"
    AUDITOR = "auditor"


class Reach(StrEnum):
    """How far a role sees on a route."""

    ALL = "all"
    AGENCY = "agency"  # incidents of the user's agency, or those it was sent to
    SITES = "sites"  # what is the user's sites'; of incidents only the ended ones, and of them only the outcome
    OWN = "own"  # what is the user's own


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody may see on the route that they asked for.

    Attributes:
        user: their id, by which the store knows their sites.
        agency: theirs; None sees no agency's.
    """

    reach: Reach
    user: int = 0
    agency: str | None = None


EVERYTHING: Final = Scope(Reach.ALL)

DESKS: Final = frozenset({Role.ADMIN, Role.SUPERVISOR, Role.OPERATOR, Role.AGENCY_DESK})
# Who sits at no desk leaves a browser in a shop or a car: ASVS 5.0, 7.3.1 asks for a bound by risk, and half an hour
# is what a partner needs to read a page. A desk that logged out by itself would be blind in the night.
IDLE_MS: Final = 30 * 60_000
# These bind users to something; without it they would see nothing, or too much.
NEEDS_AGENCY: Final = frozenset({Role.AGENCY_DESK, Role.UNIT})
NEEDS_SITES: Final = frozenset({Role.PARTNER})

# Faults that only come from pressing: told to a partner, they would tell that its button was just pressed.
TELLS_OF_A_PRESS: Final = frozenset({
    TroubleKind.REWOUND,
    TroubleKind.JOURNAL_OVERFLOW,
    TroubleKind.LATCH_NOT_RESET,
    TroubleKind.CONTACT_STUCK,
    TroubleKind.CHATTERING,
    TroubleKind.CUSTODY_FULL,
})  # fmt: skip


def idle_ms(role: str) -> int | None:
    """After how long without a request a session of this role ends; None: never before its time."""
    return None if role in DESKS else IDLE_MS


@dataclass(frozen=True, slots=True)
class About:
    """Of an incident or a trouble, what says who may see it.

    Attributes:
        site: None for a call from elsewhere and for the centre's own troubles.
        live: an incident that has not ended, or went on as a part of another.
        tells: that a button was pressed.
    """

    site: str | None = None
    agency: str | None = None
    sent_to: str | None = None
    live: bool = False
    tells: bool = False


ABOUT_NOTHING: Final = About()


def sees(scope: Scope, about: About, sites: Collection[str]) -> bool:
    """Whether somebody with these sites may be told; the same rule as the store's queries (`adapters.scoping`)."""
    if scope.reach is Reach.ALL:
        return True
    if scope.reach is Reach.AGENCY:
        return scope.agency is not None and scope.agency in (about.agency, about.sent_to)
    if scope.reach is Reach.SITES:
        return about.site in sites and not about.live and not about.tells
    return False
