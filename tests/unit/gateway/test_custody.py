"""What the property test does not single out: order, pace and room."""

from __future__ import annotations

from kentongan_gateway.core.custody import (
    AGAIN_SHARE,
    PER_DEVICE_MAX,
    RETRY_FIRST_MS,
    RETRY_MAX_MS,
    REVIEW_MS,
    Copy,
    Custody,
    HeldRow,
)
from kentongan_gateway.core.moment import Moment
from kentongan_wire.mac import frame_digest
from kentongan_wire.press import PressIdentity
from kentongan_wire.supervision import UNKNOWN_MS


def at(uptime_ms: int, boot: str = "a") -> Moment:
    return Moment(boot, uptime_ms, None)


def press(number: int, device: int = 1) -> PressIdentity:
    return PressIdentity(device, number, bytes(8))


def hold(custody: Custody, identity: PressIdentity, now: Moment, raw: bytes | None = None) -> bytes:
    raw = raw or b"%r" % ((identity.device, identity.sequence),)
    custody.committed(identity, Copy(raw, now))
    return raw


def test_what_is_new_is_due_at_once_in_its_order_of_arrival():
    custody = Custody()
    for number in (1, 2, 3):
        hold(custody, press(number, device=number), at(number))
    assert custody.next_due_ms() == 0
    assert [forward.identity.sequence for forward in custody.due(at(10), 2)] == [1, 2]
    assert [forward.identity.sequence for forward in custody.due(at(10), 2)] == [3]
    assert custody.due(at(10), 2) == []


def test_what_is_due_again_at_once_goes_newest_first():
    custody = Custody()
    for number in (1, 2, 3):
        hold(custody, press(number, device=number), at(number))
    custody.due(at(10), 3)
    assert [forward.identity.sequence for forward in custody.due(at(10 + RETRY_FIRST_MS), 3)] == [3, 2, 1]


def test_a_flood_of_one_button_delays_the_first_forward_of_another_by_one():
    custody = Custody()
    for number in range(PER_DEVICE_MAX):
        hold(custody, press(number, device=1), at(0))
    hold(custody, press(7, device=2), at(1))
    assert [forward.identity.device for forward in custody.due(at(1), 2)] == [1, 2]


def test_a_flood_of_new_ones_does_not_starve_what_is_sent_again():
    custody = Custody()
    hold(custody, press(7, device=2), at(0))
    custody.due(at(0), 1)
    for number in range(PER_DEVICE_MAX):
        hold(custody, press(number, device=1), at(0))
    again = [forward.identity.device for forward in custody.due(at(RETRY_FIRST_MS), AGAIN_SHARE)]
    assert again.count(2) == 1


def test_what_is_held_is_told_newest_first_with_the_time_of_its_arrival():
    custody = Custody()
    assert custody.held_since(at(0)) == []
    hold(custody, press(1), at(99, boot="before"))
    hold(custody, press(2), at(4))
    hold(custody, press(3), at(6))
    hold(custody, press(2), at(8), b"later attempt")
    assert custody.held_since(at(10)) == [(press(3), 6), (press(2), 4), (press(1), 0)]
    custody.receipt(press(3))
    assert [identity for identity, _ in custody.held_since(at(10))] == [press(2), press(1)]


def test_a_flood_of_one_button_is_told_behind_the_newest_of_another():
    custody = Custody()
    hold(custody, press(1, device=2), at(0))
    for number in (2, 3, 4):
        hold(custody, press(number, device=1), at(number))
    assert [identity.sequence for identity, _ in custody.held_since(at(9))] == [4, 1, 3, 2]


def test_what_a_former_centre_had_confirmed_says_so_with_every_attempt():
    custody = Custody()
    custody.load([HeldRow(press(1), Copy(b"a", at(0)), Copy(b"a", at(0)), offered_again=True)])
    hold(custody, press(2), at(0))
    assert [forward.offered_again for forward in custody.due(at(0), 2)] == [True, False]
    hold(custody, press(1), at(1), b"later attempt")
    (again,) = custody.due(at(1), 1)
    assert (again.raw, again.offered_again) == (b"later attempt", True)


def test_what_a_former_centre_had_confirmed_is_in_no_hurry_to_be_texted():
    custody = Custody()
    arrived = at(0, boot="a week ago")
    custody.load([HeldRow(press(1), Copy(b"a", arrived), Copy(b"a", arrived), offered_again=True)])
    hold(custody, press(2), at(5_000))
    expected = [(press(2), 5_000), (press(1), 9_000 + REVIEW_MS)]
    assert custody.held_since(at(9_000)) == expected
    hold(custody, press(1), at(10_000), b"later attempt")
    assert custody.held_since(at(60_000)) == expected


def test_the_time_between_tries_doubles_up_to_its_bound():
    custody = Custody()
    hold(custody, press(1), at(0))
    custody.due(at(0), 1)
    times, now = [], 0
    for _ in range(5):
        due = custody.next_due_ms()
        assert due is not None
        assert custody.due(at(due - 1), 1) == []
        (forward,) = custody.due(at(due), 1)
        assert forward.held_ms == due
        times.append(due - now)
        now = due
    assert times == [RETRY_FIRST_MS, 4_000, 8_000, RETRY_MAX_MS, RETRY_MAX_MS]


def test_a_new_press_goes_before_what_is_tried_again():
    custody = Custody()
    hold(custody, press(1), at(0))
    custody.due(at(0), 1)
    hold(custody, press(2), at(5_000))
    assert [forward.identity.sequence for forward in custody.due(at(5_000), 5)] == [2, 1]


def test_a_new_attempt_goes_at_once_and_only_once():
    custody = Custody()
    hold(custody, press(1), at(0), b"first")
    custody.due(at(0), 1)
    hold(custody, press(1), at(1_000), b"second")
    assert [(forward.raw, forward.held_ms) for forward in custody.due(at(1_000), 5)] == [(b"second", 0)]
    assert custody.due(at(1_000 + RETRY_FIRST_MS - 1), 5) == []
    assert len(custody) == 1


def test_all_are_due_when_the_link_comes_up_and_the_pace_begins_anew():
    custody = Custody()
    for number in (1, 2):
        hold(custody, press(number), at(0))
    for now in (0, 2_000, 6_000):
        custody.due(at(now), 5)
    custody.link_up()
    assert [forward.identity.sequence for forward in custody.due(at(6_001), 5)] == [2, 1]
    assert custody.next_due_ms() == 6_001 + RETRY_MAX_MS or custody.next_due_ms() == 6_001 + RETRY_FIRST_MS
    assert len(custody.due(at(6_001 + RETRY_FIRST_MS), 5)) == 2


def test_a_refused_latest_gives_the_first_its_chance():
    custody = Custody()
    hold(custody, press(1), at(0), b"genuine")
    hold(custody, press(1), at(1), b"forged")
    assert [forward.raw for forward in custody.due(at(1), 5)] == [b"forged"]
    assert custody.refusal(frame_digest(b"forged")) is None
    assert [forward.raw for forward in custody.due(at(1), 5)] == [b"genuine"]
    assert custody.refusal(frame_digest(b"genuine")) == press(1)
    assert len(custody) == 0


def test_a_refusal_of_bytes_that_were_replaced_ends_nothing():
    custody = Custody()
    hold(custody, press(1), at(0), b"one")
    hold(custody, press(1), at(1), b"two")
    hold(custody, press(1), at(2), b"three")
    assert custody.refusal(frame_digest(b"two")) is None
    assert custody.refusal(frame_digest(b"other")) is None
    assert [forward.raw for forward in custody.due(at(2), 5)] == [b"three"]


def test_a_flood_of_one_button_leaves_room_for_another_and_for_itself_when_held():
    custody = Custody()
    for number in range(PER_DEVICE_MAX):
        assert custody.admits(press(number))
        hold(custody, press(number), at(0))
    assert not custody.admits(press(PER_DEVICE_MAX))
    assert custody.admits(press(0))
    assert custody.admits(press(0, device=2))
    custody.receipt(press(5))
    assert custody.admits(press(PER_DEVICE_MAX))


def test_the_oldest_age_is_known_when_any_is():
    custody = Custody()
    assert custody.oldest_ms(at(10)) == 0
    hold(custody, press(1), at(99, boot="before"))
    assert custody.oldest_ms(at(10)) == UNKNOWN_MS
    hold(custody, press(2), at(4))
    assert custody.oldest_ms(at(10)) == 6


def test_what_was_loaded_does_not_replace_what_a_button_brought_meanwhile():
    custody = Custody()
    hold(custody, press(1), at(5), b"newer")
    custody.load(
        [
            HeldRow(press(1), Copy(b"old", at(0)), Copy(b"old", at(0))),
            HeldRow(press(2), Copy(b"a", at(0)), Copy(b"b", at(1))),
        ]
    )
    assert [forward.raw for forward in custody.due(at(5), 5)] == [b"newer", b"b"]


def test_memory_does_not_grow_while_the_link_is_down():
    custody = Custody()
    for number in range(1_000):
        hold(custody, press(1), at(number), b"%d" % number)
        custody.link_up()
    assert (len(custody._fresh), len(custody._again)) == (0, 1)
    assert (len(custody._retries), len(custody._by_digest)) == (0, 2)


def test_nothing_is_due_any_more_when_all_has_ended():
    custody = Custody()
    hold(custody, press(1), at(0))
    custody.due(at(0), 1)
    assert custody.next_due_ms() == RETRY_FIRST_MS
    custody.receipt(press(1))
    assert custody.next_due_ms() is None
