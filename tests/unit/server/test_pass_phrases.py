"""What somebody says when called back: compared without what people cannot help, and never kept in the open."""

from __future__ import annotations

import hmac
from pathlib import Path

import pytest

from kentongan_server.adapters.seal import Sealer, SealError, make_key_file
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.pass_phrase import Answer, check, check_pair

PHRASE, DURESS = "Nasi goreng kampung", "Nasi goreng seafood"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (PHRASE, Answer.RIGHT),
        ("  NASI   goreng\tkampung ", Answer.RIGHT),
        ("\uff4e\uff41\uff53\uff49 goreng kampung", Answer.RIGHT),  # full-width letters of another keyboard
        (DURESS.upper(), Answer.DURESS),
        ("nasi goreng", Answer.WRONG),
        ("nasigorengkampung", Answer.WRONG),
        ("", Answer.WRONG),
        ("\ud800", Answer.WRONG),
    ],
)
def test_what_was_said(said, answer):
    assert check(said, PHRASE, DURESS) is answer


def test_accents_may_be_written_either_way():
    assert check("cafe\u0301 baru", "Café BARU", None) is Answer.RIGHT


def test_without_words_for_duress_nothing_means_it():
    assert check(PHRASE, PHRASE, None) is Answer.RIGHT
    assert check("", PHRASE, None) is Answer.WRONG


def test_both_are_compared_each_time_and_in_constant_time(monkeypatch):
    compared: list[int] = []
    real = hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append(len(one))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    for said in (PHRASE, DURESS, "x", "x" * 10_000):
        check(said, PHRASE, DURESS)
    assert compared == [32] * 8


@pytest.mark.parametrize(
    ("phrase", "duress", "told"),
    [
        ("abc", None, "phrase"),
        ("a" * 101, None, "phrase"),
        (PHRASE, "  x  ", "duress"),
        (PHRASE, "NASI goreng  kampung", "other words"),
    ],
)
def test_what_nobody_could_agree_on_is_told(phrase, duress, told):
    with pytest.raises(InvalidError, match=told):
        check_pair(phrase, duress)


def test_words_open_only_about_what_they_were_sealed(tmp_path: Path):
    make_key_file(tmp_path / "seal.key")
    sealer = Sealer(tmp_path / "seal.key")
    sealed = sealer.seal_text(PHRASE, "pass-phrase|bank")
    assert PHRASE.encode() not in sealed
    assert sealer.open_text(sealed, "pass-phrase|bank") == PHRASE
    assert sealer.seal_text(PHRASE, "pass-phrase|bank") != sealed
    others = ((sealed, "pass-phrase|mall"), (sealed, "duress-phrase|bank"), (sealed[:-1], "pass-phrase|bank"))
    for changed, about in others:
        with pytest.raises(SealError, match=about.split("|")[0]):
            sealer.open_text(changed, about)
