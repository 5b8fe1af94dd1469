"""Hands: bouncing, human, seeded, and always a press that the firmware must catch."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_sim.hand import BOUNCE_MS, CLOSURE_MS, SKEW_MS, push


def closed_spans(moves, index):
    """The times in which the contact is closed, as (from, to)."""
    spans, since = [], None
    for move in moves:
        if move.index != index:
            continue
        if move.closed and since is None:
            since = move.at_ms
        elif not move.closed and since is not None:
            spans.append((since, move.at_ms))
            since = None
    assert since is None, "the contact stays closed"
    return spans


@given(st.integers(), st.sampled_from([(0,), (0, 1)]))
def test_all_contacts_are_closed_together_long_enough(seed, indices):
    moves = push(random.Random(seed), indices)
    longest = [max(closed_spans(moves, index), key=lambda span: span[1] - span[0]) for index in indices]
    together_ms = min(end for _, end in longest) - max(start for start, _ in longest)
    assert together_ms >= CLOSURE_MS[0]
    assert moves[-1].at_ms <= CLOSURE_MS[1] + SKEW_MS[1] + 2 * BOUNCE_MS[1] + 1


def test_metal_bounces():
    spans = [len(closed_spans(push(random.Random(seed), (0,)), 0)) for seed in range(50)]
    assert max(spans) > 1


def test_the_same_seed_makes_the_same_gesture():
    assert push(random.Random(5), (0, 1)) == push(random.Random(5), (0, 1))
    assert push(random.Random(5), (0, 1)) != push(random.Random(6), (0, 1))


@pytest.mark.parametrize("closure_ms", [20, 500])
def test_the_closure_can_be_given(closure_ms):
    moves = push(random.Random(1), (0,), closure_ms)
    start, end = max(closed_spans(moves, 0), key=lambda span: span[1] - span[0])
    assert abs(end - start - closure_ms) <= BOUNCE_MS[1]
