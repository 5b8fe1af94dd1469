"""Crimes per month: the city's table, totals, trends, and when there is none to tell."""

from __future__ import annotations

import pytest

from kentongan_server.application.crime_import import read
from kentongan_server.domain.crimes import Count, Month, by_month, by_year, filled, trend

HEADER = "year,month,category,count,source\n"


def told(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.column) for one in read(text.encode())[1]]


def test_the_citys_own_numbers_are_taken():
    counts, mistakes = read((HEADER + "2021,,,544,Polres\n2022,0,all,886,Polres\n").encode())
    assert mistakes == []
    first = by_year(counts)[0]
    assert (first.year, first.count, first.percent) == (2021, 544, None)
    assert by_year(counts)[1].percent == pytest.approx(62.87, abs=0.01)


def test_every_mistake_is_told_by_its_line():
    text = (
        HEADER
        + "2021,13,all,544,x\n21,1,all,5,x\n2022,1,a b,-5,x\n2022,1,theft,5,\n2022,2,theft,5,x\n2022,2,theft,6,x\n"
    )
    assert told(text) == [(2, "month"), (3, "year"), (4, "category"), (4, "count"), (5, "source"), (7, "")]
    assert told("") == [(1, "")]
    assert told(HEADER) == [(1, "")]


def test_a_number_for_all_goes_before_the_sum_of_categories():
    counts = [Count(2024, 1, "all", 10, "x"), Count(2024, 1, "theft", 3, "x"), Count(2024, 2, "theft", 3, "x"),
              Count(2024, 2, "robbery", 4, "x")]  # fmt: skip
    assert by_month(counts) == {Month(2024, 1): 10, Month(2024, 2): 7}


def test_a_year_is_the_sum_of_its_months_only_when_all_are_there():
    months = [Count(2024, month, "all", month, "x") for month in range(1, 13)]
    assert [(one.year, one.count) for one in by_year(months)] == [(2024, 78)]
    assert by_year(months[:11]) == []


def test_a_trend_is_twelve_months_against_the_twelve_before():
    months = {Month(2024, 12).back(back): 10 if back < 12 else 8 for back in range(24)}
    found = trend(months, Month(2024, 12))
    assert (found.sum, found.before, found.percent, found.missing) == (120, 96, 25.0, 0)
    del months[Month(2023, 5)]
    found = trend(months, Month(2024, 12))
    assert (found.sum, found.before, found.percent, found.missing) == (120, None, None, 1)


def test_against_nothing_there_is_no_percentage():
    months = {Month(2024, 12).back(back): int(back < 12) for back in range(24)}
    assert trend(months, Month(2024, 12)).percent is None


def test_months_without_a_case_are_nothing_not_unknown():
    found = filled({Month(2025, 12): 4}, Month(2025, 11), Month(2026, 1))
    assert list(found.items()) == [(Month(2025, 11), 0), (Month(2025, 12), 4), (Month(2026, 1), 0)]
    assert filled({}, Month(2026, 2), Month(2026, 1)) == {}
