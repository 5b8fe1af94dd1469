"""A late acknowledgement answers only what its operator saw: a repeat merged into an alarm meanwhile rings on."""

from __future__ import annotations

import pytest

from kentongan_server.domain.errors import InvalidError
from tests.support.virtual_city import Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.hear_all()
    return desk


def answer(desk: Desk, version: int, incident: int = 1) -> None:
    desk.run(desk.operate.acknowledge(incident, version, "sari"))


def unanswered(desk: Desk) -> list[int]:
    return [alarm for (alarm,) in desk.rows("SELECT id FROM alarm WHERE acknowledged_by IS NULL ORDER BY id")]


def test_a_repeat_that_came_between_look_and_click_keeps_its_alarm_ringing(desk: Desk) -> None:
    desk.press()
    desk.press()
    seen = desk.version(1)
    desk.press(repeats=1, again=0)
    answer(desk, seen)
    assert unanswered(desk) == [1]
    assert desk.rings
    answer(desk, seen)  # the same request once more, after a lost reply: nothing new
    assert unanswered(desk) == [1]
    answer(desk, desk.version(1))
    assert unanswered(desk) == []


def test_what_is_no_press_keeps_nothing_ringing(desk: Desk) -> None:
    desk.press()
    seen = desk.version(1)
    desk.press(again=0)  # the same press, delivered again
    answer(desk, 0)
    assert unanswered(desk) == [1]  # the alarm itself came after that look
    answer(desk, seen)
    assert unanswered(desk) == []


def test_an_alarm_that_rings_again_is_not_answered_by_a_click_meant_for_before(desk: Desk) -> None:
    desk.press()
    seen = desk.version(1)
    answer(desk, seen)
    desk.press(repeats=2, again=0)
    answer(desk, seen)
    assert unanswered(desk) == [1]


def test_a_repeat_of_a_closed_incident_rings_in_the_open_one_until_it_was_seen(desk: Desk) -> None:
    desk.press()
    answer(desk, desk.version(1))
    desk.run(desk.operate.close(1, desk.version(1), "sari", "false", "unknown", ""))
    desk.press()
    seen = desk.version(2)
    desk.press(repeats=1, again=0)  # of the closed one: the open one's alarm stands for it
    answer(desk, seen, incident=2)
    assert unanswered(desk) == [2]
    answer(desk, desk.version(2), incident=2)
    assert unanswered(desk) == []


def test_nobody_can_have_seen_what_is_not_there_yet(desk: Desk) -> None:
    desk.press()
    with pytest.raises(InvalidError, match="version"):
        answer(desk, desk.version(1) + 1)
    assert unanswered(desk) == [1]
