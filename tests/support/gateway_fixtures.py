"""A gateway with two buttons in a folder whose path is short enough for a Unix socket."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.site import TestButton, TestGateway


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kt") as name:
        yield Path(name)


@pytest.fixture
def buttons() -> list[TestButton]:
    return [TestButton(0xA1B2), TestButton(0xA1B3)]


@pytest.fixture
async def gateway(folder: Path, buttons: list[TestButton]) -> AsyncIterator[TestGateway]:
    """Not started; what a test started is stopped at its end."""
    gateway = TestGateway(folder, buttons)
    try:
        yield gateway
    finally:
        await gateway.stop()
