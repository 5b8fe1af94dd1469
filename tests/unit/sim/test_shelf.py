"""Databases that are used again begin exactly as a new one."""

from __future__ import annotations

import sqlite3

import pytest

from kentongan_sim.universe.people import centre_image, custody_image
from kentongan_sim.universe.shelf import Lasting, Shelf

_INCIDENT = """
INSERT INTO incident (device, site, state, opened_at_ms, last_alarm_at_ms, recovered)
VALUES (?, 'amber', 'new', 1, 1, 0)
"""


def _content(connection):
    return list(connection.iterdump()), connection.execute("SELECT max(rowid) FROM device").fetchone()


def _fresh():
    with_rows = Lasting.holding(centre_image())
    try:
        return _content(with_rows)
    finally:
        with_rows.discard()


def test_what_a_schedule_left_is_gone():
    shelf = Shelf()
    first = shelf.take(centre_image())
    device = first.execute("SELECT device FROM device WHERE role = 'button'").fetchone()[0]
    first.execute(_INCIDENT, (device,))  # a row that refers to others
    first.execute("UPDATE device SET number = NULL WHERE device = ?", (device,))
    first.execute("DELETE FROM meta")
    first.discard()

    again = shelf.take(centre_image())

    assert again is first
    assert _content(again) == _fresh()
    assert again.execute(_INCIDENT, (device,)).lastrowid == 1


def test_what_was_not_committed_is_gone():
    shelf = Shelf()
    first = shelf.take(centre_image())
    first.execute("BEGIN IMMEDIATE")
    first.execute("DELETE FROM feed")
    first.discard()

    again = shelf.take(centre_image())

    assert not again.in_transaction
    assert _content(again) == _fresh()


def test_nobody_gets_what_somebody_has():
    shelf = Shelf()

    assert shelf.take(custody_image()) is not shelf.take(custody_image())


def test_it_still_refuses_what_refers_to_nothing():
    shelf = Shelf()
    shelf.take(centre_image()).discard()

    with pytest.raises(sqlite3.IntegrityError):
        shelf.take(centre_image()).execute(_INCIDENT, (99,))


def test_only_what_begins_as_an_image_comes_back():
    shelf = Shelf()
    backup = Lasting.holding(centre_image())
    assert centre_image() not in shelf

    backup.discard()

    with pytest.raises(sqlite3.ProgrammingError):
        backup.execute("SELECT 1")
