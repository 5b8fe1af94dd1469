"""A path report goes to every number of the centre, and no failure of one holds up another."""

from __future__ import annotations

import pytest

from kentongan_gateway.core.path_texts import PathTexts
from kentongan_wire.second_path import (
    RETRY_MS,
    TEXT_REROUTE,
    TEXT_RETRY,
    TEXT_SENT,
    TEXT_UNKNOWN,
    TEXT_WAIT,
    TRIES,
    WAIT_MS,
)

ONE, TWO = "+62811000001", "+62811000002"


@pytest.fixture
def texts() -> PathTexts:
    texts = PathTexts((ONE, TWO))
    texts.load(b"report", 0)
    return texts


def test_it_goes_to_each_number_once(texts: PathTexts):
    for number in (ONE, TWO):
        assert texts.next_number(0) == number
        texts.outcome(number, TEXT_SENT, 0)
    assert (texts.next_number(0), texts.next_deadline()) == (None, None)


@pytest.mark.parametrize("outcome", [TEXT_RETRY, TEXT_UNKNOWN])
def test_what_may_not_have_gone_out_is_sent_again_a_bounded_number_of_times(texts: PathTexts, outcome: int):
    now_ms = 0
    for _ in range(TRIES):
        assert texts.next_number(now_ms) == ONE
        texts.outcome(ONE, outcome, now_ms)
        assert texts.next_number(now_ms) == TWO
        now_ms += RETRY_MS
    assert texts.next_number(now_ms) == TWO


def test_a_number_that_is_refused_is_left_out(texts: PathTexts):
    texts.outcome(ONE, TEXT_REROUTE, 0)
    assert texts.next_number(WAIT_MS) == TWO


def test_a_network_that_is_away_says_nothing_about_the_numbers(texts: PathTexts):
    for time in range(10):
        texts.outcome(ONE, TEXT_WAIT, time * WAIT_MS)
        assert texts.next_number((time + 1) * WAIT_MS - 1) is None
        assert texts.next_deadline() == (time + 1) * WAIT_MS
    assert texts.next_number(10 * WAIT_MS) == ONE


def test_a_newer_report_takes_the_olders_place(texts: PathTexts):
    texts.outcome(ONE, TEXT_SENT, 0)
    texts.load(b"newer", 1)
    assert (texts.next_number(1), texts.raw) == (ONE, b"newer")
