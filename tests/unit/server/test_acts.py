"""What operators do to incidents, in a real store: who owns, who is told what, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kentongan_server.domain.correlation import WINDOW_MS
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.incident import OwnedError, RingingError, StaleError, TransitionError
from kentongan_wire.receipts import LEVEL_NAMES, Receipt
from tests.support.presses import Made, attempt, body, message
from tests.support.virtual_city import GATEWAY, Desk

HOUR_MS = 3_600_000


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.hear_all()
    return desk


def press(desk: Desk, button: int, number: int = 1) -> None:
    """One press of any button of the site."""
    uptime_ms = 1_000_000 + desk.clock.now_ms
    made = Made(body(number, bytes([button]) * 7 + bytes([number]), 7, uptime_ms), desk.clock.now_ms, -1_000_000)
    frame = attempt(desk.found(button), made, desk.clock.now_ms)
    desk.run(desk.intake.take(*message(desk.found(GATEWAY), frame)))


def do(desk: Desk, act: str, *given: Any, incident: int = 1, who: str = "sari", **more: Any) -> Any:
    """An act of somebody who has just looked."""
    return desk.run(getattr(desk.operate, act)(incident, desk.version(incident), who, *given, **more))


def told(desk: Desk, button: int = 1) -> list[str]:
    """The receipt levels that went to the button since the last look."""
    levels = [LEVEL_NAMES[one.level] for one in desk.down(Receipt, button)]
    desk.outbox.take()
    return levels


def row(desk: Desk, columns: str, incident: int = 1) -> tuple[Any, ...]:
    return desk.rows(f"SELECT {columns} FROM incident WHERE id = ?", incident)[0]


def close(desk: Desk, incident: int = 1) -> None:
    do(desk, "close", "real", "robbery", "", incident=incident)


def test_a_second_unit_does_not_move_the_times_that_are_measured_and_the_history_has_both(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    desk.clock.now_ms += 30_000
    first_ms = desk.clock.wall_ms()
    do(desk, "dispatch", "Patroli 7")
    desk.clock.now_ms += 30_000
    do(desk, "dispatch", "Patroli 7, Ambulans 2")
    desk.clock.now_ms += 30_000
    there_ms = desk.clock.wall_ms()
    do(desk, "arrive")
    desk.clock.now_ms += 30_000
    do(desk, "dispatch", "Patroli 7, Damkar 1")
    wanted = (first_ms, "Patroli 7, Damkar 1", there_ms)
    assert row(desk, "dispatched_at_ms, dispatched_to, arrived_at_ms") == wanted
    close(desk)
    do(desk, "reopen", "pelaku kembali")
    desk.clock.now_ms += 30_000
    do(desk, "dispatch", "Patroli 9")
    do(desk, "arrive")
    assert row(desk, "dispatched_at_ms, dispatched_to, arrived_at_ms") == (first_ms, "Patroli 9", there_ms)
    sent = desk.rows("SELECT facts FROM feed WHERE what = 'dispatched' ORDER BY position")
    assert [json.loads(facts)["to"] for (facts,) in sent] == [
        *("Patroli 7", "Patroli 7, Ambulans 2", "Patroli 7, Damkar 1", "Patroli 9")
    ]


def test_who_was_sent_after_a_withdrawal_is_measured_anew(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    do(desk, "dispatch", "Patroli 7")
    do(desk, "withdraw", "mogok")
    desk.clock.now_ms += 60_000
    do(desk, "dispatch", "Patroli 9")
    assert row(desk, "dispatched_at_ms") == (desk.clock.wall_ms(),)


def test_the_first_agency_that_was_sent_keeps_the_case_in_its_sight(desk: Desk) -> None:
    for code in ("polres", "rsud"):
        desk.store.connection.execute("INSERT INTO agency (code, name, kind) VALUES (?, ?, 'police')", (code, code))
    desk.press()
    do(desk, "acknowledge")
    do(desk, "dispatch", "Patroli 7")
    assert row(desk, "agency, dispatched_to") == (None, "Patroli 7"), "a unit is no agency"
    do(desk, "dispatch", "polres")
    do(desk, "dispatch", "rsud")
    assert row(desk, "agency, dispatched_to") == ("polres", "rsud")
    do(desk, "withdraw", "salah alamat")
    assert row(desk, "agency, dispatched_to") == (None, None), "nobody is on the way, nobody's any more"
    do(desk, "dispatch", "rsud")
    assert row(desk, "agency, dispatched_to") == ("rsud", "rsud")


def test_the_guard_is_told_each_step_and_also_when_the_unit_turns_back(desk: Desk) -> None:
    desk.press()
    assert told(desk) == ["received"]
    do(desk, "acknowledge")
    do(desk, "dispatch", "Patroli 7")
    do(desk, "arrive")
    assert told(desk) == ["acknowledged", "dispatched", "arrived"]
    do(desk, "withdraw", "dipanggil ke tempat lain")
    assert told(desk) == ["acknowledged"]
    assert row(desk, "state, dispatched_to, dispatched_at_ms, arrived_at_ms") == ("acknowledged", None, None, None)
    close(desk)
    assert told(desk) == ["closed"]
    (revision,) = desk.rows("SELECT revision FROM alarm")[0]
    assert revision == 6, "each word has a revision of its own, so that the newest wins"


def test_a_press_beside_a_unit_on_its_way_rings_and_is_told_where_the_unit_is(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    do(desk, "dispatch", "Patroli 7")
    told(desk)
    desk.press()
    assert desk.rings
    assert told(desk) == ["received"]
    do(desk, "acknowledge")
    assert told(desk) == ["dispatched"]
    assert row(desk, "state") == ("dispatched",)


def test_two_at_once_make_one_owner(desk: Desk) -> None:
    desk.press()
    seen = desk.version(1)
    desk.run(desk.operate.acknowledge(1, seen, "sari"))
    desk.run(desk.operate.acknowledge(1, seen, "budi"))
    assert row(desk, "owner") == ("sari",)


def test_a_supervisor_takes_over_an_operator_asks_first(desk: Desk) -> None:
    desk.press()
    with pytest.raises(TransitionError):
        do(desk, "take", who="budi", may_always=True, over=True)
    do(desk, "acknowledge")
    with pytest.raises(OwnedError, match="sari's"):
        do(desk, "take", who="budi", may_always=True, over=False)
    log_in(desk, "sari")
    with pytest.raises(OwnedError, match="is at work"):
        do(desk, "take", who="budi", may_always=False, over=True)
    assert row(desk, "owner") == ("sari",)
    do(desk, "take", who="budi", may_always=True, over=True)
    assert row(desk, "owner") == ("budi",)
    log_out(desk)
    do(desk, "take", who="tono", may_always=False, over=True)
    assert row(desk, "owner") == ("tono",), "budi has gone home"
    assert [what for what in desk.history() if what == "taken"] == ["taken", "taken"]


def log_in(desk: Desk, name: str) -> None:
    desk.rows('INSERT INTO "user" (id, name, role, created_at_ms) VALUES (1, ?, ?, 0)', name, "operator")
    far = desk.clock.wall_ms() + 10 * HOUR_MS
    desk.rows("INSERT INTO session (token_hash, \"user\", created_at_ms, expires_at_ms) VALUES (x'00', 1, 0, ?)", far)


def log_out(desk: Desk) -> None:
    desk.rows("DELETE FROM session")


def test_a_parked_incident_rings_when_its_time_is_over_and_not_before(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    until_ms = desk.clock.wall_ms() + HOUR_MS
    do(desk, "park", until_ms, "menunggu kunci")
    assert row(desk, "state, parked_until_ms, reminded_at_ms") == ("parked", until_ms, None)
    desk.clock.now_ms += HOUR_MS - 1
    desk.run(desk.operate.tick())
    assert row(desk, "state, reminded_at_ms") == ("parked", None)
    desk.clock.now_ms += 1
    desk.run(desk.operate.tick())
    assert row(desk, "state, reminded_at_ms") == ("acknowledged", until_ms)
    with pytest.raises(RingingError):
        close(desk)
    do(desk, "acknowledge")
    assert row(desk, "state, reminded_at_ms, owner") == ("acknowledged", None, "sari")
    close(desk)


def test_a_press_does_not_wait_for_the_end_of_a_park(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    do(desk, "park", desk.clock.wall_ms() + HOUR_MS, "")
    desk.press()
    assert row(desk, "state, parked_until_ms") == ("acknowledged", None)
    assert desk.rings


def test_a_repeat_does_not_wait_for_the_end_of_a_park(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    do(desk, "park", desk.clock.wall_ms() + HOUR_MS, "")
    desk.press(repeats=1, again=0)
    assert row(desk, "state, parked_until_ms") == ("acknowledged", None)
    assert desk.rings


@pytest.mark.parametrize(
    "act",
    [
        lambda desk, seen: desk.operate.dispatch(1, seen, "sari", "Patroli 7"),
        lambda desk, seen: desk.operate.park(1, seen, "sari", desk.clock.wall_ms() + 1_000, ""),
        lambda desk, seen: desk.operate.close(1, seen, "sari", "real", "robbery", ""),
        lambda desk, seen: desk.operate.merge(1, seen, "sari", 2),
    ],
)
def test_a_stale_screen_changes_nothing(desk: Desk, act: Callable[[Desk, int], Any]) -> None:
    desk.press()
    do(desk, "acknowledge")
    seen = desk.version(1)
    desk.clock.now_ms += WINDOW_MS + 1
    press(desk, 2)
    desk.press()
    do(desk, "acknowledge")
    before = row(desk, "version, state")
    with pytest.raises(StaleError, match="since your screen"):
        desk.run(act(desk, seen))
    assert row(desk, "version, state") == before


def test_a_closed_one_is_opened_again_by_who_asks_and_rings_for_nobody(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    close(desk)
    told(desk)
    do(desk, "reopen", "salah tutup", who="budi")
    assert row(desk, "state, owner, outcome, cause, closed_at_ms") == ("reopened", "budi", None, None, None)
    assert told(desk) == ["acknowledged"]
    assert not desk.rings
    close(desk)


def test_buttons_of_one_site_belong_together_within_the_window(desk: Desk) -> None:
    desk.button(3)
    press(desk, 1)
    desk.clock.now_ms += WINDOW_MS
    press(desk, 2)
    desk.clock.now_ms += WINDOW_MS + 1
    press(desk, 3)
    assert desk.rows("SELECT incident, device FROM alarm ORDER BY id") == [(1, 1), (1, 2), (2, 3)]
    press(desk, 1, 2)
    assert desk.rows("SELECT incident FROM alarm ORDER BY id")[-1] == (1,), "its own comes first, however old"


def test_what_joins_rings_by_itself(desk: Desk) -> None:
    press(desk, 1)
    do(desk, "acknowledge")
    press(desk, 2)
    assert desk.rows("SELECT device FROM alarm WHERE acknowledged_by IS NULL") == [(2,)]


def test_a_press_after_the_closing_is_a_new_incident(desk: Desk) -> None:
    desk.press()
    do(desk, "acknowledge")
    close(desk)
    desk.press()
    assert desk.rows("SELECT id, state FROM incident") == [(1, "closed"), (2, "new")]


def two(desk: Desk) -> None:
    """Two incidents of the site: of button 1, and of button 2 a while later."""
    press(desk, 1)
    desk.clock.now_ms += WINDOW_MS + 1
    press(desk, 2)


def test_merging_moves_every_signal_and_the_unanswered_still_ring(desk: Desk) -> None:
    two(desk)
    do(desk, "acknowledge", incident=1)
    do(desk, "dispatch", "Patroli 7", incident=1)
    told(desk, 2)
    do(desk, "merge", 1, incident=2)
    assert desk.rows("SELECT DISTINCT incident FROM alarm") == [(1,)]
    assert row(desk, "state, outcome, merged_into", 2) == ("closed", "merged", 1)
    assert desk.rows("SELECT device FROM alarm WHERE acknowledged_by IS NULL") == [(2,)]
    with pytest.raises(StaleError):
        desk.run(desk.operate.arrive(1, 3, "sari"))
    do(desk, "acknowledge", incident=1)
    assert told(desk, 2) == ["dispatched"]
    press(desk, 2, 2)
    assert desk.rows("SELECT incident FROM alarm ORDER BY id DESC LIMIT 1") == [(1,)]
    with pytest.raises(TransitionError, match="merged into another"):
        do(desk, "reopen", "", incident=2)


def test_what_does_not_belong_together_is_not_merged(desk: Desk) -> None:
    two(desk)
    with pytest.raises(InvalidError, match="another incident"):
        do(desk, "merge", 1, incident=1)
    with pytest.raises(NotFoundError):
        do(desk, "merge", 99, incident=1)
    desk.rows("UPDATE incident SET site = 'b' WHERE id = 2")
    with pytest.raises(InvalidError, match="same site"):
        do(desk, "merge", 2, incident=1)
    desk.rows("UPDATE incident SET site = 'a', drill = 1 WHERE id = 2")
    with pytest.raises(InvalidError, match="drill"):
        do(desk, "merge", 2, incident=1)
    desk.rows("UPDATE incident SET drill = 0 WHERE id = 2")
    do(desk, "acknowledge", incident=2)
    close(desk, 2)
    with pytest.raises(TransitionError, match="closed"):
        do(desk, "merge", 2, incident=1)


def test_splitting_gives_a_button_an_incident_of_its_own_with_the_same_owner(desk: Desk) -> None:
    press(desk, 1)
    press(desk, 2)
    do(desk, "acknowledge")
    press(desk, 2, 2)
    with pytest.raises(InvalidError, match="One alone"):
        do(desk, "split", 3)
    assert do(desk, "split", 1) == 2
    assert desk.rows("SELECT id, device, owner, split_from FROM incident") == [
        (1, 2, "sari", None),
        (2, 1, "sari", 1),
    ]
    assert desk.rows("SELECT incident, device FROM alarm ORDER BY id") == [(2, 1), (1, 2), (1, 2)]
    press(desk, 1, 2)
    press(desk, 2, 3)
    assert desk.rows("SELECT incident FROM alarm ORDER BY id DESC LIMIT 2") == [(1,), (2,)]


def test_a_remark_is_anybodys_and_stands_in_the_history(desk: Desk) -> None:
    desk.press()
    desk.run(desk.operate.note(1, "budi", "Satpam menelepon."))
    with pytest.raises(InvalidError, match="some words"):
        desk.run(desk.operate.note(1, "budi", "  "))
    (personal,) = desk.rows("SELECT personal FROM feed WHERE what = 'noted'")[0]
    assert "Satpam menelepon." in personal
