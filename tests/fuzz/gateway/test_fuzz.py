"""Nothing that the site or the centre sends can raise in the gateway: it is taken apart, or counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kentongan_gateway.core.answers import OWN_TYPES, sort_bundle
from kentongan_gateway.core.arrivals import Stray, read
from kentongan_gateway.core.texts_in import Carried, Stranger, read_text
from kentongan_wire.armour import armour
from kentongan_wire.armour_dense import sms_frame, sms_text
from kentongan_wire.bundle import pack
from kentongan_wire.frame import Frame, seal
from kentongan_wire.mac import MacKey
from kentongan_wire.receipts import Receipt
from kentongan_wire.topics import ALARM, BEAT
from tests.support.payloads import devices, identities, payloads, u8, u16, u32, u64

OURS = 0x0A
SMS_BYTES_MAX = 117  # that one message carries
KEY = MacKey(b"k" * 32)
sealed = st.builds(seal, payloads, st.one_of(st.just(OURS), devices), st.integers(0, 255), st.just(KEY))


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """A genuine frame, or one with a few bytes changed, cut or added."""
    raw = bytearray(draw(sealed))
    for _ in range(draw(st.integers(0, 3))):
        raw[draw(st.integers(0, len(raw) - 1))] ^= draw(st.integers(1, 255))
    return bytes(raw[: draw(st.integers(0, len(raw)))] if draw(st.booleans()) else raw) + draw(st.binary(max_size=3))


@given(st.one_of(st.binary(max_size=600), st.lists(frames(), max_size=4).map(pack)))
def test_whatever_the_centre_sends_is_sorted(data: bytes):
    found = sort_bundle(data, OURS, 1, KEY)
    assert all(isinstance(payload, OWN_TYPES) for payload in found.own)
    assert all(device != OURS and raw in data for device, raw in found.carried)


@given(st.one_of(st.binary(max_size=600), frames()), st.sampled_from([ALARM, BEAT]), devices)
def test_whatever_a_button_sends_is_a_frame_of_its_own_or_a_stray(raw: bytes, lane: str, device: int):
    found = read(lane, device, raw)
    assert isinstance(found, Stray) or (isinstance(found, Frame) and found.device == device and found.raw == raw)


def texted(raw: bytes) -> str:
    return sms_text(raw) if len(raw) <= SMS_BYTES_MAX else armour(raw)


@given(st.one_of(st.text(), st.binary(max_size=200).map(texted), frames().map(texted)), devices)
def test_whatever_comes_by_sms_is_a_receipt_for_somebody_here_or_a_strangers(text: str, button: int):
    found = read_text(text, OURS, 1, KEY, {button})
    assert isinstance(found, Receipt | Carried | Stranger)
    assert not isinstance(found, Carried) or (found.device == button and found.raw == sms_frame(text))


@given(st.builds(Receipt, identities, u8, u32, u64, u32, u16), st.booleans(), st.integers(0, 2))
def test_only_the_centres_word_for_us_is_believed(receipt: Receipt, genuine: bool, key_id: int):
    text = sms_text(seal(receipt, OURS, key_id, KEY if genuine else MacKey(b"x" * 32)))
    found = read_text(text, OURS, 1, KEY, ())
    assert (found == receipt) if genuine and key_id == 1 else (isinstance(found, Stranger) and found.forged)
