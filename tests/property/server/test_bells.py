"""Any order of presses, answers and pauses: what is unanswered rings within the pace, and only people answer."""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given, settings

from kentongan_server.domain.ringing import AGAIN_AT_ONCE, PACE_MS
from tests.support.virtual_city import Desk

PRESS, ANSWER = 0, -1
STEPS = st.lists(st.one_of(st.sampled_from([PRESS, ANSWER]), st.integers(1, 40)), max_size=40)


@settings(max_examples=40)
@given(STEPS)
def test_no_press_waits_longer_for_its_bell_than_the_pace(steps):
    """`steps`: a press, an answer, or seconds that pass."""
    desk = Desk()
    desk.press()
    silent_ms, rang, began = 0, True, []
    for step in steps:
        if step == PRESS:
            desk.press()
        elif step == ANSWER:
            desk.answer()
        for second in range(max(step, 0) + 1):
            if second:
                desk.second()
            unanswered = desk.rows("SELECT count(*) FROM alarm WHERE acknowledged_by IS NULL")[0][0]
            silent_ms = silent_ms + 1_000 * bool(second) if unanswered and not desk.rings else 0
            assert silent_ms <= PACE_MS
            if desk.rings and not rang:
                began.append(desk.clock.now_ms)
            rang = desk.rings
    assert desk.rows("SELECT count(*) FROM alarm") == [(desk.pressed,)]
    assert all(later - earlier >= PACE_MS for earlier, later in pairwise(began[AGAIN_AT_ONCE - 1 :]))
