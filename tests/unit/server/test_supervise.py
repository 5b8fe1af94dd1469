"""Supervision with a clock that the test moves: silence, its end, a store that fails, what a restart remembers."""

from __future__ import annotations

import pytest

from kentongan_server.application import supervise
from kentongan_server.application.commands import NotHeardError
from kentongan_server.application.ports import StoreError
from kentongan_server.application.roll import Roll
from kentongan_server.application.supervise import Supervise
from kentongan_server.domain.supervision import SILENT_AFTER_MS
from kentongan_wire.command import Command
from kentongan_wire.receipts import Receipt
from kentongan_wire.supervision import SITE_CUSTODY_FULL, UNKNOWN_MS, Behind, HeartbeatAnswer
from tests.support.direct_centre import T0_MS
from tests.support.presses import Made, attempt, body, message
from tests.support.virtual_city import GATEWAY, OTHER, City


@pytest.fixture
def city() -> City:
    return City()


def test_a_silent_button_is_a_trouble_within_its_time_and_ends_with_its_next_word(city: City) -> None:
    city.hear_all()
    city.wait(SILENT_AFTER_MS, hear=(GATEWAY, 2))
    assert city.troubles() == []
    city.wait(6_000, hear=(GATEWAY, 2))
    assert city.troubles() == [(1, "silent", True)]
    city.wait(60_000, hear=(GATEWAY, 2))
    assert city.troubles() == [(1, "silent", True)]
    city.report(city.heartbeat(1))
    assert city.troubles() == [(1, "silent", False)]
    assert [what for (what,) in city.rows("SELECT what FROM feed WHERE kind = 'trouble'")] == ["opened", "restored"]


def test_a_silent_gateway_is_one_trouble(city: City) -> None:
    city.hear_all()
    city.wait(10 * 60_000)
    assert city.troubles() == [(GATEWAY, "silent", True)]
    city.report()  # it is back, its buttons have not been heard yet
    city.wait(SILENT_AFTER_MS - 1_000, hear=(GATEWAY,))
    assert city.troubles() == [(GATEWAY, "silent", False)]
    city.wait(8_000, hear=(GATEWAY,))
    assert city.troubles()[1:] == [(1, "silent", True), (2, "silent", True)]


def test_who_was_never_heard_is_waited_for_by_nobody(city: City) -> None:
    city.report()
    city.wait(120_000, hear=(GATEWAY,))
    assert city.troubles() == []


def test_a_heartbeat_that_the_gateway_held_long_is_as_old_as_that(city: City) -> None:
    city.hear_all()
    city.wait(40_000, hear=(GATEWAY, 2))
    city.report(city.heartbeat(1, uptime_ms=1_000_000), held_ms=40_000)  # made when the first one was
    city.wait(11_000, hear=(GATEWAY, 2))
    assert city.troubles() == [(1, "silent", True)]


def test_nothing_is_answered_while_the_store_fails(city: City) -> None:
    failing = True
    supervise = Supervise(
        city.ring, city.store, city.answers, city.clock, city.roll, city.standings, city.rejections,
        may_answer=lambda: not failing,
    )  # fmt: skip
    city.supervise = supervise
    city.hear_all()
    assert city.outbox.sent == []
    failing = False
    city.hear_all()
    assert [one.counter for one in city.down(HeartbeatAnswer, 1)] == [2]


def test_a_gateway_that_lost_its_counters_is_told_and_heard_again(city: City) -> None:
    city.wait(20_000, hear=(GATEWAY,))
    known = city.counters[GATEWAY]
    city.outbox.sent.clear()
    city.report(counter=1, boot_id=8)
    assert city.down(HeartbeatAnswer, GATEWAY) == []  # it proves no path, and nobody was heard
    assert city.down(Behind, GATEWAY) == [Behind(known, 8)]
    assert city.rows("SELECT reason, part FROM rejection") == [("stale", "report")]
    city.report(counter=known + 1, boot_id=8)
    assert [one.boot_id for one in city.down(HeartbeatAnswer, GATEWAY)] == [8]


def test_a_recorded_report_is_never_made_fresh_and_of_a_known_boot_not_answered(city: City) -> None:
    city.wait(20_000, hear=(GATEWAY,))
    known = city.counters[GATEWAY]
    city.report(counter=known + 1, boot_id=8)
    city.outbox.sent.clear()
    city.report(counter=known, boot_id=8)
    assert city.outbox.sent == []
    city.wait(60_000)
    for _ in range(3):  # an old boot's: told, in a boot that nobody is in any more, and stale for ever
        city.report(counter=known, boot_id=7)
    assert city.down(HeartbeatAnswer, GATEWAY) == []
    assert {one.boot_id for one in city.down(Behind, GATEWAY)} == {7}
    assert (GATEWAY, "silent", True) in city.troubles() or city.own_alarms()


def test_the_counter_that_a_gateway_is_told_covers_its_texts(city: City) -> None:
    city.report()
    assert city.text(GATEWAY, counter=4_000)
    city.report(counter=0, boot_id=8)
    assert city.down(Behind, GATEWAY) == [Behind(4_000, 8)]


def test_a_trouble_that_could_not_be_stored_is_raised_when_it_can(city: City) -> None:
    city.hear_all()
    city.store.error = StoreError("full.")
    city.wait(SILENT_AFTER_MS + 8_000)
    assert city.troubles() == []
    city.store.error = None
    city.wait(1_000)
    assert city.troubles() == [(GATEWAY, "silent", True)]
    city.store.error = StoreError("full.")
    city.report()
    city.store.error = None
    assert city.troubles() == [(GATEWAY, "silent", True)]
    city.report()
    assert city.troubles() == [(GATEWAY, "silent", False)]


def test_a_press_that_could_not_be_stored_is_answered_by_nobody(city: City) -> None:
    made = Made(body(1, b"noncenon", 7, 1_000), 0, 0)
    envelope = message(city.found(GATEWAY), attempt(city.found(1), made, 1_100))
    city.store.error = StoreError("full.")
    with pytest.raises(StoreError):
        city.run(city.intake.take(*envelope))
    assert city.outbox.sent == []
    assert city.rows("SELECT count(*) FROM alarm") == [(0,)]
    city.store.error = None
    city.run(city.intake.take(*envelope))
    assert len(city.down(Receipt, 1)) == 1


def test_a_refusal_is_not_told_before_it_is_listed(city: City) -> None:
    envelope = message(city.found(GATEWAY), b"nonsense")
    city.store.error = StoreError("full.")
    with pytest.raises(StoreError):
        city.run(city.intake.take(*envelope))
    assert city.outbox.sent == []


def restarted(city: City, *, later_ms: int = 0) -> None:
    """The same store, a new process: everything in memory is gone, monotonic time too."""
    city.clock.now_ms += later_ms
    city.roll = Roll(city.clock)
    city.supervise = Supervise(
        city.ring, city.store, city.answers, city.clock, city.roll, city.standings, city.rejections
    )
    city.run(city.supervise.load())


def test_after_a_restart_silence_is_counted_anew_and_old_troubles_end(city: City) -> None:
    city.hear_all()
    city.wait(SILENT_AFTER_MS + 8_000, hear=(GATEWAY, 2))
    city.run(city.supervise.save())
    restarted(city, later_ms=3_600_000)
    city.wait(SILENT_AFTER_MS)
    assert city.troubles() == [(1, "silent", True)], "the centre's own absence is nobody's silence"
    city.report(city.heartbeat(1))
    assert city.troubles() == [(1, "silent", False)]


def test_what_was_not_saved_is_saved_by_the_next_try(city: City) -> None:
    city.hear_all()
    city.store.error = StoreError("full.")
    with pytest.raises(StoreError):
        city.run(city.supervise.save())
    city.store.error = None
    city.run(city.supervise.save())
    assert city.rows("SELECT count(*) FROM device_state") == [(3,)]


def test_what_many_devices_said_is_saved_in_pieces(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "SAVED_AT_ONCE", 2)
    city.hear_all()
    before = city.store.commits
    city.run(city.supervise.save())
    assert city.store.commits - before == 2, "three devices: an alarm gets in between"
    assert city.rows("SELECT device FROM device_state") == [(1,), (2,), (GATEWAY,)]
    city.run(city.supervise.save())
    assert city.store.commits - before == 2, "nothing has changed since"


def test_what_is_left_of_a_broken_saving_is_saved_by_the_next(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "SAVED_AT_ONCE", 1)
    city.hear_all()
    city.store.fail_after = 2
    with pytest.raises(StoreError):
        city.run(city.supervise.save())
    assert city.rows("SELECT device FROM device_state") == [(1,), (2,)]
    before = city.store.commits
    city.run(city.supervise.save())
    assert city.rows("SELECT device FROM device_state") == [(1,), (2,), (GATEWAY,)]
    assert city.store.commits - before == 1


def test_a_retired_device_is_no_longer_waited_for(city: City) -> None:
    city.hear_all()
    city.run(city.supervise.save())
    city.store.run(lambda register: register.retire(1, T0_MS))
    city.run(city.supervise.reload())
    city.wait(120_000, hear=(GATEWAY, 2))
    assert city.troubles() == []


def test_a_press_of_an_earlier_boot_is_dated_by_that_boots_heartbeats(city: City) -> None:
    city.hear_all()
    pressed = Made(body(1, b"noncenon", 7, 1_000_000 + 2_000), 2_000, -1_000_000)
    city.wait(50_000, hear=(GATEWAY, 2))
    frame = attempt(city.found(1), pressed, city.clock.now_ms, boot_id=8)
    city.run(city.intake.take(*message(city.found(GATEWAY), frame)))
    assert city.rows("SELECT pressed_at_ms, dated FROM alarm") == [(T0_MS + 2_000, "estimated")]


def test_custody_full_is_a_trouble_of_the_gateway(city: City) -> None:
    city.report(state=SITE_CUSTODY_FULL)
    city.report(state=SITE_CUSTODY_FULL)
    assert city.troubles() == [(GATEWAY, "custody-full", True)]
    city.report()
    assert city.troubles() == [(GATEWAY, "custody-full", False)]


def test_unknown_holding_time_counts_as_none(city: City) -> None:
    city.report(city.heartbeat(1), held_ms=UNKNOWN_MS)
    assert len(city.down(HeartbeatAnswer, 1)) == 1


def test_receipts_find_a_moved_button_through_its_present_gateway(city: City) -> None:
    made = Made(body(1, b"noncenon", 7, 1_000), 0, 0)
    city.run(city.intake.take(*message(city.found(GATEWAY), attempt(city.found(1), made, 1_100))))
    city.report(city.heartbeat(1), gateway=OTHER)
    city.outbox.take()
    city.run(city.operate.acknowledge(1, city.version(1), "sari"))
    ways = [gateway for gateway, _, frame in city.outbox.sent if isinstance(frame.payload, Receipt)]
    assert ways == [GATEWAY, OTHER]


def test_a_command_is_bound_to_the_boot_that_was_heard(city: City) -> None:
    with pytest.raises(NotHeardError):
        city.run(city.supervise.commands.report_now(1))
    city.report(city.heartbeat(1))
    city.wait(3_000)
    city.run(city.supervise.commands.report_now(1))
    (command,) = city.down(Command, 1)
    assert command.boot_id == 7
    assert command.expires_uptime_ms == 1_000_000 + 3_000 + 30_000
