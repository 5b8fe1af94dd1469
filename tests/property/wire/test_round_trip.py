"""What is sealed comes back, and nothing else passes for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_wire import armour, armour_dense, bundle, frame, topics
from kentongan_wire.custody import Envelope
from kentongan_wire.errors import FrameError
from kentongan_wire.mac import MacKey
from kentongan_wire.press import Press
from kentongan_wire.record import Payload
from tests.support.payloads import ALL_PAYLOADS, devices, payloads, presses, u8

KEY = MacKey(b"a key")


@given(payloads, devices, u8)
def test_a_sealed_frame_comes_back(payload: Payload, device: int, key_id: int) -> None:
    raw = frame.seal(payload, device, key_id, KEY)
    parsed = frame.parse(raw, ALL_PAYLOADS)
    assert parsed.payload == payload
    assert (parsed.device, parsed.key_id, parsed.raw) == (device, key_id, raw)
    assert parsed.verify(KEY)
    assert not parsed.verify(MacKey(b"another key"))
    assert frame.seal(parsed.payload, device, key_id, KEY) == raw


@given(payloads, devices, st.data())
def test_no_changed_bit_survives(payload: Payload, device: int, data: st.DataObject) -> None:
    raw = bytearray(frame.seal(payload, device, 1, KEY))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << (bit % 8)
    try:
        parsed = frame.parse(bytes(raw), ALL_PAYLOADS)
    except FrameError:
        return
    assert not parsed.verify(KEY)


@given(st.binary(max_size=300))
def test_armour_is_its_own_inverse(raw: bytes) -> None:
    text = armour.armour(raw)
    assert armour.dearmour(text) == raw
    assert armour.dearmour(" " + text.lower()[:5] + "\r\n" + text[5:] + "\n") == raw


@given(presses)
def test_a_press_fits_one_sms(press: Press) -> None:
    text = armour.armour(frame.seal(press, 2**32 - 1, 255, KEY))
    assert len(text) <= armour.SMS_CHARACTERS
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567")


@given(st.binary(max_size=117))
def test_what_fits_one_sms_comes_back_from_it(raw: bytes) -> None:
    text = armour_dense.sms_text(raw)
    assert len(text) <= armour.SMS_CHARACTERS
    assert text.isascii()
    assert text.isalnum()
    assert armour_dense.sms_frame(text) == armour_dense.sms_frame(f" {text[:50]}\r\n{text[50:]}\n") == raw


@given(presses, st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_an_envelope_around_a_press_fits_one_sms(press: Press, held_ms: int, flags: int) -> None:
    inner = frame.seal(press, 2**32 - 1, 255, KEY)
    raw = frame.seal(Envelope(held_ms, flags, inner), 2**32 - 1, 255, KEY)
    assert armour_dense.sms_frame(armour_dense.sms_text(raw)) == raw


@given(st.binary(min_size=118, max_size=200))
def test_what_one_sms_cannot_carry_is_refused_before_it_is_sent(raw: bytes) -> None:
    with pytest.raises(FrameError, match="117"):
        armour_dense.sms_text(raw)


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_a_bundle_comes_apart_as_it_was_packed(frames: list[bytes]) -> None:
    assert bundle.unpack(bundle.pack(frames)) == frames


@given(
    st.text(topics._SITE_CHARACTERS, min_size=1, max_size=topics.SITE_NAME_MAX),
    devices,
    st.sampled_from([topics.ALARM, topics.BEAT]),
)
def test_topics_name_site_device_and_lane(site: str, device: int, lane: str) -> None:
    assert topics.parse_button_up(topics.button_up(site, device, lane)) == (site, device, lane)
    for kind in (topics.ALARM, topics.REPORT):
        assert topics.parse_gateway_up(topics.gateway_up(device, kind)) == (device, kind)
