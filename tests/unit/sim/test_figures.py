"""Percentiles by nearest rank."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_sim.figures import Figure, figure, percentile


def test_no_samples_give_no_figures():
    assert figure([]) == Figure(0, None, None, None)


def test_order_does_not_matter():
    assert figure([3.0, 1.0, 2.0]) == Figure(3, 2.0, 3.0, 3.0)


def test_99_of_100_is_not_the_maximum():
    samples = [float(n) for n in range(1, 101)]
    assert figure(samples) == Figure(100, 50.0, 99.0, 100.0)


def test_rounds_to_microseconds():
    assert figure([1.23456]).p50 == 1.235


@pytest.mark.parametrize(("samples", "percent"), [([], 50), ([1.0], -1), ([1.0], 101)])
def test_refuses_what_has_no_percentile(samples, percent):
    with pytest.raises(ValueError, match="expected samples and 0…100 percent"):
        percentile(samples, percent)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_was_measured_and_bounds_its_share(samples, percent):
    ordered = sorted(samples)
    value = percentile(ordered, percent)
    assert value in ordered
    assert sum(sample <= value for sample in ordered) >= percent / 100 * len(ordered) - 1e-6
