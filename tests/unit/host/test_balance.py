"""Credit and validity out of operators' words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_host.balance import Balance, read_balance

END = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "rupiah", "until"),
    [
        ("Sisa pulsa Anda Rp25.000. Aktif s.d. 31/12/2026", 25_000, END),
        ("Pulsa Rp. 12.345,67 masa aktif sampai 31-12-2026", 12_345, END),
        ("Pulsa: Rp 500 s/d 31.12.26", 500, END),
        ("Saldo Rp1.250.000,00 berlaku hingga 31 Desember 2026", 1_250_000, END),
        ("Your balance is IDR 25,000 valid until 2026-12-31", 25_000, END),
        ("Rp0", 0, None),
        ("Bonus Rp5.000, pulsa utama Rp20.000, aktif 31 Des 2026", 20_000, END),
        ("Pulsa Rp20.000, masa aktif 31/12/2026, masa tenggang 30/01/2027", 20_000, END),
        ("Masa tenggang 30/01/2027, masa aktif 31/12/2026. Pulsa Rp1.000", 1_000, END),
        ("Sisa pulsa\nRp 7.500\nAktif s.d.\n31/12/2026\n1.Menu lain", 7_500, END),
        ("Paket Rp10.000 atau Rp20.000?", None, None),
        ("Kuota 25 GB s.d. 32/13/2026", None, None),
        ("Maaf, sistem sedang sibuk", None, None),
        ("Rp12.34.5", None, None),
        ("", None, None),
    ],
)
def test_answers_of_operators(text, rupiah, until):
    assert read_balance(text) == Balance(rupiah, until)


@given(st.text("Rp 0123456789.,/-sdaktifpulDes\n", max_size=200))
def test_any_text_is_read_or_unknown(text):
    found = read_balance(text)
    assert found.rupiah is None or found.rupiah >= 0
