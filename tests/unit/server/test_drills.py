"""Drills, in a real store: they ring like real alarms, and no real one ever notices them."""

from __future__ import annotations

from functools import partial

import pytest

from kentongan_server.application import acts
from kentongan_server.application.drills import Drills
from kentongan_server.domain.drill import ALARMS_MAX, MINUTES_MAX, may_reach_units
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.flags import names
from kentongan_server.domain.incident import TransitionError
from kentongan_wire.press import PressIdentity
from kentongan_wire.receipts import Receipt
from tests.support.shift_rig import ShiftDesk
from tests.support.virtual_city import GATEWAY


@pytest.fixture
def desk() -> ShiftDesk:
    return ShiftDesk()


def test_alarms_come_at_their_time_and_ring(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 60), (2, "fire", 120))
    desk.pass_s(59)
    assert desk.rows("SELECT count(*) FROM alarm") == [(0,)]
    desk.pass_s(1)
    assert desk.rows("SELECT device, sequence, acknowledged_by FROM alarm") == [(1, -1, None)]
    assert desk.incident("state, drill, category, site") == ("new", 1, "hold-up", "a")
    assert desk.replayed()[-1].after.rings
    desk.pass_s(60)
    ((_, first), (flags, second)) = desk.rows("SELECT flags, incident FROM alarm ORDER BY id")
    assert first == second == 1, "two buttons of one site within the window belong together, as real ones do"
    assert names(flags) == ["drill"]


def test_the_centre_that_was_down_goes_on_with_the_drill(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 10), (2, "fire", 600), minutes=20)
    desk.clock.now_ms += 30_000
    again = Drills(desk.store, desk.clock)
    for _ in range(3):
        desk.run(again.tick())
    assert desk.rows("SELECT device FROM alarm") == [(1,)], "each comes once"
    desk.clock.now_ms += 20 * 60_000
    desk.run(again.tick())
    assert desk.rows("SELECT device FROM alarm") == [(1,)], "what is over does not begin to ring"
    assert desk.rows("SELECT ended_at_ms IS NOT NULL, ended_by FROM drill") == [(1, None)]


def test_no_button_is_told_anything_whatever_is_done(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    desk.outbox.take()
    for act, given in (("acknowledge", ()), ("dispatch", ("Patroli 7",)), ("arrive", ()), ("withdraw", ("latihan",))):
        desk.run(getattr(desk.operate, act)(1, desk.version(1), "sari", *given))
    desk.close(1, "drill", "drill")
    assert desk.down(Receipt, 1) == []
    assert desk.outbox.take() == []
    ((device, sequence, nonce),) = desk.rows("SELECT device, sequence, nonce FROM alarm")
    assert desk.standings.get(PressIdentity(device, sequence, nonce)) is None, "no lamp could ask for it"
    assert "dispatched" in desk.history()


def test_a_drill_may_reach_no_unit_and_what_is_real_may(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    desk.press_of(2, 1)
    drilled, real = (desk.store.run(partial(acts.find, incident_id=number)) for number in (1, 2))
    assert not may_reach_units(drilled)
    assert may_reach_units(real)


def test_a_real_press_of_the_same_button_rings_beside_the_drill(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 0), (1, "hold-up", 30))
    desk.pass_s(1)
    desk.run(desk.operate.acknowledge(1, desk.version(1), "sari"))
    desk.press_of(1, 1)
    desk.pass_s(30)
    assert desk.rows("SELECT incident, sequence FROM alarm ORDER BY id") == [(1, -1), (2, 1), (1, -1)]
    assert desk.incident("drill, state", 2) == (0, "new")
    assert [one.press.sequence for one in desk.down(Receipt, 1)] == [1], "the real one is answered"
    with pytest.raises(InvalidError):
        desk.run(desk.operate.merge(1, desk.version(1), "sari", 2))


def test_presses_are_never_judged_by_drills(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    found = desk.store.run(lambda one: one.neighbours(1, 0, 5))
    assert (found.same, found.below, found.above, found.highest) == (False, None, None, None)
    desk.press_of(1, 3)
    desk.press_of(1, 4)
    assert desk.rows("SELECT count(*) FROM alarm WHERE sequence > 0 AND flags & 4") == [(0,)]


def test_many_drilled_alarms_do_not_hide_a_buttons_own_open_incident(desk: ShiftDesk) -> None:
    desk.press_of(2, 1)
    desk.press_of(1, 2)
    desk.drill(*((1, "hold-up", 0) for _ in range(30)), minutes=60)
    desk.pass_s(1_200)
    desk.press_of(1, 3)
    assert desk.rows("SELECT incident FROM alarm WHERE sequence > 0") == [(1,), (1,), (1,)]


def test_its_end_closes_what_is_open_answered_or_not(desk: ShiftDesk) -> None:
    desk.press_of(2, 1)
    number = desk.drill((1, "hold-up", 0), minutes=5)
    desk.pass_s(1)
    desk.pass_s(300)
    assert desk.incident("state, outcome, cause, closed_by", 2) == ("closed", "drill", "drill", None)
    assert desk.incident("state") == ("new",), "the real one rings on"
    assert not desk.replayed(2)[-1].after.rings
    with pytest.raises(TransitionError):
        desk.run(desk.drills.end(number, "budi"))


def test_nothing_of_it_is_opened_again_once_it_has_ended(desk: ShiftDesk) -> None:
    number = desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    desk.run(desk.operate.acknowledge(1, desk.version(1), "sari"))
    desk.close(1, "drill", "drill")
    desk.run(desk.operate.reopen(1, desk.version(1), "sari", "belum selesai"))
    desk.run(desk.drills.end(number, "budi"))
    with pytest.raises(TransitionError, match="has ended"):
        desk.run(desk.operate.reopen(1, desk.version(1), "sari", "lagi"))
    assert desk.incident("state") == ("closed",)


def test_it_is_ended_by_hand(desk: ShiftDesk) -> None:
    number = desk.drill((1, "hold-up", 0), (2, "fire", 100))
    desk.pass_s(1)
    desk.run(desk.drills.end(number, "budi"))
    assert desk.incident("state, closed_by") == ("closed", "budi")
    desk.pass_s(200)
    assert desk.rows("SELECT count(*) FROM alarm") == [(1,)], "nothing of it comes any more"
    with pytest.raises(NotFoundError):
        desk.run(desk.drills.end(99, "budi"))


def test_nobody_on_duty_is_texted_for_a_drill(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    assert desk.store.run(lambda one: one.ringing_since()) is None
    desk.press_of(2, 1)
    assert desk.store.run(lambda one: one.ringing_since()) is not None


@pytest.mark.parametrize(
    ("minutes", "alarms"),
    [(0, [(1, "fire", 0)]), (MINUTES_MAX + 1, [(1, "fire", 0)]), (5, []), (5, [(1, "flood", 0)]),
     (5, [(1, "fire", 300)]), (5, [(1, "fire", -1)]), (5, [(1, "fire", 0)] * (ALARMS_MAX + 1))],
)  # fmt: skip
def test_what_is_no_drill_is_refused(desk: ShiftDesk, minutes: int, alarms: list[tuple[int, str, int]]) -> None:
    with pytest.raises(InvalidError):
        desk.drill(*alarms, minutes=minutes)


@pytest.mark.parametrize("device", [GATEWAY, 12345])
def test_only_buttons_in_service_are_drilled(desk: ShiftDesk, device: int) -> None:
    with pytest.raises(NotFoundError):
        desk.drill((1, "fire", 0), (device, "fire", 0))
    assert desk.rows("SELECT count(*) FROM drill") == [(0,)]
