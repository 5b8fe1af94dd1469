"""A plan of presses is whole, varied and replayable."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from kentongan_sim.presser import plan


def test_a_plan_has_every_press_on_some_button():
    presses = plan(200, 5, seed=1)
    assert len(presses) == 200
    assert set(Counter(press.button for press in presses)) == {0, 1, 2, 3, 4}
    assert {press.turn_key for press in presses} == {True, False}
    assert all(press.gap_ms > 0 for press in presses)


def test_a_button_is_pressed_twice_in_a_row():
    presses = plan(50, 5, seed=1)
    assert any(one.button == two.button for one, two in pairwise(presses))


def test_a_plan_replays_from_its_seed():
    assert plan(20, 5, seed=3) == plan(20, 5, seed=3)
    assert plan(20, 5, seed=3) != plan(20, 5, seed=4)
