"""Names as every telephone shows them, whatever they are made of."""

from __future__ import annotations

import pytest

from kentongan_server.domain.plain_text import NAME_MAX, plain, sentence


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('Toko "Emas" & Co', 'Toko "Emas" & Co'),
        ("Café\n\tÉtoile", "Cafe Etoile"),
        ("Bank 🏦 Jaya", "Bank Jaya"),
        ("بنك الشرق", ""),
        ("\u202eoops", "oops"),
        ("x" * 500, "x" * NAME_MAX),
    ],
)
def test_a_name_in_a_text(name: str, shown: str) -> None:
    assert plain(name) == shown


def test_a_site_whose_name_no_telephone_shows_is_told_by_its_code() -> None:
    assert sentence("بنك", "Pos 1", "bank-timur") == "ALARM dari bank-timur, Pos 1. Pusat belum menjawab."
    assert sentence("بنك", "🏦", "bank-timur") == "ALARM dari bank-timur. Pusat belum menjawab."
    assert sentence("Bank Jaya", "Pos 1", "bank") == "ALARM dari Bank Jaya, Pos 1. Pusat belum menjawab."
