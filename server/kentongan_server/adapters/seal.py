"""Root secrets at rest: AES-256-GCM, each bound to its device and key epoch, the key in a file of its own.

Whoever has the database, or a backup of it, but not the key file, has no secret. A sealed secret
that was moved to another device's row does not open.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from kentongan_host.errors import HostError
from kentongan_host.secret_files import read_hex_secret, write_secret

KEY_SIZE = 32  # bytes
FINGERPRINT_SIZE = 8  # bytes: a city has one key, not thousands of millions
NONCE_SIZE = 12  # bytes, random: 2**32 secrets may be sealed with one key before two could meet


class SealError(HostError):
    """A sealed secret does not open: another key file, or the row was changed."""


class Sealer:
    """Seals and opens root secrets.

    Raises:
        HostError: the key file is missing, open to others, or no key.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        key = read_hex_secret(key_file, KEY_SIZE)
        self._cipher = AESGCM(key)
        self.browser_key = HKDFExpand(hashes.SHA256(), KEY_SIZE, b"kentongan/browser/1").derive(key)
        """Signs the mark that a browser gets after a log-in."""
        self.caller_key = HKDFExpand(hashes.SHA256(), KEY_SIZE, b"kentongan/caller/1").derive(key)
        """Digests the numbers of callers: without it nobody can try all numbers against what is stored."""
        self.fingerprint = HKDFExpand(hashes.SHA256(), FINGERPRINT_SIZE, b"kentongan/fingerprint/1").derive(key).hex()
        """Tells one key from another, and nothing else about it."""

    def seal(self, root: bytes, device: int, key_id: int) -> bytes:
        """What the store keeps."""
        nonce = secrets.token_bytes(NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, root, _bound_to(device, key_id))

    def open(self, sealed: bytes, device: int, key_id: int) -> bytes:
        """The root secret.

        Raises:
            SealError: it was sealed with another key, for another device, or changed.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _bound_to(device, key_id))
        except (InvalidTag, ValueError) as error:
            raise SealError(
                f"the secret of device {device:08x}, key epoch {key_id}, does not open with {self._key_file}.",
                "Put the key file back that belongs to this database; if the row was changed, enrol the device again.",
            ) from error

    def seal_text(self, text: str, about: str) -> bytes:
        """What the store keeps of words; `about` says whose they are and what for, and must be said again to open."""
        nonce = secrets.token_bytes(NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _about(about))

    def open_text(self, sealed: bytes, about: str) -> str:
        """The words.

        Raises:
            SealError: they were sealed with another key, for something else, or changed.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _about(about)).decode()
        except (InvalidTag, ValueError) as error:
            raise SealError(
                f"what is sealed about {about} does not open with {self._key_file}.",
                "Put the key file back that belongs to this database; if the row was changed, set it again.",
            ) from error


def _about(about: str) -> bytes:
    return b"kentongan/seal-text/1|" + about.encode()


def make_key_file(path: Path) -> None:
    """Draws a new sealing key.

    Raises:
        HostError: a file is there already (losing it loses every enrolled device), or it cannot be written.
    """
    if path.exists():
        raise HostError(f"{path} exists.", "Keep it: without it no enrolled device can be understood.")
    write_secret(path, secrets.token_hex(KEY_SIZE).encode() + b"\n")


def _bound_to(device: int, key_id: int) -> bytes:
    return b"kentongan/seal/1|%08x|%d" % (device, key_id)
