"""`kentongan import` and `kentongan export` on a centre's own state folder."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kentongan_server import cli_register
from kentongan_server.adapters import passwords, register
from kentongan_server.application.importing import KINDS, read_table
from kentongan_server.domain.csv_table import BYTES_MAX
from tests.support.centre_rig import CentreRig, SmallSite

pytestmark = pytest.mark.both_engines

# How long the history is, with what waits for its place.
TOLD = "SELECT (SELECT count(*) FROM feed) + (SELECT count(*) FROM feed_queue)"
TABLES = {
    "agencies": "code,name,kind\r\nbpbd,BPBD Kota,disaster\r\n",
    "sites": (
        "code;name;address;zone;latitude;longitude\r\n"
        'toko;"Toko ""Emas""; 💍 مكتب";Jl. Dr. Soetomo 1;Asia/Jakarta;-7,754321;113.21\r\n'
        f"panjang;{'x' * 500};=1+1;Asia/Jayapura;;\r\n"
    ),
    "posts": "site,name,variant,x,y\ntoko,Pos satpam,guard-post,10,990\ntoko,@Kasir,desk,,\n",
    "contacts": (
        "site,place,name,role,number,hours\n"
        "toko,1,Ani,manajer,0812-3456-7890,Sen-Jum 08:00-17:00 | Sab 22:00-06:00\ntoko,2,Edi,,+6281234567891,\n"
    ),
    "users": "name,full_name,role,agency,sites\nani,Ani D.,partner,,toko panjang\nrio,,agency-desk,bpbd,\n",
}


def rows(rig: CentreRig, query: str) -> list[tuple[Any, ...]]:
    return rig.rows(query)


def bring(rig: CentreRig, tmp_path: Path, kind: str, text: str | bytes, *flags: str) -> int:
    file = tmp_path / f"{kind}.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return cli_register.import_([kind, str(file), "--state", str(rig.state.directory), *flags])


def take(rig: CentreRig, tmp_path: Path, kind: str) -> bytes:
    out = tmp_path / f"{kind}-out.csv"
    assert cli_register.export([kind, "--out", str(out), "--state", str(rig.state.directory)]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    return out.read_bytes()


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_city_comes_in_and_goes_out_and_comes_in_the_same(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str], mark: str
) -> None:
    for kind in KINDS:
        assert bring(rig, tmp_path, kind, mark + TABLES[kind]) == 0, capsys.readouterr().err
    told = rows(rig, TOLD)
    for kind in KINDS:
        table = take(rig, tmp_path, kind)
        capsys.readouterr()
        assert bring(rig, tmp_path, kind, table) == 0
        assert capsys.readouterr().out.startswith(f"{kind}: 0 new, 0 changed, ")
        assert take(rig, tmp_path, kind) == table
    assert rows(rig, TOLD) == told
    assert b"'=1+1" in take(rig, tmp_path, "sites")
    assert b"'@Kasir" in take(rig, tmp_path, "posts")
    assert rows(rig, "SELECT address FROM site WHERE code = 'panjang'") == [("=1+1",)]


def test_a_dry_run_tells_the_same_and_writes_nothing(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(rig, tmp_path, "sites", TABLES["sites"], "--dry-run") == 0
    assert capsys.readouterr().out == "sites: 2 new, 0 changed, 0 same (dry run, nothing was written)\n"
    wrong = TABLES["sites"] + "BAD;;;Mars/Base;99;\r\n"
    told = []
    for flags in (("--dry-run",), ()):
        assert bring(rig, tmp_path, "sites", wrong, *flags) == 1
        told.append(capsys.readouterr().err)
    assert told[0] == told[1]
    for column in ("code", "name", "zone", "latitude"):
        assert f"line 4, column {column}: expected" in told[0]
    assert told[0].endswith("4 mistake(s); nothing was written.\n")
    assert rows(rig, "SELECT count(*) FROM site") == [(0,)]


def test_the_citys_numbers_of_crimes_come_in_and_go_out_like_the_other_tables(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "year;month;category;count;source\r\n2021;;;544;Polres\r\n2022;;;886;=Polres\r\n2022;3;theft;40;Polres\r\n"
    assert bring(rig, tmp_path, "crimes", text, "--dry-run") == 0
    assert capsys.readouterr().out == "crimes: 3 new, 0 changed, 0 same (dry run, nothing was written)\n"
    assert rows(rig, "SELECT count(*) FROM crime_count") == [(0,)]
    assert bring(rig, tmp_path, "crimes", text) == 0
    assert bring(rig, tmp_path, "crimes", text.replace("886", "887")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "crimes: 3 new, 0 changed, 0 same",
        "crimes: 0 new, 1 changed, 2 same",
    ]
    table = take(rig, tmp_path, "crimes")
    assert table.decode("utf-8-sig").splitlines()[1:] == [
        '2021,"","",544,Polres', "2022,\"\",\"\",887,'=Polres", "2022,3,theft,40,Polres"
    ]  # fmt: skip
    capsys.readouterr()
    assert bring(rig, tmp_path, "crimes", table) == 0
    assert capsys.readouterr().out == "crimes: 0 new, 0 changed, 3 same\n"
    assert bring(rig, tmp_path, "crimes", text + "2023;13;;viele;\r\n2021;;;1;x\r\n") == 1
    told = capsys.readouterr().err
    for where in ("line 5, column month", "line 5, column count", "line 5, column source", "line 6: expected each"):
        assert where in told
    assert rows(rig, "SELECT sum(count) FROM crime_count") == [(544 + 887 + 40,)]


BROKEN = {
    "latin": ("code,name\nbank,Toko Mas\nlain,Caf\u00e9\n".encode("latin-1"), "line 3: expected UTF-8, got byte 0xE9"),
    "utf-16": ("code,name\nbank,Toko\n".encode("utf-16"), "line 1: expected text in UTF-8, got a NUL byte"),
    "workbook": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "got a NUL byte: is it a spreadsheet's own file?"),
    "nul": (b"code,name\nbank,A\nlain,To\x00ko\n", "line 3: expected text in UTF-8, got a NUL byte"),
    "open quote": (b'code,name\nbank,"Toko\nlain,B\n', "line 2: expected cells with quotes around them"),
    "too many cells": (b"code,name\nbank,Toko,Emas,Jaya\n", "line 2: expected 2 cells, got 4"),
    "twice": (b"code,name\nbank,A\nb,B\nbank,C\n", "line 4, column code: expected each row once"),
    "no header": (b"bank,Toko\n", "line 1, column code: expected this column"),
    "empty": (b"", "line 1: expected a header"),
    "tabs": (b"code\tname\nbank\tToko\n", "line 1"),
    "too long": (f"code,name\nbank,{'x' * 501}\n".encode(), "line 2, column name: text: expected at most 500"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_is_told_by_its_line_and_nothing_is_written(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    data, told = BROKEN[name]
    before = rows(rig, f"SELECT count(*), ({TOLD}) FROM site")
    assert bring(rig, tmp_path, "sites", data) == 1
    said = capsys.readouterr().err
    assert told in said
    assert "nothing was written" in said
    assert rows(rig, f"SELECT count(*), ({TOLD}) FROM site") == before


def test_a_file_of_200_megabytes_is_refused_without_being_read(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "large.csv"
    with file.open("wb") as opened:
        opened.write(b"code,name\n")
        opened.truncate(200_000_000)  # a hole: nothing is written to the disk
    for kind in ("sites", "crimes"):
        assert cli_register.import_([kind, str(file), "--state", str(rig.state.directory)]) == 1
        assert f"large.csv has more than {BYTES_MAX} bytes." in capsys.readouterr().err


def test_one_time_passwords_are_printed_once_and_only_when_asked(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "name,role\nsari,operator\nedi,operator\n"
    assert bring(rig, tmp_path, "users", text, "--print-passwords", "--dry-run") == 0
    assert "password" not in capsys.readouterr().out
    assert bring(rig, tmp_path, "users", text, "--print-passwords") == 0
    told = dict(line.split("  password: ") for line in capsys.readouterr().out.splitlines() if "  password: " in line)
    assert sorted(told) == ["edi", "sari"]
    query = "SELECT name, password_hash, must_change FROM \"user\" WHERE role = 'operator'"
    for name, hashed, must_change in rows(rig, query):
        assert passwords.matches(hashed, told[name])
        assert must_change == 1
    assert bring(rig, tmp_path, "users", text + "uli,operator\n") == 0
    out = capsys.readouterr().out
    assert "1 new user(s) have no password" in out
    assert "  password: " not in out


@pytest.mark.parametrize("kind", [*KINDS, "crimes"])
def test_looking_at_a_table_waits_for_nobody_and_keeps_nobody_waiting(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """Alarms are committed by one writer at a time: a rehearsal is none, nor is a table with nothing new."""
    tables = {**TABLES, "crimes": "year,month,category,count,source\n2021,,,544,Polres\n"}
    for one in tables if kind != "crimes" else ():
        assert bring(rig, tmp_path, one, tables[one]) == 0
        if one == kind:
            break
    with register.writing(rig.state.database):
        assert bring(rig, tmp_path, kind, tables[kind], "--dry-run") == 0
        assert ("1 new" if kind == "crimes" else " 0 new, 0 changed") in capsys.readouterr().out
        assert bring(rig, tmp_path, kind, tables[kind] + "x\n") == 1
        assert "nothing was written" in capsys.readouterr().err
        if kind != "crimes":
            assert bring(rig, tmp_path, kind, tables[kind]) == 0


def test_what_somebody_changed_between_looking_and_writing_is_looked_at_again(rig: CentreRig, tmp_path: Path) -> None:
    bring(rig, tmp_path, "sites", TABLES["sites"])
    bring(rig, tmp_path, "posts", TABLES["posts"])
    table = "site,name,variant\ntoko,Pos satpam,desk\ntoko,Gudang,desk\n"
    rehearsed = cli_register.rehearse(rig.state, "posts", read_table("posts", table.encode()))
    assert rehearsed.rows == {"changed": 1, "new": 1}
    rig.add_post("toko", "Pos satpam", "guard-post")
    before = rows(rig, f"SELECT count(*), ({TOLD}) FROM post")
    (mistake,) = cli_register.bring(rig.state, "posts", rehearsed).mistakes
    assert str(mistake) == "line 2, column variant: expected guard-post, for the post has its button, got desk."
    assert rows(rig, f"SELECT count(*), ({TOLD}) FROM post") == before


def test_rows_that_meanwhile_leave_nobody_in_charge_are_taken_back(rig: CentreRig, tmp_path: Path) -> None:
    rig.add_user("ani", "admin")
    rig.add_user("edi", "admin")
    table = "name,role\nani,operator\nedi,operator\n"
    rehearsed = cli_register.rehearse(rig.state, "users", read_table("users", table.encode()))
    assert rehearsed.mistakes == []
    with register.writing(rig.state.database) as book:
        for name in {name for (name,) in rows(rig, 'SELECT name FROM "user"')} - {"ani", "edi"}:
            person = book.person_named(name)
            assert person is not None
            book.change_person(person.id, {"role": "operator"})
    told = cli_register.bring(rig.state, "users", rehearsed).mistakes
    assert [(mistake.line, mistake.column) for mistake in told] == [(2, "role"), (3, "role")]
    assert rows(rig, "SELECT name FROM \"user\" WHERE role = 'admin' ORDER BY name") == [("ani",), ("edi",)]


def test_admins_may_give_way_to_one_who_gets_a_one_time_password(rig: CentreRig, tmp_path: Path) -> None:
    rig.add_user("ani", "admin")
    rig.add_user("edi", "admin")
    admins = rows(rig, "SELECT name FROM \"user\" WHERE role = 'admin'")
    table = "name,role\nsari,admin\n" + "".join(f"{name},operator\n" for (name,) in admins)
    assert bring(rig, tmp_path, "users", table) == 1, "she could not come in"
    assert bring(rig, tmp_path, "users", table, "--print-passwords", "--dry-run") == 0
    assert bring(rig, tmp_path, "users", table, "--print-passwords") == 0
    assert rows(rig, "SELECT name FROM \"user\" WHERE role = 'admin'") == [("sari",)]


def test_all_tables_go_out_as_one_database_for_other_programs(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "register.db"
    numbers = "year,month,category,count,source\n2021,,,544,Polres\n"
    for kind, table in (*TABLES.items(), ("crimes", numbers)):
        assert bring(rig, tmp_path, kind, table) == 0
    for _ in range(2):  # what was there is replaced
        assert cli_register.export(["all", "--out", str(out), "--state", str(rig.state.directory)]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with closing(sqlite3.connect(out)) as made:
        sites = made.execute("SELECT code, name, latitude, typeof(latitude), longitude FROM sites ORDER BY code")
        assert sites.fetchall() == [
            ("panjang", "x" * 500, None, "null", None),
            ("toko", 'Toko "Emas"; 💍 مكتب', -7.754321, "real", 113.21),
        ]
        posts = made.execute(
            "SELECT p.name, x, s.code FROM posts AS p JOIN sites AS s ON s.code = p.site ORDER BY p.name"
        )
        assert posts.fetchall() == [("@Kasir", None, "toko"), ("Pos satpam", 10, "toko")]
        assert made.execute("SELECT number, typeof(number) FROM contacts WHERE place = 1").fetchall() == [
            ("+6281234567890", "text")
        ]
        assert made.execute("SELECT year, month, count FROM crimes").fetchall() == [(2021, None, 544)]
        columns = {column for (column,) in made.execute("SELECT name FROM pragma_table_info('users')")}
        assert columns == {"name", "full_name", "role", "agency", "sites"}, "passwords are nobody's business"
        assert made.execute("PRAGMA foreign_key_check").fetchall() == []
        assert made.execute('SELECT "table", "to" FROM pragma_foreign_key_list(\'users\')').fetchall() == [
            ("agencies", "code")
        ]
        with pytest.raises(sqlite3.IntegrityError):
            made.execute("INSERT INTO sites (code) VALUES ('toko')")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        cli_register.export(["all", "--state", str(rig.state.directory)])
    assert "--out FILE" in capsys.readouterr().err


def test_a_post_that_a_table_brought_in_gets_its_button(rig: CentreRig, tmp_path: Path) -> None:
    bring(rig, tmp_path, "sites", TABLES["sites"])
    bring(rig, tmp_path, "posts", TABLES["posts"])
    rig.add_post("toko", "Pos satpam", "guard-post")
    assert rows(rig, "SELECT count(*) FROM post WHERE site = 'toko'") == [(2,)]
    with pytest.raises(Exception, match="already"):
        rig.add_post("toko", "Pos satpam", "guard-post")


def test_a_file_that_is_not_there_is_told(
    rig: CentreRig, bank: SmallSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli_register.import_(["sites", str(tmp_path / "no.csv"), "--state", str(rig.state.directory)]) == 1
    assert "cannot read" in capsys.readouterr().err
    assert cli_register.export(["posts", "--state", str(rig.state.directory)]) == 0
    assert "Desk 1" in capsys.readouterr().out
