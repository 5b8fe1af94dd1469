"""Who exists: the enrolled devices with made-up secrets, and the store that knows them."""

from __future__ import annotations

import functools
import hashlib
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine

from kentongan_gateway.adapters import custody_table
from kentongan_server.adapters.register import SqlRegister
from kentongan_server.adapters.schema import metadata
from kentongan_server.application.enrol import Site, add_site, begin
from kentongan_server.application.ports import Enrolled, KeyState
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys

T0_MS = 1_790_000_000_000  # a day in 2026: when every universe begins
KEY_ID = 1
SITES = ("amber", "basalt")
GATEWAYS = (0xA0000001, 0xB0000001)
# Two buttons a site; a schedule uses some of them.
BUTTONS = ((0xA0000011, 0xA0000012), (0xB0000011, 0xB0000012))
OPERATOR = "siti"
CENTRE_NUMBERS = ("+6281100001", "+6285700002")
DUTY_NUMBERS = ("+6281999999",)


@functools.cache
def keys_of(device: int) -> DeviceKeys:
    """The same for ever: deriving them takes longer than a schedule's whole cryptography."""
    role = ROLE_GATEWAY if device in GATEWAYS else ROLE_BUTTON
    return DeviceKeys(hashlib.sha256(b"universe %d" % device).digest(), role, device, KEY_ID, site_of(device))


def site_of(device: int) -> str:
    """Where it is enrolled."""
    return SITES[0] if device >> 28 == 0xA else SITES[1]


def number_of(device: int) -> str:
    """Of its SIM."""
    return f"+62812{device & 0xFFFFFFFF:010d}"


def gateway_of(device: int) -> int:
    """Of its site."""
    return GATEWAYS[SITES.index(site_of(device))]


class Ring:
    """Implements `application.ports.KeyRing`."""

    def __init__(self) -> None:
        self._known = {device: _enrolled(device) for device in _everybody()}

    def find(self, device: int, key_id: int) -> Enrolled | None:
        return self._known.get(device) if key_id == KEY_ID else None


def _everybody() -> list[int]:
    return [*GATEWAYS, *(device for pair in BUTTONS for device in pair)]


def _enrolled(device: int) -> Enrolled:
    role = ROLE_GATEWAY if device in GATEWAYS else ROLE_BUTTON
    return Enrolled(device, KEY_ID, role, site_of(device), KeyState.ACTIVE, retired=False, keys=keys_of(device))


@functools.cache
def centre_image() -> bytes:
    """The centre's database with everybody enrolled, made once a process."""
    with tempfile.TemporaryDirectory(prefix="kentongan-universe-") as name:
        path = Path(name) / "centre.db"
        engine = create_engine(f"sqlite:///{path}")
        metadata.create_all(engine)  # what the migrations make, as a test of theirs holds; twenty times as fast
        engine.dispose()
        with closing(sqlite3.connect(path, isolation_level=None)) as source:
            source.execute("BEGIN")
            _enrol(SqlRegister(source))
            source.execute("COMMIT")
            return source.serialize()


def _enrol(register: SqlRegister) -> None:
    begin(register)
    register.set_meta("incarnation", "1")
    for code in SITES:
        add_site(register, Site(code, f"Site {code}", "", "Asia/Jakarta"), T0_MS)
    for device in _everybody():
        role = ROLE_GATEWAY if device in GATEWAYS else ROLE_BUTTON
        post = register.insert_post(site_of(device), f"Desk {device:08x}", "desk") if role == ROLE_BUTTON else None
        register.insert_device(device, role, site_of(device), post, T0_MS)
        register.insert_key(device, KEY_ID, b"sealed elsewhere", T0_MS)
        register.set_number(device, number_of(device))


@functools.cache
def custody_image() -> bytes:
    """An empty custody store of the present schema."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        custody_table.prepare(connection)
        return connection.serialize()
