"""Our portable HMAC and HKDF against published vectors and against two libraries."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from kentongan_wire import keys, mac

# RFC 4231, test cases 1, 2, 3 and 6 (key longer than a block).
RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
]


@pytest.mark.parametrize(("key", "message", "digest"), RFC_4231)
@pytest.mark.parametrize("key_class", [mac.PadKey, mac.MacKey])
def test_hmac_matches_rfc_4231(key_class: type[mac.PadKey], key: bytes, message: bytes, digest: str) -> None:
    assert key_class(key).digest(message).hex() == digest


@given(key=st.binary(max_size=200), message=st.binary(max_size=300))
def test_portable_hmac_equals_the_library(key: bytes, message: bytes) -> None:
    expected = hmac.digest(key, message, hashlib.sha256)
    assert mac.PadKey(key).digest(message) == expected
    assert mac.MacKey(key).digest(message) == expected


@given(root=st.binary(min_size=32, max_size=32), info=st.binary(max_size=80))
def test_hkdf_equals_the_library(root: bytes, info: bytes) -> None:
    expected = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"kentongan/1", info=info).derive(root)
    assert keys.expand(root, info) == expected


@given(message=st.binary(max_size=100), bit=st.integers(0, 127))
def test_one_wrong_bit_fails_in_both_implementations(message: bytes, bit: int) -> None:
    for key in (mac.PadKey(b"key"), mac.MacKey(b"key")):
        good = key.mac(message)
        wrong = bytearray(good)
        wrong[bit // 8] ^= 1 << (bit % 8)
        assert key.verify(message, good)
        assert not key.verify(message, bytes(wrong))
        assert not key.verify(message, good[:-1])
        assert not key.verify(message, b"")


def test_a_root_secret_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 32 bytes, got 31"):
        keys.expand(bytes(31), b"")


def test_every_label_gives_another_key() -> None:
    root = bytes(32)
    seen: set[bytes] = set()
    for role in (keys.ROLE_BUTTON, keys.ROLE_GATEWAY):
        for device in (1, 2):
            for key_id in (1, 2):
                for site in ("a", "b"):
                    made = keys.DeviceKeys(root, role, device, key_id, site)
                    seen |= {made.transport, made.hop_secret, made.up_link.digest(b""), made.down_link.digest(b"")}
    assert len(seen) == 2 * 2 * 2 * (2 * 2 + 2)  # transport and hop also by site, the MAC keys not


def test_a_button_carried_to_another_site_still_signs_alike() -> None:
    here = keys.DeviceKeys(bytes(32), keys.ROLE_BUTTON, 1, 1, "here")
    there = keys.DeviceKeys(bytes(32), keys.ROLE_BUTTON, 1, 1, "there")
    assert here.up_link.mac(b"press") == there.up_link.mac(b"press")
    assert here.down_link.mac(b"receipt") == there.down_link.mac(b"receipt")
    assert here.transport != there.transport
    assert here.hop_secret != there.hop_secret
