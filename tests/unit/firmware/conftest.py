from __future__ import annotations

import pytest


@pytest.fixture
def directory(tmp_path) -> str:
    """What the portable tests of the store write to."""
    return str(tmp_path)
