"""When heartbeats go out and which answers count."""

from kentongan_button.core.heartbeat import ANSWER_MS, HEARTBEAT_MS, OUTSTANDING_MAX, SPACING_MS, Heartbeats
from kentongan_wire.supervision import BUTTON_LATCHED, BUTTON_TAMPER, HeartbeatAnswer
from tests.support.portable import BOOT_ID, WALL_MS, nonce

FIRMWARE = 0x00010000


def send(heartbeats, counter, now_ms, state=0):
    return heartbeats.make(counter, state, (WALL_MS, 2), (4, nonce(4), 1, 3), 1, now_ms)


def answer(counter, boot_id=BOOT_ID):
    return HeartbeatAnswer(counter, boot_id, WALL_MS, 7)


def test_a_heartbeat_says_what_is_true_now():
    beat = Heartbeats(BOOT_ID, FIRMWARE).make(
        9, BUTTON_LATCHED, (WALL_MS, 2), (4, nonce(4), 1, 3), 300, 12_345, battery_mv=3_900, signal_dbm=-71
    )
    assert beat.as_tuple()[:9] == (9, BOOT_ID, 12_345, WALL_MS, 2, BUTTON_LATCHED, 3_900, -71, 255)
    assert beat.as_tuple()[9:] == (4, nonce(4), 1, 3, FIRMWARE)
    assert type(beat).decode(beat.encode()) == beat


def test_the_first_is_due_at_once_and_then_every_8_s():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    assert heartbeats.deadline_ms(0) <= 0
    send(heartbeats, 1, 500)
    assert heartbeats.deadline_ms(0) == 500 + HEARTBEAT_MS


def test_a_changed_state_hurries_it_but_not_below_the_spacing():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    send(heartbeats, 1, 500)
    assert heartbeats.deadline_ms(BUTTON_TAMPER) == 500 + SPACING_MS
    send(heartbeats, 2, 1_500, BUTTON_TAMPER)
    assert heartbeats.deadline_ms(BUTTON_TAMPER) == 1_500 + HEARTBEAT_MS
    assert heartbeats.deadline_ms(0) == 1_500 + SPACING_MS


def test_asking_hurries_one_heartbeat():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    send(heartbeats, 1, 500)
    heartbeats.ask()
    assert heartbeats.deadline_ms(0) == 500 + SPACING_MS
    send(heartbeats, 2, 1_500)
    assert heartbeats.deadline_ms(0) == 1_500 + HEARTBEAT_MS


def test_an_answer_gives_the_round_trip_once():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    send(heartbeats, 1, 500)
    assert heartbeats.answered(answer(1), 540) == 40
    assert heartbeats.answered(answer(1), 560) is None


def test_answers_of_another_boot_or_counter_count_nothing():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    send(heartbeats, 5, 500)
    assert heartbeats.answered(answer(5, boot_id=BOOT_ID + 1), 540) is None
    assert heartbeats.answered(answer(4), 540) is None
    assert heartbeats.answered(answer(6), 540) is None
    assert heartbeats.answered(answer(5), 540) == 40


def test_an_answer_to_a_newer_one_ends_the_wait_for_the_older():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    send(heartbeats, 1, 0)
    send(heartbeats, 2, 8_000)
    send(heartbeats, 3, 16_000)
    assert heartbeats.answered(answer(2), 16_100) == 8_100
    assert heartbeats.answered(answer(1), 16_200) is None
    assert heartbeats.answered(answer(3), 16_300) == 300


def test_an_answer_held_back_beyond_20_s_proves_nothing():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    send(heartbeats, 1, 0)
    assert heartbeats.answered(answer(1), ANSWER_MS + 1) is None
    send(heartbeats, 2, 30_000)
    assert heartbeats.answered(answer(2), 30_000 + ANSWER_MS) == ANSWER_MS


def test_only_the_newest_few_are_remembered():
    heartbeats = Heartbeats(BOOT_ID, FIRMWARE)
    for counter in range(1, OUTSTANDING_MAX + 2):
        send(heartbeats, counter, counter * SPACING_MS)
    assert heartbeats.answered(answer(1), 6_000) is None
    assert heartbeats.answered(answer(2), 6_000) == 4_000
