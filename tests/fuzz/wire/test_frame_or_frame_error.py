"""Any bytes and any text are a frame or a `FrameError`; anything else is a bug of ours."""

import string
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kentongan_wire import armour, armour_dense, bundle, frame, topics
from kentongan_wire.errors import FrameError
from kentongan_wire.mac import MAC_SIZE, MacKey
from kentongan_wire.record import Payload
from tests.support.payloads import ALL_PAYLOADS, payloads

KEY = MacKey(b"k")


def refused_or(read: Callable[[], object]) -> object | None:
    """The result, or None after a FrameError with a reason from the list."""
    refused: FrameError
    try:
        return read()
    except FrameError as error:
        refused = error
    assert refused.reason in FrameError.REASONS
    assert refused.detail
    return None


@settings(max_examples=500)
@given(st.binary(max_size=700))
@example(b"")
@example(bytes(frame.MAX_SIZE + 1))
def test_noise(raw: bytes) -> None:
    parsed = refused_or(lambda: frame.parse(raw, ALL_PAYLOADS))
    if parsed is not None:
        assert isinstance(parsed, frame.Frame)
        assert parsed.payload.encode() == raw[frame.HEADER_SIZE : -MAC_SIZE]


@settings(max_examples=500)
@given(payloads, st.data())
def test_cut_stretched_and_overwritten_frames(payload: Payload, data: st.DataObject) -> None:
    raw = bytearray(frame.seal(payload, 1, 1, KEY))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    parsed = refused_or(lambda: frame.parse(bytes(raw), ALL_PAYLOADS))
    if isinstance(parsed, frame.Frame):
        assert parsed.payload.encode() == bytes(raw[frame.HEADER_SIZE : -MAC_SIZE])


@given(st.one_of(st.text(max_size=200), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 \n", max_size=200)))
@example("K1" + "A" * (2 * frame.MAX_SIZE))
@example("K1AB1")
@example("K1A")
def test_any_text_is_armour_or_refused(text: str) -> None:
    for candidate in (text, armour.MARK + text):
        raw = refused_or(lambda candidate=candidate: armour.dearmour(candidate))  # type: ignore[misc]
        if isinstance(raw, bytes):
            assert armour.armour(raw) == "".join(candidate.split()).upper()


@given(st.binary(max_size=200))
def test_any_bytes_are_a_bundle_or_refused(data: bytes) -> None:
    frames = refused_or(lambda: bundle.unpack(data))
    if isinstance(frames, list):
        assert bundle.pack(frames) == data


@pytest.mark.parametrize("parse", [topics.parse_button_up, topics.parse_gateway_up])
@given(text=st.one_of(st.text(max_size=60), st.from_regex(r"(k1|k1c)/[a-z0-9.+#/-]{0,50}", fullmatch=True)))
@example(text="k1/bank/0000a1b2/up/alarm/more")
@example(text="k1/Bank/0000a1b2/up/alarm")
@example(text="k1/bank/0000A1B2/up/alarm")
@example(text="k1/bank/00000000/up/alarm")
@example(text="k1/bank/+0000a1b/up/alarm")
@example(text="k1c/0000a1b2/up/report")
@example(text="k1c/0000a1b2.report/up/alarm")
def test_any_topic_is_ours_or_refused(parse: Callable[[str], tuple[object, ...]], text: str) -> None:
    found = refused_or(lambda: parse(text))
    if isinstance(found, tuple) and len(found) == 3:
        assert topics.button_up(*found) == text
    elif isinstance(found, tuple):
        assert topics.gateway_up(*found) == text


@given(st.text(alphabet=string.printable, max_size=200))
def test_any_sms_is_a_frame_s_bytes_or_refused(text: str) -> None:
    for candidate in (text, armour.MARK + text, armour_dense.DENSE_MARK + text):
        raw = refused_or(lambda candidate=candidate: armour_dense.sms_frame(candidate))  # type: ignore[misc]
        if isinstance(raw, bytes) and candidate.strip()[:2] == armour_dense.DENSE_MARK:
            assert armour_dense._dense(raw) == "".join(candidate.split())  # one text for one frame


def test_one_dense_text_for_one_frame() -> None:
    text = armour_dense._dense(bytes(100))
    for wrong in ("0" + text[2:], text[2:] + "!", "", "0", "z"):
        with pytest.raises(FrameError):
            armour_dense.sms_frame(armour_dense.DENSE_MARK + wrong)
    with pytest.raises(FrameError, match="K1 or K2"):
        armour_dense.sms_frame("Halo, ini pulsa gratis")
