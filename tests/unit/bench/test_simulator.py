"""The simulator's speed: of the schedules that are timed, not of those that warm it up."""

from argparse import Namespace

import pytest

from bench import simulator
from kentongan_sim.universe.campaign import Campaign


def test_the_rate_is_of_the_timed_schedules_alone(monkeypatch):
    asked = []

    def run_range(first, last):
        asked.append((first, last))
        return Campaign(first, last, last + 1, cpu_s=2.0)

    monkeypatch.setattr(simulator, "run_range", run_range)
    (row,) = simulator.measure(Namespace(schedules=50))
    begin = simulator.FIRST + simulator.WARM
    assert asked == [(simulator.FIRST, begin - 1), (begin, begin + 49)]
    assert row.values == {"value": 25.0, "n": 50}


@pytest.mark.parametrize(("cpu_s", "reached"), [(20.0, True), (20.2, False)])
def test_twenty_a_second_are_wanted(cpu_s, reached):
    (row,) = simulator.rows(400, cpu_s)
    assert row.meets is reached
