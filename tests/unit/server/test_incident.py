"""The table of an incident's states and the rule of what rings."""

from __future__ import annotations

import itertools

import pytest

from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.incident import (
    NOTE_MAX,
    OUTCOMES,
    Event,
    Incident,
    RingingError,
    State,
    TransitionError,
    acknowledge,
    close,
    step,
)

REFUSED = {
    (None, Event.ACKNOWLEDGE),
    (None, Event.CLOSE),
    (None, Event.REPEAT),
    (State.NEW, Event.CLOSE),
    (State.CLOSED, Event.PRESS),
    (State.CLOSED, Event.ACKNOWLEDGE),
    (State.CLOSED, Event.CLOSE),
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product([None, *State], Event)))
def test_what_the_table_does_not_have_is_refused(state, event):
    if (state, event) in REFUSED:
        with pytest.raises(TransitionError):
            step(state, event)
    else:
        assert step(state, event) in State


def test_a_press_never_takes_an_incident_from_its_owner():
    assert step(State.ACKNOWLEDGED, Event.PRESS) is State.ACKNOWLEDGED


def test_an_acknowledgement_answers_only_what_the_operator_saw():
    incident = Incident(1, State.NEW, None, newest=9, unanswered=(4, 5, 9))
    result = acknowledge(incident, through_alarm=5, who="sari")
    assert result.answered == (4, 5)
    assert (result.state, result.owner) == (State.ACKNOWLEDGED, "sari")


def test_an_alarm_that_was_pressed_again_after_the_operator_looked_is_not_answered():
    incident = Incident(1, State.NEW, None, newest=9, unanswered=(4, 5, 9))
    assert acknowledge(incident, 9, "sari", unseen=frozenset({5})).answered == (4, 9)
    result = acknowledge(incident, 9, "sari", unseen=frozenset({4, 5, 9}))
    assert (result.state, result.owner, result.answered) == (State.NEW, None, ())


def test_the_first_who_acknowledges_stays_the_owner():
    incident = Incident(1, State.ACKNOWLEDGED, "sari", newest=9, unanswered=(9,))
    assert acknowledge(incident, 9, "budi").owner == "sari"


def test_acknowledging_what_is_answered_already_changes_nothing():
    incident = Incident(1, State.ACKNOWLEDGED, "sari", newest=9, unanswered=())
    result = acknowledge(incident, 9, "budi")
    assert result.answered == ()
    assert (result.state, result.owner) == (State.ACKNOWLEDGED, "sari")


def test_acknowledging_nothing_of_a_new_incident_leaves_it_new():
    result = acknowledge(Incident(1, State.NEW, None, 7, (7,)), 6, "sari")
    assert (result.state, result.owner, result.answered) == (State.NEW, None, ())


def test_nobody_can_have_seen_an_alarm_that_is_not_there_yet():
    with pytest.raises(InvalidError, match="at most 9"):
        acknowledge(Incident(1, State.NEW, None, 9, (9,)), 10, "sari")


def test_it_rings_until_every_alarm_is_answered():
    assert Incident(1, State.ACKNOWLEDGED, "sari", 9, (9,)).ringing
    assert not Incident(1, State.ACKNOWLEDGED, "sari", 9, ()).ringing


def test_closing_is_refused_while_an_alarm_rings():
    with pytest.raises(RingingError, match="1 alarm"):
        close(Incident(1, State.ACKNOWLEDGED, "sari", 9, (9,)), "false", "")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_closing_needs_one_of_the_outcomes(outcome):
    assert close(Incident(1, State.ACKNOWLEDGED, "sari", 9, ()), outcome, "") is State.CLOSED


@pytest.mark.parametrize(("outcome", "note"), [("", ""), ("boring", ""), ("real", "x" * (NOTE_MAX + 1))])
def test_closing_without_outcome_or_with_a_book_is_refused(outcome, note):
    with pytest.raises(InvalidError, match="expected"):
        close(Incident(1, State.ACKNOWLEDGED, "sari", 9, ()), outcome, note)


def test_what_was_never_acknowledged_cannot_be_closed():
    with pytest.raises(TransitionError):
        close(Incident(1, State.NEW, None, 9, ()), "false", "")
