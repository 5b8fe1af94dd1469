"""An incident that becomes something worse gets the plan of that: not every plan forbids to call the site."""

from __future__ import annotations

from typing import Any

import pytest

from kentongan_server.application import plans
from kentongan_server.domain.category import Category
from kentongan_server.domain.correlation import WINDOW_MS
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.plan import ANY
from kentongan_server.domain.shipped_plans import SHIPPED
from kentongan_wire.press import KIND_MEDICAL
from tests.support.direct_centre import T0_MS
from tests.support.shift_rig import ShiftDesk


@pytest.fixture
def desk() -> ShiftDesk:
    desk = ShiftDesk()
    desk.store.run(lambda one: plans.ship(one, T0_MS))
    desk.press_of(1, 1, kind=KIND_MEDICAL)
    return desk


def do(desk: ShiftDesk, act: str, *given: Any, incident: int = 1) -> Any:
    return desk.run(getattr(desk.operate, act)(incident, desk.version(incident), "sari", *given))


def plan(desk: ShiftDesk, incident: int = 1) -> str | None:
    query = "SELECT p.category FROM incident AS i LEFT JOIN plan AS p ON p.id = i.plan WHERE i.id = ?"
    category: str | None = desk.rows(query, incident)[0][0]
    return category


def test_a_hold_up_joins(desk: ShiftDesk) -> None:
    desk.press_of(2, 2)
    assert plan(desk) is None, "nobody owns it yet"
    do(desk, "acknowledge")
    assert plan(desk) == "hold-up"


def test_a_hold_up_joins_what_somebody_works_on(desk: ShiftDesk) -> None:
    do(desk, "acknowledge")
    assert plan(desk) == "medical"
    desk.press_of(2, 2)
    assert plan(desk) == "hold-up"


def test_a_hold_up_is_merged_into_it(desk: ShiftDesk) -> None:
    do(desk, "acknowledge")
    desk.clock.now_ms += WINDOW_MS + 1
    desk.press_of(2, 2)
    do(desk, "merge", 1, incident=2)
    assert plan(desk) == "hold-up"


def test_whatever_it_becomes_there_is_a_plan(desk: ShiftDesk) -> None:
    """Where the city has withdrawn all that it can, and only the site has a plan for what it was."""

    def withdraw(book: Any) -> None:
        plans.put(book, "a", Category.MEDICAL, SHIPPED[Category.MEDICAL], 0, "budi", T0_MS)
        for category in Category:
            newest = book.newest_plan(None, category)
            if newest is not None:
                plans.put(book, None, category, (), newest.version, "budi", T0_MS)

    desk.store.run(withdraw)
    do(desk, "acknowledge")
    assert plan(desk) == "medical"
    desk.press_of(2, 2)
    assert plan(desk) == ANY
    with pytest.raises(InvalidError, match="whatever has no other"):
        desk.store.run(lambda one: plans.put(one, None, ANY, (), 1, "budi", T0_MS))
    assert plan(desk) == ANY


def test_what_is_not_worse_leaves_the_plan(desk: ShiftDesk) -> None:
    desk.press_of(2, 2)
    do(desk, "acknowledge")
    desk.press_of(2, 3, kind=KIND_MEDICAL)
    assert plan(desk) == "hold-up"


def test_a_press_opens_an_incident_of_its_own_beside_a_call(desk: ShiftDesk) -> None:
    desk.clock.now_ms += WINDOW_MS + 1
    made = desk.call(Category.THEFT, site="a")
    desk.press_of(2, 2)
    assert desk.rows("SELECT incident FROM alarm WHERE device = 2") == [(made + 1,)]
