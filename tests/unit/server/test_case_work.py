"""What an operator does while an incident lasts, in a real store: its plan, calls back, the pass-phrase."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from kentongan_server.application import plans
from kentongan_server.application.case_work import CaseWork
from kentongan_server.application.sites import Sites
from kentongan_server.domain.contact import Contact, Result
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.incident import StaleError, TransitionError
from kentongan_server.domain.pass_phrase import Answer, NoPhraseError
from kentongan_server.domain.plan import ANY, Step, UnfinishedError
from kentongan_server.domain.shipped_plans import SHIPPED
from tests.support.direct_centre import T0_MS
from tests.support.virtual_city import Desk

CALL = Step("call", "Telepon.", "Call.", mandatory=True)
LOOK = Step("look", "Lihat.", "Look.")
REAL = ("real", "robbery", "")
PHRASE, DURESS = "nasi goreng kampung", "nasi goreng seafood"


class PlainSealer:
    """Seals nothing, but opens only about what was sealed."""

    def seal_text(self, text: str, about: str) -> bytes:
        return f"{about}={text}".encode()

    def open_text(self, sealed: bytes, about: str) -> str:
        found, _, text = sealed.decode().partition("=")
        assert found == about
        return text


class Case(Desk):
    """A desk with everything that is done beside an incident."""

    def __init__(self) -> None:
        super().__init__()
        self.work = CaseWork(self.store, self.clock, PlainSealer())
        self.sites = Sites(self.store, self.clock, PlainSealer())
        self.hear_all()

    def put(self, site: str | None, category: str, *steps: Step, seen: int = 0) -> None:
        self.run(self.sites.put_plan("budi", site, category, steps, seen))

    def close(self, incident: int = 1) -> None:
        self.run(self.operate.close(incident, self.version(incident), "sari", *REAL))

    def step(self, key: str, left_out: str | None = None, incident: int = 1, who: str = "sari") -> None:
        self.run(self.work.step(incident, who, key, left_out))

    def fixed(self, incident: int = 1) -> Any:
        return self.rows("SELECT plan FROM incident WHERE id = ?", incident)[0][0]

    def say(self, said: str, incident: int = 1) -> Answer:
        answer: Answer = self.run(self.work.pass_phrase(incident, "sari", said))
        return answer

    def told(self, what: str) -> list[tuple[Any, ...]]:
        return self.rows("SELECT facts, personal FROM feed WHERE what = ? ORDER BY position", what)


@pytest.fixture
def case() -> Case:
    return Case()


# --- the plan -------------------------------------------------------------------------------------


def test_a_case_keeps_the_plan_that_was_there_when_it_was_answered_first(case: Case) -> None:
    case.put(None, ANY, CALL)
    case.press()
    assert case.fixed() is None
    case.answer()
    assert case.fixed() == 1
    case.put("a", "hold-up", LOOK)
    case.put(None, ANY, LOOK, seen=1)
    case.press()
    case.answer()
    assert case.fixed() == 1, "nobody's list changes under their hands"
    with pytest.raises(UnfinishedError, match="Telepon"):
        case.close()
    case.step("call")
    case.close()


def test_the_plan_is_that_of_the_site_and_kind(case: Case) -> None:
    case.put(None, ANY, CALL)
    case.put("b", ANY, CALL)
    case.put("a", "fire", CALL)
    case.put("a", "hold-up", LOOK)
    case.press()
    case.answer()
    assert case.fixed() == 4


def test_closing_waits_for_what_is_mandatory_done_or_left_out_with_a_reason(case: Case) -> None:
    case.put(None, ANY, CALL, LOOK, Step("send", "Kirim.", "Send.", mandatory=True))
    case.press()
    case.answer()
    case.step("look")
    with pytest.raises(UnfinishedError, match=r"2 mandatory"):
        case.close()
    case.step("call")
    with pytest.raises(InvalidError, match="left_out"):
        case.step("send", "  ")
    with pytest.raises(UnfinishedError, match=r"1 mandatory step\(s\) of the plan are open: Kirim"):
        case.close()
    case.step("send", "unit sudah di lokasi")
    case.close()
    rows = case.rows("SELECT step, done_by, left_out FROM plan_step ORDER BY step")
    assert rows == [("call", "sari", None), ("look", "sari", None), ("send", "sari", "unit sudah di lokasi")]
    assert case.told("step")[-1][0] == '{"left_out":true,"plan":1,"step":"send"}'


def test_a_step_that_was_left_out_can_be_done_after_all_and_twice_is_once(case: Case) -> None:
    case.put(None, ANY, CALL)
    case.press()
    case.answer()
    case.step("call", "tidak ada nomor")
    case.step("call")
    before = case.version(1)
    case.step("call", who="budi")
    assert case.version(1) == before
    assert case.rows("SELECT done_by, left_out FROM plan_step") == [("sari", None)]


@pytest.mark.parametrize(("key", "told"), [("other", "no step 'other'"), ("", "no step ''")])
def test_what_is_no_step_of_the_plan_is_told(case: Case, key: str, told: str) -> None:
    case.put(None, ANY, CALL)
    case.press()
    case.answer()
    with pytest.raises(NotFoundError, match=told):
        case.step(key)


def test_before_it_is_answered_and_after_it_is_closed_nothing_is_ticked_off(case: Case) -> None:
    case.put(None, ANY, LOOK)
    case.press()
    with pytest.raises(NotFoundError, match="no plan"):
        case.step("look")
    case.answer()
    case.close()
    with pytest.raises(TransitionError, match="closed"):
        case.step("look")


def test_what_is_split_off_has_the_same_plan_and_nothing_of_it_done(case: Case) -> None:
    case.put(None, ANY, CALL)
    case.press()
    case.answer()
    case.step("call")
    other = case.rows("SELECT device FROM alarm")[0][0]
    case.store.connection.execute("INSERT INTO alarm SELECT 99, " + _columns(case, skip=("id", "device")))
    assert case.rows("SELECT count(*) FROM alarm") == [(2,)]
    made = case.run(case.operate.split(1, case.version(1), "sari", other))
    assert case.fixed(made) == case.fixed(1) == 1
    with pytest.raises(UnfinishedError):
        case.close(made)


def _columns(case: Case, skip: tuple[str, ...]) -> str:
    """All columns of an alarm, of the other button, in the table's order."""
    names = [row[1] for row in case.rows("PRAGMA table_info(alarm)")]
    chosen = ", ".join({"device": "2"}.get(name, name) for name in names if name not in skip or name == "device")
    return f"{chosen} FROM alarm WHERE id = 1"


def test_a_plan_is_never_changed_and_two_at_once_do_not_undo_each_other(case: Case) -> None:
    case.put("a", "fire", CALL)
    with pytest.raises(StaleError, match="version 1, your screen showed 0"):
        case.put("a", "fire", LOOK)
    case.put("a", "fire", LOOK, seen=1)
    case.put("a", "fire", LOOK, seen=2)
    assert case.rows("SELECT version FROM plan ORDER BY id") == [(1,), (2,)], "the same again is no version"


def test_shipped_plans_go_where_a_city_has_none(case: Case) -> None:
    case.put(None, "fire", LOOK)
    case.store.run(partial(plans.ship, at_ms=T0_MS))
    case.store.run(partial(plans.ship, at_ms=T0_MS))
    rows = case.rows("SELECT category, version, made_by FROM plan ORDER BY category")
    assert ("fire", 1, "budi") in rows
    assert len(rows) == len(SHIPPED)
    case.press()
    case.answer()
    with pytest.raises(UnfinishedError, match="JANGAN menelepon lokasi"):
        case.close()


# --- calls back -----------------------------------------------------------------------------------


def people(case: Case, site: str = "a") -> list[int]:
    contacts = [Contact(1, "Ani", "manajer", "+6281234567890"), Contact(2, "Edi", "", "+6281234567891")]
    case.run(case.sites.put_contacts("budi", site, contacts))
    return [row[0] for row in case.rows("SELECT id FROM contact WHERE site = ? ORDER BY place", site)]


def test_who_was_called_is_told_in_the_time_line_also_afterwards(case: Case) -> None:
    first, _ = people(case)
    case.press()
    case.answer()
    case.close()
    case.run(case.work.called(1, "sari", first, Result.NOT_REACHED, "tidak diangkat"))
    ((facts, personal),) = case.told("called")
    assert facts == f'{{"contact":{first},"result":"not-reached"}}'
    assert personal == '{"name":"Ani","note":"tidak diangkat","number":"+6281234567890","who":"sari"}'


def test_only_people_of_its_site_are_called_back(case: Case) -> None:
    elsewhere = people(case, "b")[0]
    case.press()
    for contact in (elsewhere, 999):
        with pytest.raises(NotFoundError, match="no contact"):
            case.run(case.work.called(1, "sari", contact, Result.REACHED, ""))


def test_a_contact_keeps_its_number_in_the_register_when_the_list_changes(case: Case) -> None:
    _, edi = people(case)
    case.run(case.sites.put_contacts("budi", "a", [Contact(1, "Edi S.", "", "+6281234567891")]))
    assert case.rows("SELECT id, place, name FROM contact") == [(edi, 1, "Edi S.")]
    with pytest.raises(InvalidError, match="each number once"):
        case.run(case.sites.put_contacts("budi", "a", [Contact(1, "Edi", "", "+6281234567891")] * 2))
    with pytest.raises(NotFoundError, match="no site"):
        case.run(case.sites.put_contacts("budi", "nowhere", []))


# --- the pass-phrase ------------------------------------------------------------------------------


def test_right_and_wrong_change_nothing_but_the_time_line(case: Case) -> None:
    case.run(case.sites.put_phrases("budi", "a", PHRASE, DURESS))
    case.press()
    case.answer()
    assert case.say(PHRASE.upper()) is Answer.RIGHT
    assert case.say("mie ayam") is Answer.WRONG
    assert not case.rings
    assert case.rows("SELECT category, priority FROM incident") == [("hold-up", 1)]
    assert [facts for facts, _ in case.told("pass-phrase") if "result" in facts] == [
        '{"result":"right"}',
        '{"result":"wrong"}',
    ]


def test_duress_makes_it_one_of_duress_that_goes_first_and_rings(case: Case) -> None:
    case.run(case.sites.put_phrases("budi", "a", PHRASE, DURESS))
    case.press()
    case.answer()
    case.store.connection.execute("UPDATE incident SET category = 'fire', priority = 2")
    assert case.say(DURESS) is Answer.DURESS
    columns = "category, priority, reminded_at_ms IS NOT NULL, state"
    assert case.rows(f"SELECT {columns} FROM incident") == [("duress", 1, 1, "acknowledged")]
    with pytest.raises(Exception, match="still ring"):
        case.close()
    case.answer()
    case.close()


def test_duress_is_not_answered_by_a_screen_that_did_not_show_it(case: Case) -> None:
    case.run(case.sites.put_phrases("budi", "a", PHRASE, DURESS))
    case.press()
    case.answer()
    seen = case.version(1)
    case.say(DURESS)
    case.run(case.operate.acknowledge(1, seen, "sari"))
    assert case.rows("SELECT reminded_at_ms IS NOT NULL FROM incident") == [(1,)]
    with pytest.raises(StaleError):
        case.run(case.operate.dispatch(1, seen, "sari", "Patroli 7"))


def test_duress_has_the_plan_of_duress(case: Case) -> None:
    case.store.run(lambda one: plans.ship(one, 0))
    case.run(case.sites.put_phrases("budi", "a", PHRASE, DURESS))
    case.press()
    case.answer()
    case.say(DURESS)
    assert case.rows("SELECT p.category FROM incident AS i JOIN plan AS p ON p.id = i.plan") == [("duress",)]


def test_duress_ends_a_park(case: Case) -> None:
    case.run(case.sites.put_phrases("budi", "a", PHRASE, DURESS))
    case.press()
    case.answer()
    until_ms = case.clock.wall_ms() + 600_000
    case.run(case.operate.park(1, case.version(1), "sari", until_ms, ""))
    case.say(DURESS)
    assert case.rows("SELECT state, parked_until_ms FROM incident") == [("acknowledged", None)]


def test_neither_what_was_said_nor_what_was_agreed_is_in_the_history(case: Case) -> None:
    case.run(case.sites.put_phrases("budi", "a", PHRASE, DURESS))
    case.press()
    for said in (PHRASE, DURESS, "nasi goreng kampun"):
        case.say(said)
    told = "".join(f"{facts}{personal}" for facts, personal in case.rows("SELECT facts, personal FROM feed"))
    assert "nasi" not in told


def test_a_site_without_a_phrase_says_so(case: Case) -> None:
    case.run(case.sites.put_phrases("budi", "b", PHRASE, None))
    case.press()
    case.answer()
    with pytest.raises(NoPhraseError, match="no pass-phrase"):
        case.say(PHRASE)
    case.close()
    with pytest.raises(TransitionError, match="closed"):
        case.say(PHRASE)


def test_a_new_phrase_takes_the_place_of_both_old_ones(case: Case) -> None:
    case.run(case.sites.put_phrases("budi", "a", PHRASE, DURESS))
    case.run(case.sites.put_phrases("budi", "a", "mie ayam", None))
    case.press()
    assert case.say(PHRASE) is Answer.WRONG
    assert case.say(DURESS) is Answer.WRONG
    assert case.say("mie ayam") is Answer.RIGHT
