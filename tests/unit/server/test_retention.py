"""What identifies a citizen expires by rule; the case stays, and the history stays whole."""

from __future__ import annotations

import pytest

from kentongan_server.application.ports import StoreError
from kentongan_server.application.retention import BATCH
from kentongan_server.domain.call import Said
from tests.support.shift_rig import NUMBER, ShiftDesk


@pytest.fixture
def desk() -> ShiftDesk:
    return ShiftDesk()


def test_number_name_and_words_go_and_the_case_stays(desk: ShiftDesk) -> None:
    desk.close(desk.call())
    before = desk.incident("state, owner, category, outcome, cause, opened_at_ms, closed_at_ms")
    desk.pass_days(89)
    assert desk.rows("SELECT number FROM call") == [(NUMBER,)]
    desk.pass_days(2)
    assert desk.rows("SELECT number, name, words, erased_at_ms IS NOT NULL FROM call") == [(None, None, None, 1)]
    assert desk.personal("caller") == [None]
    assert desk.incident("state, owner, category, outcome, cause, opened_at_ms, closed_at_ms") == before
    assert desk.personal("call") == [{"who": "sari"}], "who took it down is part of the case"
    assert desk.faults() == [], "the chain still proves every line"
    assert not any("Rini" in (row.entry.personal or "") for row in desk.lines())


def test_a_line_whose_words_were_changed_instead_of_erased_is_still_found(desk: ShiftDesk) -> None:
    desk.close(desk.call())
    desk.pass_days(91)
    desk.rows("UPDATE feed SET personal = '{}' WHERE what = 'caller'")
    assert len(desk.faults()) == 1


def test_the_exact_place_goes_and_the_district_stays(desk: ShiftDesk) -> None:
    desk.close(desk.call(address="Jl. Suroyo 5", latitude=-7.754321, longitude=113.216789))
    desk.pass_days(59)
    assert desk.incident("latitude") == (-7.754321,)
    desk.pass_days(2)
    assert desk.incident("address, latitude, longitude") == (None, -7.75, 113.22)
    desk.pass_days(30)
    assert desk.incident("latitude, longitude") == (-7.75, 113.22)


def test_an_open_case_keeps_what_it_needs(desk: ShiftDesk) -> None:
    incident = desk.call(address="Jl. Suroyo 5")
    desk.pass_days(400)
    assert desk.rows("SELECT number FROM call") == [(NUMBER,)]
    assert desk.incident("address") == ("Jl. Suroyo 5",)
    desk.close(incident)
    desk.pass_days(1)
    assert desk.rows("SELECT number, caller FROM call") == [(None, None)]
    assert desk.incident("address") == (None,)


def test_a_caller_is_known_again_until_the_digest_expires(desk: ShiftDesk) -> None:
    desk.close(desk.call())
    desk.run(desk.calls.mark(NUMBER, "sari", "iseng", prank=True))
    desk.pass_days(364)
    assert desk.rows("SELECT caller FROM call") == [(desk.calls.digest(NUMBER),)]
    assert desk.rows("SELECT pranks FROM caller_mark") == [(1,)]
    assert desk.personal("caller-marked") == [None]
    desk.pass_days(2)
    assert desk.rows("SELECT caller FROM call") == [(None,)]
    desk.pass_days(1)
    assert desk.rows("SELECT pranks FROM caller_mark") == []


def test_what_was_erased_is_counted_in_the_history_and_nothing_twice(desk: ShiftDesk) -> None:
    for _ in range(BATCH + 3):
        desk.close(desk.call(said=Said(NUMBER)))
    desk.pass_days(91)
    erased = [row.entry.facts for row in desk.lines() if (row.entry.what, row.entry.subject) == ("erased", "caller")]
    assert [facts.split(",")[1] for facts in erased] == [f'"count":{BATCH}}}', '"count":3}']
    desk.pass_days(1)
    assert len([row for row in desk.lines() if row.entry.what == "erased"]) == len(erased)


def test_a_store_that_fails_is_tried_again(desk: ShiftDesk) -> None:
    desk.close(desk.call())
    desk.pass_days(1)
    desk.clock.now_ms += 91 * 86_400_000
    desk.store.error = StoreError("full.")
    desk.run(desk.retention.tick())
    desk.store.error = None
    desk.run(desk.retention.tick())
    assert desk.rows("SELECT number FROM call") == [(None,)]


def test_what_erased_things_left_behind_is_cleared_until_it_is_done_and_then_no_more(desk: ShiftDesk) -> None:
    desk.close(desk.call())
    desk.pass_days(0)
    assert desk.asked_to_clear == 1, "a day's work before the start may have ended in a crash"
    for _ in range(5):
        desk.run(desk.retention.tick())
    assert desk.asked_to_clear == 1
    desk.read_at_the_moment = True
    desk.clock.now_ms += 91 * 86_400_000
    while desk.personal("caller") != [None] or desk.asked_to_clear < 4:
        desk.run(desk.retention.tick())
    while_read = desk.retention.busy
    desk.read_at_the_moment = False
    desk.run(desk.retention.tick())
    assert (while_read, desk.retention.busy) == (True, False)
    asked = desk.asked_to_clear
    desk.run(desk.retention.tick())
    assert desk.asked_to_clear == asked
