"""The lamp lies never and flashes never."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kentongan_button.core.indicator import BLINK_ON_MS, PATTERNS, PULSE_MAX_MS, Indicator
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_CLOSED, LEVEL_RECEIVED

STEPS = st.lists(
    st.tuples(
        st.integers(0, 4_000),  # pause
        st.sampled_from(["receipt", "follow", "key"]),
        st.integers(1, 3),  # which press
        st.integers(LEVEL_RECEIVED, LEVEL_CLOSED),
        st.integers(1, 9),  # revision
    ),
    max_size=30,
)


@given(st.sampled_from(sorted(PATTERNS)), STEPS, st.integers(0, 15))
def test_whatever_comes_the_lamp_shows_the_newest_word_in_whole_blinks(variant, steps, late_ms):
    """`late_ms`: the loop asks for the output that much later than it was told to."""
    indicator = Indicator(variant, 0)
    followed, revision, level = None, 0, 0
    lit_since = pulsing_since = None
    now_ms = 0
    for pause_ms, what, press, new_level, new_revision in steps:
        until_ms = now_ms + pause_ms
        while now_ms < until_ms:
            lit, pulsing = indicator.output(now_ms)
            if lit and lit_since is None:
                lit_since = now_ms
            elif not lit and lit_since is not None:
                assert BLINK_ON_MS <= now_ms - lit_since <= BLINK_ON_MS + late_ms
                lit_since = None
            if pulsing and pulsing_since is None:
                pulsing_since = now_ms
            elif not pulsing and pulsing_since is not None:
                assert now_ms - pulsing_since <= 2 * PULSE_MAX_MS + late_ms
                pulsing_since = None
            following = indicator.next_change(now_ms)
            assert following > now_ms
            now_ms = min(following + late_ms, until_ms)
        if what == "receipt":
            if press == followed and new_revision > revision:
                revision, level = new_revision, min(new_level, LEVEL_ACKNOWLEDGED)
            indicator.handle_receipt(press, new_level, new_revision, now_ms)
        else:
            followed = press if what == "follow" else None
            revision = level = 0
            indicator.follow(followed, now_ms)
        assert indicator.level == level
