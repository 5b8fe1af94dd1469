"""What one console's stream shows of what happens in the city."""

from __future__ import annotations

from itertools import product

import pytest

from kentongan_server.api.permissions import PERMISSIONS, PUBLIC, eyes_of
from kentongan_server.application.eyes import STREAMED, Eyes
from kentongan_server.application.views import StreamEvent
from kentongan_server.domain.roles import About, Reach, Role, Scope, sees

OPEN = About("bank", agency="polres", live=True)
OVER = About("bank", agency="polres")


def eyes(role: Role, agency: str | None = None, sites: tuple[str, ...] = ()) -> Eyes:
    scopes = {kind: Scope(far, 7, agency) for kind, far in eyes_of(role).items()}
    return Eyes(scopes, frozenset(sites))


def event(name: str, about: About, outcome: str | None = None) -> StreamEvent:
    return StreamEvent(5, name, '{"all": 1}', about, outcome, subject=3)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR, Role.OPERATOR])
def test_a_desk_sees_everything(role: Role) -> None:
    assert eyes(role).everything


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN, Role.SUPERVISOR, Role.OPERATOR}))
def test_a_kind_that_the_lists_do_not_show_is_not_streamed(role: Role) -> None:
    lists = {"incident": "/api/incidents", "trouble": "/api/troubles", "rejection": "/api/rejections"}
    lists["drill"] = "/api/drills"
    assert set(lists) == set(STREAMED)
    found = eyes(role, "polres", ("bank",))
    for kind, path in lists.items():
        if role not in PERMISSIONS["GET", path]:
            assert found.chunk(event(kind, OVER, "{}")) is None, kind
    assert PERMISSIONS["GET", "/api/incidents"] is not PUBLIC


def test_a_partner_is_told_of_its_own_sites_only_when_it_is_over_and_only_how_it_ended() -> None:
    partner = eyes(Role.PARTNER, sites=("bank",))
    assert partner.chunk(event("incident", OPEN)) is None
    assert partner.chunk(event("incident", About("shop"), '{"outcome": 1}')) is None
    assert partner.chunk(event("incident", About(None), '{"outcome": 1}')) is None
    told = partner.chunk(event("incident", OVER, '{"outcome": 1}'))
    assert told is not None
    assert b'{"outcome": 1}' in told
    assert b"all" not in told


def test_a_partner_is_told_of_no_fault_that_tells_of_a_press() -> None:
    partner = eyes(Role.PARTNER, sites=("bank",))
    assert partner.chunk(event("trouble", About("bank", tells=True))) is None
    assert partner.chunk(event("trouble", About(None))) is None, "the centre's own"
    assert partner.chunk(event("trouble", About("bank"))) is not None


def test_an_agency_is_told_of_its_incidents_and_once_that_one_is_gone() -> None:
    desk = eyes(Role.AGENCY_DESK, "polres")
    assert desk.chunk(event("incident", About("bank", agency="damkar", live=True))) is None
    assert desk.chunk(event("incident", About("bank", agency="damkar", sent_to="polres", live=True))) is not None
    gone = desk.chunk(event("incident", About("bank", agency="damkar", live=True)))
    assert gone is not None
    assert b"event: gone" in gone
    assert b"all" not in gone
    assert desk.chunk(event("incident", About("bank", agency="damkar", live=True))) is None


def test_whoever_has_no_agency_is_told_of_none() -> None:
    assert eyes(Role.AGENCY_DESK).chunk(event("incident", About("bank", live=True))) is None


@pytest.mark.parametrize("reach", [Reach.OWN, Reach.AGENCY, Reach.SITES])
def test_nobody_without_sites_or_agency_sees_anything(reach: Reach) -> None:
    for site, agency, live, tells in product(("bank", None), ("polres", None), (True, False), (True, False)):
        about = About(site, agency, live=live, tells=tells)
        assert not sees(Scope(reach, 7), about, frozenset())
