"""500 of the 1,000 simulated schedules of every test run."""

from __future__ import annotations

import pytest

from tests.support.universes import all_right

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("first", [0, 250])
def test_no_invariant_is_broken(first):
    campaign = all_right(first, first + 249)
    assert campaign.totals["alarms"] > campaign.schedules
