"""HMAC-SHA256, truncated to 16 bytes (RFC 2104, FIPS 180-4).

MicroPython has no `hmac`, only `hashlib.sha256`. `PadKey` is the portable implementation,
`MacKey` the one this interpreter should use; a property test holds both equal to CPython's `hmac`.
"""

import hashlib

MAC_SIZE = 16  # bytes kept of the 32: 2**-128 to guess, and an alarm still fits one SMS
DIGEST_SIZE = 32
_BLOCK_SIZE = 64  # SHA-256 works on 64-byte blocks


def _xor_pad(key: bytes, pad: int) -> bytes:
    return bytes([byte ^ pad for byte in key]) + bytes([pad]) * (_BLOCK_SIZE - len(key))


def equal_in_constant_time(left: bytes, right: bytes) -> bool:
    """Compare without telling by the time taken where the first difference is."""
    if len(left) != len(right):
        return False
    difference = 0
    for index in range(len(left)):
        difference |= left[index] ^ right[index]
    return difference == 0


class PadKey:
    """An HMAC key with its two pads made once (4 µs a MAC instead of 40)."""

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK_SIZE:
            key = hashlib.sha256(key).digest()
        self._inner = _xor_pad(key, 0x36)
        self._outer = _xor_pad(key, 0x5C)

    def digest(self, message: bytes) -> bytes:
        """The full 32-byte HMAC-SHA256 of the message."""
        inner = hashlib.sha256(self._inner)
        inner.update(message)
        outer = hashlib.sha256(self._outer)
        outer.update(inner.digest())
        return outer.digest()

    def mac(self, message: bytes) -> bytes:
        """The first `MAC_SIZE` bytes of the digest."""
        return self.digest(message)[:MAC_SIZE]

    def verify(self, message: bytes, mac: bytes) -> bool:
        """True when `mac` is this key's MAC of the message."""
        return equal_in_constant_time(self.mac(message), mac)


MacKey: type[PadKey] = PadKey

try:
    import hmac
except ImportError:  # MicroPython: the portable key is the only one
    pass
else:

    class _HashedPadKey(PadKey):
        """The same with both pads already hashed: CPython's hashes can be copied.

        `hmac.digest` takes twice as long and lets go of the interpreter lock each time, which
        beside a busy writer thread costs a hundred times the MAC itself.
        """

        def __init__(self, key: bytes) -> None:
            super().__init__(key)
            self._hashed_inner = hashlib.sha256(self._inner)
            self._hashed_outer = hashlib.sha256(self._outer)

        def digest(self, message: bytes) -> bytes:
            inner = self._hashed_inner.copy()  # pyright: ignore[reportAttributeAccessIssue] - CPython only
            inner.update(message)
            outer = self._hashed_outer.copy()  # pyright: ignore[reportAttributeAccessIssue]
            outer.update(inner.digest())
            return outer.digest()

        def verify(self, message: bytes, mac: bytes) -> bool:
            return hmac.compare_digest(self.mac(message), mac)

    MacKey = _HashedPadKey


def frame_digest(raw: bytes) -> bytes:
    """The 16 bytes by which a refusal names the frame that it refuses."""
    return hashlib.sha256(raw).digest()[:MAC_SIZE]
