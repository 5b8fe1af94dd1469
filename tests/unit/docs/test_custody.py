"""docs/custody.md tells the numbers that the code keeps."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from kentongan_host.broker_config import QUEUED_MAX

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "custody.md").read_text(encoding="utf-8")
UNITS_MS = {"s": 1_000, "min": 60_000, "h": 3_600_000, "days": 86_400_000}
ROWS = re.findall(r"^\| (?P<what>.+) \| (?P<value>[^|]+) \| `(?P<constant>[\w.\[\]-]+)` \|$", DOCUMENT, re.MULTILINE)


def told(value: str) -> int:
    """What a cell says, times in ms."""
    number, _, unit = value.partition(" ")
    return int(number.replace(",", "")) * (UNITS_MS[unit] if unit else 1)


def kept(constant: str) -> int:
    """The value of `module.NAME` or `module.NAME[index]`."""
    path, _, index = constant.partition("[")
    module, _, name = path.rpartition(".")
    value = getattr(importlib.import_module(module), name)
    return int(value[int(index.rstrip("]"))] if index else value)


@pytest.mark.parametrize(("what", "value", "constant"), ROWS)
def test_every_number_of_the_table_is_the_codes(what: str, value: str, constant: str):
    assert told(value) == kept(constant), what
    assert ("_MS" in constant) == (" " in value), "a time has a unit"


def test_the_table_is_whole():
    table = DOCUMENT.split("## The numbers")[1]
    assert len(ROWS) == len([line for line in table.splitlines() if line.startswith("|")]) - 2
    assert len(ROWS) > 30


def test_what_the_text_says_beside_the_table_is_true():
    assert f"it queues {QUEUED_MAX:,}" in DOCUMENT
