"""Tables of the register: every mistake by line and column, whatever wrote the file."""

from __future__ import annotations

import pytest

from kentongan_server.application.importing import read_table
from kentongan_server.domain.csv_table import BYTES_MAX, ROWS_MAX, Mistake, escape, unescape, write

SITE = "code,name,address,zone,latitude,longitude\n"


def read(text: str | bytes, kind: str = "sites"):
    return read_table(kind, text.encode() if isinstance(text, str) else text)


def places(text: str | bytes, kind: str = "sites") -> list[tuple[int, str]]:
    return [(one.line, one.column) for one in read(text, kind).mistakes]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_spreadsheet_is_understood(mark, separator, end, last):
    rows = [["Code", " NAME ", "zone"], ["bank", '"Bank ""Mandiri"", pusat; lt 1"', "Asia/Jakarta"], ["", "", ""]]
    text = mark + end.join(separator.join(row) for row in rows) + (end if last else "")
    reading = read(text)
    assert reading.mistakes == []
    (line,) = reading.lines
    assert (line.number, dict(line.values)) == (
        2,
        {"code": "bank", "name": 'Bank "Mandiri", pusat; lt 1', "zone": "Asia/Jakarta"},
    )


def test_every_mistake_is_told_with_its_line_and_column():
    text = SITE + (
        "bank,Bank,,Asia/Jakarta,-7.75,113.21\n"
        "BANK 2,,,Jakarta,91,x\n"
        '"mall","two\nlines",,,,\n'
        "kiosk,Kios,,,1,2,3\n"
        f"toko,{'x' * 501},,,,\n"
    )
    assert places(text) == [
        (3, "code"),
        (3, "latitude"),
        (3, "longitude"),
        (3, "name"),
        (3, "zone"),
        (4, "name"),
        (6, ""),
        (7, "name"),
    ]
    assert str(read(text).mistakes[0]) == (
        "line 3, column code: expected a short name of 1-32 of a-z, 0-9 and '-', got 'BANK 2'."
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", [(1, "")]),
        ("\n\n", [(1, "")]),
        ("nothing,of,this\n1,2,3\n", [(1, ""), (1, ""), (1, "")]),
        ("code,nmae\nbank,x\n", [(1, "name"), (1, "nmae")]),
        ("code,name,code\nbank,x,y\n", [(1, "code")]),
        (b"code,name\nbank,caf\xe9\n", [(2, "")]),
        ("code,name\nbank,x\n".encode("utf-16"), [(1, "")]),
        (b"x" * (BYTES_MAX + 1), [(1, "")]),
        ('code,name\nbank,"open\nmall,x\n', [(2, "")]),
        ('code,name\nbank,"a"b\nmall,\n', [(2, ""), (3, "name")]),
    ],
)
def test_what_is_no_table_is_told(text, where):
    found = places(text)
    if where == [(1, ""), (1, ""), (1, "")]:
        assert {line for line, _ in found} == {1}
    else:
        assert found == where


def test_too_many_rows_are_told_at_once():
    text = "code,name\n" + "".join(f"s{number},x\n" for number in range(ROWS_MAX + 5))
    assert places(text) == [(ROWS_MAX + 2, "")]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 500,
        "Kios 'Ibu' \"Ani\"",
        "👩‍👩‍👧 toko",
        "مكتب البريد",
        "שלום, עולם",
        "=1+1",
        "'=x",
        "-3 degrees",
        "@home",
        "+62",
    ],
)
def test_names_of_any_writing_come_back_as_they_were(name):
    text = write(["code", "name"], [["bank", name]])
    (line,) = read(text).lines
    assert line.values["name"] == name


@pytest.mark.parametrize("name", ["\u202etxt.exe", "a\x01b", "a\tb", "line\u2028break"])
def test_what_turns_a_line_around_is_no_name(name):
    assert places(f"code,name\nbank,{name}\n") == [(2, "name")]


def test_a_nul_is_a_spreadsheets_own_file_whatever_the_interpreter_makes_of_it():
    assert places("code,name\nbank,a\x00b\n") == [(2, "")]


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+62812", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@"])
def test_no_cell_is_run(cell):
    assert escape(cell)[0] == "'"
    assert escape(cell)[1:] == cell
    assert unescape(escape(cell)) == cell


@pytest.mark.parametrize("cell", ["", "-7.75", "Ani", "'quoted'", "a=b"])
def test_what_runs_nothing_stays_as_it_is(cell):
    assert escape(cell) == unescape(cell) == cell


def test_a_number_of_the_land_is_one_of_the_world():
    reading = read("site,place,name,number\nbank,1,Ani,0812-3456 7890\n", "contacts")
    assert reading.lines[0].values["number"] == "+6281234567890"


def test_a_mistake_sorts_by_line():
    assert min(Mistake(10, "a", ""), Mistake(2, "z", "")).line == 2
