"""What merging and splitting keep: urgency, reminders, owners, help that is on its way, and what lamps say."""

from __future__ import annotations

from typing import Any

import pytest

from kentongan_server.domain.category import Category
from kentongan_server.domain.correlation import WINDOW_MS
from kentongan_wire.press import KIND_MEDICAL
from kentongan_wire.receipts import LEVEL_NAMES, Receipt
from tests.support.shift_rig import ShiftDesk


@pytest.fixture
def desk() -> ShiftDesk:
    return ShiftDesk()


def do(desk: ShiftDesk, act: str, *given: Any, incident: int = 1, who: str = "sari") -> Any:
    return desk.run(getattr(desk.operate, act)(incident, desk.version(incident), who, *given))


def two(desk: ShiftDesk, **first: int) -> None:
    """Incident 1 of button 1, and 2 of button 2 a while later."""
    desk.press_of(1, 1, **first)
    desk.clock.now_ms += WINDOW_MS + 1
    desk.press_of(2, 2)


def told(desk: ShiftDesk, button: int) -> list[str]:
    """The receipts of the button since the last look."""
    levels = [LEVEL_NAMES[one.level] for one in desk.down(Receipt, button)]
    desk.outbox.sent = [one for one in desk.outbox.sent if one[2].device != button]
    return levels


def test_a_call_that_a_hold_up_comes_to_goes_first(desk: ShiftDesk) -> None:
    desk.call(Category.THEFT)
    desk.press_of(1, 1)
    do(desk, "merge", 1, incident=2)
    assert desk.incident("category, priority, source, site") == ("hold-up", 1, "call", "a")


def test_what_is_worse_stays(desk: ShiftDesk) -> None:
    two(desk, kind=KIND_MEDICAL)
    do(desk, "merge", 2, incident=1)
    assert desk.incident("category, priority", 2) == ("hold-up", 1)


def test_what_is_for_review_becomes_real_by_what_is_real(desk: ShiftDesk) -> None:
    two(desk)
    desk.rows("UPDATE incident SET recovered = 1, priority = 4 WHERE id = 1")
    desk.press_of(1, 3)
    assert desk.rows("SELECT incident FROM alarm WHERE sequence = 3") == [(2,)]
    desk.clock.now_ms += WINDOW_MS + 1
    desk.button(3)
    desk.press_of(3, 4)
    do(desk, "merge", 1, incident=3)
    assert desk.incident("recovered, priority, device") == (0, 1, 3)


def test_it_does_not_become_real_by_another_one_for_review(desk: ShiftDesk) -> None:
    two(desk)
    desk.rows("UPDATE incident SET recovered = 1, priority = 4")
    do(desk, "merge", 1, incident=2)
    assert desk.incident("recovered, priority, device") == (1, 4, 1)


def test_what_is_for_review_makes_nothing_more_urgent(desk: ShiftDesk) -> None:
    two(desk, kind=KIND_MEDICAL)
    desk.rows("UPDATE incident SET recovered = 1, priority = 4 WHERE id = 2")
    do(desk, "merge", 1, incident=2)
    assert desk.incident("category, priority, recovered") == ("medical", 2, 0)


def test_a_reminder_goes_with_it(desk: ShiftDesk) -> None:
    two(desk)
    do(desk, "acknowledge", incident=1)
    do(desk, "acknowledge", incident=2)
    do(desk, "park", desk.clock.wall_ms() + 60_000, "", incident=2)
    desk.clock.now_ms += 60_000
    desk.run(desk.operate.tick())
    do(desk, "merge", 1, incident=2)
    assert desk.incident("reminded_at_ms") == (desk.clock.wall_ms(),)
    assert desk.replayed()[-1].after.reminding
    do(desk, "acknowledge")
    assert desk.incident("reminded_at_ms") == (None,)


def test_a_reminder_that_comes_is_one_that_the_other_screen_did_not_show(desk: ShiftDesk) -> None:
    two(desk)
    began_ms = desk.clock.wall_ms()
    for incident in (1, 2):
        do(desk, "acknowledge", incident=incident)
        do(desk, "park", began_ms + incident * 60_000, "", incident=incident)
    for _ in range(2):
        desk.clock.now_ms += 60_000
        desk.run(desk.operate.tick())
    seen = desk.version(1)
    do(desk, "merge", 1, incident=2)
    desk.run(desk.operate.acknowledge(1, seen, "sari"))
    assert desk.incident("reminded_at_ms") == (began_ms + 60_000,), "since when it rings stays"
    do(desk, "acknowledge")
    assert desk.incident("reminded_at_ms") == (None,)


MINUTE_MS = 60_000


def park(desk: ShiftDesk, incident: int, minutes: int) -> int:
    until_ms: int = desk.clock.wall_ms() + minutes * MINUTE_MS
    do(desk, "acknowledge", incident=incident)
    do(desk, "park", until_ms, "", incident=incident)
    return until_ms


def test_an_alarm_that_rings_is_not_put_off_by_what_it_comes_to(desk: ShiftDesk) -> None:
    two(desk)
    park(desk, 1, 10)
    do(desk, "merge", 1, incident=2)
    assert desk.rows("SELECT id FROM alarm WHERE incident = 1 AND acknowledged_by IS NULL") == [(2,)]
    assert desk.incident("state, parked_until_ms, quiet_until_ms") == ("acknowledged", None, None)
    do(desk, "acknowledge")
    assert desk.incident("state, parked_until_ms") == ("acknowledged", None), "answered, and not put off again"


def test_what_somebody_works_on_is_not_put_off_by_what_it_comes_to(desk: ShiftDesk) -> None:
    two(desk)
    park(desk, 1, 10)
    do(desk, "acknowledge", incident=2)
    do(desk, "merge", 1, incident=2)
    assert desk.incident("state, parked_until_ms") == ("acknowledged", None)


def test_a_reminder_is_not_put_off_by_what_it_comes_to(desk: ShiftDesk) -> None:
    two(desk)
    park(desk, 2, 1)
    desk.clock.now_ms += MINUTE_MS
    desk.run(desk.operate.tick())
    park(desk, 1, 10)
    do(desk, "merge", 1, incident=2)
    assert desk.incident("state, parked_until_ms, reminded_at_ms") == ("acknowledged", None, desk.clock.wall_ms())


@pytest.mark.parametrize(("first", "second"), [(10, 20), (20, 10)])
def test_of_two_that_are_parked_the_shorter_park_counts(desk: ShiftDesk, first: int, second: int) -> None:
    two(desk)
    ends = park(desk, 1, first), park(desk, 2, second)
    do(desk, "merge", 1, incident=2)
    assert desk.incident("state, parked_until_ms") == ("parked", min(ends))
    assert desk.replayed()[-1].after.parked_until_ms == min(ends)


def test_who_merges_into_what_is_worked_on_waits_for_nothing(desk: ShiftDesk) -> None:
    two(desk)
    park(desk, 2, 10)
    do(desk, "acknowledge", incident=1)
    do(desk, "merge", 1, incident=2)
    assert desk.incident("state, parked_until_ms") == ("acknowledged", None)


def test_unanswered_alarms_wait_for_no_bell_of_where_they_come(desk: ShiftDesk) -> None:
    two(desk)
    do(desk, "acknowledge", incident=1)
    desk.rows("UPDATE incident SET quiet_until_ms = ? WHERE id = 1", desk.clock.wall_ms() + 20_000)
    do(desk, "merge", 1, incident=2)
    assert desk.incident("quiet_until_ms") == (None,)


def test_help_that_is_on_its_way_goes_with_it_and_no_lamp_goes_back(desk: ShiftDesk) -> None:
    two(desk)
    do(desk, "acknowledge", incident=1)
    do(desk, "dispatch", "Patroli 7", incident=1)
    told(desk, 1)
    do(desk, "merge", 2, incident=1, who="budi")
    assert desk.incident("state, owner, dispatched_to", 2) == ("dispatched", "sari", "Patroli 7")
    assert desk.rows("SELECT acknowledged_at_ms, dispatched_at_ms FROM incident WHERE id = 1") == desk.rows(
        "SELECT acknowledged_at_ms, dispatched_at_ms FROM incident WHERE id = 2"
    )
    assert told(desk, 1) == []
    after = desk.replayed(2)[-1].after
    assert (str(after.state), after.owner, after.dispatched_to) == ("dispatched", "sari", "Patroli 7")
    do(desk, "acknowledge", incident=2)
    assert "dispatched" in told(desk, 2)


def test_the_alarms_where_they_drive_already_are_told(desk: ShiftDesk) -> None:
    two(desk)
    for incident in (1, 2):
        do(desk, "acknowledge", incident=incident)
    do(desk, "park", desk.clock.wall_ms() + 60_000, "", incident=2)
    do(desk, "dispatch", "Patroli 7", incident=1)
    told(desk, 2)
    do(desk, "merge", 2, incident=1)
    assert desk.incident("state, parked_until_ms, dispatched_to", 2) == ("dispatched", None, "Patroli 7")
    assert told(desk, 2) == ["dispatched"]


def test_who_is_there_already_counts_and_whom_the_other_one_was_sent_stays(desk: ShiftDesk) -> None:
    two(desk)
    for incident, unit in ((1, "Patroli 7"), (2, "polsek")):
        do(desk, "acknowledge", incident=incident)
        do(desk, "dispatch", unit, incident=incident)
    do(desk, "arrive", incident=1)
    do(desk, "merge", 2, incident=1)
    assert desk.incident("state, dispatched_to", 2) == ("on-scene", "polsek")
    assert desk.incident("arrived_at_ms", 2) == desk.incident("arrived_at_ms", 1)


def test_a_parked_one_that_is_merged_into_a_new_one_is_answered(desk: ShiftDesk) -> None:
    two(desk)
    do(desk, "acknowledge", incident=1)
    do(desk, "park", desk.clock.wall_ms() + 60_000, "", incident=1)
    do(desk, "merge", 2, incident=1)
    assert desk.incident("state, owner, parked_until_ms", 2) == ("acknowledged", "sari", None)


def test_what_was_merged_into_a_new_one_and_split_off_again_can_be_worked_with(desk: ShiftDesk) -> None:
    two(desk)
    do(desk, "acknowledge", incident=1)
    do(desk, "dispatch", "Patroli 7", incident=1)
    do(desk, "merge", 2, incident=1)
    assert do(desk, "split", 1, incident=2) == 3
    assert desk.incident("state, owner", 3) == ("acknowledged", "sari")
    desk.close(3)


def test_a_lamp_says_no_more_that_somebody_comes_who_does_not_come_there(desk: ShiftDesk) -> None:
    desk.press_of(1, 1)
    desk.press_of(2, 2)
    do(desk, "acknowledge")
    do(desk, "dispatch", "Patroli 7")
    assert told(desk, 2)[-1] == "dispatched"
    told(desk, 1)
    do(desk, "split", 2)
    assert told(desk, 2) == ["acknowledged"]
    assert told(desk, 1) == []
    assert desk.rows("SELECT level FROM alarm WHERE device = 2") == [(2,)]
