"""A running centre with one site of two buttons, in folders whose paths fit a Unix socket."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kentongan_server.adapters import passwords
from kentongan_server.service import CentreService
from tests.support.centre_rig import POSTGRESQL, SQLITE, CentreRig, SmallGateway, SmallSite
from tests.support.operators import address, anybody, operator  # noqa: F401 - fixtures


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests with the mark `both_engines` run twice, the others on SQLite."""
    if "engine" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_engines") is not None
        metafunc.parametrize("engine", (SQLITE, POSTGRESQL) if both else (SQLITE,), ids=str if both else lambda _: "")


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOBODYS = CHEAP.hash("nobody has this password")


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is deliberate work, and a run does it a thousand times; tests/unit holds what it costs in earnest."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    monkeypatch.setattr(passwords, "_nobody", lambda: NOBODYS)


@pytest.fixture
def rig(engine: str) -> Iterator[CentreRig]:
    with tempfile.TemporaryDirectory(prefix="kc") as name, CentreRig.on(Path(name), engine) as made:
        yield made


@pytest.fixture
def bank(rig: CentreRig) -> SmallSite:
    return rig.add_site("bank", buttons=2)


@pytest.fixture
async def centre(rig: CentreRig, bank: SmallSite) -> AsyncIterator[CentreService]:
    async with rig.running() as service:
        yield service


@pytest.fixture
async def gateway(centre: CentreService, bank: SmallSite) -> AsyncIterator[SmallGateway]:
    async with bank.gateway as connected:
        yield connected
