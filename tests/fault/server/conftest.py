"""A centre as a process of its own, with one enrolled site."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.centre_process import CentreProcess
from tests.support.centre_rig import CentreRig, SmallSite


@pytest.fixture
def rig() -> Iterator[CentreRig]:
    with tempfile.TemporaryDirectory(prefix="kc") as name:
        yield CentreRig.make(Path(name))


@pytest.fixture
def bank(rig: CentreRig) -> SmallSite:
    rig.add_user("sari")
    return rig.add_site("bank", buttons=2)


@pytest.fixture
async def process(rig: CentreRig, bank: SmallSite) -> AsyncIterator[CentreProcess]:
    """Not started."""
    async with CentreProcess(rig) as one:
        yield one
