"""Whatever calls came and however time passes: what must go goes, the rest stays, the chain is whole."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from kentongan_server.domain.call import Said
from kentongan_server.domain.category import Category
from tests.support.shift_rig import KEEPING, ShiftDesk

DAYS = st.sampled_from([0, 1, 30, 59, 60, 61, 89, 90, 91, 200, 364, 366])


@dataclass
class Known:
    """A call as this test remembers it."""

    incident: int
    number: str
    street: str
    taken_day: int
    is_open: bool = True
    erased: bool = False
    coarse: bool = False


def expire(known: list[Known], day: int) -> None:
    """What the rules say in words: older than its days, and of a case that is closed."""
    for one in known:
        if not one.is_open:
            one.erased = one.erased or day - one.taken_day > KEEPING.caller_days
            one.coarse = one.coarse or day - one.taken_day > KEEPING.exact_place_days


def check(desk: ShiftDesk, known: list[Known]) -> None:
    numbers = dict(desk.rows("SELECT incident, number FROM call"))
    streets = dict(desk.rows("SELECT id, address FROM incident"))
    said = "".join(row.entry.personal or "" for row in desk.lines() if row.entry.what == "caller")
    for one in known:
        assert numbers[one.incident] == (None if one.erased else one.number)
        assert streets[one.incident] == (None if one.coarse else one.street)
        assert (one.number in said) is not one.erased
    lines = [row for row in desk.lines() if row.entry.what == "caller"]
    assert all((row.salt is None) is (row.entry.personal is None) for row in lines), "text and salt go together"
    assert len(lines) == len(known), "no line goes"
    assert desk.faults() == []


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["call", "close", "wait"]), st.integers(0, 7), DAYS), max_size=12))
def test_what_expires_goes_and_nothing_else(acts: list[tuple[str, int, int]]) -> None:
    desk, day = ShiftDesk(), 0
    known: list[Known] = []
    for at, (what, which, days) in enumerate(acts):
        if what == "call":
            number, street = f"+628110000{at:04d}", f"Jl. Suroyo {at}"
            incident = desk.call(Category.THEFT, Said(number), address=street)
            known.append(Known(incident, number, street, day))
        elif what == "close":
            still = [one for one in known if one.is_open]
            if still:
                one = still[which % len(still)]
                desk.close(one.incident)
                one.is_open = False
        else:
            day += days
            desk.pass_days(days)
            if days:  # once a day: nothing is looked for twice on the same one
                expire(known, day)
            check(desk, known)
