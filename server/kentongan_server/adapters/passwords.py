"""Passwords of people: argon2id, with the library's parameters of RFC 9106."""

from __future__ import annotations

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()  # 64 MiB, 3 passes: some 50 ms; deliberate work for whoever guesses


@functools.cache
def _nobody() -> str:
    """Checked when the name is unknown, so that the time taken does not tell which names exist."""
    return _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    """What the store keeps. Takes tens of milliseconds: call it off the event loop."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; None stands for a user who does not exist."""
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
