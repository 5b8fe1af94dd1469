"""Everything by which people come in, wired together: passwords, passkeys, the city's own issuer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from kentongan_host.errors import HostError
from kentongan_host.secret_files import read_secret
from kentongan_server.adapters import passwords
from kentongan_server.adapters.people_table import SqlPeopleReader
from kentongan_server.application.oidc import Oidc
from kentongan_server.application.passkeys import Passkeys
from kentongan_server.application.people import People
from kentongan_server.application.ports import Clock, Store
from kentongan_server.application.tickets import Tickets
from kentongan_server.application.users import Users
from kentongan_server.settings import CentreSettings

CALLBACK_PATH = "/api/oidc/callback"


@dataclass(frozen=True)
class Doors:
    """What lets people in; None: not set up."""

    people: People
    users: Users
    passkeys: Passkeys | None
    oidc: Oidc | None


def make_doors(
    settings: CentreSettings, reader: SqlPeopleReader, store: Store, clock: Clock, browser_key: bytes
) -> Doors:
    """As the settings want them.

    Raises:
        HostError: the settings do not go together, or the issuer's secret cannot be read.
    """
    people = People(reader, store, clock, browser_key, passwords)
    tickets = Tickets(browser_key, clock)
    users = Users(store, clock, passwords.hashed, asyncio.to_thread)
    passkeys = None
    if settings.http.origin is not None:
        # A fifth of a second that commands and centres without passkeys need not wait.
        from kentongan_server.adapters.webauthn_verifier import WebauthnVerifier  # noqa: PLC0415

        verifier = WebauthnVerifier(settings.http.origin)
        passkeys = Passkeys(people, reader, verifier, tickets, clock, browser_key)
    return Doors(people, users, passkeys, _oidc(settings, people, tickets, clock))


def _oidc(settings: CentreSettings, people: People, tickets: Tickets, clock: Clock) -> Oidc | None:
    wanted, origin = settings.oidc, settings.http.origin
    if wanted.issuer is None:
        return None
    if origin is None:
        raise HostError("[oidc] issuer is set, but [http] origin is not.", "Set both: the issuer sends browsers there.")
    from kentongan_server.adapters.issuer import Client, HttpIssuer  # noqa: PLC0415 - as above

    file = wanted.client_secret_file
    secret = read_secret(file).decode().strip() if file is not None else None
    client = Client(wanted.issuer, wanted.client_id, secret, origin + CALLBACK_PATH)
    return Oidc(wanted.name, wanted.issuer, HttpIssuer(client), people, tickets, clock)
