"""The table of an incident's states and the rule of what rings."""

from __future__ import annotations

import itertools

import pytest

from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.incident import (
    LEVELS,
    NOTE_MAX,
    PARK_MAX_MS,
    TRANSITIONS,
    Event,
    Incident,
    RingingError,
    StaleError,
    State,
    TransitionError,
    Unanswered,
    acknowledge,
    act,
    check_closing,
    check_park,
    step,
)
from kentongan_server.domain.outcome import BY_HAND, CAUSES, Outcome, check
from kentongan_wire.receipts import LEVEL_NAMES

OPEN = [state for state in State if state is not State.CLOSED]
OWNED = [state for state in OPEN if state is not State.NEW]


def of(state=State.ACKNOWLEDGED, owner="sari", unanswered=(), **more):
    """An incident at version 9 whose newest signal came at version 7."""
    return Incident(1, state, owner, 9, 7, tuple(Unanswered(*one) for one in unanswered), **more)


@pytest.mark.parametrize(("state", "event"), list(itertools.product([None, *State], Event)))
def test_what_the_table_does_not_have_is_refused(state, event):
    if (state, event) in TRANSITIONS:
        assert step(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(TransitionError, match="Load it again"):
            step(state, event)


@pytest.mark.parametrize("state", OPEN)
def test_a_press_is_never_refused_and_never_takes_what_is_owned(state):
    after = step(state, Event.PRESS)
    assert after is (State.ACKNOWLEDGED if state is State.PARKED else state)
    assert step(state, Event.REPEAT) is after


def test_a_repeat_opens_what_was_closed():
    assert step(State.CLOSED, Event.REPEAT) is State.REOPENED


@pytest.mark.parametrize("state", OWNED)
def test_what_somebody_owns_can_be_closed_and_nothing_else(state):
    assert step(state, Event.CLOSE) is State.CLOSED
    with pytest.raises(TransitionError):
        step(State.NEW, Event.CLOSE)


def test_every_state_has_a_receipt_level_that_is_no_lie():
    assert set(LEVELS) == set(State)
    assert [LEVEL_NAMES[LEVELS[state]] for state in State] == [
        "received",
        "acknowledged",
        "dispatched",
        "arrived",
        "acknowledged",
        "acknowledged",
        "closed",
    ]


def test_an_acknowledgement_answers_only_what_the_operator_saw():
    result = acknowledge(of(State.NEW, None, [(4, 1), (5, 3), (6, 7)]), 3, "sari")
    assert result.answered == (4, 5)
    assert (result.state, result.owner) == (State.ACKNOWLEDGED, "sari")


def test_what_was_pressed_again_after_the_operator_looked_is_not_answered():
    result = acknowledge(of(State.NEW, None, [(4, 7), (5, 7)]), 6, "sari")
    assert (result.state, result.owner, result.answered) == (State.NEW, None, ())


def test_the_first_who_acknowledges_stays_the_owner():
    assert acknowledge(of(unanswered=[(9, 7)]), 9, "budi").owner == "sari"


def test_acknowledging_what_is_answered_already_changes_nothing():
    result = acknowledge(of(State.DISPATCHED), 9, "budi")
    assert not result.answers
    assert (result.state, result.owner) == (State.DISPATCHED, "sari")


def test_a_unit_on_its_way_stays_on_its_way_when_another_press_is_answered():
    assert acknowledge(of(State.ON_SCENE, unanswered=[(9, 7)]), 7, "sari").state is State.ON_SCENE


def test_a_park_that_ended_is_answered_like_an_alarm():
    ended = of(reminded_version=8)
    assert ended.ringing
    assert acknowledge(ended, 8, "sari").reminder


def test_a_reminder_that_the_screen_did_not_show_rings_on():
    ended = of(unanswered=[(9, 7)], reminded_version=9)
    result = acknowledge(ended, 8, "sari")
    assert (result.answered, result.reminder) == ((9,), False)
    assert not acknowledge(of(reminded_version=9), 8, "sari").answers


def test_who_has_not_seen_a_reminder_does_nothing_but_answer():
    assert act(of(reminded_version=9), Event.DISPATCH, 9) is State.DISPATCHED
    with pytest.raises(StaleError, match="since your screen"):
        act(of(reminded_version=9), Event.DISPATCH, 8)


def test_nobody_can_have_seen_a_version_that_is_not_there_yet():
    with pytest.raises(InvalidError, match="at most 9"):
        acknowledge(of(unanswered=[(9, 7)]), 10, "sari")
    with pytest.raises(InvalidError, match="at most 9"):
        act(of(), Event.CLOSE, 10)


def test_who_has_not_seen_the_newest_signal_does_nothing_but_answer():
    assert act(of(), Event.DISPATCH, 7) is State.DISPATCHED
    with pytest.raises(StaleError, match="since your screen"):
        act(of(), Event.DISPATCH, 6)


def test_it_rings_until_every_alarm_is_answered():
    assert of(unanswered=[(9, 7)]).ringing
    assert not of().ringing


def test_closing_is_refused_while_an_alarm_rings():
    with pytest.raises(RingingError, match="1 alarm"):
        check_closing(of(unanswered=[(9, 7)]), "")


def test_a_book_is_no_note():
    with pytest.raises(InvalidError, match="at most"):
        check_closing(of(), "x" * (NOTE_MAX + 1))


@pytest.mark.parametrize("in_ms", [0, -1, PARK_MAX_MS + 1])
def test_parking_has_an_end_that_lies_ahead_within_a_shift(in_ms):
    check_park(1_000 + PARK_MAX_MS, 1_000)
    with pytest.raises(InvalidError, match="within the next 12 h"):
        check_park(1_000 + in_ms, 1_000)


@pytest.mark.parametrize("outcome", BY_HAND)
def test_each_outcome_has_causes_and_takes_no_others(outcome):
    drill = outcome is Outcome.DRILL
    for cause in CAUSES[outcome]:
        assert check(outcome, cause, drill=drill) is outcome
    with pytest.raises(InvalidError, match="cause"):
        check(outcome, "because", drill=drill)


@pytest.mark.parametrize("outcome", ["", "boring", "merged"])
def test_nobody_closes_with_a_word_that_is_no_outcome(outcome):
    with pytest.raises(InvalidError, match="outcome"):
        check(outcome, "merged", drill=False)


@pytest.mark.parametrize(("outcome", "cause", "drill"), [("drill", "drill", False), ("real", "robbery", True)])
def test_a_drill_ends_as_a_drill_and_nothing_else_does(outcome, cause, drill):
    with pytest.raises(InvalidError, match="drill"):
        check(outcome, cause, drill=drill)
