"""What delivery hands to the second path, and what it says of presses that wait for review."""

from kentongan_button.core.delivery import REVIEW_MS
from kentongan_wire.press import PATH_MQTT, PATH_SMS, SENDING_OFFERED_AGAIN
from kentongan_wire.receipts import LEVEL_RECEIVED
from tests.support.portable import WALL_MS, body, copy, new_delivery, receipt, received, sent


def test_the_second_path_is_told_what_has_not_been_received_newest_first():
    delivery = new_delivery()
    for sequence in (1, 2, 3):
        delivery.offer(body(sequence), sequence * 1_000)
    received(delivery, 2)
    assert [since_ms for _, since_ms in delivery.held()] == [3_000, 1_000]
    newest = delivery.held()[0][0]
    assert sent(delivery, 3_000) == [3, 1]
    deadline = delivery.next_deadline()
    press = delivery.text(newest, 5_000, 3_700, -71)
    assert press is not None
    assert press.body == body(3)
    assert (press.sending.path, press.sending.attempt) == (PATH_SMS, 2)
    assert delivery.next_deadline() == deadline  # the main path goes on by its own clock
    received(delivery, 3)
    assert delivery.text(newest, 6_000, 3_700, -71) is None
    assert [since_ms for _, since_ms in new_delivery(copy(delivery.journal)).held()] == [0]


def test_what_another_incarnation_had_confirmed_says_so_and_is_not_texted_in_a_hurry():
    delivery = new_delivery()
    for sequence in (1, 2):
        delivery.offer(body(sequence), 0)
    received(delivery, 1)
    delivery.learn_incarnation(8, WALL_MS, 5_000)
    again = new_delivery(copy(delivery.journal))
    for one, since_ms in ((delivery, 5_000 + REVIEW_MS), (again, REVIEW_MS)):
        assert [since for _, since in one.held()] == [0, since_ms]
        flags = []
        for _ in range(2):
            press = one.next_send(5_000)
            assert press is not None
            assert press.sending.path == PATH_MQTT
            flags.append(press.sending.flags)
        assert flags == [0, SENDING_OFFERED_AGAIN]


def test_nothing_is_merged_into_a_press_that_waits_for_review():
    delivery = new_delivery()
    delivery.offer(body(1), 0)
    received(delivery, 1)
    delivery.learn_incarnation(8, WALL_MS, 5_000)
    assert not delivery.repeat(6_000)
    delivery.handle_receipt(receipt(1, LEVEL_RECEIVED, 1, incarnation=8), 7_000)
    assert not delivery.repeat(8_000)
