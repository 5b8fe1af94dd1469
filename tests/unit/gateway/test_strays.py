from __future__ import annotations

from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.strays import JUNK_PER_S, JUNK_QUEUE_MAX, PRESSES_MAX, REPEAT_MS, REPEATS_MAX, Strays
from kentongan_wire.custody import ENVELOPE_CUT, INNER_MAX


def at(uptime_ms: int) -> Moment:
    return Moment("a", uptime_ms, None)


def taken(strays: Strays, now: Moment) -> list[bytes]:
    out = []
    while (envelope := strays.take(now)) is not None:
        out.append(envelope.inner)
    return out


def test_junk_is_counted_and_shown_once():
    strays = Strays()
    assert strays.junk(b"x", at(0))
    assert not strays.junk(b"x", at(1))
    assert strays.refused == 1
    envelope = strays.take(at(30))
    assert envelope is not None
    assert (envelope.inner, envelope.held_ms, envelope.flags) == (b"x", 30, 0)
    assert strays.take(at(30)) is None


def test_the_same_bytes_much_later_are_counted_again():
    strays = Strays()
    for now in (0, REPEAT_MS, REPEAT_MS + 1):
        strays.junk(b"x", at(now))
    assert strays.refused == 2


def test_what_is_remembered_is_bounded():
    strays = Strays()
    for number in range(REPEATS_MAX + 10):
        strays.junk(b"%d" % number, at(0))
    assert len(strays._seen) == REPEATS_MAX


def test_junk_is_shown_at_a_bounded_rate_and_the_rest_counted():
    strays = Strays()
    for number in range(100):
        strays.junk(b"%d" % number, at(0))
    assert len(taken(strays, at(0))) == JUNK_PER_S
    assert (strays.refused, strays.overflowed) == (100, 100 - JUNK_PER_S)
    for number in range(100, 200):
        strays.junk(b"%d" % number, at(500))
    assert len(taken(strays, at(500))) == JUNK_PER_S // 2


def test_no_time_is_rounded_away():
    strays = Strays()
    for number in range(JUNK_PER_S):
        strays.junk(b"%d" % number, at(0))
    taken(strays, at(0))
    for now in range(1, 1_001):
        strays.junk(b"later %d" % now, at(now))
    assert len(taken(strays, at(1_000))) == JUNK_PER_S


def test_the_queue_of_junk_is_bounded():
    strays = Strays()
    for second in range(JUNK_QUEUE_MAX):
        for number in range(JUNK_PER_S):
            strays.junk(b"%d %d" % (second, number), at(second * 1_000))
    assert len(strays) == JUNK_QUEUE_MAX


def test_a_misplaced_press_knows_no_rate_limit():
    strays = Strays()
    for number in range(100):
        assert strays.misplaced_press(b"%d" % number, at(0))
    assert not strays.misplaced_press(b"0", at(0))
    assert len(taken(strays, at(0))) == 100
    assert strays.refused == 100


def test_presses_go_before_junk_and_the_newest_first():
    strays = Strays()
    strays.junk(b"junk", at(0))
    strays.unheld_press(b"old", at(0))
    strays.unheld_press(b"new", at(0))
    assert taken(strays, at(0)) == [b"new", b"old", b"junk"]
    assert strays.refused == 1  # a press without room was not refused


def test_the_oldest_unheld_press_makes_room_and_is_counted():
    strays = Strays()
    for number in range(PRESSES_MAX + 1):
        strays.unheld_press(b"%d" % number, at(0))
    shown = taken(strays, at(0))
    assert (len(shown), shown[-1], strays.overflowed) == (PRESSES_MAX, b"1", 1)


def test_what_is_too_long_is_cut_and_says_so():
    strays = Strays()
    strays.junk(b"y" * (INNER_MAX + 1), at(0))
    envelope = strays.take(at(0))
    assert envelope is not None
    assert (envelope.inner, envelope.flags) == (b"y" * INNER_MAX, ENVELOPE_CUT)


def test_a_flood_of_one_device_makes_room_for_itself_only_and_delays_another_by_one():
    strays = Strays()
    strays.unheld_press(b"press", at(0), device=2)
    for number in range(PRESSES_MAX + 10):
        strays.unheld_press(b"%d" % number, at(1), device=1)
    assert strays.overflowed == 11
    taken = [strays.take(at(2)) for _ in range(3)]
    assert [envelope.inner for envelope in taken if envelope] == [
        b"press",
        b"%d" % (PRESSES_MAX + 9),
        b"%d" % (PRESSES_MAX + 8),
    ]
    assert len(strays) == PRESSES_MAX - 3
