"""No press is refused because its button has another open incident, whatever was merged or split before."""

from __future__ import annotations

from functools import partial

import pytest

from kentongan_server.application import centre_alarms
from kentongan_server.application.ports import NewIncident
from kentongan_server.domain.category import Category
from kentongan_server.domain.correlation import WINDOW_MS
from kentongan_server.domain.incident import TransitionError
from tests.support.shift_rig import ShiftDesk
from tests.support.virtual_city import GATEWAY


@pytest.fixture
def desk() -> ShiftDesk:
    return ShiftDesk()


def attack(desk: ShiftDesk) -> None:
    """The site is gone, says the centre itself."""
    now_ms = desk.clock.wall_ms()
    desk.store.run(partial(centre_alarms.suspect_attack, site="a", since_ms=now_ms, at_ms=now_ms))


def do(desk: ShiftDesk, act: str, *given: object, incident: int = 1) -> object:
    return desk.run(getattr(desk.operate, act)(incident, desk.version(incident), "sari", *given))


def end(desk: ShiftDesk, incident: int = 1) -> None:
    do(desk, "acknowledge", incident=incident)
    desk.close(incident)


def where(desk: ShiftDesk, button: int) -> list[int]:
    return [one for (one,) in desk.rows("SELECT incident FROM alarm WHERE device = ? ORDER BY id", button)]


def test_a_button_that_was_merged_with_an_attack_and_split_off_again(desk: ShiftDesk) -> None:
    attack(desk)
    desk.press_of(1, 1)
    do(desk, "merge", 1, incident=2)
    desk.press_of(1, 2)
    assert where(desk, 1) == [1, 1], "its signals are there, so it goes there"
    assert do(desk, "split", 1) == 3
    assert desk.incident("source, device", 3) == ("button", 1)
    desk.press_of(1, 3)
    assert where(desk, 1) == [3, 3, 3]
    desk.press_of(2, 4)
    assert where(desk, 2) == [3], "what was split off is an incident of a button like others"
    attack(desk)
    assert desk.incident("source, device", 1) == ("centre", GATEWAY)


def test_what_is_split_off_an_incident_of_a_button_is_the_centres_when_the_centre_found_it(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    attack(desk)
    do(desk, "merge", 1, incident=2)
    assert do(desk, "split", GATEWAY) == 3
    assert desk.incident("source, device", 3) == ("centre", GATEWAY)


def test_a_repeat_of_a_press_of_a_shared_incident_whose_first_button_has_another_one(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    desk.press_of(2, 2)
    end(desk)
    desk.press_of(1, 3)
    assert where(desk, 1) == [1, 2]
    desk.clock.now_ms += WINDOW_MS + 1
    desk.press_of(2, 2, repeats=1)
    assert desk.incident("state, device") == ("reopened", 2)
    assert desk.incident("state, device", 2) == ("new", 1)
    assert desk.rows("SELECT device FROM alarm WHERE acknowledged_by IS NULL ORDER BY device") == [(1,), (2,)]


def test_a_repeat_of_a_press_of_a_shared_incident_for_review(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    desk.press_of(2, 2)
    desk.rows("UPDATE incident SET recovered = 1, priority = 4")
    desk.press_of(1, 3)
    assert where(desk, 1) == [1, 2]
    desk.press_of(2, 2, repeats=1)
    assert desk.incident("recovered, priority, device") == (0, 1, 2)


def test_many_alarms_for_review_do_not_hide_the_open_incident(desk: ShiftDesk) -> None:
    desk.press_of(2, 1)
    desk.press_of(1, 2)
    for number in range(3, 28):
        desk.press_of(1, number)
    began = NewIncident("button", Category.HOLD_UP, desk.clock.wall_ms(), 1, "a", recovered=True)
    review = desk.store.run(lambda one: one.insert_incident(began))
    desk.rows("UPDATE alarm SET incident = ? WHERE sequence > 2", review)
    desk.clock.now_ms += WINDOW_MS + 1
    desk.press_of(1, 28)
    assert where(desk, 1)[-1] == 1
    assert desk.rows("SELECT count(*) FROM incident") == [(2,)]


def test_a_closed_one_is_not_opened_beside_a_newer_one_of_its_button(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    end(desk)
    desk.press_of(1, 2)
    with pytest.raises(TransitionError, match="incident 2, which is open"):
        do(desk, "reopen", "salah tutup")
    end(desk, 2)
    do(desk, "reopen", "salah tutup")
    assert desk.incident("state") == ("reopened",)


def shared_beside_a_newer_one(desk: ShiftDesk, newer: int) -> None:
    """Incident 1, of both buttons, is open again; one of them has opened incident 2 meanwhile."""
    desk.press_of(1, 1)
    desk.press_of(2, 2)
    end(desk)
    desk.press_of(newer, 3)
    desk.clock.now_ms += WINDOW_MS + 1
    other = 3 - newer
    desk.press_of(other, other, repeats=1)
    assert desk.incident("state, device") == ("reopened", other)


def test_what_would_be_a_second_one_of_its_button_is_not_split_off(desk: ShiftDesk) -> None:
    shared_beside_a_newer_one(desk, newer=2)
    with pytest.raises(TransitionError, match="incident 2, which is open"):
        do(desk, "split", 2)


def test_what_stays_behind_a_split_is_not_a_second_one_of_its_button(desk: ShiftDesk) -> None:
    shared_beside_a_newer_one(desk, newer=1)
    with pytest.raises(TransitionError, match="open incidents of their own"):
        do(desk, "split", 2)


def test_a_split_leaves_the_incident_under_its_own_button(desk: ShiftDesk) -> None:
    desk.button(3)
    desk.press_of(3, 1)
    desk.press_of(1, 2)
    desk.press_of(2, 3)
    desk.rows("UPDATE incident SET device = 2")
    assert do(desk, "split", 1) == 2
    assert desk.incident("device") == (2,)
