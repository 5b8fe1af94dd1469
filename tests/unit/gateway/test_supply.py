"""Mains, battery and case: what is fitted is read, what cannot be read is a fault that somebody sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from kentongan_gateway.adapters.supply import Supply
from kentongan_wire.supervision import SITE_BATTERY_LOW, SITE_MAINS_LOST, SITE_TAMPER

ALL = SITE_MAINS_LOST | SITE_BATTERY_LOW | SITE_TAMPER


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [tmp_path / name for name in ("mains", "battery", "tamper")]


def test_what_is_not_fitted_is_no_fault():
    assert Supply(None, None, None).look() == 0


@pytest.mark.parametrize(
    ("contents", "state"),
    [
        (("1", "0", "0\n"), 0),
        (("0\n", "0", "0"), SITE_MAINS_LOST),
        (("1", "1", "0"), SITE_BATTERY_LOW),
        (("1", "0", "1"), SITE_TAMPER),
        (("", "2", "no"), ALL),
    ],
)
def test_each_file_tells_its_fault(files: list[Path], contents: tuple[str, str, str], state: int):
    for path, content in zip(files, contents, strict=True):
        path.write_text(content)
    assert Supply(*files).look() == state


def test_a_file_that_is_not_there_is_a_fault_until_it_comes(files: list[Path]):
    supply = Supply(*files)
    assert supply.look() == ALL
    for path, content in zip(files, "100", strict=True):
        path.write_text(content)
    assert supply.look() == 0
