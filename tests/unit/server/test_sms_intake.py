"""Frames by SMS: the same intake, whatever the sender; receipts by SMS: few, and to the enrolled number only."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kentongan_server.application.ports import StoreError
from kentongan_server.domain.second_reading import FORGOTTEN_MS, WAITING_MAX
from kentongan_server.domain.sms_quota import RECEIPTS_PER_PRESS, ROUND_MS
from kentongan_wire.armour import armour
from kentongan_wire.armour_dense import sms_text
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, ENVELOPE_OFFERED_AGAIN
from kentongan_wire.frame import seal
from kentongan_wire.path_report import CAUSE_PERIODIC, PathReport
from kentongan_wire.press import (
    CLOCK_HELD,
    CLOCK_SET,
    CLOCK_UNSET,
    CONTACT_A,
    KIND_HOLD_UP,
    PATH_SMS,
    SENDING_OFFERED_AGAIN,
    Press,
    PressBody,
    PressSending,
)
from kentongan_wire.receipts import LEVEL_RECEIVED
from kentongan_wire.supervision import Beat, Heartbeat, SiteReport
from kentongan_wire.topics import ALARM, REPORT, gateway_up
from tests.support.direct_centre import T0_MS
from tests.support.presses import spoilt
from tests.support.sms_centre import SmsCentre, the_number

BUTTON, GATEWAY, OTHER = 1, 90, 91
HOUR_MS = 3_600_000


@pytest.fixture
def centre() -> SmsCentre:
    return enrolled(SmsCentre())


def enrolled(made: SmsCentre) -> SmsCentre:
    made.button(BUTTON)
    made.gateway(GATEWAY)
    made.gateway(OTHER, "b")
    return made


def press(made: SmsCentre, sequence: int = 1, *, age_ms: int = 100, flags: int = 0, **changes: Any) -> bytes:
    """A button's SMS; `age_ms` is the time from press to attempt by its own uptime."""
    values: dict[str, Any] = {
        "sequence": sequence, "nonce": sequence.to_bytes(8, "big"), "kind": KIND_HOLD_UP, "contacts": CONTACT_A,
        "boot_id": 7, "uptime_ms": 1_000_000, "wall_ms": 0, "clock": CLOCK_UNSET,
    }  # fmt: skip
    repeats = changes.pop("repeats", 0)
    sending = PressSending(1_000_000 + age_ms, 7, 1, repeats, PATH_SMS, 0, -60, 0, flags)
    frame = Press(PressBody(**values | changes), sending)
    return seal(frame, BUTTON, 1, made.found(BUTTON).keys.up_link)


def beat(made: SmsCentre, counter: int = 1, uptime_ms: int = 900_000) -> None:
    """The button is heard over MQTT now."""
    heartbeat = Heartbeat(counter, 7, uptime_ms, 0, 0, 0, 0, -60, 0, 0, bytes(8), 0, 0, 1)
    raw = seal(heartbeat, BUTTON, 1, made.found(BUTTON).keys.up_link)
    report = SiteReport(counter, 7, 2_000_000 + made.clock.now_ms, 0, 0, 0, 0, 0, (Beat(0, raw),))
    sealed = seal(report, GATEWAY, 1, made.found(GATEWAY).keys.up_link)
    made.run(made.supervise.take(gateway_up(GATEWAY, REPORT), sealed))
    made.outbox.take()


# --- one intake -----------------------------------------------------------------------------------


def test_a_press_by_sms_rings_and_is_answered_to_its_own_number_whoever_sent_it(centre: SmsCentre) -> None:
    centre.hear(press(centre), sender="+62000000000")
    assert centre.alarm("device, path, modem, gateway, flags, level") == (BUTTON, PATH_SMS, "one", None, 0, 1)
    (answer,) = centre.texted()
    assert answer.number == the_number(BUTTON)
    assert answer.frame.device == BUTTON
    assert (answer.receipt.level, answer.receipt.revision) == (LEVEL_RECEIVED, 1)


def test_an_envelope_by_sms_ends_the_gateways_custody_and_brings_the_buttons_receipt(centre: SmsCentre) -> None:
    centre.hear(centre.envelope(GATEWAY, press(centre), held_ms=4_000))
    assert centre.alarm("path, modem, gateway, held_ms, flags") == (PATH_SMS, "one", GATEWAY, 4_000, 0)
    answers = centre.texted()
    assert {answer.number for answer in answers} == {the_number(GATEWAY)}
    assert [answer.frame.device for answer in answers] == [GATEWAY, BUTTON]
    assert {device for device, _, _ in centre.outbox.take()} == {GATEWAY}, "its lane is told as well"


def test_all_paths_together_are_one_alarm_and_the_first_one_stays_shown(centre: SmsCentre) -> None:
    raw = press(centre)
    centre.run(centre.intake.take(gateway_up(GATEWAY, ALARM), centre.envelope(GATEWAY, raw, 12)))
    for _ in range(3):
        centre.hear(raw)
        centre.run(centre.intake.take(gateway_up(OTHER, ALARM), centre.envelope(OTHER, raw, 99)))
        centre.hear(centre.envelope(OTHER, raw))
    assert centre.alarm("path, modem, gateway, held_ms, also_paths") == (1, None, GATEWAY, 12, 1 << PATH_SMS)
    assert centre.rows("SELECT what FROM feed WHERE kind = 'incident'") == [("opened",), ("also",)]
    assert centre.rows("SELECT answer_via FROM alarm") == [(OTHER,)], "answers follow the button"


def test_a_genuine_press_in_an_envelope_that_nobody_vouches_for_rings_and_texts_nobody(centre: SmsCentre) -> None:
    stranger = centre.envelope(GATEWAY, press(centre))
    centre.hear(spoilt(stranger))
    assert centre.rows("SELECT reason, part, source FROM rejection") == [("bad-mac", "envelope", "sms:one")]
    assert centre.alarm("path, flags") == (PATH_SMS, 0x02)  # moved
    assert centre.texted() == []


def test_a_forged_press_is_listed_and_rings_never(centre: SmsCentre) -> None:
    forged = bytearray(press(centre))
    forged[20] ^= 1
    centre.hear(bytes(forged))
    assert centre.rows("SELECT 1 FROM alarm") == []
    assert centre.rows("SELECT reason, part, claimed_device FROM rejection") == [("bad-mac", "press", BUTTON)]
    assert centre.texted() == []


@pytest.mark.parametrize("text", ["", "Pulsa Anda Rp 0", "K1", "K1!!!!", "K2zzz", "K1" + "A" * 5_000, "‱" * 70, "\x00"])
def test_anything_else_is_counted_without_its_words_or_its_sender(centre: SmsCentre, text: str) -> None:
    if not centre.hear(text, sender="+6281234567890"):  # it has our mark: given up when it reads the same again
        assert centre.hear(text, sender="+6281234567890")
    ((part, detail, sample, count),) = centre.rows("SELECT part, detail, sample, count FROM rejection")
    assert (part, count) == ("sms", 1)
    assert "1234567" not in detail
    assert "…890" in detail or text == "K1"  # an empty frame: it has no words at all
    assert len(sample) == (0 if text == "K1" else 16)
    assert text not in detail or not text


@settings(max_examples=200)
@given(st.one_of(st.text(), st.binary(max_size=200).map(armour), st.text().map("K2".__add__)))
def test_no_text_breaks_the_intake_and_none_without_a_mac_rings(text: str) -> None:
    centre = shared_centre()
    centre.hear(text)
    assert centre.rows("SELECT 1 FROM alarm") == []
    assert centre.texted() == []


@cache
def shared_centre() -> SmsCentre:
    """One for all examples: none of them may leave anything behind but counts."""
    return enrolled(SmsCentre())


def test_a_flood_of_junk_costs_a_bounded_number_of_commits_and_a_press_behind_it_rings(centre: SmsCentre) -> None:
    before = centre.store.commits
    for number in range(2_000):
        centre.hear(f"spam {number}")
    centre.hear(press(centre))
    assert centre.store.commits - before <= 101
    assert centre.rows("SELECT count(*) FROM alarm") == [(1,)]
    centre.clock.now_ms += 1_000
    centre.run(centre.rejections.flush())
    assert centre.rows("SELECT sum(count) FROM rejection") == [(2_000,)]


def test_a_text_with_our_mark_that_was_misread_is_read_once_more(centre: SmsCentre) -> None:
    text = sms_text(press(centre))
    assert not centre.hear(text[:40] + "+CSQ: 12,99" + text[40:]), "the modem babbled into it"
    centre.run(centre.rejections.flush())
    assert centre.rows("SELECT count(*) FROM rejection") == [(0,)]
    assert centre.hear(text)
    assert centre.rows("SELECT count(*) FROM alarm") == [(1,)]


def test_a_text_with_our_mark_that_stays_torn_is_listed_and_goes_and_a_few_at_once_wait(centre: SmsCentre) -> None:
    torn = [f"K1TORN{number}!" for number in range(WAITING_MAX + 1)]
    assert [centre.hear(text) for text in torn] == [False] * WAITING_MAX + [True]
    assert [centre.hear(text) for text in torn[:WAITING_MAX]] == [True] * WAITING_MAX
    centre.run(centre.rejections.flush())
    assert centre.rows("SELECT sum(count) FROM rejection") == [(len(torn),)]
    assert not centre.hear(torn[0])
    centre.clock.now_ms += FORGOTTEN_MS
    assert not centre.hear(torn[0]), "that was another message"
    assert centre.hear("Halo, ini pulsa gratis"), "nobody's frame waits for nothing"


def test_a_path_report_goes_to_supervision_and_a_forged_one_does_not(centre: SmsCentre) -> None:
    for device in (BUTTON, GATEWAY):
        report = PathReport(device, 7, 5_000, 0, 0, CAUSE_PERIODIC, 0, 0, -70)
        raw = seal(report, device, 1, centre.found(device).keys.up_link)
        centre.hear(raw)
        centre.hear(spoilt(raw))
    assert centre.reports.heard == [(BUTTON, BUTTON), (GATEWAY, GATEWAY)]
    assert centre.rows("SELECT part FROM rejection") == [("path-report",)] * 2
    assert centre.texted() == []


@pytest.mark.parametrize("what", ["press", "junk", "report"])
def test_what_was_not_committed_stays_on_the_sim(centre: SmsCentre, what: str) -> None:
    report = PathReport(1, 7, 5_000, 0, 0, CAUSE_PERIODIC, 0, 0, -70)
    heard = {
        "press": sms_text(press(centre)),
        "junk": "hello",
        "report": sms_text(seal(report, BUTTON, 1, centre.found(BUTTON).keys.up_link)),
    }[what]
    centre.store.error = StoreError("disk full.")
    centre.reports.error = StoreError("disk full.")
    with pytest.raises(StoreError):
        centre.hear(heard)
    assert centre.texted() == []
    assert centre.outbox.take() == []


# --- receipts by SMS ------------------------------------------------------------------------------


def test_both_numbers_of_a_round_get_one_answer_and_the_next_round_another(centre: SmsCentre) -> None:
    raw = press(centre)
    for pause_ms in (0, 4_000, ROUND_MS, 3_000):
        centre.clock.now_ms += pause_ms
        centre.hear(raw)
    assert len(centre.texted()) == 2


def test_a_press_is_never_texted_more_receipts_than_its_quota(centre: SmsCentre) -> None:
    raw, texted = press(centre), 0
    for _ in range(20):
        centre.hear(raw)
        centre.hear(centre.envelope(GATEWAY, raw))
        centre.hear(centre.envelope(OTHER, raw))
        texted += len(centre.texted())
        centre.clock.now_ms += HOUR_MS
    assert texted == RECEIPTS_PER_PRESS
    centre.hear(press(centre, 2))
    assert len(centre.texted()) == 1, "a new press has a quota of its own"


def test_the_quota_is_in_the_store_and_counted_with_the_press(centre: SmsCentre) -> None:
    centre.hear(press(centre))
    assert centre.rows("SELECT device, count, last_at_ms FROM sms_receipt") == [(BUTTON, 1, T0_MS)]
    centre.store.error = StoreError("disk full.")
    centre.clock.now_ms += ROUND_MS
    with pytest.raises(StoreError):
        centre.hear(press(centre))
    assert centre.rows("SELECT sum(count) FROM sms_receipt") == [(1,)]


def test_a_device_without_a_number_is_texted_nothing(centre: SmsCentre) -> None:
    centre.store.run(lambda register: register.set_number(BUTTON, None))
    centre.hear(press(centre), sender=the_number(BUTTON))
    assert centre.texted() == []
    assert centre.rows("SELECT count(*) FROM alarm") == [(1,)]


def test_a_press_that_came_by_mqtt_of_a_button_that_is_heard_is_answered_there(centre: SmsCentre) -> None:
    beat(centre)
    raw = press(centre)
    centre.run(centre.intake.take(gateway_up(GATEWAY, ALARM), centre.envelope(GATEWAY, raw)))
    centre.outbox.take()
    centre.hear(raw)
    assert centre.texted() == []
    assert [(via, frame.device) for via, _, frame in centre.outbox.take()] == [(GATEWAY, BUTTON)]
    centre.clock.now_ms += ROUND_MS + 1
    centre.hear(raw)
    assert len(centre.texted()) == 1, "its path is not proven any more"


def test_a_press_that_came_by_sms_first_is_answered_by_both(centre: SmsCentre) -> None:
    beat(centre)
    centre.hear(press(centre))
    assert len(centre.texted()) == 1
    assert [(via, frame.device) for via, _, frame in centre.outbox.take()] == [(GATEWAY, BUTTON)]


def test_the_text_says_received_whatever_has_been_answered_since(centre: SmsCentre) -> None:
    raw = press(centre)
    centre.hear(raw)
    centre.run(centre.operate.acknowledge(1, centre.version(1), "sari"))
    centre.texted()
    centre.clock.now_ms += ROUND_MS
    centre.hear(raw)
    (answer,) = centre.texted()
    assert (answer.receipt.level, answer.receipt.revision) == (LEVEL_RECEIVED, 1)


# --- dating ---------------------------------------------------------------------------------------


def dated(made: SmsCentre) -> tuple[Any, ...]:
    at_ms, how, flags = made.alarm("pressed_at_ms, dated, flags")
    return None if at_ms is None else at_ms - T0_MS - made.clock.now_ms, how, flags & 0x11  # late, time-suspect


def test_a_clock_that_was_set_dates_a_press_that_the_network_held_for_hours(centre: SmsCentre) -> None:
    centre.clock.now_ms = 5 * HOUR_MS
    centre.hear(press(centre, wall_ms=T0_MS, clock=CLOCK_SET))
    assert dated(centre) == (-5 * HOUR_MS, "exact", 0x01)


def test_a_clock_that_is_held_estimates(centre: SmsCentre) -> None:
    centre.clock.now_ms = 5 * HOUR_MS
    centre.hear(press(centre, wall_ms=T0_MS, clock=CLOCK_HELD), sent_at_ms=T0_MS + 4 * HOUR_MS)
    assert dated(centre) == (-5 * HOUR_MS, "estimated", 0x01)


def test_heartbeats_of_its_boot_date_a_press_without_a_clock(centre: SmsCentre) -> None:
    beat(centre, uptime_ms=1_000_000)
    centre.clock.now_ms = 2 * HOUR_MS
    centre.hear(press(centre), sent_at_ms=T0_MS + HOUR_MS)
    assert dated(centre) == (-2 * HOUR_MS, "estimated", 0x01)


def test_the_networks_time_stamp_estimates_and_nothing_else_is_known(centre: SmsCentre) -> None:
    centre.clock.now_ms = 2 * HOUR_MS
    centre.hear(press(centre, age_ms=3_000), sent_at_ms=T0_MS + HOUR_MS)
    assert dated(centre) == (-HOUR_MS - 3_000, "estimated", 0x01)


def test_without_any_clock_the_time_is_unknown_not_invented(centre: SmsCentre) -> None:
    centre.hear(press(centre))
    assert dated(centre) == (None, "unknown", 0)


def test_a_time_stamp_of_the_network_in_the_future_makes_no_press_of_the_future(centre: SmsCentre) -> None:
    centre.hear(press(centre, age_ms=3_000), sent_at_ms=T0_MS + HOUR_MS)
    assert dated(centre) == (-3_000, "estimated", 0)


def test_a_clock_in_the_future_is_suspect(centre: SmsCentre) -> None:
    centre.hear(press(centre, wall_ms=T0_MS + HOUR_MS, clock=CLOCK_SET))
    assert dated(centre) == (None, "unknown", 0x10)


# --- presses of a restored centre -----------------------------------------------------------------

DAY_MS = 24 * HOUR_MS
RECOVERED = 0x40


def incidents(made: SmsCentre) -> list[tuple[Any, ...]]:
    return made.rows(
        "SELECT device, state, recovered, (SELECT count(*) FROM alarm WHERE incident = i.id) FROM incident AS i"
    )


def offered_again(made: SmsCentre, sequence: int, made_at_ms: int, *, flags: int = SENDING_OFFERED_AGAIN) -> bytes:
    age_ms = made.clock.now_ms - made_at_ms if flags else 100  # the button's own new attempt, or an old one in custody
    return press(made, sequence, age_ms=age_ms, flags=flags, wall_ms=T0_MS + made_at_ms, clock=CLOCK_SET)


def carry(made: SmsCentre, raw: bytes, *, held_ms: int = 0, again: bool = False) -> None:
    flags = ENVELOPE_IN_CUSTODY | (ENVELOPE_OFFERED_AGAIN if again else 0)
    made.run(made.intake.take(gateway_up(GATEWAY, ALARM), made.envelope(GATEWAY, raw, held_ms, flags)))


def test_late_presses_of_a_restored_centre_are_for_review_apart_from_what_rings() -> None:
    made = enrolled(SmsCentre(restored_at_ms=T0_MS + DAY_MS))
    made.clock.now_ms = DAY_MS + 10_000
    carry(made, offered_again(made, 1, 0, flags=0), held_ms=DAY_MS, again=True)
    carry(made, offered_again(made, 2, 1_000))
    carry(made, offered_again(made, 3, DAY_MS + 9_900, flags=0))
    assert incidents(made) == [(BUTTON, "new", 1, 2), (BUTTON, "new", 0, 1)]
    flags = made.rows("SELECT flags & ? FROM alarm ORDER BY id", RECOVERED)
    assert flags == [(RECOVERED,), (RECOVERED,), (0,)]


def test_one_that_is_not_late_rings_although_it_is_offered_again() -> None:
    made = enrolled(SmsCentre(restored_at_ms=T0_MS + DAY_MS))
    made.clock.now_ms = DAY_MS + 10_000
    carry(made, offered_again(made, 1, DAY_MS - 5_000))
    assert incidents(made) == [(BUTTON, "new", 0, 1)]


def test_a_gateway_that_lies_about_a_fresh_press_hides_nothing() -> None:
    made = enrolled(SmsCentre(restored_at_ms=T0_MS + DAY_MS))
    made.clock.now_ms = DAY_MS + HOUR_MS
    carry(made, offered_again(made, 1, DAY_MS + HOUR_MS - 100, flags=0), held_ms=HOUR_MS, again=True)
    carry(made, press(made, 2), held_ms=2 * HOUR_MS, again=True)  # no clock at all: who knows
    assert {recovered for _, _, recovered, _ in incidents(made)} == {0}


def test_without_a_restore_nothing_is_for_review(centre: SmsCentre) -> None:
    centre.clock.now_ms = DAY_MS
    carry(centre, offered_again(centre, 1, 0))
    assert incidents(centre) == [(BUTTON, "new", 0, 1)]


@pytest.mark.parametrize("rings_already", [False, True])
def test_more_presses_merged_into_one_for_review_ring(rings_already: bool) -> None:
    made = enrolled(SmsCentre(restored_at_ms=T0_MS + DAY_MS))
    made.clock.now_ms = DAY_MS + 10_000
    carry(made, offered_again(made, 1, 0))
    if rings_already:
        carry(made, offered_again(made, 2, DAY_MS + 9_900, flags=0))
    again, age_ms = SENDING_OFFERED_AGAIN, made.clock.now_ms
    more = press(made, 1, age_ms=age_ms, repeats=2, flags=again, wall_ms=T0_MS, clock=CLOCK_SET)
    carry(made, more)
    assert [row for row in incidents(made) if row[2] == 0] == [(BUTTON, "new", 0, 1)]
    assert len(incidents(made)) == (2 if rings_already else 1)
