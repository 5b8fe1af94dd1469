"""Credit of a SIM: what stays known, when it is low, when it is asked for."""

from __future__ import annotations

from datetime import date

from kentongan_server.domain.credit import ASK_AFTER_TEXTS, ASK_AGAIN_MS, ASK_EVERY_MS, Credit, CreditClock


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
