"""The hash chain: whatever is changed, left out or moved is named by its row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kentongan_server.domain.feed import GENESIS, SALT_SIZE, Entry, Fault, Kind, Row, canonical, chain, verify

SALT = bytes(range(SALT_SIZE))


def history(length: int = 6) -> list[Row]:
    rows: list[Row] = []
    previous = GENESIS
    for position in range(1, length + 1):
        personal = canonical({"who": f"operator {position}"}) if position % 2 else None
        entry = Entry(1_000 + position, Kind.INCIDENT, "alarm", str(position), canonical({"n": position}), personal)
        rows.append(chain(previous, position, entry, SALT if personal else None))
        previous = rows[-1].hash
    return rows


def faults(rows: list[Row]) -> list[tuple[int, Fault]]:
    return [(one.position, one.fault) for one in verify(rows)]


def test_an_untouched_history_is_whole():
    assert faults(history()) == []
    assert faults([]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"at_ms": 1},
        {"kind": Kind.TROUBLE},
        {"what": "closed"},
        {"subject": "77"},
        {"facts": canonical({"n": 0})},
        {"personal": canonical({"who": "somebody else"})},
    ],
)
def test_a_changed_row_is_named(change):
    rows = history()
    rows[2] = replace(rows[2], entry=replace(rows[2].entry, **change))
    assert faults(rows) == [(3, Fault.CHANGED)]


def test_a_row_rewritten_with_a_fitting_hash_is_found_by_the_next():
    rows = history()
    forged = replace(rows[3].entry, facts=canonical({"n": 99}))
    rows[3] = chain(rows[2].hash, 4, forged, None)
    assert faults(rows) == [(4, Fault.REWRITTEN)]


def test_missing_rows_are_named_each():
    rows = history()
    assert faults(rows[:2] + rows[4:]) == [(3, Fault.MISSING), (4, Fault.MISSING)]
    assert faults(rows[1:]) == [(1, Fault.MISSING)]


def test_rows_that_changed_places_are_named_with_their_homes():
    rows = history()
    rows[2], rows[4] = replace(rows[4], position=3), replace(rows[2], position=5)
    found = {one.position: (one.fault, one.detail) for one in verify(rows) if one.fault is Fault.REORDERED}
    assert found == {
        3: (Fault.REORDERED, "this row belongs at position 5"),
        5: (Fault.REORDERED, "this row belongs at position 3"),
    }


def test_lawful_erasure_of_a_name_leaves_the_chain_whole():
    rows = history()
    rows[2] = replace(rows[2], entry=replace(rows[2].entry, personal=None), salt=None)
    assert faults(rows) == []


def test_a_name_put_back_after_erasure_is_found():
    rows = history()
    rows[2] = replace(rows[2], salt=None)
    assert faults(rows) == [(3, Fault.CHANGED)]


def test_a_personal_text_without_salt_is_refused():
    with pytest.raises(ValueError, match="salt"):
        chain(GENESIS, 1, Entry(1, Kind.ACCESS, "login", "", "{}", "{}"), None)
