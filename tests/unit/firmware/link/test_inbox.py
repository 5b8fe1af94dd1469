"""What a button believes of what comes down: only the right MAC by the right key."""

from kentongan_button.link.inbox import Inbox
from kentongan_wire.command import COMMAND_REPORT_NOW, Command
from kentongan_wire.frame import seal
from kentongan_wire.keys import ROLE_BUTTON, DeviceKeys
from kentongan_wire.press import PressIdentity
from kentongan_wire.receipts import LEVEL_RECEIVED, Receipt, Stored
from kentongan_wire.supervision import HeartbeatAnswer
from tests.support.portable import DEVICE, WALL_MS, nonce

KEYS = DeviceKeys(bytes(range(32)), ROLE_BUTTON, DEVICE, 1, "bank")
OTHER = DeviceKeys(bytes(range(1, 33)), ROLE_BUTTON, DEVICE, 1, "bank")
RECEIPT = Receipt(PressIdentity(DEVICE, 4, nonce(4)), LEVEL_RECEIVED, 1, WALL_MS, 7)
FROM_CENTRE = (RECEIPT, HeartbeatAnswer(1, 2, WALL_MS, 7), Command(1, 2, 3, COMMAND_REPORT_NOW))
STORED = Stored(4, nonce(4))


def inbox():
    return Inbox(DEVICE, 1, KEYS)


def refuses(raw, reason):
    taken = inbox()
    assert taken.read(raw) is None
    assert (taken.rejected, taken.reason) == (1, reason)


def test_the_centres_words_need_the_down_link_key():
    for payload in FROM_CENTRE:
        assert inbox().read(seal(payload, DEVICE, 1, KEYS.down_link)) == payload
        for wrong in (KEYS.up_link, KEYS.hop, OTHER.down_link):
            refuses(seal(payload, DEVICE, 1, wrong), "mac")


def test_the_hop_answer_needs_the_hop_key():
    assert inbox().read(seal(STORED, DEVICE, 1, KEYS.hop)) == STORED
    refuses(seal(STORED, DEVICE, 1, KEYS.down_link), "mac")


def test_a_gateway_can_not_make_a_receipt():
    refuses(seal(RECEIPT, DEVICE, 1, KEYS.hop), "mac")


def test_any_changed_bit_is_noticed():
    raw = seal(RECEIPT, DEVICE, 1, KEYS.down_link)
    for index in range(len(raw)):
        changed = bytearray(raw)
        changed[index] ^= 0x10
        taken = inbox()
        assert taken.read(bytes(changed)) is None
        assert taken.rejected == 1


def test_frames_of_others_are_refused():
    refuses(seal(RECEIPT, DEVICE + 1, 1, KEYS.down_link), "device")
    refuses(seal(RECEIPT, DEVICE, 2, KEYS.down_link), "key")


def test_what_is_no_frame_is_refused_with_the_wires_reason():
    refuses(b"", "truncated")
    refuses(b"\x02" + seal(RECEIPT, DEVICE, 1, KEYS.down_link)[1:], "version")


def test_rejections_add_up():
    taken = inbox()
    for _ in range(3):
        taken.read(b"nonsense")
    taken.read(seal(RECEIPT, DEVICE, 1, KEYS.down_link))
    assert taken.rejected == 3
