"""When the main path counts as lost, and what is told of it by SMS."""

from __future__ import annotations

import itertools
import random

import pytest

from kentongan_gateway.core.main_path import (
    FIRST_MS,
    FIRST_SPREAD_MS,
    LOSS_EVERY_MS,
    LOSSES_MAX,
    LOST_MS,
    PERIOD_MS,
    PROVEN_MS,
    RETURNING,
    STANDS,
    STEADY_MS,
    MainPath,
)
from kentongan_gateway.core.report import INTERVAL_MS
from kentongan_wire.path_report import CAUSE_MAIN_BACK, CAUSE_MAIN_LOST, CAUSE_PERIODIC

DEVICE = 0x0A000001
SUSPECTED_MS = 20_000  # NUMBERS: one site loses all its paths → suspected attack
START_MS = 1_000_000


@pytest.fixture
def path() -> MainPath:
    """Its first periodic report is told."""
    path = MainPath(DEVICE, START_MS)
    path.told(CAUSE_PERIODIC, START_MS)
    return path


def answers(path: MainPath, from_ms: int, to_ms: int) -> int:
    """The centre answers every report; the time of the last answer."""
    for now_ms in range(from_ms, to_ms, INTERVAL_MS):
        path.answered(now_ms)
    path.answered(to_ms)
    return to_ms


def told(path: MainPath, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    """(time, cause) of the reports in this time, each told at once."""
    found = []
    now_ms = from_ms
    while now_ms <= to_ms:
        cause = path.due(now_ms)
        if cause is not None:
            path.told(cause, now_ms)
            found.append((now_ms, cause))
        else:
            deadline_ms = path.next_deadline()
            assert deadline_ms > now_ms, "it would be asked without end"
            now_ms = deadline_ms
    return found


def test_a_loss_is_told_early_enough_before_an_attack_is_suspected(path: MainPath):
    now_ms = answers(path, START_MS, START_MS + 60_000)
    assert path.due(now_ms + LOST_MS - 1) is None
    assert told(path, now_ms, now_ms + 60_000) == [(now_ms + LOST_MS, CAUSE_MAIN_LOST)]
    assert path.is_lost
    assert LOST_MS <= SUSPECTED_MS / 2
    assert LOST_MS >= 2 * INTERVAL_MS, "one answer that is late is no loss"


def test_a_centre_that_never_answers_is_a_loss_from_the_start_on(path: MainPath):
    assert not path.is_proven(START_MS)
    assert told(path, START_MS, START_MS + 60_000) == [(START_MS + LOST_MS, CAUSE_MAIN_LOST)]


def test_the_path_is_proven_for_a_while_after_each_answer(path: MainPath):
    path.answered(START_MS)
    assert path.is_proven(START_MS + PROVEN_MS - 1)
    assert not path.is_proven(START_MS + PROVEN_MS)


def test_its_return_is_told_once_it_is_steady(path: MainPath):
    assert told(path, START_MS, START_MS + 30_000) == [(START_MS + LOST_MS, CAUSE_MAIN_LOST)]
    back_ms = START_MS + 31_000
    answers(path, back_ms, back_ms + STEADY_MS - 1)
    assert path.state == RETURNING
    answers(path, back_ms + STEADY_MS, back_ms + STEADY_MS)
    assert path.state == STANDS
    assert path.due(back_ms + STEADY_MS) == CAUSE_MAIN_BACK


def test_a_relapse_is_a_loss_again_although_the_return_was_never_told(path: MainPath):
    told(path, START_MS, START_MS + 30_000)
    path.answered(START_MS + 31_000)
    assert told(path, START_MS + 31_000, START_MS + 60_000) == [(START_MS + 31_000 + LOST_MS, CAUSE_MAIN_LOST)]


def test_a_path_that_comes_and_goes_costs_a_bounded_number_of_messages(path: MainPath):
    now_ms = START_MS
    losses: list[int] = []
    while now_ms < START_MS + PERIOD_MS:
        now_ms = answers(path, now_ms, now_ms + STEADY_MS)
        reports = told(path, now_ms, now_ms + LOST_MS)
        losses += [at_ms for at_ms, cause in reports if cause == CAUSE_MAIN_LOST]
        now_ms += LOST_MS + 1
    assert len(losses) == LOSSES_MAX + PERIOD_MS // LOSS_EVERY_MS - 1
    assert losses[LOSSES_MAX - 1] < START_MS + LOSSES_MAX * 2 * (STEADY_MS + LOST_MS), "the first ones are told at once"


def test_a_loss_that_had_to_wait_is_told_late_but_told(path: MainPath):
    now_ms = START_MS
    for _ in range(LOSSES_MAX):
        now_ms = answers(path, now_ms, now_ms + STEADY_MS)
        told(path, now_ms, now_ms + LOST_MS)
        now_ms += LOST_MS
    now_ms = answers(path, now_ms, now_ms + STEADY_MS)
    assert [cause for _, cause in told(path, now_ms, now_ms)] == [CAUSE_MAIN_BACK]
    reports = told(path, now_ms, now_ms + LOSS_EVERY_MS)
    assert [cause for _, cause in reports] == [CAUSE_MAIN_LOST]
    assert now_ms + LOST_MS < reports[0][0] <= now_ms + LOSS_EVERY_MS


def test_nothing_is_taken_back_that_was_not_told(path: MainPath):
    path.look(START_MS + LOST_MS)  # lost, but no modem told it
    assert path.is_lost
    answers(path, START_MS + LOST_MS, START_MS + LOST_MS + STEADY_MS)
    assert path.due(START_MS + LOST_MS + STEADY_MS) is None


def test_the_first_periodic_report_comes_soon_and_the_next_every_hour_at_its_own_second():
    device = random.randrange(1, 2**32)
    print(f"device {device:08x}")
    path = MainPath(device, START_MS)
    times: list[int] = []
    now_ms = START_MS
    while len(times) < 4:
        path.answered(now_ms)
        if path.due(now_ms) == CAUSE_PERIODIC:
            path.told(CAUSE_PERIODIC, now_ms)
            times.append(now_ms)
        now_ms = min(now_ms + INTERVAL_MS, max(path.next_deadline(), now_ms + 1))
    assert START_MS + FIRST_MS <= times[0] < START_MS + FIRST_MS + FIRST_SPREAD_MS
    assert times[0] < times[1] <= times[0] + PERIOD_MS
    assert [later - earlier for earlier, later in itertools.pairwise(times[1:])] == [PERIOD_MS] * 2


def test_neighbours_do_not_report_together():
    phases = set()
    for number in range(60):
        path = MainPath(DEVICE + number, START_MS)
        path.told(CAUSE_PERIODIC, START_MS)
        path.answered(START_MS)
        phases.add(next(at_ms for at_ms, cause in told(path, START_MS, START_MS + 2 * PERIOD_MS) if cause == 1))
    assert len(phases) == 60
