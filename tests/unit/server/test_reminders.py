"""A reminder is answered by whoever saw it: the end of a park, or duress, that a screen did not show rings on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shift_rig import ShiftDesk

HOUR_MS = 3_600_000


@pytest.fixture
def desk() -> ShiftDesk:
    return ShiftDesk()


def do(desk: ShiftDesk, act: str, *given: Any, incident: int = 1) -> None:
    desk.run(getattr(desk.operate, act)(incident, desk.version(incident), "sari", *given))


def test_a_reminder_is_not_answered_by_a_screen_that_did_not_show_it(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    do(desk, "acknowledge")
    do(desk, "park", desk.clock.wall_ms() + HOUR_MS, "")
    seen = desk.version(1)
    desk.clock.now_ms += HOUR_MS
    desk.run(desk.operate.tick())
    desk.run(desk.operate.acknowledge(1, seen, "budi"))
    assert desk.incident("reminded_at_ms") == (desk.clock.wall_ms(),)
    assert desk.replayed()[-1].after.reminding
    do(desk, "acknowledge")
    assert desk.incident("reminded_at_ms, reminded_version") == (None, None)


def test_a_reminder_rings_on_when_an_older_screen_answers_an_alarm(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    do(desk, "acknowledge")
    do(desk, "park", desk.clock.wall_ms() + HOUR_MS, "")
    desk.press_of(2, 2)
    seen = desk.version(1)
    do(desk, "park", desk.clock.wall_ms() + HOUR_MS, "")
    desk.clock.now_ms += HOUR_MS
    desk.run(desk.operate.tick())
    desk.run(desk.operate.acknowledge(1, seen, "budi"))
    assert desk.rows("SELECT count(*) FROM alarm WHERE acknowledged_by IS NULL") == [(0,)]
    assert desk.incident("reminded_at_ms") == (desk.clock.wall_ms(),)
    last = desk.replayed()[-1]
    assert (last.what, last.after.reminding, last.after.unanswered) == ("acknowledged", True, frozenset())
    do(desk, "acknowledge")
    assert not desk.replayed()[-1].after.reminding
