"""The oracle's clock of silence: gaps between two of its looks count, and what the centre heard since is owed."""

from __future__ import annotations

import pytest

from kentongan_sim.universe.plan import Event, Plan
from kentongan_sim.universe.world import Verdict, World

LONG_MS = 400_000


def run(*happens: tuple[int, str, int, int], until_ms: int | None = None) -> Verdict:
    """One site, one button; (at ms, kind, for ms, amount); everything is repaired at `until_ms`."""
    events = [Event(number, at_ms, kind, 0, *rest) for number, (at_ms, kind, *rest) in enumerate(happens)]
    ends_ms = until_ms or max(at_ms for at_ms, *_ in happens) + 120_000
    return World(Plan(1, 1, 1, ends_ms=ends_ms, look_every_ms=0, think_ms=0, closes=0, events=events)).run()


def test_a_site_that_loses_its_road_is_judged():
    verdict = run((30_000, "uplink-cut", LONG_MS, 0))
    assert verdict.problem is None
    assert (verdict.totals["lost sites judged"], verdict.totals["silences judged"]) == (1, 1)


def test_a_restart_between_two_looks_leaves_the_time_to_connect_again():
    verdict = run((70_300, "centre-kill", 200, 0), (70_900, "uplink-cut", LONG_MS, 0))
    assert verdict.problem is None
    assert (verdict.totals["lost sites judged"], verdict.totals["silences judged"]) == (0, 1)


def test_a_broker_that_bounces_between_two_looks_does_so_too():
    verdict = run((70_300, "centre-broker-bounce", 200, 0), (70_900, "uplink-cut", LONG_MS, 0))
    assert verdict.problem is None
    assert verdict.totals["lost sites judged"] == 0


@pytest.mark.parametrize("after_ms", [15_000, 25_000, 39_000])
def test_a_site_that_was_heard_since_the_restart_is_owed_its_alarm_in_20_s(after_ms):
    verdict = run((70_300, "centre-kill", 200, 0), (70_500 + after_ms, "uplink-cut", LONG_MS, 0))
    assert verdict.problem is None
    assert verdict.totals["lost sites judged"] == 1


def test_a_road_that_is_mended_and_cut_again_between_two_looks_begins_anew():
    verdict = run((30_000, "uplink-cut", 5_300, 0), (35_600, "uplink-cut", LONG_MS, 0))
    assert verdict.problem is None
    assert verdict.totals["lost sites judged"] == 0


@pytest.mark.parametrize(("cut", "off"), [("uplink-cut", "gateway-off"), ("wifi-cut", "button-off")])
@pytest.mark.parametrize(
    ("mended_ms", "off_ms", "until_ms", "judged"),
    [
        (75_043, 75_858, 160_000, 0),  # heard in between: 90 s begin at 76 s
        (75_043, 75_858, 170_000, 1),
        (75_858, 75_043, 110_000, 0),  # not heard: they began at 28 s
        (75_858, 75_043, 125_000, 1),
    ],
)
def test_a_road_that_was_open_for_a_moment_between_two_looks_begins_anew(cut, off, mended_ms, off_ms, until_ms, judged):
    verdict = run((27_657, cut, mended_ms - 27_657, 0), (off_ms, off, LONG_MS, 0), until_ms=until_ms)
    assert verdict.problem is None
    assert verdict.totals["silences judged"] == judged


def test_a_restored_centre_has_to_find_out_by_itself_who_is_silent():
    """What the centre before it knew is gone with its database; the judge asks the new one, too."""
    verdict = run(
        (15_000, "centre-restored", 500, 115_300), (20_000, "uplink-cut", LONG_MS, 0), (120_000, "forge", 0, 1)
    )
    assert verdict.problem is None
    assert verdict.totals["silences judged"] == 2
