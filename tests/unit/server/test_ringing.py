"""A chattering button: one row, a count, a trouble; it rings again after each answer, at a bounded rate."""

from __future__ import annotations

import pytest

from kentongan_server.application.ports import StoreError
from kentongan_server.application.roll import Roll
from kentongan_server.application.supervise import Supervise
from kentongan_server.domain.chatter import CALM_AFTER_MS, PRESSES_MAX, WINDOW_MS, Chatter
from kentongan_server.domain.ringing import AGAIN_AT_ONCE, PACE_MS, rings_at
from tests.support.presses import Made, attempt, body, message
from tests.support.virtual_city import GATEWAY, Desk


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.second(60)
    return made


def test_after_an_answer_a_press_rings_at_once_twice_and_then_at_a_bounded_rate(desk):
    desk.press()
    assert desk.rings
    for _ in range(AGAIN_AT_ONCE):
        desk.answer()
        desk.second()
        desk.press()
        assert desk.rings, "somebody who presses again is heard"
    rang_ms = desk.clock.now_ms
    desk.answer()
    desk.second()
    desk.press()
    assert not desk.rings
    assert desk.rows("SELECT count(*) FROM alarm") == [(AGAIN_AT_ONCE + 2,)], "the row is there at once"
    for _ in range(2 * PACE_MS // 1_000):
        desk.second()
        if desk.rings:
            break
    assert PACE_MS <= desk.clock.now_ms - rang_ms <= PACE_MS + 1_000
    assert desk.history()[-1] == "rings-again"


def test_it_rings_again_after_each_answer_for_hours(desk):
    desk.press()
    rings = 0
    for _ in range(1_800):
        desk.second()
        if desk.rings:
            rings += 1
            desk.answer()
        desk.press()
    assert 1_800_000 // PACE_MS - 2 <= rings <= 1_800_000 // PACE_MS + AGAIN_AT_ONCE + 2
    assert desk.rows("SELECT count(*) FROM incident") == [(1,)]


def test_a_calm_incident_rings_at_once_however_often_it_rang_before(desk):
    desk.press()
    for _ in range(6):
        desk.answer()
        desk.second(40)
        desk.press()
        assert desk.rings


def test_presses_merged_into_an_answered_one_follow_the_same_rule(desk):
    desk.press()
    for repeats in range(1, AGAIN_AT_ONCE + 1):
        desk.answer()
        desk.press(again=0, repeats=repeats)
        assert desk.rings
    desk.answer()
    desk.press(again=0, repeats=10)
    assert not desk.rings
    desk.second(PACE_MS // 1_000 + 1)
    assert desk.rings


def test_a_bell_that_waits_is_answered_before_it_rings(desk):
    for _ in range(AGAIN_AT_ONCE + 1):
        desk.press()
        desk.answer()
    desk.press()
    desk.answer()
    desk.second(PACE_MS // 1_000 + 2)
    assert not desk.rings
    assert "rings-again" not in desk.history()
    assert desk.rows("SELECT quiet_until_ms FROM incident") == [(None,)]


def test_what_is_not_answered_cannot_be_closed_while_its_bell_waits(desk):
    for _ in range(AGAIN_AT_ONCE + 1):
        desk.press()
        desk.answer()
    desk.press()
    with pytest.raises(Exception, match="still ring"):
        desk.run(desk.operate.close(1, desk.version(1), "sari", "false", "device-fault", ""))


def test_a_restart_does_not_forget_a_bell_that_waits(desk):
    for _ in range(AGAIN_AT_ONCE + 1):
        desk.press()
        desk.answer()
    desk.press()
    desk.roll = Roll(desk.clock)
    desk.supervise = Supervise(
        desk.ring, desk.store, desk.answers, desk.clock, desk.roll, desk.standings, desk.rejections
    )
    desk.run(desk.supervise.load())
    assert not desk.rings
    desk.second(PACE_MS // 1_000 + 1)
    assert desk.rings


def test_a_restart_with_a_clock_that_was_set_back_keeps_no_bell_waiting(desk, monkeypatch):
    """A machine without a clock of its own begins where it was switched off, or an hour before."""
    for _ in range(AGAIN_AT_ONCE + 1):
        desk.press()
        desk.answer()
    desk.press()
    desk.roll = Roll(desk.clock)
    desk.supervise = Supervise(
        desk.ring, desk.store, desk.answers, desk.clock, desk.roll, desk.standings, desk.rejections
    )
    wall_ms = desk.clock.wall_ms
    monkeypatch.setattr(desk.clock, "wall_ms", lambda: wall_ms() - 3_600_000)
    desk.run(desk.supervise.load())
    assert not desk.rings
    desk.second(PACE_MS // 1_000 + 1)
    assert desk.rings


def test_what_a_press_costs_does_not_grow_with_its_incident(desk):
    """A contact that chatters for a day leaves a hundred thousand alarms in one row of the queue."""
    desk.press()
    connection = desk.store.connection
    columns = [row[1] for row in connection.execute("PRAGMA table_info(alarm)")]
    copied = {"id": "NULL", "sequence": "sequence + n", "nonce": "randomblob(8)"}
    values = ", ".join(copied.get(name, name) for name in columns)
    connection.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) "
        f"INSERT INTO alarm SELECT {values} FROM alarm, numbers"
    )
    steps = 0

    def step():
        nonlocal steps
        steps += 1

    connection.set_progress_handler(step, 100)
    desk.press()
    connection.set_progress_handler(None, 0)
    assert steps * 100 < 20_000, "fewer steps of SQLite than alarms"


def test_a_bell_that_the_store_did_not_take_rings_when_it_does(desk):
    for _ in range(AGAIN_AT_ONCE + 1):
        desk.press()
        desk.answer()
    desk.press()
    desk.store.error = StoreError("full.")
    desk.clock.now_ms += PACE_MS + 1_000
    desk.run(desk.supervise.tick())
    desk.store.error = None
    desk.run(desk.supervise.tick())
    assert desk.rings


@pytest.mark.parametrize("rang_ago_ms", [-3_600_000, -PACE_MS, -1, 0, 1, PACE_MS, 3_600_000])
def test_no_clock_makes_a_bell_wait_longer_than_its_pace(rang_ago_ms):
    now_ms = 1_790_000_000_000
    assert now_ms <= rings_at(99, now_ms - rang_ago_ms, now_ms) <= now_ms + PACE_MS


def test_a_chattering_button_is_a_trouble_until_it_is_calm(desk):
    for _ in range(PRESSES_MAX - 1):
        desk.press()
        desk.second()
    assert desk.troubles() == []
    desk.press()
    desk.second()
    assert desk.troubles() == [(1, "chattering", True)]
    desk.press()
    desk.second(CALM_AFTER_MS // 1_000 - 2)
    assert desk.troubles() == [(1, "chattering", True)]
    desk.second(5)
    assert desk.troubles() == [(1, "chattering", False)]


def test_a_stuck_one_that_its_firmware_merges_is_counted_by_its_repeats(desk):
    desk.press()
    desk.second()
    desk.press(again=0, repeats=PRESSES_MAX)
    desk.second()
    assert desk.troubles() == [(1, "chattering", True)]


def test_a_panicking_person_and_retries_are_no_chatter(desk):
    for _ in range(10):
        desk.press()
        desk.second()
    for _ in range(50):
        desk.press(again=3)
    desk.second()
    assert desk.troubles() == []


def test_presses_of_long_ago_are_no_chatter(desk):
    made = [Made(body(n, n.to_bytes(8, "big"), 7, 1_000), 0, -1_000) for n in range(1, PRESSES_MAX * 2)]
    desk.second(600)
    for one in made:
        desk.run(desk.intake.take(*message(desk.found(GATEWAY), attempt(desk.found(1), one, desk.clock.now_ms))))
    desk.second()
    assert desk.troubles() == []


def test_a_restart_ends_a_chatter_that_is_over(desk):
    for _ in range(PRESSES_MAX):
        desk.press()
    desk.second()
    desk.supervise = Supervise(
        desk.ring, desk.store, desk.answers, desk.clock, desk.roll, desk.standings, desk.rejections
    )
    desk.run(desk.supervise.load())
    desk.second(CALM_AFTER_MS // 1_000 + 1)
    assert desk.troubles() == [(1, "chattering", False)]


def test_slow_presses_are_counted_out_of_the_window():
    chatter = Chatter()
    for number in range(PRESSES_MAX * 10):
        now_ms = number * (WINDOW_MS // PRESSES_MAX + 200)
        assert not chatter.pressed(1, number.to_bytes(8, "big"), 0, now_ms, fresh=True)
