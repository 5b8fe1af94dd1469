"""Tables of the register into a real store: all rows or none, twice the same as once."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from kentongan_server.adapters.transaction import SqlTransaction
from kentongan_server.application.importing import KINDS, Result, bring_in, read_table
from kentongan_server.application.sites import By
from tests.support.direct_centre import T0_MS, DirectCentre

BY = By("budi", T0_MS)
SITES = "code,name,address,zone,latitude,longitude\n"
ADMIN = "INSERT INTO \"user\" (name, role, created_at_ms) VALUES ('admin', 'admin', 0)"


class TakenBackError(Exception):
    pass


class Office(DirectCentre):
    """Sites a and b, button 1 at a, an admin, and whoever brings tables in."""

    def __init__(self) -> None:
        super().__init__()
        self.button(1)
        self.store.connection.execute(ADMIN)

    def bring(self, kind: str, text: str, **more: Any) -> Result:
        """As the command does it: with a mistake nothing stays."""
        kept = []

        def work(book: Any) -> None:
            kept.append(bring_in(book, kind, read_table(kind, text.encode()), BY, **more))
            if kept[0].mistakes:
                raise TakenBackError

        with contextlib.suppress(TakenBackError):
            self.store.run(work)
        result: Result = kept[0]
        return result

    def told(self, kind: str, text: str) -> list[str]:
        return [str(one) for one in self.bring(kind, text).mistakes]


@pytest.fixture
def office() -> Office:
    return Office()


def test_what_is_new_is_made_what_is_there_is_changed_and_twice_is_once(office: Office) -> None:
    text = SITES + 'bank,"Bank ""X"", pusat",Jl. 1,,-7.754321,113.2\na,Site a,,Asia/Jakarta,,\nb,Baru,,,,\n'
    assert office.bring("sites", text).rows == {"new": 1, "changed": 1, "same": 1}
    position = office.rows("SELECT max(position) FROM feed")
    assert office.bring("sites", text).rows == {"same": 3}
    assert office.rows("SELECT max(position) FROM feed") == position
    assert office.rows("SELECT name, zone FROM site WHERE code = 'bank'") == [('Bank "X", pusat', "Asia/Jakarta")]
    assert office.rows("SELECT latitude, longitude FROM site_place") == [(-7.754321, 113.2)]


def test_a_column_that_is_not_there_leaves_what_is(office: Office) -> None:
    office.bring("sites", SITES + "a,Site a,Jl. 1,Asia/Makassar,-7.7,113.2\n")
    office.bring("sites", "code,name\na,Lain\n")
    facts = office.rows("SELECT name, address, zone, latitude FROM site JOIN site_place ON site = code")
    assert facts == [("Lain", "Jl. 1", "Asia/Makassar", -7.7)]
    office.bring("sites", "code,name,address,latitude,longitude\na,Lain,,,\n")
    assert office.rows("SELECT address FROM site WHERE code = 'a'") == [("",)]
    assert office.rows("SELECT * FROM site_place") == []


def test_with_one_mistake_nothing_is_written(office: Office) -> None:
    before = office.rows("SELECT count(*) FROM site")
    told = office.told("sites", SITES + "x,X,,,,\ny,Y,,Nowhere/City,,\nz,Z,,,1,\n")
    assert told == [
        "line 3, column zone: expected a time zone such as Asia/Jakarta, got 'Nowhere/City'.",
        "line 4, column longitude: expected a number beside latitude, got nothing.",
    ]
    assert office.rows("SELECT count(*) FROM site") == before


def test_every_mistake_is_told_at_once_those_of_the_store_too(office: Office) -> None:
    told = office.told(
        "posts",
        "site,name,variant,x,y\nnowhere,Desk,desk,,\na,Desk 1,guard-post,,\na,Pos,tower,1001,5\na,Desk 1,desk,,\n",
    )
    assert told == [
        "line 2, column site: expected the code of a site, got 'nowhere': bring the sites in first.",
        "line 3, column variant: expected desk, for the post has its button, got guard-post.",
        "line 4, column variant: expected one of guard-post, desk, got 'tower'.",
        "line 4, column x: expected a whole number 0-1000, got '1001'.",
        "line 5, column name: expected each row once, got 'a', 'Desk 1' again, which is in line 3.",
    ]


def test_posts_come_in_before_their_buttons_and_get_their_spots(office: Office) -> None:
    text = "site,name,variant,x,y\na,Desk 1,desk,100,200\na,Pos satpam,guard-post,,\n"
    assert office.bring("posts", text).rows == {"changed": 1, "new": 1}
    assert office.bring("posts", text).rows == {"same": 2}
    assert office.rows("SELECT x, y FROM post_spot") == [(100, 200)]
    assert office.bring("posts", "site,name,variant\na,Pos satpam,desk\n").rows == {"changed": 1}
    assert office.bring("posts", "site,name,variant,x,y\na,Desk 1,desk,,\n").rows == {"changed": 1}
    assert office.rows("SELECT * FROM post_spot") == []


def test_contacts_are_known_by_their_number_however_it_is_written(office: Office) -> None:
    text = 'site;place;name;role;number;hours\na;1;"Ani; S.";;0812 3456 7890;Sen-Jum 08:00-17:00\n'
    assert office.bring("contacts", text).rows == {"new": 1}
    assert office.bring("contacts", text.replace("0812 ", "'+62812")).rows == {"same": 1}
    assert office.bring("contacts", "site,place,name,number\na,2,Ani,+6281234567890\n").rows == {"changed": 1}
    ((place, name, hours),) = office.rows("SELECT place, name, hours FROM contact")
    assert (place, name, json.loads(hours)[0]) == (2, "Ani", [1, 480, 1_020])
    assert office.told("contacts", "site,place,name,number\na,2,Ani,12\n")[0].startswith("line 2, column number: ")


def test_people_come_in_without_passwords_and_are_bound_to_what_they_may_see(office: Office) -> None:
    office.bring("agencies", "code,name,kind\nbpbd,BPBD,disaster\n")
    text = "name,full_name,role,agency,sites\nsari,Sari D.,operator,,\nedi,,partner,,b a\nani,,agency-desk,bpbd,\n"
    result = office.bring("users", text)
    assert (result.rows, result.new_users) == ({"new": 3}, ["sari", "edi", "ani"])
    assert office.bring("users", text).rows == {"same": 3}
    columns = "name, full_name, role, agency, password_hash"
    rows = office.rows(f"SELECT {columns} FROM \"user\" WHERE name <> 'admin' ORDER BY id")
    assert rows == [
        ("sari", "Sari D.", "operator", None, None),
        ("edi", "", "partner", None, None),
        ("ani", "", "agency-desk", "bpbd", None),
    ]
    changed = "name,role,sites\nsari,supervisor,\nedi,partner,a\n"
    assert office.bring("users", changed).rows == {"changed": 2}
    assert office.rows("SELECT site FROM user_site") == [("a",)]


def test_a_one_time_password_must_be_changed(office: Office) -> None:
    office.bring("users", "name,role\nsari,operator\nedi,operator\n", passwords={"sari": "hash"})
    rows = office.rows("SELECT name, password_hash, must_change FROM \"user\" WHERE role = 'operator' ORDER BY name")
    assert rows == [("edi", None, 0), ("sari", "hash", 1)]


def test_who_would_see_nothing_or_leave_nobody_in_charge_is_told(office: Office) -> None:
    told = office.told(
        "users",
        "name,role,agency,sites\nadmin,operator,,\nedi,partner,,\nani,unit,,\nrio,agency-desk,nowhere,\n"
        "uli,partner,,nowhere\n",
    )
    assert told == [
        "line 2, column role: expected admin, for this is the only one, got operator.",
        "line 3, column sites: expected a site, for role partner sees nothing without one, got nothing.",
        "line 4, column agency: expected an agency, for role unit sees nothing without one, got nothing.",
        "line 5, column agency: expected the code of an agency, got 'nowhere': bring the agencies in first.",
        "line 6, column sites: expected codes of sites, got 'nowhere': bring the sites in first.",
    ]


def test_rows_that_together_leave_nobody_in_charge_are_told(office: Office) -> None:
    office.bring("users", "name,role\nsari,admin\n", passwords={"sari": "hash"})
    office.store.connection.execute("UPDATE \"user\" SET password_hash = 'hash' WHERE name = 'admin'")
    before = office.rows('SELECT name, role FROM "user"')
    assert office.told("users", "name,role\nadmin,auditor\nsari,operator\n") == [
        "line 2, column role: expected admin, for these rows together leave nobody who is one, got auditor.",
        "line 3, column role: expected admin, for these rows together leave nobody who is one, got operator.",
    ]
    assert office.rows('SELECT name, role FROM "user"') == before
    assert office.bring("users", "name,role\nadmin,auditor\nsari,admin\n").rows == {"changed": 1, "same": 1}


def test_who_may_do_other_things_from_now_on_must_log_in_again(office: Office) -> None:
    """As when an admin changes it in the console: an open tab must not go on with what the person was."""
    office.bring("agencies", "code,name,kind\nbpbd,BPBD,disaster\npolres,Polres,police\n")
    table = "name,full_name,role,agency,sites\nsari,Sari,supervisor,,\nedi,Edi,partner,,b a\nani,Ani,unit,bpbd,\n"
    office.bring("users", table)
    log_in = 'INSERT INTO session (token_hash, "user", created_at_ms, expires_at_ms) VALUES (?, ?, 0, 9)'
    people = office.rows("SELECT id, name FROM \"user\" WHERE name <> 'admin'")
    for user, name in people:
        office.store.connection.execute(log_in, (name.encode(), user))

    def logged_in() -> set[str]:
        return {bytes(key).decode() for (key,) in office.rows("SELECT token_hash FROM session")}

    office.bring("users", table.replace("Sari,", "Sari D.,"))
    assert logged_in() == {"sari", "edi", "ani"}, "a name is nothing that somebody may do"
    office.bring("users", "name,role\nsari,operator\n")
    assert logged_in() == {"edi", "ani"}
    office.bring("users", "name,role,sites\nedi,partner,a\n")
    assert logged_in() == {"ani"}
    office.bring("users", "name,role,agency\nani,unit,polres\n")
    assert logged_in() == set()


def test_names_of_people_stand_in_the_personal_part_of_the_history_only(office: Office) -> None:
    office.bring("users", "name,full_name,role\nsari,Sari D.,operator\n")
    office.bring("contacts", "site,place,name,number\na,1,Ani,+6281234567890\n")
    facts = "".join(one for (one,) in office.rows("SELECT facts FROM feed"))
    for secret in ("sari", "Sari", "Ani", "+62812"):
        assert secret not in facts


def test_every_kind_has_a_key_that_its_table_has() -> None:
    assert KINDS == ("agencies", "sites", "posts", "contacts", "users")


def test_only_what_changes_has_to_be_written(office: Office) -> None:
    office.bring("agencies", "code,name,kind\nbpbd,BPBD,disaster\npolres,Polres,police\n")
    result = office.bring("agencies", "code,name,kind\nbpbd,BPBD,disaster\npolres,Baru,police\npmi,PMI,medical\n")
    assert [line.number for line in result.touched] == [3, 4]


def test_nobody_calls_more_people_of_one_site_than_a_page_takes(office: Office) -> None:
    head = "site,place,name,number\n"
    people = [f"a,1,Orang {number},+62812000000{number:02d}\n" for number in range(31)]
    assert office.bring("contacts", head + "".join(people[:30])).rows == {"new": 30}
    assert office.told("contacts", head + people[0] + people[30]) == [
        "line 3, column number: expected at most 30 people of one site, got 31."
    ]
    assert office.bring("contacts", head + "".join(people[:30])).rows == {"same": 30}


def asked_for(office: Office, table: str, kind: str = "posts") -> list[str]:
    """The statements that a table costs."""
    asked: list[str] = []
    office.store.connection.set_trace_callback(asked.append)
    office.bring(kind, table)
    office.store.connection.set_trace_callback(None)
    return asked


def test_a_site_of_many_posts_is_read_once_while_the_store_is_held(office: Office) -> None:
    """Alarms wait meanwhile: what a row costs must not grow with the rows."""
    table = "site,name,variant\n" + "".join(f"a,Pos {number},desk\n" for number in range(40))
    assert len(asked_for(office, table)) > 40
    again = asked_for(office, table)
    assert sum("FROM post " in statement for statement in again) == 1
    assert len(again) < 3 * 40


def test_whether_a_site_is_there_is_asked_once_for_all_rows(office: Office) -> None:
    people = "name,role,sites\n" + "".join(f"edi-{number},partner,a b\n" for number in range(30))
    assert sum("FROM site " in statement for statement in asked_for(office, people, "users")) == 2


def test_people_of_a_site_are_read_once_to_see_that_they_are_the_same(office: Office) -> None:
    table = "site,place,name,number\n" + "".join(f"a,1,Ani,+62812000000{number:02d}\n" for number in range(30))
    office.bring("contacts", table)
    assert sum("FROM contact" in statement for statement in asked_for(office, table, "contacts")) == 1


def test_whether_posts_have_buttons_is_looked_up_once_for_all_of_a_site(office: Office) -> None:
    plan = office.rows(f"EXPLAIN QUERY PLAN {SqlTransaction.SQL['posts_at']}", "a", "a")
    steps = [step for _, _, _, step in plan]
    assert not [step for step in steps if "CORRELATED" in step], steps
    assert not [step for step in steps if step.startswith("SCAN")], steps
