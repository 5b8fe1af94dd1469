"""Devices take turns: what a flood of one costs the others is bounded."""

from __future__ import annotations

import itertools
import random

import pytest

from kentongan_gateway.core.turns import UNDERWAY_MAX, WAITING_MAX, Admission, Turns


def test_one_key_a_device_is_a_plain_queue():
    turns: Turns[str] = Turns()
    for device, key in enumerate("abcde"):
        turns.put(device, key)
    assert [turns.pop() for _ in range(5)] == list("abcde")
    assert not turns


def test_a_flood_of_one_device_delays_another_by_one_key():
    turns: Turns[str] = Turns()
    for number in range(1_000):
        turns.put(1, f"flood {number}")
    turns.put(2, "press")
    assert [turns.pop() for _ in range(3)] == ["flood 0", "press", "flood 1"]
    assert len(turns) == 998


def test_a_key_that_waits_keeps_its_place_and_can_be_taken_out():
    turns: Turns[str] = Turns()
    for key in ("a", "b", "a", "c"):
        turns.put(1, key)
    turns.discard(1, "b")
    turns.discard(1, "never there")
    turns.discard(2, "a")
    assert list(turns) == ["a", "c"]
    turns.discard(1, "a")
    turns.discard(1, "c")
    assert not turns
    with pytest.raises(KeyError):
        turns.pop()


def test_between_two_turns_of_a_device_every_other_one_has_at_most_one():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    turns: Turns[tuple[int, int]] = Turns()
    waiting = {device: chance.randrange(1, 30) for device in range(20)}
    for device, count in waiting.items():
        for number in range(count):
            turns.put(device, (device, number))
    order = [turns.pop() for _ in range(sum(waiting.values()))]
    for device, count in waiting.items():
        at = [place for place, key in enumerate(order) if key[0] == device]
        assert [order[place][1] for place in at] == list(range(count))
        for before, after in itertools.pairwise(at):
            between = [key[0] for key in order[before + 1 : after]]
            assert len(between) == len(set(between))


def test_no_more_of_a_device_is_admitted_than_may_be_at_work():
    admission: Admission[int] = Admission()
    for number in range(UNDERWAY_MAX + 1):
        assert admission.put(1, number)
    assert admission.put(2, 99)
    for _ in range(UNDERWAY_MAX):
        admission.begun(1)
    assert admission.take() == 99
    assert admission.take() is None
    admission.ended(1)
    assert admission.take() == 0


def test_what_is_too_much_of_a_device_is_counted_and_takes_nobodys_place():
    admission: Admission[int] = Admission()
    assert [admission.put(1, number) for number in range(WAITING_MAX + 3)] == [True] * WAITING_MAX + [False] * 3
    assert admission.dropped == 3
    assert admission.put(2, 99)
    assert [admission.take() for _ in range(3)] == [0, 99, 1]
    taken = [admission.take() for _ in range(WAITING_MAX)]
    assert taken == [*range(2, WAITING_MAX), None, None]
