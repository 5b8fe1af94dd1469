"""What a password costs whoever guesses, and that no time tells which names exist."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from kentongan_server.adapters import passwords


def test_a_hash_costs_what_rfc_9106_asks_for_and_holds_its_own_salt() -> None:
    first, second = passwords.hashed("a password"), passwords.hashed("a password")
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY).check_needs_rehash(first) is False
    assert first != second
    assert passwords.matches(first, "a password")
    assert not passwords.matches(first, "another one")


@pytest.mark.parametrize("password", ["a guess", "nobody has this password"])
def test_somebody_who_does_not_exist_costs_as_much_and_never_gets_in(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    checked: list[str] = []

    class Counted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name for it
            checked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counted())
    assert passwords.matches(None, password) is False
    assert [one.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for one in checked] == [True]


@pytest.mark.parametrize("stored", ["", "no hash", "$argon2id$v=19$m=65536,t=3,p=4$", "plain"])
def test_what_is_no_hash_lets_nobody_in(stored: str) -> None:
    assert passwords.matches(stored, stored) is False
