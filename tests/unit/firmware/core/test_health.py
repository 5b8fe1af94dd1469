"""The watchdog's conditions."""

from kentongan_button.core.health import DEADLINES_MS, Health
from tests.support.portable import raises


def test_it_is_fed_while_every_task_reports_in_time():
    health = Health(1_000)
    assert health.may_feed(1_000)
    for task, limit in DEADLINES_MS.items():
        health = Health(1_000)
        for other in DEADLINES_MS:
            if other != task:
                health.report(other, 1_000 + limit)
        assert health.overdue(1_000 + limit) == []
        assert task in health.overdue(1_001 + limit)
        assert not health.may_feed(1_001 + limit)


def test_one_silent_task_is_enough_and_is_named():
    health = Health(0, {"a": 100, "b": 1_000})
    health.report("a", 150)
    assert health.overdue(200) == []
    assert health.overdue(251) == ["a"]
    health.report("a", 2_000)
    assert health.overdue(2_000) == ["b"]
    health.report("b", 2_000)
    assert health.may_feed(2_000)


def test_a_task_that_never_reported_is_overdue():
    assert Health(0, {"a": 100}).overdue(101) == ["a"]


def test_an_unknown_task_is_refused():
    assert raises(KeyError, Health(0).report, "coffee", 0).args == ("coffee",)
