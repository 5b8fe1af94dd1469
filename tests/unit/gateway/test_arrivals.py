from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_gateway.core.arrivals import Stray, read
from kentongan_wire.frame import Frame
from kentongan_wire.topics import ALARM, BEAT
from tests.support.site import TestButton

BUTTON = TestButton(0xA1B2)
PRESS, HEARTBEAT = BUTTON.attempt(BUTTON.new_press()), BUTTON.heartbeat()


@pytest.mark.parametrize(("lane", "raw"), [(ALARM, PRESS), (BEAT, HEARTBEAT)], ids=["press", "heartbeat"])
def test_a_frame_in_its_place_is_read(lane: str, raw: bytes):
    found = read(lane, BUTTON.device, raw)
    assert isinstance(found, Frame)
    assert found.raw == raw


@pytest.mark.parametrize(
    ("lane", "raw", "is_press"), [(ALARM, HEARTBEAT, False), (BEAT, PRESS, True)], ids=["heartbeat", "press"]
)
def test_a_frame_on_the_wrong_lane_is_a_stray(lane: str, raw: bytes, is_press: bool):
    found = read(lane, BUTTON.device, raw)
    assert isinstance(found, Stray)
    assert found.is_press == is_press


@pytest.mark.parametrize(
    ("lane", "raw", "is_press"), [(ALARM, PRESS, True), (BEAT, HEARTBEAT, False)], ids=["press", "heartbeat"]
)
def test_a_frame_of_another_device_is_a_stray(lane: str, raw: bytes, is_press: bool):
    found = read(lane, BUTTON.device + 1, raw)
    assert isinstance(found, Stray)
    assert (found.is_press, found.reason) == (is_press, "names device 0000a1b2 on the topic of 0000a1b3")


@given(raw=st.binary(max_size=600), lane=st.sampled_from([ALARM, BEAT]))
def test_anything_else_is_a_stray_and_nothing_raises(raw: bytes, lane: str):
    assert isinstance(read(lane, BUTTON.device, raw), Stray)
