"""From the press to the centre's word, and what is kept until then."""

from kentongan_button.core.delivery import (
    KEEP_MS,
    LAZY_SAVE_MS,
    PROVEN_MS,
    RECEIPT_APPLIED,
    RECEIPT_OTHER_INCARNATION,
    RECEIPT_STALE,
    RECEIPT_UNKNOWN,
    RETRY_MS,
    SAVE_RETRY_MS,
    STORED_RETRY_MS,
)
from kentongan_button.core.journal import CAPACITY
from kentongan_wire.press import SENDING_JOURNAL_OVERFLOW
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_CLOSED, LEVEL_DISPATCHED, LEVEL_RECEIVED, Stored
from kentongan_wire.supervision import BUTTON_JOURNAL_OVERFLOW, BUTTON_LATCH_NOT_RESET
from tests.support.portable import DEVICE, WALL_MS, body, copy, new_delivery, nonce, receipt, received, sent


def test_a_press_is_sent_at_once_with_what_is_true_now():
    delivery = new_delivery()
    delivery.offer(body(5, uptime_ms=1_000), 1_000)
    press = delivery.next_send(1_004, battery_mv=3_700, signal_dbm=-60)
    assert press is not None
    assert press.body == body(5, uptime_ms=1_000)
    assert press.age_ms() == 4
    sending = press.sending
    assert (sending.attempt, sending.repeats, sending.receipt_revision, sending.flags) == (1, 0, 0, 0)
    assert (sending.battery_mv, sending.signal_dbm) == (3_700, -60)
    assert delivery.next_send(1_004) is None


def test_retries_come_after_2_s_then_doubling_to_10_s_for_ever():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    now = 0
    for wait in RETRY_MS + RETRY_MS[-1:] * 2:
        assert sent(delivery, now) == [1]
        assert delivery.next_deadline() == now + wait
        assert sent(delivery, now + wait - 1) == []
        now += wait


def test_attempts_are_counted_and_carry_the_revision_seen():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    for attempt in (1, 2, 3):
        press = delivery.next_send(attempt * 20_000)
        assert press is not None
        assert press.sending.attempt == attempt


def test_the_newest_press_goes_first():
    delivery = new_delivery()
    for sequence in (1, 2, 3):
        delivery.offer(body(sequence), sequence)
    assert sent(delivery, 10) == [3, 2, 1]


def test_stored_slows_the_retries_and_ends_nothing():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert sent(delivery, 0) == [1]
    assert delivery.handle_stored(Stored(1, nonce(1)), 10)
    assert delivery.undelivered == 1
    assert delivery.newest_receipt == (1, nonce(1), 0, 0)
    assert delivery.next_deadline() == 10 + STORED_RETRY_MS
    assert sent(delivery, 10 + STORED_RETRY_MS) == [1]
    # Said again, it does not put the next attempt off again.
    deadline = delivery.next_deadline()
    assert delivery.handle_stored(Stored(1, nonce(1)), 10 + STORED_RETRY_MS + 3_000)
    assert delivery.next_deadline() == deadline


def test_stored_of_an_unknown_or_received_press_does_nothing():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert not delivery.handle_stored(Stored(1, b"another!"), 10)
    assert not delivery.handle_stored(Stored(2, nonce(2)), 10)
    assert delivery.next_deadline() == 0
    received(delivery, 1)
    assert not delivery.handle_stored(Stored(1, nonce(1)), 10)


def test_received_ends_the_attempts_and_keeps_the_press():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert sent(delivery, 0) == [1]
    assert received(delivery, 1, 60) == RECEIPT_APPLIED
    assert delivery.next_deadline() is None
    assert sent(delivery, 100_000) == []
    assert delivery.undelivered == 0
    assert delivery.newest_receipt == (1, nonce(1), LEVEL_RECEIVED, 1)
    assert len(delivery.journal.entries) == 1


def test_the_highest_revision_wins_also_downwards():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    steps = (
        (LEVEL_RECEIVED, 1, RECEIPT_APPLIED, LEVEL_RECEIVED),
        (LEVEL_DISPATCHED, 3, RECEIPT_APPLIED, LEVEL_DISPATCHED),
        (LEVEL_ACKNOWLEDGED, 2, RECEIPT_STALE, LEVEL_DISPATCHED),  # overtaken on its way
        (LEVEL_ACKNOWLEDGED, 4, RECEIPT_APPLIED, LEVEL_ACKNOWLEDGED),  # the unit withdrew
        (LEVEL_DISPATCHED, 3, RECEIPT_STALE, LEVEL_ACKNOWLEDGED),  # replayed
    )
    for level, revision, outcome, known in steps:
        assert delivery.handle_receipt(receipt(1, level, revision), 0) == outcome
        assert delivery.newest_receipt[2] == known


def test_a_receipt_for_another_device_nonce_or_sequence_or_without_a_level_is_unknown():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    strangers = (
        receipt(1, LEVEL_RECEIVED, 1, device=DEVICE + 1),
        receipt(1, LEVEL_RECEIVED, 1, of_nonce=b"another!"),
        receipt(2, LEVEL_RECEIVED, 1),
        receipt(1, 0, 1),
    )
    for stranger in strangers:
        assert delivery.handle_receipt(stranger, 0) == RECEIPT_UNKNOWN
    assert delivery.undelivered == 1
    assert delivery.journal.incarnation == 0


def test_a_reconnect_makes_everything_undelivered_due_by_short_retries():
    delivery = new_delivery()
    for sequence in (1, 2):
        delivery.offer(body(sequence), 0)
    received(delivery, 1)
    for now in (0, 2_000, 6_000):
        assert sent(delivery, now) == [2]
    delivery.handle_stored(Stored(2, nonce(2)), 6_001)
    delivery.link_up(7_000)
    assert sent(delivery, 7_000) == [2]
    assert delivery.next_deadline() == 7_000 + RETRY_MS[0]


def test_a_restart_finds_undelivered_presses_due_and_received_ones_at_rest():
    delivery = new_delivery()
    for sequence in (1, 2, 3):
        delivery.offer(body(sequence), 0)
    received(delivery, 2)
    again = new_delivery(copy(delivery.journal))
    assert again.latched
    assert again.newest_receipt == (3, nonce(3), 0, 0)
    assert sent(again, 0) == [3, 1]
    press = again.next_send(RETRY_MS[0])
    assert press is not None
    assert press.body == body(3)


def test_repeats_merge_into_an_unreceived_press():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert delivery.repeat(100)
    assert delivery.repeat(200)
    press = delivery.next_send(200)
    assert press is not None
    assert press.sending.repeats == 2
    received(delivery, 1, repeats=2)
    assert delivery.next_deadline() is None


def test_repeats_of_a_received_press_are_told_once_more_and_no_oftener():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert sent(delivery, 0) == [1]
    received(delivery, 1, 60)
    assert delivery.repeat(400)
    press = delivery.next_send(2_000)
    assert press is not None
    assert press.sending.repeats == 1
    assert received(delivery, 1, 2_060, repeats=1) == RECEIPT_STALE  # the same level again: answered
    assert delivery.next_deadline() is None


def test_a_receipt_that_does_not_know_the_repeats_ends_nothing():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert sent(delivery, 0) == [1]
    received(delivery, 1, 60)
    assert delivery.repeat(400)
    assert delivery.repeat(500)
    assert sent(delivery, 2_000) == [1]
    # One that was under way when the button was pressed again, one twice delivered, one that lags behind.
    assert received(delivery, 1, 2_010) == RECEIPT_STALE
    assert received(delivery, 1, 2_020) == RECEIPT_STALE
    assert received(delivery, 1, 2_030, repeats=1) == RECEIPT_STALE
    assert delivery.next_deadline() is not None
    assert received(delivery, 1, 2_040, repeats=2) == RECEIPT_STALE
    assert delivery.next_deadline() is None
    assert received(delivery, 1, 2_050, repeats=1) == RECEIPT_STALE  # overtaken: it un-tells nothing
    assert delivery.next_deadline() is None


def test_an_untold_count_survives_a_power_cut_and_so_does_a_told_one():
    delivery = new_delivery()
    for sequence in (1, 2):
        delivery.offer(body(sequence), 0)
        assert delivery.repeat(100)
    received(delivery, 1, 200, repeats=1)
    received(delivery, 2, 200)
    again = new_delivery(copy(delivery.journal))
    assert again.undelivered == 0
    press = again.next_send(0)
    assert press is not None
    assert (press.body.sequence, press.sending.repeats) == (2, 1)
    assert again.next_send(0) is None


def test_another_incarnation_is_told_the_repeats_again():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert delivery.repeat(100)
    received(delivery, 1, 200, repeats=1)
    assert delivery.learn_incarnation(8, WALL_MS, 300)
    delivery.handle_receipt(receipt(1, LEVEL_RECEIVED, 1, incarnation=8), 400)
    assert delivery.next_deadline() is not None
    delivery.handle_receipt(receipt(1, LEVEL_RECEIVED, 1, incarnation=8, repeats=1), 500)
    assert delivery.next_deadline() is None


def test_a_repeat_that_came_after_the_attempt_is_told_although_that_one_was_received():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert sent(delivery, 0) == [1]
    assert delivery.repeat(30)
    assert received(delivery, 1, 60) == RECEIPT_APPLIED
    press = delivery.next_send(RETRY_MS[0])
    assert press is not None
    assert press.sending.repeats == 1


def test_a_press_after_the_acknowledgement_is_never_merged():
    delivery = new_delivery()
    assert not delivery.repeat(0)  # nothing to merge into
    delivery.offer(body(1), 0)
    for level in (LEVEL_ACKNOWLEDGED, LEVEL_DISPATCHED, LEVEL_CLOSED):
        delivery.handle_receipt(receipt(1, level, level), 60)
        assert not delivery.repeat(100)


def test_room_is_made_by_forgetting_the_oldest_received_press_only():
    delivery = new_delivery()
    for sequence in range(1, CAPACITY + 1):
        delivery.offer(body(sequence), 0)
    for sequence in (4, 9):
        received(delivery, sequence)
    delivery.offer(body(100), 0)
    delivery.offer(body(101), 0)
    kept = [entry.body.sequence for entry in delivery.journal.entries]
    assert 4 not in kept
    assert 9 not in kept
    assert len(kept) == CAPACITY
    assert kept[-2:] == [100, 101]
    assert not delivery.journal.overflow


def test_a_full_journal_merges_into_the_newest_and_says_so_in_every_later_frame():
    delivery = new_delivery()
    for sequence in range(1, CAPACITY + 1):
        delivery.offer(body(sequence), 0)
    assert delivery.flags & BUTTON_JOURNAL_OVERFLOW == 0
    assert sent(delivery, 0) == list(range(CAPACITY, 0, -1))
    merged = delivery.offer(body(100), 10)
    assert merged.body.sequence == CAPACITY
    assert delivery.undelivered == CAPACITY
    assert delivery.flags & BUTTON_JOURNAL_OVERFLOW
    press = delivery.next_send(10)
    assert press is not None
    assert (press.body.sequence, press.sending.repeats) == (CAPACITY, 1)
    delivery = new_delivery(copy(delivery.journal))
    assert delivery.flags & BUTTON_JOURNAL_OVERFLOW
    for _ in range(CAPACITY):
        press = delivery.next_send(0)
        assert press is not None
        assert press.sending.flags == SENDING_JOURNAL_OVERFLOW
    for sequence in range(CAPACITY, 0, -1):
        assert delivery.flags & BUTTON_JOURNAL_OVERFLOW
        received(delivery, sequence, repeats=1)
    assert delivery.flags & BUTTON_JOURNAL_OVERFLOW == 0


def test_the_first_press_latches_and_the_key_releases():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    delivery.offer(body(2), 5_000)
    assert delivery.journal.latch == (1, nonce(1))
    assert new_delivery(copy(delivery.journal)).journal.latch == (1, nonce(1))
    delivery.reset_latch(9_000)
    assert not delivery.latched
    assert not new_delivery(copy(delivery.journal)).latched


def test_a_latch_that_stands_after_closing_is_flagged():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    delivery.handle_receipt(receipt(1, LEVEL_ACKNOWLEDGED, 2), 0)
    assert delivery.flags == 0
    delivery.handle_receipt(receipt(1, LEVEL_CLOSED, 3), 0)
    assert delivery.flags == BUTTON_LATCH_NOT_RESET
    delivery.reset_latch(0)
    assert delivery.flags == 0


def test_a_restored_centre_is_offered_the_presses_of_seven_days_again():
    delivery = new_delivery()
    old = body(1, wall_ms=WALL_MS - KEEP_MS - 1)
    undated = body(2, wall_ms=0)
    recent = body(3, wall_ms=WALL_MS - KEEP_MS)
    lost = body(4, wall_ms=WALL_MS - KEEP_MS - 1)
    for press in (old, undated, recent, lost):
        delivery.offer(press, 0)
    assert sent(delivery, 0) == [4, 3, 2, 1]
    for sequence in (1, 2, 3):
        delivery.handle_receipt(receipt(sequence, LEVEL_ACKNOWLEDGED, 9), 0)
    assert delivery.journal.incarnation == 7
    assert not delivery.learn_incarnation(7, WALL_MS, 50)
    assert delivery.undelivered == 1
    assert delivery.learn_incarnation(8, WALL_MS, 100)
    assert [entry.body.sequence for entry in delivery.journal.entries] == [2, 3, 4]
    assert delivery.undelivered == 3
    assert sent(delivery, 100) == [4, 3, 2]
    # The restored centre counts revisions anew; what the lost one said is a replay.
    assert delivery.handle_receipt(receipt(3, LEVEL_CLOSED, 10, incarnation=7), 0) == RECEIPT_OTHER_INCARNATION
    assert delivery.handle_receipt(receipt(3, LEVEL_RECEIVED, 1, incarnation=8), 0) == RECEIPT_APPLIED


def test_the_incarnation_survives_a_restart_and_the_first_one_re_offers_nothing():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    assert not delivery.learn_incarnation(7, WALL_MS, 0)
    received(delivery, 1)
    again = new_delivery(copy(delivery.journal))
    assert again.journal.incarnation == 7
    assert again.learn_incarnation(8, WALL_MS, 0)


def test_the_path_is_proven_for_20_s_by_an_answer_only():
    delivery = new_delivery()
    assert not delivery.path_proven(0)
    delivery.heard_answer(1_000)
    assert delivery.path_proven(1_000 + PROVEN_MS)
    assert not delivery.path_proven(1_001 + PROVEN_MS)


def test_nothing_is_written_that_has_not_changed():
    delivery = new_delivery()
    assert delivery.next_save_ms is None
    delivery.offer(body(1), 1_000)
    delivery.saved(1_050)
    assert delivery.next_save_ms is None


def test_what_must_survive_is_saved_at_once_and_the_rest_together():
    delivery = new_delivery()
    delivery.offer(body(1), 1_000)
    assert delivery.next_save_ms == 1_000
    delivery.saved(1_050)
    delivery.repeat(2_000)
    received(delivery, 1, 2_500)
    assert delivery.next_save_ms == 2_000 + LAZY_SAVE_MS
    delivery.reset_latch(3_000)
    assert delivery.next_save_ms == 3_000
    delivery.saved(3_010, failed=True)
    assert delivery.next_save_ms == 3_010 + SAVE_RETRY_MS
    delivery.offer(body(2), 4_000)  # a new press tries again at once
    assert delivery.next_save_ms == 4_000
