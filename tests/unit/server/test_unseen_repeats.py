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


def answer(desk: Desk, through: int, position: int, incident: int = 1) -> None:
    desk.run(desk.operate.acknowledge(incident, through, "sari", position))


def unanswered(desk: Desk) -> list[int]:
    return [alarm for (alarm,) in desk.rows("SELECT id FROM alarm WHERE acknowledged_by IS NULL ORDER BY id")]


def test_a_repeat_that_came_between_look_and_click_keeps_its_alarm_ringing(desk: Desk) -> None:
    desk.press()
    desk.press()
    seen = desk.head
    desk.press(repeats=1, again=0)
    answer(desk, 2, seen)
    assert unanswered(desk) == [1]
    assert desk.rings
    answer(desk, 2, seen)  # the same request once more, after a lost reply: nothing new
    assert unanswered(desk) == [1]
    answer(desk, 2, desk.head)
    assert unanswered(desk) == []


def test_what_is_no_press_keeps_nothing_ringing(desk: Desk) -> None:
    desk.press()
    seen = desk.head
    desk.press(again=0)  # the same press, delivered again
    answer(desk, 1, 0)
    assert unanswered(desk) == [1]  # the alarm itself came after that look
    answer(desk, 1, seen)
    assert unanswered(desk) == []


def test_an_alarm_that_rings_again_is_not_answered_by_a_click_meant_for_before(desk: Desk) -> None:
    desk.press()
    seen = desk.head
    answer(desk, 1, seen)
    desk.press(repeats=2, again=0)
    answer(desk, 1, seen)
    assert unanswered(desk) == [1]


def test_a_repeat_of_a_closed_incident_rings_in_the_open_one_until_it_was_seen(desk: Desk) -> None:
    desk.press()
    answer(desk, 1, desk.head)
    desk.run(desk.operate.close(1, "false", "", "sari"))
    desk.press()
    seen = desk.head
    desk.press(repeats=1, again=0)  # of the closed one: the open one's alarm stands for it
    answer(desk, 2, seen, incident=2)
    assert unanswered(desk) == [2]
    answer(desk, 2, desk.head, incident=2)
    assert unanswered(desk) == []


def test_nobody_can_have_seen_what_is_not_there_yet(desk: Desk) -> None:
    desk.press()
    with pytest.raises(InvalidError, match="through_position"):
        answer(desk, 1, desk.head + 1)
    assert unanswered(desk) == [1]
