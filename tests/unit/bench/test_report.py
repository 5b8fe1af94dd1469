"""Rows and sections: a missing value keeps no limit, and what is written down is read back whole."""

import json

import pytest

from bench.report import Row, Section, cell, limit_text, told, value_text


@pytest.mark.parametrize(
    ("values", "limits", "meets"),
    [
        ({"max": 60}, {"max": 60}, True),
        ({"max": 60.1}, {"max": 60}, False),
        ({"n": 220}, {">n": 220}, True),
        ({"n": 219}, {">n": 220}, False),
        ({"p50": 1, "p99": 300}, {"p50": 60, "p99": 200}, False),
        ({"p50": 1}, {"p99": 200}, False),
        ({"p99": None}, {"p99": 200}, False),
        ({"p99": 300}, {}, True),
    ],
)
def test_a_row_meets_its_limits_only_with_all_of_its_values(values, limits, meets):
    assert Row("x", "ms", values, limits).meets is meets


def test_numbers_are_written_as_people_read_them():
    assert [cell(value) for value in (None, 0, 3, 3.14159, 99.96, 100.4, 12_345)] == [
        *("-", "0", "3", "3.1", "100.0", "100"),
        "12,345",
    ]
    assert limit_text({"p50": 60, ">n": 220, ">value": 1_000}) == "≤ 60 (p50), ≥ 220 (n), ≥ 1,000"
    assert value_text({"value": 7, "n": 1}) == "7"
    assert value_text({"n": 3, "p50": 1.25, "max": None}) == "n 3 · p50 1.2 · max -"


def test_a_section_is_read_back_as_it_was_written():
    section = Section(
        "By SMS", (Row("a", "ms", {"p95": 3.0}, {"p95": 4}, "of one"), Row("b", "", {"value": 1})), "About."
    )
    assert Section.from_json(json.loads(json.dumps(section.as_json()))) == section


def test_what_was_missed_is_said_loudly_and_what_has_no_limit_is_not_judged():
    rows = (
        Row("good", "s", {"max": 1}, {"max": 2}),
        Row("bad", "s", {"max": 3}, {"max": 2}, "why"),
        Row("free", "s", {"max": 9}),
    )
    lines = told(Section("Some", rows, "What it does not show.")).splitlines()
    assert lines[0] == "## Some"
    assert "| good | max 1 | s | ≤ 2 (max) | reached |" in lines
    assert "| bad | max 3 | s | ≤ 2 (max) | **missed** |" in lines
    assert "| free | max 9 | s |  |  |" in lines
    assert "What it does not show." in lines
    assert "- **bad**: why" in lines
    assert not any("**good**" in line for line in lines)
