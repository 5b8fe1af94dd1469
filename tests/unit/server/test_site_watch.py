"""Attacks and outages as they stand in the centre's store: alarms that ring like others, troubles, history."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from kentongan_server.application.enrol import Site, add_site
from kentongan_server.application.ports import StoreError
from kentongan_server.application.roll import Roll
from kentongan_server.application.supervise import Supervise
from kentongan_server.application.troubles import restore_trouble
from kentongan_server.domain.alarm_kind import KIND_OUTAGE, KIND_SUSPECTED_ATTACK
from kentongan_server.domain.ringing import SITE_PACE_MS
from kentongan_server.domain.site_paths import GRACE_MS, STAYED_AWAY_MS
from kentongan_server.domain.supervision import SILENT_AFTER_MS
from kentongan_wire.path_report import CAUSE_MAIN_LOST
from kentongan_wire.receipts import Receipt
from kentongan_wire.supervision import BUTTON_TAMPER, SITE_MAINS_LOST
from tests.support.direct_centre import T0_MS
from tests.support.presses import Made, attempt, body, message
from tests.support.virtual_city import BUTTONS, GATEWAY, OTHER, City

ATTACK, OUTAGE = KIND_SUSPECTED_ATTACK, KIND_OUTAGE
OTHERS = (OTHER, 92, 93, 94)  # gateways of sites b to e


@pytest.fixture
def city() -> City:
    made = City()
    for gateway, site in zip(OTHERS[1:], ("c", "d", "e"), strict=True):
        made.store.run(functools.partial(add_site, site=Site(site, f"Site {site}", "", "Asia/Jakarta"), at_ms=T0_MS))
        made.gateway(gateway, site)
    made.wait(60_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    return made


def restarted(city: City) -> None:
    """The same store, a new process."""
    city.roll = Roll(city.clock)
    city.supervise = Supervise(
        city.ring, city.store, city.answers, city.clock, city.roll, city.standings, city.rejections
    )
    city.run(city.supervise.load())


def test_a_site_that_loses_all_paths_rings_and_is_answered_like_any_alarm(city: City) -> None:
    city.wait(19_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 1)]
    (row,) = city.rows("SELECT device, incident, level, acknowledged_by, pressed_at_ms FROM alarm")
    assert row == (GATEWAY, 1, 1, None, T0_MS + 60_000)
    assert city.rows("SELECT device, site, state FROM incident") == [(GATEWAY, "a", "new")]
    city.outbox.take()
    city.run(city.operate.acknowledge(1, city.version(1), "sari"))
    city.run(city.operate.close(1, city.version(1), "sari", "false", "path-fault", ""))
    assert city.rows("SELECT state, owner FROM incident") == [("closed", "sari")]
    assert city.down(Receipt, GATEWAY) == [], "nobody pressed: nobody gets a receipt"


def test_its_buttons_keep_incidents_of_their_own(city: City) -> None:
    city.wait(19_000, hear=OTHERS)
    made = Made(body(1, b"noncenon", 7, 1_000_000 + city.clock.now_ms), city.clock.now_ms, -1_000_000)
    frame = attempt(city.found(1), made, city.clock.now_ms + 100)
    city.run(city.intake.take(*message(city.found(GATEWAY), frame)))
    assert city.rows("SELECT device, state FROM incident ORDER BY id") == [(GATEWAY, "new"), (1, "new")]


def test_the_alarm_stays_when_the_site_is_back_and_the_history_says_so(city: City) -> None:
    city.wait(30_000, hear=OTHERS)
    city.wait(30_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert city.rows("SELECT state FROM incident") == [("new",)]
    assert city.history() == ["opened", "site-back"]
    assert city.troubles() == []


def test_a_site_that_stays_away_is_one_alarm_and_one_trouble(city: City) -> None:
    city.wait(600_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 1)]
    assert city.troubles() == [(GATEWAY, "silent", True)]


def test_while_it_rings_another_loss_counts_there_and_after_the_answer_it_rings_again(city: City) -> None:
    for _ in range(3):
        city.wait(30_000, hear=OTHERS)
        city.wait(10_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert city.own_alarms() == [("a", ATTACK, 3)]
    city.run(city.operate.acknowledge(1, city.version(1), "sari"))
    city.wait(30_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 3), ("a", ATTACK, 1)]
    assert city.rows("SELECT quiet_until_ms FROM incident") == [(None,)], "the first times it rings at once"


def test_a_site_that_comes_and_goes_rings_at_a_bounded_rate_and_is_never_forgotten(city: City) -> None:
    rings = 0
    for _ in range(40):  # half an hour
        city.wait(30_000, hear=OTHERS)
        city.wait(15_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
        for (incident,) in city.rows("SELECT id FROM incident WHERE quiet_until_ms IS NULL"):
            (newest,) = city.rows("SELECT max(id) FROM alarm WHERE acknowledged_by IS NULL")[0]
            if newest is not None:
                rings += 1
                city.run(city.operate.acknowledge(incident, city.version(incident), "sari"))
    assert 3 <= rings <= 3 + 1 + 40 * 45_000 // SITE_PACE_MS


def test_a_word_over_the_second_path_makes_it_a_path_lost_and_nothing_more(city: City) -> None:
    city.wait(14_000, hear=OTHERS)
    assert city.text(GATEWAY, cause=CAUSE_MAIN_LOST, ago_ms=3_000)
    city.wait(600_000, hear=OTHERS)
    assert city.own_alarms() == []
    assert city.troubles() == [(GATEWAY, "path-lost", True)], "not also silent, nor any of its buttons"
    city.wait(10_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert city.troubles() == [(GATEWAY, "path-lost", False)]


def test_a_late_word_over_the_second_path_is_written_into_the_alarms_history(city: City) -> None:
    city.wait(60_000, hear=OTHERS)
    assert city.troubles() == [(GATEWAY, "silent", True)]
    city.text(GATEWAY, ago_ms=2_000)
    assert city.history() == ["opened", "second-path"]
    city.wait(60_000, hear=OTHERS)
    assert city.troubles() == [(GATEWAY, "silent", False), (GATEWAY, "path-lost", True)]


def test_a_repeated_text_proves_nothing(city: City) -> None:
    city.text(GATEWAY, counter=7)
    city.wait(14_000, hear=OTHERS)
    assert not city.text(GATEWAY, counter=7)
    assert not city.text(GATEWAY, counter=6)
    city.wait(10_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 1)]


def test_what_a_site_texts_about_itself_is_a_trouble_while_its_main_path_says_nothing(city: City) -> None:
    city.wait(20_000, hear=OTHERS)
    city.text(GATEWAY, state=SITE_MAINS_LOST)
    city.text(1, state=BUTTON_TAMPER)
    assert {(device, kind) for device, kind, _ in city.troubles()} == {
        (GATEWAY, "path-lost"), (GATEWAY, "mains-lost"), (1, "tamper"),
    }  # fmt: skip


def test_many_sites_at_once_are_one_alarm_and_one_trouble(city: City) -> None:
    city.wait(600_000, hear=(OTHERS[3],))
    assert city.own_alarms() == [("a", OUTAGE, 4)]
    assert city.troubles() == [(0, "outage", True)]
    assert city.rows("SELECT site FROM outage_site ORDER BY site") == [("a",), ("b",), ("c",), ("d",)]
    city.wait(15_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert city.troubles() == [(0, "outage", False)]
    assert city.history() == ["opened", "site-back", "outage-over"]
    assert city.rows("SELECT count(*) FROM outage_site WHERE back_at_ms IS NULL") == [(0,)]


def test_who_stays_away_after_an_outage_is_an_attack_and_silent(city: City) -> None:
    city.wait(120_000, hear=(OTHERS[3],))
    city.wait(STAYED_AWAY_MS + 15_000, hear=(GATEWAY, *BUTTONS, *OTHERS[1:]))
    assert city.own_alarms() == [("a", OUTAGE, 4), ("b", ATTACK, 1)]
    assert city.troubles() == [(0, "outage", False), (OTHER, "silent", True)]


def test_the_site_under_which_an_outage_is_listed_is_accused_by_name_as_well(city: City) -> None:
    """Or an outage that nobody has answered yet would hide what happens to that site alone."""
    city.wait(120_000, hear=(OTHERS[3],))
    city.wait(STAYED_AWAY_MS + 15_000, hear=OTHERS)
    assert city.own_alarms() == [("a", OUTAGE, 4), ("a", ATTACK, 1)]
    city.wait(10_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    city.wait(30_000, hear=OTHERS)
    assert city.own_alarms() == [("a", OUTAGE, 4), ("a", ATTACK, 2)]


def test_a_press_during_an_outage_rings(city: City) -> None:
    city.wait(60_000)
    made = Made(body(1, b"noncenon", 7, 1_000_000 + city.clock.now_ms), city.clock.now_ms, -1_000_000)
    frame = attempt(city.found(1), made, city.clock.now_ms + 100)
    city.run(city.intake.take(*message(city.found(GATEWAY), frame)))
    assert city.rows("SELECT state FROM incident WHERE device = 1") == [("new",)]


def test_nobody_is_accused_while_the_centres_own_lanes_are_down(city: City) -> None:
    hears = False
    city.supervise = Supervise(
        city.ring, city.store, city.answers, city.clock, city.roll, city.standings, city.rejections,
        hears=lambda: hears,
    )  # fmt: skip
    city.run(city.supervise.save())
    city.run(city.supervise.load())
    city.wait(600_000)
    hears = True
    city.wait(SILENT_AFTER_MS - 1_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert (city.own_alarms(), city.troubles()) == ([], [])


def test_a_centre_that_was_stopped_for_a_while_accuses_nobody_of_it(city: City) -> None:
    city.clock.now_ms += 300_000  # SIGSTOP: no tick, and what came meanwhile waits to be read
    city.run(city.supervise.tick())
    city.wait(60_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert (city.own_alarms(), city.troubles()) == ([], [])


def test_after_a_restart_who_was_well_and_does_not_come_back_is_accused(city: City) -> None:
    city.run(city.supervise.save())
    restarted(city)
    city.wait(GRACE_MS - 1_000, hear=OTHERS)
    assert city.own_alarms() == []
    city.wait(2_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 1)]


def test_a_restart_that_takes_long_leaves_everybody_the_grace(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.run(city.supervise.save())
    real = Roll.load

    def slow(roll: Roll, saved: Any) -> None:
        city.clock.now_ms += 3_000
        real(roll, saved)

    monkeypatch.setattr(Roll, "load", slow)
    restarted(city)
    city.wait(GRACE_MS - 4_000, hear=OTHERS)
    assert city.own_alarms() == []


def test_after_a_restart_who_was_heard_again_is_accused_as_fast_as_ever(city: City) -> None:
    city.run(city.supervise.save())
    restarted(city)
    city.wait(5_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    city.wait(19_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 1)]


def test_after_a_restart_who_was_gone_before_is_not_accused_again(city: City) -> None:
    city.wait(60_000, hear=OTHERS)
    city.run(city.supervise.save())
    restarted(city)
    city.wait(600_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 1)]
    assert city.troubles() == [(GATEWAY, "silent", True)]


def test_after_a_restart_who_was_back_is_accused_although_its_incident_is_still_open(city: City) -> None:
    city.wait(60_000, hear=OTHERS)
    city.wait(30_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    city.run(city.supervise.save())
    restarted(city)
    city.wait(GRACE_MS + 1_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 2)]


def test_a_lost_path_ends_although_the_store_failed_in_the_middle_of_it(city: City) -> None:
    city.wait(14_000, hear=OTHERS)
    city.text(GATEWAY)
    city.wait(60_000, hear=OTHERS)
    assert city.troubles() == [(GATEWAY, "path-lost", True)]
    real = city.store.run

    def fails(work: Any) -> Any:
        if getattr(work, "func", None) is restore_trouble:
            raise StoreError("full.")
        return real(work)

    city.store.run = fails  # type: ignore[method-assign]
    city.wait(10_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    city.store.run = real  # type: ignore[method-assign]
    city.wait(10_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert city.troubles() == [(GATEWAY, "path-lost", False)]


def test_after_a_restart_a_lost_path_and_an_outage_go_on(city: City) -> None:
    city.wait(14_000, hear=OTHERS)
    city.text(GATEWAY)
    city.wait(60_000, hear=OTHERS)
    city.run(city.supervise.save())
    restarted(city)
    city.wait(60_000, hear=OTHERS)
    city.wait(60_000, hear=(OTHERS[3],))
    restarted(city)
    city.wait(60_000, hear=(OTHERS[3],))
    assert city.own_alarms() == [("b", OUTAGE, 3)]
    assert city.troubles() == [(GATEWAY, "path-lost", True), (0, "outage", True)]
    city.wait(15_000, hear=(GATEWAY, *BUTTONS, *OTHERS))
    assert [is_open for _, _, is_open in city.troubles()] == [False, False]


def test_an_alarm_that_could_not_be_stored_is_raised_when_it_can(city: City) -> None:
    city.store.error = StoreError("full.")
    city.wait(30_000, hear=OTHERS)
    assert city.own_alarms() == []
    city.store.error = None
    city.wait(1_000, hear=OTHERS)
    assert city.own_alarms() == [("a", ATTACK, 1)]
