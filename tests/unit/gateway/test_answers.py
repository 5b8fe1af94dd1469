from __future__ import annotations

from kentongan_gateway.core.answers import sort_bundle
from kentongan_wire.bundle import pack
from kentongan_wire.custody import Envelope
from kentongan_wire.frame import seal
from kentongan_wire.mac import MacKey, PadKey
from kentongan_wire.press import PressIdentity
from kentongan_wire.receipts import Receipt, Refusal, Stored
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Behind, HeartbeatAnswer

OURS, BUTTON = 0x0A, 0x0B
KEY, OTHER_KEY = MacKey(b"k" * 32), MacKey(b"o" * 32)
RECEIPT = Receipt(PressIdentity(BUTTON, 1, bytes(8)), 1, 1, 0, 1)


def own(payload: Payload, key_id: int = 1, key: PadKey = KEY) -> bytes:
    return seal(payload, OURS, key_id, key)


def sort(*frames: bytes) -> tuple[list[Payload], list[tuple[int, bytes]], int]:
    found = sort_bundle(pack(list(frames)), OURS, 1, KEY)
    return found.own, found.carried, len(found.refused)


def test_our_own_frames_come_out_verified():
    payloads: list[Payload] = [RECEIPT, Refusal(bytes(16), 4), HeartbeatAnswer(1, 2, 3, 4), Behind(5, 6)]
    assert sort(*[own(payload) for payload in payloads]) == (payloads, [], 0)


def test_frames_of_buttons_are_carried_in_order_and_unopened():
    frames = [seal(RECEIPT, BUTTON, 9, OTHER_KEY), seal(HeartbeatAnswer(1, 2, 3, 4), BUTTON, 9, OTHER_KEY)]
    assert sort(*frames) == ([], [(BUTTON, frame) for frame in frames], 0)


def test_a_frame_for_us_with_another_key_is_refused():
    assert sort(own(RECEIPT, key=OTHER_KEY)) == ([], [], 1)


def test_a_frame_for_us_of_another_key_epoch_is_refused():
    assert sort(own(RECEIPT, key_id=2)) == ([], [], 1)


def test_what_does_not_travel_down_is_refused():
    up, hop = Envelope(0, 0, b""), Stored(1, bytes(8))
    assert sort(own(up), seal(up, BUTTON, 1, KEY), own(hop), seal(hop, BUTTON, 1, KEY)) == ([], [], 4)


def test_one_bad_frame_does_not_hide_its_neighbours():
    assert sort(b"short", own(RECEIPT), b"\x01\x41" + bytes(40)) == ([RECEIPT], [], 2)


def test_a_torn_bundle_is_refused_as_a_whole():
    found = sort_bundle(pack([own(RECEIPT)])[:-1], OURS, 1, KEY)
    assert (found.own, found.carried, len(found.refused)) == ([], [], 1)
