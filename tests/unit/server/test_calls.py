"""The 112 desk, in a real store: a call is an incident, a number is known however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from kentongan_server.application.calls import Calls
from kentongan_server.domain.call import NAME_MAX, Said
from kentongan_server.domain.category import Category
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.incident import TransitionError
from kentongan_server.domain.number import of_caller
from tests.support.shift_rig import NUMBER, ShiftDesk


@pytest.fixture
def desk() -> ShiftDesk:
    return ShiftDesk()


@pytest.mark.parametrize(
    "written",
    ["081234567890", "6281234567890", "+6281234567890", "0812-3456-7890", "+62 812 3456 7890", "(0812) 3456.7890",
     "006281234567890", "81234567890", "+62 0812 3456 7890"],
)  # fmt: skip
def test_one_number_however_it_is_written(desk: ShiftDesk, written: str) -> None:
    assert of_caller(written) == NUMBER
    assert desk.calls.digest(written) == desk.calls.digest(NUMBER)


@pytest.mark.parametrize("written", ["", "112", "tidak tahu", "+62", "0812345678901234", "٠٨١٢٣٤٥٦٧٨٩٠", "+0812345678"])
def test_what_is_no_number_is_refused(desk: ShiftDesk, written: str) -> None:
    with pytest.raises(InvalidError):
        desk.calls.digest(written)


def test_a_digest_needs_the_key(desk: ShiftDesk) -> None:
    other = Calls(desk.store, desk.clock, b"o" * 32)
    assert other.digest(NUMBER) != desk.calls.digest(NUMBER)


def test_a_call_is_its_takers_incident_and_rings_for_nobody(desk: ShiftDesk) -> None:
    desk.outbox.take()
    incident = desk.call(Category.FIRE, address="Jl. Suroyo 5", latitude=-7.754321, longitude=113.212345)
    assert desk.incident("source, state, owner, category, priority, device, site, drill", incident) == (
        "call", "acknowledged", "sari", "fire", 2, None, None, 0,
    )  # fmt: skip
    assert desk.incident("address, latitude, longitude") == ("Jl. Suroyo 5", -7.754321, 113.212345)
    assert desk.rows("SELECT number, name, words, taken_by FROM call") == [
        (NUMBER, "Ibu Rini", "Ada yang masuk rumah tetangga", "sari")
    ]
    assert desk.outbox.take() == [], "no button is told"
    assert desk.history() == ["call", "caller"]
    assert not desk.replayed()[-1].after.rings


def test_a_call_is_closed_like_any_other(desk: ShiftDesk) -> None:
    desk.close(desk.call())
    assert desk.incident("state, outcome, cause") == ("closed", "real", "theft")
    assert desk.outbox.take() == [] or all(frame.device != 0 for _, _, frame in desk.outbox.take())


def test_nobody_need_say_who_they_are(desk: ShiftDesk) -> None:
    desk.call(said=Said("  ", None, " "))
    assert desk.rows("SELECT number, name, words, caller FROM call") == [(None, None, None, None)]
    assert desk.history() == ["call"], "there is nothing personal to remember"


def test_a_second_call_is_added_to_the_same_incident(desk: ShiftDesk) -> None:
    incident = desk.call()
    seen = desk.version(incident)
    desk.run(desk.calls.add(incident, "budi", Said("+628111111111", None, "Asap tebal")))
    assert desk.rows("SELECT incident, taken_by FROM call") == [(1, "sari"), (1, "budi")]
    assert desk.version(incident) > seen, "whoever shows it is told"
    assert desk.incident("owner") == ("sari",)
    desk.close(incident)
    with pytest.raises(TransitionError):
        desk.run(desk.calls.add(incident, "budi", Said()))


def test_a_real_call_is_never_added_to_a_drill(desk: ShiftDesk) -> None:
    desk.drill((1, "hold-up", 0))
    desk.pass_s(1)
    with pytest.raises(InvalidError):
        desk.run(desk.calls.add(1, "sari", Said(NUMBER)))
    assert desk.rows("SELECT count(*) FROM call") == [(0,)]


def test_a_call_of_a_known_site_is_listed_under_it(desk: ShiftDesk) -> None:
    assert desk.incident("site, address", desk.call(site="a")) == ("a", None)
    with pytest.raises(NotFoundError):
        desk.call(site="nowhere")


@pytest.mark.parametrize(
    "where",
    [{"latitude": 1.0}, {"latitude": 91.0, "longitude": 0.0}, {"latitude": 0.0, "longitude": -181.0},
     {"latitude": float("nan"), "longitude": 0.0}, {"address": "x" * 501}],
)  # fmt: skip
def test_a_place_that_is_none_is_refused(desk: ShiftDesk, where: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        desk.call(**where)
    with pytest.raises(InvalidError):
        desk.call(said=Said(None, "x" * (NAME_MAX + 1)))
    assert desk.rows("SELECT count(*) FROM incident") == [(0,)], "nothing half is left"


def test_pranks_are_marked_and_taken_back_and_never_below_none(desk: ShiftDesk) -> None:
    with pytest.raises(NotFoundError):
        desk.run(desk.calls.mark(NUMBER, "sari", "iseng", prank=True))
    desk.call()
    marks = [
        desk.run(desk.calls.mark(NUMBER, "sari", "iseng", prank=prank)) for prank in (True, True, False, False, False)
    ]
    assert marks == [1, 2, 1, 0, 0]
    assert desk.personal("caller-marked")[0] == {
        "who": "sari", "note": "iseng", "caller": desk.calls.digest(NUMBER).hex(),
    }  # fmt: skip


def test_no_name_or_number_stands_among_the_plain_facts_of_the_history(desk: ShiftDesk) -> None:
    desk.call(address="Jl. Suroyo 5")
    desk.run(desk.calls.mark(NUMBER, "sari", "iseng", prank=True))
    plain = " ".join(row.entry.facts + row.entry.subject for row in desk.lines())
    for word in (NUMBER, "81234567890", "Rini", "tetangga", "Suroyo", "sari", desk.calls.digest(NUMBER).hex()):
        assert word not in plain
    assert "Rini" not in repr(Said(NUMBER, "Ibu Rini"))
