"""What operators say about the credit, in their words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_server.domain.credit import ASK_AFTER_TEXTS, ASK_AGAIN_MS, ASK_EVERY_MS, Credit, CreditClock, parse


@pytest.mark.parametrize(
    ("answer", "balance", "until"),
    [
        ("Sisa pulsa Anda Rp 12.345. Aktif s.d. 31-12-2026", 12_345, date(2026, 12, 31)),
        ("Pulsa Rp50.000,00 berlaku sampai 05/01/27. Promo Rp1.000!", 50_000, date(2027, 1, 5)),
        ("Your balance is RP. 1,234,567 valid until 2027-02-03", 1_234_567, date(2027, 2, 3)),
        ("Pulsa: Rp0 masa aktif 7 Agustus 2026", 0, date(2026, 8, 7)),
        ("Aktif 31 Des 2026", None, date(2026, 12, 31)),
        ("Aktif 31/31/2026 atau 99-99-99", None, None),
        ("Kuota 3GB. Hub 188", None, None),
        ("", None, None),
    ],
)
def test_sum_and_date_are_found_in_the_operators_words(answer: str, balance: int | None, until: date | None) -> None:
    assert parse(answer) == Credit(balance, until)


@given(st.text())
def test_no_answer_breaks_anything(answer: str) -> None:
    parse(answer)
    parse("Rp" + answer)


def test_what_an_answer_does_not_say_stays_known() -> None:
    known = Credit(5_000, date(2026, 12, 31))
    assert known.merged(Credit(4_000, None)) == Credit(4_000, date(2026, 12, 31))
    assert known.merged(Credit()) == known


def test_low_and_expiring() -> None:
    assert Credit(19_999).is_low(20_000)
    assert not Credit(20_000).is_low(20_000)
    assert not Credit().is_low(20_000)
    until = Credit(None, date(2026, 12, 31))
    assert not until.expires(date(2026, 12, 23))
    assert until.expires(date(2026, 12, 24))
    assert until.expires(date(2027, 3, 1))
    assert not Credit().expires(date(2026, 12, 24))


def test_it_is_asked_daily_after_many_texts_and_again_after_silence() -> None:
    clock = CreditClock()
    assert clock.is_due(0)
    clock.asked(0, answered=True)
    assert not clock.is_due(ASK_EVERY_MS - 1)
    assert clock.is_due(ASK_EVERY_MS)
    clock.asked(0, answered=False)
    assert clock.is_due(ASK_AGAIN_MS)
    clock.asked(0, answered=True)
    for _ in range(ASK_AFTER_TEXTS):
        assert not clock.is_due(1)
        clock.texted()
    assert clock.is_due(1)
