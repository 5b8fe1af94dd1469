"""A call that is merged into a button's incident, or the other way round: nothing is lost, and it can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.incident import TransitionError
from tests.support.shift_rig import KEEPING, ShiftDesk

ADDRESS, LATITUDE, LONGITUDE = "Jl. Melati 3, RT 04", -6.9147, 107.6098


@pytest.fixture
def desk() -> ShiftDesk:
    """Incident 1 of a call, 2 of a button, and the call merged into it."""
    desk = ShiftDesk()
    desk.call(address=ADDRESS, latitude=LATITUDE, longitude=LONGITUDE)
    desk.press_of(1, 1)
    do(desk, "acknowledge", incident=2)
    do(desk, "merge", 2, incident=1)
    return desk


def do(desk: ShiftDesk, act: str, *given: Any, incident: int) -> Any:
    return desk.run(getattr(desk.operate, act)(incident, desk.version(incident), "sari", *given))


def call(desk: ShiftDesk) -> tuple[Any, ...]:
    return desk.rows("SELECT incident, number, words FROM call")[0]


def caller_lines(desk: ShiftDesk) -> list[Any]:
    return desk.rows("SELECT personal FROM feed WHERE what = 'caller'")


def test_the_call_and_its_exact_place_go_with_it(desk: ShiftDesk) -> None:
    assert call(desk)[0] == 2
    assert desk.incident("address, latitude, longitude", 2) == (ADDRESS, LATITUDE, LONGITUDE)
    assert desk.replayed(2)[-1].after.calls == 1
    assert desk.replayed(1)[-1].after.calls == 0


def test_what_the_target_knows_of_the_place_stays(desk: ShiftDesk) -> None:
    other = desk.call(address="Jl. Kenanga 9")
    do(desk, "merge", 2, incident=other)
    assert desk.incident("address, latitude", 2) == (ADDRESS, LATITUDE)
    assert desk.rows("SELECT DISTINCT incident FROM call") == [(2,)]


def test_it_expires_with_the_incident_that_has_it_now(desk: ShiftDesk) -> None:
    days = KEEPING.caller_days + 1
    desk.pass_days(days)
    assert call(desk)[1] is not None, "an open incident keeps its own"
    assert all(personal is not None for (personal,) in caller_lines(desk))
    assert desk.incident("address", 2) == (ADDRESS,)
    desk.close(2)
    desk.pass_days(days)
    assert call(desk)[1:] == (None, None)
    assert caller_lines(desk) == [(None,)], "also the line of the incident where it was taken down"
    assert desk.incident("address, latitude, longitude", 2) == (None, -6.91, 107.61)
    assert desk.faults() == []


def test_opening_it_again_brings_the_call_back(desk: ShiftDesk) -> None:
    seen = desk.version(2)
    do(desk, "reopen", "bukan kejadian yang sama", incident=1)
    assert call(desk)[0] == 1
    assert desk.incident("state, owner, merged_into, outcome, device, source") == (
        *("reopened", "sari", None, None, None, "call"),
    )
    assert desk.replayed(1)[-1].after.calls == 1
    assert desk.replayed(2)[-1].after.calls == 0
    assert desk.version(2) == seen + 1, "a screen that shows it is told"
    desk.close(1)
    with pytest.raises(TransitionError):
        do(desk, "merge", 1, incident=2)


def test_a_button_that_was_merged_with_a_call_is_split_off(desk: ShiftDesk) -> None:
    assert do(desk, "split", 1, incident=2) == 3
    assert desk.incident("source, device", 3) == ("button", 1)
    assert desk.incident("source, device", 2) == ("call", None)
    assert call(desk)[0] == 2
    desk.press_of(1, 2)
    assert desk.rows("SELECT DISTINCT incident FROM alarm") == [(3,)]


def test_a_button_without_calls_beside_it_is_not_split_off(desk: ShiftDesk) -> None:
    do(desk, "reopen", "", incident=1)
    with pytest.raises(InvalidError, match="One alone"):
        do(desk, "split", 1, incident=2)
    with pytest.raises(InvalidError, match="One alone"):
        do(desk, "split", 2, incident=1)


def test_a_press_does_not_go_to_a_call_that_was_opened_again(desk: ShiftDesk) -> None:
    do(desk, "split", 1, incident=2)
    do(desk, "merge", 3, incident=2)
    do(desk, "reopen", "", incident=1)
    desk.press_of(1, 2)
    assert desk.rows("SELECT DISTINCT incident FROM alarm") == [(3,)]
