"""Action plans: which one, what is still to do, and what may be a plan at all."""

from __future__ import annotations

import pytest

from kentongan_server.domain.category import Category
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.plan import (
    ANY,
    REASON_MAX,
    STEPS_MAX,
    TEXT_MAX,
    Plan,
    Step,
    UnfinishedError,
    check_category,
    check_finished,
    check_reason,
    check_steps,
    choose,
    from_json,
    to_json,
)
from kentongan_server.domain.shipped_plans import SHIPPED

STEP = Step("call", "Telepon.", "Call.", mandatory=True)


def plan(number: int, site: str | None, category: str, version: int = 1, *steps: Step) -> Plan:
    return Plan(number, site, category, version, steps or (STEP,))


SITE_FIRE, SITE_ANY = plan(1, "bank", "fire"), plan(2, "bank", ANY)
CITY_FIRE, CITY_ANY = plan(3, None, "fire"), plan(4, None, ANY)
ALL = [CITY_ANY, SITE_FIRE, CITY_FIRE, SITE_ANY, plan(5, "mall", "fire")]


@pytest.mark.parametrize(
    ("site", "category", "without", "number"),
    [
        ("bank", "fire", set(), 1),
        ("bank", "fire", {1}, 2),
        ("bank", "fire", {1, 2}, 3),
        ("bank", "fire", {1, 2, 3}, 4),
        ("bank", "medical", set(), 2),
        ("kiosk", "fire", set(), 3),
        (None, "fire", set(), 3),
        (None, "medical", set(), 4),
    ],
)
def test_the_site_goes_before_the_city_and_its_kind_before_any(site, category, without, number):
    found = choose([one for one in ALL if one.number not in without], site, category)
    assert found is not None
    assert found.number == number


def test_of_versions_the_newest_counts():
    assert choose([plan(9, None, ANY, 3), plan(8, None, ANY, 2)], None, "fire") == plan(9, None, ANY, 3)


def test_a_plan_that_was_withdrawn_stands_back_for_the_next():
    gone = Plan(6, "bank", "fire", 2, ())
    assert choose([*ALL, gone], "bank", "fire") == SITE_ANY
    assert choose([gone], "bank", "fire") is None


def test_what_is_mandatory_and_open_keeps_a_case_open():
    steps = [STEP, Step("look", "Lihat.", "Look."), Step("send", "Kirim.", "Send.", mandatory=True)]
    with pytest.raises(UnfinishedError, match=r"2 mandatory step\(s\) .*Telepon.*Kirim"):
        check_finished(steps, {"look"})
    check_finished(steps, {"call", "send"})


@pytest.mark.parametrize("reason", ["", "   ", "x" * (REASON_MAX + 1)])
def test_a_reason_is_some_words(reason):
    with pytest.raises(InvalidError, match="left_out"):
        check_reason(reason)


def test_a_reason_is_kept_without_its_edges():
    assert check_reason(" sudah aman ") == "sudah aman"
    assert check_reason(None) is None


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([STEP] * 2, "already"),
        ([Step(f"s{number}", "a", "b") for number in range(STEPS_MAX + 1)], "at most 30"),
        ([Step("Send Unit", "a", "b")], "key"),
        ([Step("", "a", "b")], "key"),
        ([Step("a", "", "b")], "step 1: id"),
        ([Step("a", "b", "")], "step 1: en"),
        ([Step("a", "b" * (TEXT_MAX + 1), "b")], "at most 300"),
        ([Step("a", "two\nlines", "b")], "one line"),
    ],
)
def test_what_can_be_no_plan_is_told(steps, told):
    with pytest.raises(InvalidError, match=told):
        check_steps(steps)


def test_a_plan_is_for_a_kind_of_incident_or_for_any():
    assert check_category("duress") == "duress"
    assert check_category(ANY) == ANY
    with pytest.raises(InvalidError, match="category"):
        check_category("flood")


def test_steps_come_back_from_the_store_as_they_were():
    steps = (STEP, Step("look", 'Lihat "semua" 👀', "שלום", mandatory=False))
    assert from_json(to_json(steps)) == steps


def test_the_shipped_plans_are_plans_and_a_hold_up_is_never_called_first():
    for category, steps in SHIPPED.items():
        check_category(category)
        check_steps(steps)
        assert any(step.mandatory for step in steps), category
    for category in (Category.HOLD_UP, Category.DURESS, Category.SUSPECTED_ATTACK):
        calls = [step for step in SHIPPED[category] if "telepon" in step.id.lower()]
        assert calls[0].id.startswith("JANGAN menelepon lokasi"), category
        assert calls[0].mandatory
    assert SHIPPED[Category.HOLD_UP][0].key == "do-not-call-site"
