"""What the button texts besides the second path's rule: its report, and when."""

from kentongan_button.core.delivery import Delivery
from kentongan_button.core.journal import Journal
from kentongan_button.core.texts import (
    DAY_MS,
    FIRST_REPORT_MS,
    FIRST_SPREAD_S,
    MINUTE_MS,
    MINUTES,
    REPORT_RETRY_MS,
    TEXT_REPORT,
    Texts,
    timed,
)
from kentongan_wire.path_report import CAUSE_ASKED, CAUSE_PERIODIC
from kentongan_wire.second_path import TEXT_FRAME, TEXT_RETRY, TEXT_SENT, SecondPath
from tests.support.portable import BOOT_ID, DEVICE, WALL_MS, body
from tests.support.texting import CENTRE, DUTY

FIRST_MS = FIRST_REPORT_MS + DEVICE % FIRST_SPREAD_S * 1_000


def new_texts():
    delivery = Delivery(DEVICE, BOOT_ID, Journal())
    return Texts(SecondPath(CENTRE, DUTY), delivery, DEVICE), delivery


def report_at(texts, now_ms):
    text = texts.next(now_ms, CENTRE)
    assert text is not None
    assert text.kind == TEXT_REPORT
    return text


def test_the_sentence_tells_the_time_of_the_site():
    at_ms = 20_000 * DAY_MS + (16 * 60 + 5) * MINUTE_MS + 59_999
    for offset, told in ((0, "16:05 UTC"), (420, "23:05 WIB"), (480, "00:05 WITA"), (540, "01:05 WIT")):
        assert timed("Alarm", at_ms, offset) == "Alarm " + told
        assert timed("Alarm", 0, offset) == "Alarm"


def test_the_first_report_comes_within_minutes_then_one_a_day_to_each_number_by_turns():
    texts, _ = new_texts()
    assert texts.next(FIRST_MS - 1, CENTRE) is None
    text = report_at(texts, FIRST_MS)
    assert text.number == CENTRE[0]
    texts.outcome(text, TEXT_SENT, FIRST_MS, 0)
    assert texts.next(FIRST_MS + DAY_MS - 1, CENTRE) is None
    assert report_at(texts, FIRST_MS + DAY_MS).number == CENTRE[1]


def test_with_a_clock_it_comes_at_the_devices_own_minute():
    texts, _ = new_texts()
    texts.outcome(report_at(texts, FIRST_MS), TEXT_SENT, FIRST_MS, WALL_MS)
    own_ms = DEVICE % MINUTES * MINUTE_MS
    wait_ms = (own_ms - WALL_MS) % DAY_MS
    assert texts.next(FIRST_MS + wait_ms - 1, CENTRE) is None
    report_at(texts, FIRST_MS + wait_ms)
    texts.outcome(report_at(texts, FIRST_MS + wait_ms), TEXT_SENT, FIRST_MS + wait_ms, WALL_MS + wait_ms)
    assert texts.next(FIRST_MS + wait_ms + DAY_MS - 1, CENTRE) is None


def test_a_refused_report_is_tried_again_in_10_minutes():
    texts, _ = new_texts()
    texts.outcome(report_at(texts, FIRST_MS), TEXT_RETRY, FIRST_MS, 0)
    assert texts.next(FIRST_MS + REPORT_RETRY_MS - 1, CENTRE) is None
    assert report_at(texts, FIRST_MS + REPORT_RETRY_MS).number == CENTRE[1]


def test_asked_for_it_goes_at_once_and_says_why():
    texts, _ = new_texts()
    texts.ask(5_000)
    text = report_at(texts, 5_000)
    assert texts.cause == CAUSE_ASKED
    texts.outcome(text, TEXT_SENT, 8_000, 0)
    assert texts.cause == CAUSE_PERIODIC
    assert texts.next(FIRST_MS, CENTRE) is None


def test_a_press_goes_before_a_report():
    texts, delivery = new_texts()
    texts.ask(0)
    delivery.offer(body(1), 0)
    text = texts.next(0, CENTRE)
    assert text is not None
    assert text.kind == TEXT_FRAME
