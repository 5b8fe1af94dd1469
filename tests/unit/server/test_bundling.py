"""Answers on their way down: bundled, bounded, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kentongan_server.adapters.lanes import BUNDLE_BYTES_MAX, bundles
from kentongan_server.domain.flags import Flag, names
from kentongan_wire import bundle


@given(st.lists(st.binary(min_size=1, max_size=3_000), max_size=40))
def test_bundles_hold_every_frame_in_order_and_stay_small(frames: list[bytes]) -> None:
    packed = bundles(frames)
    assert [frame for one in packed for frame in bundle.unpack(one)] == frames
    assert all(len(one) <= BUNDLE_BYTES_MAX + 2 for one in packed)


def test_flags_have_the_documented_words() -> None:
    assert names(0) == []
    everything = int(Flag.LATE | Flag.MOVED | Flag.REWOUND | Flag.RETIRED | Flag.TIME_SUSPECT | Flag.AT_BOOT)
    assert names(everything) == ["late", "moved", "rewound", "retired", "time-suspect", "at-boot"]
