"""Alarms that the centre makes, inside the store's transaction: a suspected attack on a site, an outage of many.

They stand in the same table as presses, under a gateway of the site, and ring, are answered and closed
like them. A site has one open incident of them at most. Nobody pressed, so nobody gets a receipt.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from kentongan_server.application import ringing
from kentongan_server.application.joining import join
from kentongan_server.application.ports import NewAlarm, NewIncident, Transaction
from kentongan_server.application.troubles import CENTRE, raise_trouble
from kentongan_server.domain import category
from kentongan_server.domain.alarm_kind import KIND_OUTAGE, KIND_SUSPECTED_ATTACK, NO_KEY, NO_SEQUENCE, PATH_NONE
from kentongan_server.domain.dating import Dated
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.receipt_level import RECEIVED
from kentongan_server.domain.ringing import SITE_PACE_MS
from kentongan_server.domain.site_paths import REPORT_EVERY_MS
from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire import topics
from kentongan_wire.press import CLOCK_UNSET, NONCE_SIZE, PressIdentity

SITES_NAMED_MAX = 20  # in the detail of an outage's trouble; the alarm has them all
TEXT_AFTER_LOSS_MS = REPORT_EVERY_MS


@dataclass(frozen=True, slots=True)
class Raised:
    """What an alarm of the centre came to; `quiet_until_ms` as in `ringing.begin`."""

    alarm: int
    incident: int
    quiet_until_ms: int | None


Work = Callable[[Transaction], Raised | None]


def suspect_attack(transaction: Transaction, site: str, since_ms: int, at_ms: int) -> Raised | None:
    """The site has lost all its paths; None when it has no gateway in service any more.

    While its alarm still waits for an answer, another loss counts there; after the answer it rings again.
    An outage that is listed under the site is another matter, and hides nothing of it.
    """
    gateway = transaction.gateway_of(site)
    if gateway is None:
        return None
    found = transaction.open_incident(gateway)
    if found is not None:
        ringing_now = transaction.unanswered_of_kind(found[0], KIND_SUSPECTED_ATTACK)
        if ringing_now is not None:
            newest, repeats = ringing_now
            transaction.came_again(newest, None, repeats + 1)
            transaction.rang(newest, transaction.change(found[0], {}))
            _remember(transaction, found[0], "site-lost", {"alarm": newest, "site": site}, at_ms)
            return Raised(newest, found[0], None)
    return _insert(transaction, gateway, site, KIND_SUSPECTED_ATTACK, since_ms, at_ms)


def ring_outage(
    transaction: Transaction, outage: int, sites: tuple[str, ...], since_ms: int, at_ms: int
) -> Raised | None:
    """One alarm for all of them, listed under the first site that has no incident of its own."""
    gateways = {site: gateway for site in sites if (gateway := transaction.gateway_of(site)) is not None}
    if not gateways:
        return None
    free = [site for site in gateways if transaction.open_incident(gateways[site]) is None]
    site = (free or list(gateways))[0]
    raised = _insert(transaction, gateways[site], site, KIND_OUTAGE, since_ms, at_ms)
    transaction.outage_rings(outage, raised.alarm)
    transaction.count_sites(raised.alarm, transaction.sites_of_outage(outage))
    return raised


def join_outage(
    transaction: Transaction, outage: int | None, sites: tuple[str, ...], since_ms: int, at_ms: int
) -> tuple[int, int]:
    """These sites are in the outage (None: it begins with them); its number and that of its trouble."""
    joined = transaction.insert_outage(at_ms) if outage is None else outage
    for site in sites:
        transaction.join_outage(joined, site, since_ms)
    count = transaction.sites_of_outage(joined)
    detail = {"code": "sites", "count": count, "sites": list(sites[:SITES_NAMED_MAX])}
    trouble = raise_trouble(transaction, CENTRE, TroubleKind.OUTAGE, at_ms, detail)
    ringing_one = transaction.open_outage()
    if ringing_one is not None and ringing_one.alarm is not None:
        transaction.count_sites(ringing_one.alarm, count)
        incident = transaction.incident_of(ringing_one.alarm)
        _remember(transaction, incident, "sites-joined", {"alarm": ringing_one.alarm, "sites": len(sites)}, at_ms)
    return joined, trouble


def end_outage(transaction: Transaction, outage: int, at_ms: int) -> None:
    """So few are still gone that they are no outage any more; a person closes its alarm."""
    alarm = next((one.alarm for one in [transaction.open_outage()] if one is not None), None)
    transaction.end_outage(outage, at_ms)
    if alarm is not None:
        _remember(transaction, transaction.incident_of(alarm), "outage-over", {"alarm": alarm}, at_ms)


def site_is_back(transaction: Transaction, site: str, outage: int | None, at_ms: int) -> None:
    """Its main path works again: the history says so, the alarm stays until a person closes it."""
    if outage is not None:
        transaction.leave_outage(outage, site, at_ms)
    note(transaction, site, "site-back", at_ms)


def note(transaction: Transaction, site: str, what: str, at_ms: int) -> None:
    """A line in the history of the site's open incident, if it has one."""
    gateway = transaction.gateway_of(site)
    found = transaction.open_incident(gateway) if gateway is not None else None
    if found is not None:
        _remember(transaction, found[0], what, {"site": site}, at_ms)


def _insert(transaction: Transaction, gateway: int, site: str, kind: int, since_ms: int, at_ms: int) -> Raised:
    found, quiet_until_ms = transaction.open_incident(gateway), None
    about = category.of_kind(kind)
    if found is not None:
        incident, what = found[0], "alarm"
        quiet_until_ms = ringing.begin(transaction, incident, at_ms, SITE_PACE_MS)
        version = join(transaction, incident, about, at_ms)
    else:
        incident, what = transaction.insert_incident(NewIncident("centre", about, at_ms, gateway, site)), "opened"
        version = 1
    identity = PressIdentity(gateway, NO_SEQUENCE, secrets.token_bytes(NONCE_SIZE))
    alarm = transaction.insert_alarm(made_here(incident, version, identity, kind, since_ms=since_ms, at_ms=at_ms))
    facts = {"alarm": alarm, "device": topics.device_name(gateway), "site": site, "kind": kind, "since_ms": since_ms}
    _remember(transaction, incident, what, facts, at_ms)
    return Raised(alarm, incident, quiet_until_ms)


def made_here(
    incident: int, version: int, identity: PressIdentity, kind: int, *, since_ms: int, at_ms: int, flags: int = 0
) -> NewAlarm:
    """An alarm that no button sent: it came by no path, and no frame of it is kept."""
    return NewAlarm(
        incident=incident,
        rung_version=version,
        identity=identity,
        key_id=NO_KEY,
        kind=kind,
        contacts=0,
        boot_id=0,
        uptime_ms=0,
        wall_ms=0,
        clock=CLOCK_UNSET,
        pressed_at_ms=since_ms,
        dated=Dated.EXACT,
        received_at_ms=at_ms,
        standing=RECEIVED,
        repeats=0,
        gateway=None,
        path=PATH_NONE,
        held_ms=None,
        attempt=0,
        flags=flags,
        modem=None,
    )


def _remember(transaction: Transaction, incident: int | None, what: str, facts: dict[str, object], at_ms: int) -> None:
    if incident is not None:
        transaction.append(Entry(at_ms, Kind.INCIDENT, what, str(incident), canonical(facts)))
