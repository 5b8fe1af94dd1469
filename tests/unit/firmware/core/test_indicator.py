"""Lamp and pulse: covert, only after the fact, and following the newest press."""

from kentongan_button.core.indicator import BLINK_ON_MS, DESK, GUARD_POST, PATTERNS, PULSE_MAX_MS, Indicator
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_ARRIVED, LEVEL_CLOSED, LEVEL_NONE, LEVEL_RECEIVED
from tests.support.portable import raises


def blinks(indicator, from_ms, until_ms, kind=0):
    """(start, length) of what the lamp (kind 0) or the vibration (kind 1) does, asked as the app asks."""
    out = []
    started = None
    now = from_ms
    while now < until_ms:
        on = indicator.output(now)[kind]
        if on and started is None:
            started = now
        elif not on and started is not None:
            out.append((started, now - started))
            started = None
        following = indicator.next_change(now)
        assert following > now
        now = following
    return out


def periods(found):
    return [found[index + 1][0] - found[index][0] for index in range(len(found) - 1)]


def test_the_lamp_always_blinks_with_one_length_and_the_period_of_the_level():
    for variant, rows in PATTERNS.items():
        for level in range(len(rows)):
            indicator = Indicator(variant, 0)
            indicator.follow("press", 0, level)
            found = blinks(indicator, 0, 20_000)
            assert {length for _, length in found} == {BLINK_ON_MS}
            assert set(periods(found)) == {rows[level][0]}


def test_only_the_rhythm_tells_the_levels_of_a_guard_post_apart():
    rhythms = [period for period, _ in PATTERNS[GUARD_POST]]
    assert len(set(rhythms)) == len(rhythms)
    assert [pulse for _, pulse in PATTERNS[GUARD_POST]] == [0, 0, 0]


def test_a_desk_tells_by_one_short_pulse_and_an_unchanged_lamp():
    assert len({period for period, _ in PATTERNS[DESK]}) == 1
    assert all(0 <= pulse <= PULSE_MAX_MS <= 150 for _, pulse in PATTERNS[DESK])
    indicator = Indicator(DESK, 0)
    indicator.follow("press", 100)
    assert indicator.handle_receipt("press", LEVEL_RECEIVED, 1, 500)
    assert indicator.handle_receipt("press", LEVEL_ACKNOWLEDGED, 2, 9_000)
    assert not indicator.handle_receipt("press", LEVEL_ARRIVED, 3, 12_000)
    pulses = blinks(indicator, 9_000, 30_000, kind=1)
    assert [length for _, length in pulses] == [PATTERNS[DESK][2][1]]


def test_nothing_shows_before_the_receipt():
    indicator = Indicator(GUARD_POST, 0)
    idle = blinks(indicator, 0, 10_000)
    indicator.follow("press", 10_000)
    pressed = blinks(indicator, 10_000, 20_000)
    assert periods(idle[-1:] + pressed) == [PATTERNS[GUARD_POST][0][0]] * len(pressed)
    assert indicator.level == LEVEL_NONE


def test_the_change_is_no_extra_flash():
    indicator = Indicator(GUARD_POST, 0)
    indicator.follow("press", 0)
    indicator.output(0)
    assert indicator.handle_receipt("press", LEVEL_RECEIVED, 1, 400)
    found = blinks(indicator, 400, 6_000)
    assert found[0] == (PATTERNS[GUARD_POST][1][0], BLINK_ON_MS)
    # Overdue in the quicker rhythm: it starts at once, in full length.
    indicator.follow(None, 6_000)
    start = blinks(indicator, 6_000, 12_000)[-1][0]
    indicator.follow("later", start)
    assert indicator.handle_receipt("later", LEVEL_ACKNOWLEDGED, 1, start + 2_000)
    assert blinks(indicator, start + 2_000, start + 2_500) == [(start + 2_000, BLINK_ON_MS)]


def test_higher_levels_show_as_acknowledged():
    indicator = Indicator(GUARD_POST, 0)
    indicator.follow("press", 0)
    assert indicator.handle_receipt("press", LEVEL_CLOSED, 9, 100)
    assert indicator.level == LEVEL_ACKNOWLEDGED


def test_one_level_only_can_be_configured():
    indicator = Indicator(GUARD_POST, 0, levels=1)
    indicator.follow("press", 0)
    assert indicator.handle_receipt("press", LEVEL_RECEIVED, 1, 100)
    assert not indicator.handle_receipt("press", LEVEL_ACKNOWLEDGED, 2, 200)
    assert indicator.level == LEVEL_RECEIVED


def test_a_withdrawn_level_falls_back_without_a_pulse():
    indicator = Indicator(DESK, 0)
    indicator.follow("press", 0)
    assert indicator.handle_receipt("press", LEVEL_ACKNOWLEDGED, 2, 100)
    assert indicator.handle_receipt("press", LEVEL_RECEIVED, 3, 5_000)
    assert indicator.level == LEVEL_RECEIVED
    assert blinks(indicator, 5_000, 9_000, kind=1) == []


def test_stale_and_foreign_receipts_show_nothing():
    indicator = Indicator(GUARD_POST, 0)
    assert not indicator.handle_receipt("press", LEVEL_RECEIVED, 1, 0)
    assert not indicator.handle_receipt(None, LEVEL_RECEIVED, 1, 0)
    indicator.follow("press", 0)
    assert not indicator.handle_receipt("other", LEVEL_ACKNOWLEDGED, 9, 10)
    assert indicator.handle_receipt("press", LEVEL_RECEIVED, 4, 20)
    assert not indicator.handle_receipt("press", LEVEL_ACKNOWLEDGED, 4, 30)
    assert not indicator.handle_receipt("press", LEVEL_ACKNOWLEDGED, 3, 40)
    assert indicator.level == LEVEL_RECEIVED


def test_the_lamp_follows_the_newest_press():
    indicator = Indicator(GUARD_POST, 0)
    indicator.follow("first", 0)
    indicator.handle_receipt("first", LEVEL_ACKNOWLEDGED, 2, 100)
    indicator.follow("second", 5_000)
    assert indicator.level == LEVEL_NONE
    assert not indicator.handle_receipt("first", LEVEL_CLOSED, 3, 5_100)
    assert indicator.handle_receipt("second", LEVEL_RECEIVED, 1, 5_200)


def test_the_key_returns_to_the_idle_blink():
    indicator = Indicator(GUARD_POST, 0)
    indicator.follow("press", 0, LEVEL_ACKNOWLEDGED, 2)
    indicator.follow(None, 1_000)
    assert indicator.level == LEVEL_NONE
    assert not indicator.handle_receipt("press", LEVEL_CLOSED, 3, 1_100)
    assert set(periods(blinks(indicator, 1_000, 20_000))) == {PATTERNS[GUARD_POST][0][0]}


def test_a_restart_shows_the_known_level_without_a_pulse():
    indicator = Indicator(DESK, 0)
    indicator.follow("press", 0, LEVEL_RECEIVED, 5)
    assert indicator.level == LEVEL_RECEIVED
    assert blinks(indicator, 0, 5_000, kind=1) == []
    assert not indicator.handle_receipt("press", LEVEL_ACKNOWLEDGED, 5, 100)


def test_an_unknown_variant_is_refused():
    assert "ceiling" in str(raises(KeyError, Indicator, "ceiling", 0))
