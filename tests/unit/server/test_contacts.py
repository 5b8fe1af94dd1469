"""Whom to call now: hours of a week in the site's own time, also over midnight."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kentongan_server.domain.contact import (
    Contact,
    Window,
    check,
    hours_from_json,
    hours_from_words,
    hours_to_json,
    hours_to_words,
    in_order,
    is_now,
)
from kentongan_server.domain.errors import InvalidError

WIB, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")
FRIDAY_NIGHT = (Window(5, 22 * 60, 6 * 60),)


def at(text: str, zone: ZoneInfo = WIB) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "now"),
    [
        ("2026-11-20T21:59:59", False),
        ("2026-11-20T22:00:00", True),
        ("2026-11-21T00:00:00", True),
        ("2026-11-21T05:59:59", True),
        ("2026-11-21T06:00:00", False),
        ("2026-11-19T23:00:00", False),  # Thursday
        ("2026-11-20T02:00:00", False),  # Friday, before it
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins(moment, now):
    assert is_now(FRIDAY_NIGHT, at(moment), WIB) is now


def test_sunday_night_reaches_into_monday():
    hours = (Window(7, 1_380, 60),)
    assert is_now(hours, at("2026-11-23T00:30:00"), WIB)
    assert not is_now(hours, at("2026-11-24T00:30:00"), WIB)


def test_the_sites_own_clock_counts():
    hours = (Window(5, 8 * 60, 9 * 60),)
    moment = at("2026-11-20T08:30:00", WIT)
    assert is_now(hours, moment, WIT)
    assert not is_now(hours, moment, WIB)


def test_without_hours_it_is_always_and_until_midnight_is_until_midnight():
    assert is_now(None, 0, WIB)
    assert is_now((Window(5, 0, 1_440),), at("2026-11-20T23:59:59"), WIB)
    assert not is_now((Window(5, 0, 1_440),), at("2026-11-21T00:00:00"), WIB)


def test_those_who_can_be_reached_come_first_each_in_their_order():
    people = [(Contact(place, f"n{place}", "", f"+6281234567{place:03}"), place % 2 == 0) for place in (1, 2, 3, 4)]
    assert [one.place for one, _ in in_order(people)] == [2, 4, 1, 3]


@pytest.mark.parametrize(
    ("words", "windows"),
    [
        ("", None),
        ("Sen-Rab 08:00-17:00", tuple(Window(day, 480, 1_020) for day in (1, 2, 3))),
        ("sat 22:00 - 6:00 | MIN 00:00-24:00", (Window(6, 1_320, 360), Window(7, 0, 1_440))),
        ("Sab-Sen 20:00-02:00", tuple(Window(day, 1_200, 120) for day in (6, 7, 1))),
    ],
)
def test_hours_as_people_write_them(words, windows):
    assert hours_from_words(words) == windows
    assert hours_from_words(hours_to_words(windows)) == windows
    assert hours_from_json(hours_to_json(windows)) == windows


@pytest.mark.parametrize("words", ["always", "Sen 8-17", "Sen 08:00-25:00", "Sen 08:60-09:00", "Foo 08:00-09:00", "|"])
def test_what_are_no_hours_is_told(words):
    with pytest.raises(InvalidError, match="hours: expected"):
        hours_from_words(words)


@pytest.mark.parametrize(
    ("person", "told"),
    [
        (Contact(0, "Ani", "", "+6281234567890"), "place"),
        (Contact(1, "", "", "+6281234567890"), "name"),
        (Contact(1, "Ani", "", "0812"), "number"),
        (Contact(1, "Ani", "", "+6281234567890", ()), "hours"),
        (Contact(1, "Ani", "", "+6281234567890", (Window(8, 0, 1),)), "hours"),
        (Contact(1, "Ani", "", "+6281234567890", (Window(1, 60, 60),)), "hours"),
    ],
)
def test_who_cannot_be_called_is_no_contact(person, told):
    with pytest.raises(InvalidError, match=told):
        check(person)
