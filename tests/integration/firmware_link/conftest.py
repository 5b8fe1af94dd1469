from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kentongan_sim.flash_image import compile_slot
from tests.support.real_button import RealButton
from tests.support.site_hop import SiteHop


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a Unix socket's path."""
    with tempfile.TemporaryDirectory(prefix="kt") as name:
        yield Path(name)


@pytest.fixture
async def hop(folder) -> AsyncIterator[SiteHop]:
    async with SiteHop(folder) as site:
        yield site


@pytest.fixture(scope="session")
def slot(tmp_path_factory) -> Path:
    """The firmware as it ships."""
    path: Path = tmp_path_factory.mktemp("slot")
    compile_slot(path)
    return path


@pytest.fixture
async def button(slot, folder, hop) -> AsyncIterator[RealButton]:
    """A guard post's button, switched off, its cable led to `hop`."""
    async with RealButton(slot, folder, hop.port) as real:
        yield real
