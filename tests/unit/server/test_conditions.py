"""What devices say of themselves as troubles: within a report, once for each cause, and ended with it."""

from __future__ import annotations

import pytest

from kentongan_server.application.troubles import TroubleDesk
from kentongan_server.domain import supervision as rules
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.second_path import (
    BUTTON_UNPROVEN_MS,
    GATEWAY_UNPROVEN_MS,
    START_GRACE_MS,
    is_fresh,
    made_ms,
)
from kentongan_server.domain.supervision import BUTTON_TROUBLES, SITE_TROUBLES, Watch
from kentongan_server.domain.trouble import DEADLINE_MS, TakenError, TroubleKind
from kentongan_server.domain.wall_clock import PARDON_MS, WRONG_FOR_MS
from kentongan_wire import supervision as wire
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import CLOCK_HELD, CLOCK_SET, CLOCK_UNSET
from tests.support.direct_centre import T0_MS
from tests.support.virtual_city import BUTTONS, GATEWAY, OTHER, City

ALL = (GATEWAY, *BUTTONS, OTHER)


@pytest.fixture
def city() -> City:
    made = City()
    made.wait(60_000, hear=ALL)
    assert made.troubles() == []
    return made


def kinds(city: City) -> set[tuple[int, str]]:
    """(device, kind) of what is open."""
    return {(device, kind) for device, kind, is_open in city.troubles() if is_open}


def test_every_kind_has_a_deadline():
    assert set(DEADLINE_MS) == set(TroubleKind)
    assert all(30 * 60_000 <= one <= 72 * 3_600_000 for one in DEADLINE_MS.values())


@pytest.mark.parametrize("bit", sorted(BUTTON_TROUBLES))
def test_every_fault_bit_of_a_button_is_a_trouble_within_its_heartbeat(city, bit):
    city.report(city.heartbeat(1, state=bit))
    assert city.troubles() == [(1, BUTTON_TROUBLES[bit], True)]
    city.report(city.heartbeat(1, state=bit))
    city.report(city.heartbeat(1))
    assert city.troubles() == [(1, BUTTON_TROUBLES[bit], False)]


@pytest.mark.parametrize("bit", sorted(SITE_TROUBLES))
def test_every_fault_bit_of_a_gateway_is_a_trouble_within_its_report(city, bit):
    city.report(state=bit)
    city.report(state=bit)
    assert city.troubles() == [(GATEWAY, SITE_TROUBLES[bit], True)]
    city.report()
    assert city.troubles() == [(GATEWAY, SITE_TROUBLES[bit], False)]


def test_a_street_without_power_is_one_trouble(city):
    lost = [city.heartbeat(number, state=wire.BUTTON_MAINS_LOST) for number in BUTTONS]
    city.report(*lost, state=wire.SITE_MAINS_LOST)
    assert kinds(city) == {(GATEWAY, "mains-lost")}


def test_a_button_that_said_it_first_is_taken_back_when_the_street_is_dark(city):
    city.report(city.heartbeat(1, state=wire.BUTTON_MAINS_LOST))
    assert kinds(city) == {(1, "mains-lost")}
    city.report(city.heartbeat(1, state=wire.BUTTON_MAINS_LOST), state=wire.SITE_MAINS_LOST)
    assert kinds(city) == {(GATEWAY, "mains-lost")}


def test_a_button_whose_plug_was_pulled_is_told_when_the_street_has_power_again(city):
    city.report(city.heartbeat(1, state=wire.BUTTON_MAINS_LOST), state=wire.SITE_MAINS_LOST)
    city.report(city.heartbeat(1, state=wire.BUTTON_MAINS_LOST))
    assert kinds(city) == {(1, "mains-lost")}


def test_a_modem_without_a_sim_is_one_trouble(city):
    city.report(city.heartbeat(1, state=wire.BUTTON_SMS_DOWN | wire.BUTTON_SIM_FAULT))
    assert kinds(city) == {(1, "sim-fault")}


def test_a_clock_that_stays_wrong_is_a_trouble_and_names_by_how_much(city):
    for _ in range(WRONG_FOR_MS // 8_000 + 2):
        city.report(city.heartbeat(1, wall_ms=city.clock.wall_ms() - 9_000))
        city.clock.now_ms += 8_000
    assert kinds(city) == {(1, "clock")}
    assert city.rows("SELECT detail FROM trouble") == [('{"code":"off","ms":-9000}',)]
    city.report(city.heartbeat(1))
    assert kinds(city) == set()


@pytest.mark.parametrize(("clock", "off_ms"), [(CLOCK_SET, 4_900), (CLOCK_HELD, -4_900), (CLOCK_SET, 0)])
def test_a_clock_within_five_seconds_is_none(city, clock, off_ms):
    for _ in range(10):
        city.report(city.heartbeat(1, wall_ms=city.clock.wall_ms() + off_ms, clock=clock))
        city.clock.now_ms += 8_000
    assert kinds(city) == set()


def test_a_clock_that_nobody_sets_is_a_trouble_and_the_first_heartbeat_of_a_boot_is_none(city):
    city.report(city.heartbeat(1, wall_ms=0, clock=CLOCK_UNSET, boot_id=8, uptime_ms=1_000))
    city.wait(60_000, hear=ALL)
    assert kinds(city) == set()
    for _ in range(WRONG_FOR_MS // 8_000 + 2):
        city.report(city.heartbeat(2, wall_ms=0, clock=CLOCK_UNSET))
        city.clock.now_ms += 8_000
    assert kinds(city) == {(2, "clock")}


def test_one_heartbeat_that_was_long_on_its_way_is_no_wrong_clock(city):
    for _ in range(10):
        city.report(city.heartbeat(1, wall_ms=city.clock.wall_ms() - 20_000))
        city.clock.now_ms += 8_000
        city.report(city.heartbeat(1))
    assert kinds(city) == set()


def test_a_gateway_says_itself_that_its_clock_is_wrong(city):
    for _ in range(WRONG_FOR_MS // 5_000 + 2):
        city.report(state=wire.SITE_CLOCK_UNSET)
        city.clock.now_ms += 5_000
    assert kinds(city) == {(GATEWAY, "clock")}


def test_when_the_centres_own_clock_is_set_nobody_else_is_blamed(city, monkeypatch):
    before = city.clock.wall_ms
    monkeypatch.setattr(city.clock, "wall_ms", lambda: before() + 3_600_000)
    city.run(city.supervise.tick())
    monkeypatch.setattr(city.clock, "wall_ms", lambda: before() + 3_600_000)
    for _ in range(PARDON_MS // 5_000 - 1):
        city.report(city.heartbeat(1, wall_ms=before()))
        city.clock.now_ms += 5_000
    assert kinds(city) == set()


# --- the second path ------------------------------------------------------------------------------


def numbered(city: City, *devices: int) -> None:
    """They have SIMs of their own."""
    for device in devices:
        city.store.connection.execute("UPDATE device SET number = ? WHERE device = ?", (f"+62{device:010}", device))
    city.run(city.supervise.reload())


def minutes(city: City, count: int) -> None:
    """Time passes minute by minute; everyone is well on the main path."""
    for _ in range(count):
        city.clock.now_ms += 59_000
        city.supervise._ticked_ms = city.clock.monotonic_ms()
        for gateway in (GATEWAY, OTHER):
            city.report(*(city.heartbeat(number) for number in BUTTONS if gateway == GATEWAY), gateway=gateway)
        city.wait(1_000)


def test_a_second_path_that_is_not_proven_for_one_and_a_half_times_its_period_is_a_trouble(city):
    numbered(city, GATEWAY, 1)
    minutes(city, 2)
    city.text(GATEWAY)
    city.text(1)
    minutes(city, GATEWAY_UNPROVEN_MS // 60_000 - 1)
    assert kinds(city) == set()
    minutes(city, 3)
    assert kinds(city) == {(GATEWAY, "sms-unproven")}
    city.text(GATEWAY)
    assert kinds(city) == set()


def test_a_button_texts_daily(city):
    numbered(city, 1)
    minutes(city, 2)
    city.text(1)
    city.clock.now_ms += BUTTON_UNPROVEN_MS - 60_000
    minutes(city, 1)
    assert (1, "sms-unproven") not in kinds(city)
    minutes(city, 5)
    assert (1, "sms-unproven") in kinds(city)


def test_one_that_never_texted_is_given_its_time_from_the_first_sign_of_life(city):
    numbered(city, GATEWAY)
    minutes(city, GATEWAY_UNPROVEN_MS // 60_000 - 1)
    assert kinds(city) == set()
    minutes(city, 4)
    assert city.rows("SELECT kind, detail FROM trouble")[0][0] == "sms-unproven"
    assert '"code":"never"' in city.rows("SELECT detail FROM trouble")[0][0]


def test_nothing_is_expected_of_a_device_without_a_sim(city):
    minutes(city, GATEWAY_UNPROVEN_MS // 60_000 + 5)
    assert kinds(city) == set()


def test_a_modem_that_is_known_to_be_down_is_not_also_unproven(city):
    numbered(city, GATEWAY)
    city.report(state=wire.SITE_SMS_DOWN)
    for _ in range(GATEWAY_UNPROVEN_MS // 60_000 + 5):
        city.clock.now_ms += 60_000
        city.report(state=wire.SITE_SMS_DOWN)
        city.run(city.supervise._paths.tick())
    assert kinds(city) == {(GATEWAY, "sms-down")}


def test_after_a_restart_texts_that_wait_on_the_sims_have_time_to_be_read(city):
    numbered(city, GATEWAY)
    minutes(city, 2)
    city.text(GATEWAY)
    city.clock.now_ms += GATEWAY_UNPROVEN_MS * 3
    city.run(city.supervise.load())
    minutes(city, START_GRACE_MS // 60_000 - 1)
    assert (GATEWAY, "sms-unproven") not in kinds(city)
    minutes(city, 4)
    assert (GATEWAY, "sms-unproven") in kinds(city)


def test_the_counter_of_texts_outlives_a_restart(city):
    assert city.text(GATEWAY, counter=9)
    city.run(city.supervise.load())
    assert not city.text(GATEWAY, counter=9)
    assert city.text(GATEWAY, counter=10)
    assert city.rows("SELECT counter, signal_dbm FROM second_path") == [(10, -77)]


def test_an_old_text_changes_no_state_that_a_heartbeat_told_since(city):
    city.text(1, state=wire.BUTTON_TAMPER, ago_ms=120_000)
    assert kinds(city) == set()


@pytest.mark.parametrize(
    ("known_key", "counter", "fresh"), [(None, 0, True), (1, 5, False), (1, 6, True), (2, 1, True), (1, 4, False)]
)
def test_a_counter_of_texts_must_rise_within_its_key_epoch(known_key, counter, fresh):
    assert is_fresh(known_key, 5, 1, counter) is fresh


def test_a_text_is_dated_by_its_boot_then_by_its_clock_then_by_its_arrival():
    watch = Watch(1, "a", is_gateway=True, heard_ms=0)
    rules.hear(watch, 1, 1, 7, 10_000, 50_000)

    def report(boot_id: int, uptime_ms: int, wall_ms: int, clock: int) -> PathReport:
        return PathReport(1, boot_id, uptime_ms, wall_ms, clock, 1, 0, 0, -70)

    assert made_ms(report(7, 20_000, 0, CLOCK_UNSET), watch, T0_MS, 90_000) == 60_000
    assert made_ms(report(7, 999_000, 0, CLOCK_UNSET), watch, T0_MS, 90_000) == 90_000, "never later than now"
    assert made_ms(report(8, 20_000, T0_MS - 30_000, CLOCK_SET), watch, T0_MS, 90_000) == 60_000
    assert made_ms(report(8, 20_000, 0, CLOCK_UNSET), watch, T0_MS, 90_000) == 90_000


# --- the desk -------------------------------------------------------------------------------------


def test_a_trouble_has_a_history_of_who_took_it(city):
    desk = TroubleDesk(city.store, city.clock)
    city.report(city.heartbeat(1, state=wire.BUTTON_TAMPER))
    city.run(desk.take(1, "sari"))
    city.run(desk.take(1, "sari"))
    with pytest.raises(TakenError, match="sari has taken"):
        city.run(desk.take(1, "budi"))
    city.run(desk.take(1, "budi", over=True))
    city.report(city.heartbeat(1))
    with pytest.raises(TakenError, match="has ended"):
        city.run(desk.take(1, "sari", over=True))
    with pytest.raises(NotFoundError):
        city.run(desk.take(2, "sari"))
    rows = city.rows("SELECT what, personal FROM feed WHERE kind = 'trouble' ORDER BY position")
    assert rows == [("opened", None), ("taken", '{"who":"sari"}'), ("taken", '{"who":"budi"}'), ("restored", None)]
    assert city.rows("SELECT owner, deadline_at_ms - opened_at_ms FROM trouble") == [("budi", 30 * 60_000)]


def test_a_trouble_beyond_its_deadline_is_counted_and_raised_no_second_time(city):
    overdue: list[int] = []
    city.supervise._on_overdue = overdue.append
    city.report(city.heartbeat(1, state=wire.BUTTON_TAMPER))
    city.wait(60_000)
    assert overdue[-1] == 0
    city.clock.now_ms += DEADLINE_MS[TroubleKind.TAMPER]
    city.report(city.heartbeat(1, state=wire.BUTTON_TAMPER))
    city.wait(60_000, hear=())
    assert overdue[-1] == 1
    assert [kind for _, kind, _ in city.troubles()].count("tamper") == 1


def test_two_subjects_of_one_kind_are_two_troubles(city):
    for subject in ("one", "two", "one"):
        city.run(city.supervise.faults.raise_once(0, TroubleKind.CENTRE_MODEM_DOWN, subject=subject))
    assert city.rows("SELECT subject, count FROM trouble ORDER BY id") == [("one", 1), ("two", 1)]
    city.run(city.supervise.faults.end(0, TroubleKind.CENTRE_MODEM_DOWN, subject="one"))
    assert city.rows("SELECT subject FROM trouble WHERE closed_at_ms IS NULL") == [("two",)]
