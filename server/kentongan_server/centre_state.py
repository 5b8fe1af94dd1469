"""A centre's state folder: settings, database, sealing key, certificate authority; made whole, opened whole."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_server.adapters import passwords, register, restoring, upgrading
from kentongan_server.adapters.ca import CertificateAuthority
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.high_water import HighWater
from kentongan_server.adapters.seal import Sealer, make_key_file
from kentongan_server.application import enrol, plans, users
from kentongan_server.settings import AUTHORITY_NAME, CentreSettings, load_settings, make_settings

ADMIN = "admin"  # name of the first user


@dataclass(frozen=True)
class CentreState:
    """What every command of the centre works on."""

    directory: Path
    settings: CentreSettings
    sealer: Sealer
    authority: CertificateAuthority

    @property
    def database(self) -> Database:
        return self.settings.store.database


@dataclass(frozen=True)
class Begun:
    """What `begin` did.

    Attributes:
        admin_password: of the first user, to be shown once; None when there are users already.
    """

    state: CentreState
    admin_password: str | None

    def __repr__(self) -> str:
        return f"Begun({self.state.directory})"


def now_ms() -> int:
    """Unix time in ms."""
    return time.time_ns() // 1_000_000


def begin(directory: Path, database: Database | None = None) -> Begun:
    """Makes what is missing of a state folder; doing it again changes nothing. `database` goes before its settings.

    Raises:
        HostError: something of it cannot be made or read.
    """
    restoring.finish(directory)
    settings = make_settings(directory, database)
    is_new = upgrading.is_new(settings.store.database)
    if is_new and not settings.seal.key_file.exists():
        make_key_file(settings.seal.key_file)
    sealer = Sealer(settings.seal.key_file)
    authority = CertificateAuthority(directory / AUTHORITY_NAME)
    authority.make()
    authority.ensure_server(settings.broker.host)
    upgrading.upgrade(settings.store.database)
    password: str | None = None
    with register.writing(settings.store.database) as writing:
        enrol.begin(writing)
        plans.ship(writing, now_ms())
        if not writing.has_any_user():
            password = users.one_time_password()
            enrol.add_user(writing, ADMIN, "admin", passwords.hashed(password), now_ms(), must_change=True)
    if is_new:
        mark = HighWater(directory, settings.store.database)
        mark.write()
        mark.close()
    return Begun(CentreState(directory, settings, sealer, authority), password)


def open_state(directory: Path, database: Database | None = None) -> CentreState:
    """Opens a state folder that `begin` made; `database` goes before its settings.

    Raises:
        HostError: there is none, or something of it cannot be read.
    """
    restoring.finish(directory)
    settings = load_settings(directory, database)
    if not settings.store.database.exists():
        raise HostError(
            f"there is no database {settings.store.database}.",
            f"Put it back from the backup; a new centre begins with: kentongan enrol init --state {directory}",
        )
    sealer = Sealer(settings.seal.key_file)
    upgrading.upgrade(settings.store.database)
    return CentreState(directory, settings, sealer, CertificateAuthority(directory / AUTHORITY_NAME))
