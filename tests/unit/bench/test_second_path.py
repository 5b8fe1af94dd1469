"""Which text carried a press: the network's delay that is taken off is that text's, of no other press."""

import pytest

from bench.second_path import carries
from kentongan_wire.armour import armour
from kentongan_wire.armour_dense import sms_text
from kentongan_wire.frame import seal
from kentongan_wire.keys import ROLE_BUTTON, DeviceKeys
from kentongan_wire.press import CLOCK_UNSET, CONTACT_A, KIND_HOLD_UP, PATH_SMS, Press, PressBody, PressSending

DEVICE = 0xA1B2
NONCE = bytes(range(8))
KEY = DeviceKeys(bytes(32), ROLE_BUTTON, DEVICE, 1, "site").up_link


def frame(sequence=5, nonce=NONCE, device=DEVICE):
    body = PressBody(sequence, nonce, KIND_HOLD_UP, CONTACT_A, 1, 10_000, 0, CLOCK_UNSET)
    return seal(Press(body, PressSending(11_000, 1, 1, 0, PATH_SMS, 3_700, -60, 0, 0)), device, 1, KEY)


@pytest.mark.parametrize("dress", [armour, sms_text])
def test_a_text_carries_the_press_that_it_was_made_of(dress):
    assert carries(dress(frame()), (DEVICE, 5, NONCE.hex()))


@pytest.mark.parametrize(
    "text",
    [
        armour(frame(sequence=6)),
        armour(frame(nonce=bytes(8))),
        armour(frame(device=DEVICE + 1)),
        "Pulsa Anda habis",
        "",
    ],
)
def test_another_text_does_not(text):
    assert not carries(text, (DEVICE, 5, NONCE.hex()))
