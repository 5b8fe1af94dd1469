"""A button that chatters delays only its own bell: what is new in its incident rings at once."""

from __future__ import annotations

from functools import partial

import pytest

from kentongan_server.application import centre_alarms
from kentongan_server.domain.ringing import PACE_MS
from kentongan_wire.press import KIND_DURESS, KIND_MEDICAL
from tests.support.shift_rig import ShiftDesk


class SharedDesk(ShiftDesk):
    """Buttons 1 and 2 in one incident, whose operator answers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.waiting = 0

    def signal(self, button: int, **more: int) -> None:
        self.number += 1
        self.clock.now_ms += 1_000
        self.press_of(button, self.number, **more)

    def chatter(self) -> None:
        """Until the bell of button 1 waits."""
        for _ in range(4):
            self.signal(1)
            if self.quiet:
                return
            self.answer()
        raise AssertionError("it never waited")

    @property
    def quiet(self) -> bool:
        return self.incident("quiet_until_ms") != (None,)


@pytest.fixture
def desk() -> SharedDesk:
    desk = SharedDesk()
    desk.chatter()
    return desk


def test_the_first_press_of_another_button_rings_at_once(desk: SharedDesk) -> None:
    desk.signal(2)
    assert desk.rows("SELECT DISTINCT incident FROM alarm") == [(1,)]
    assert desk.rings
    desk.run(desk.supervise.tick())
    assert desk.rings


def test_it_does_so_too_when_all_was_answered_before_the_bell_rang(desk: SharedDesk) -> None:
    desk.answer()
    desk.signal(2)
    assert desk.rings
    assert desk.incident("rang_at_ms") == (desk.clock.wall_ms(),)


@pytest.mark.parametrize("kind", [KIND_DURESS, KIND_MEDICAL])
def test_another_kind_of_the_same_button_rings_at_once(desk: SharedDesk, kind: int) -> None:
    desk.signal(1, kind=kind)
    assert desk.rings


def test_once_it_was_answered_the_other_button_has_the_same_pace(desk: SharedDesk) -> None:
    desk.signal(2)
    desk.answer()
    desk.signal(2)
    assert desk.quiet
    assert not desk.rings
    desk.second(PACE_MS // 1_000 + 1)
    assert desk.rings


def test_what_rings_already_keeps_the_time_since_when(desk: SharedDesk) -> None:
    desk.signal(2)
    since = desk.incident("rang_at_ms")
    desk.button(3)
    desk.signal(3)
    assert desk.incident("rang_at_ms") == since


def test_a_press_beside_an_attack_waits_no_longer_than_a_press_does() -> None:
    desk = SharedDesk()

    def attack() -> None:
        desk.clock.now_ms += 1_000
        now_ms = desk.clock.wall_ms()
        raised = desk.store.run(partial(centre_alarms.suspect_attack, site="a", since_ms=now_ms, at_ms=now_ms))
        desk.waiting = raised.quiet_until_ms

    attack()
    desk.signal(1)
    desk.run(desk.operate.merge(2, desk.version(2), "sari", 1))
    for _ in range(3):
        desk.answer()
        attack()
    assert desk.waiting > desk.clock.wall_ms() + PACE_MS
    desk.signal(1)
    assert desk.incident("quiet_until_ms") == (desk.clock.wall_ms() + PACE_MS,)
