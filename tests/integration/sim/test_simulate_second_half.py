"""The other 500 of the 1,000 simulated schedules of every test run."""

from __future__ import annotations

import pytest

from tests.support.universes import all_right

pytestmark = pytest.mark.slow


def test_no_invariant_is_broken():
    campaign = all_right(500, 999)
    assert campaign.totals["alarms"] > campaign.schedules
