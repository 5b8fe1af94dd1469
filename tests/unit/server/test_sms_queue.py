"""Which modem texts what, and when: duty before receipts, another operator next, a bounded number a minute."""

from __future__ import annotations

import asyncio

from kentongan_server.application.sms_out import SmsOut
from kentongan_server.domain.sms_queue import (
    MINUTE_MAX,
    MINUTE_MS,
    PATIENCE,
    RECEIPTS_MINUTE_MAX,
    RETRY_MS,
    WAIT_MS,
    WAITING_MAX,
    WAITING_OF_ONE_MAX,
    Outcome,
    Priority,
    SmsQueue,
)
from tests.support.direct_centre import ManualClock

BOTH = ("T", "I")
DUTY, RECEIPT = Priority.DUTY, Priority.RECEIPT


def filled(*jobs: tuple[str, Priority]) -> SmsQueue:
    queue = SmsQueue()
    for text, priority in jobs:
        assert queue.put("+62811000000", text, priority, 0)
    return queue


def test_duty_texts_go_first_and_the_oldest_of_a_kind_before_the_others() -> None:
    queue = filled(("r1", RECEIPT), ("r2", RECEIPT), ("d", DUTY))
    sent = [queue.next("one", "T", BOTH, 5) for _ in range(4)]
    assert [job.text if job else None for job in sent] == ["d", "r1", "r2", None]


def test_what_one_operator_refused_another_sends_and_alone_it_tries_again() -> None:
    queue = filled(("r", RECEIPT))
    job = queue.next("one", "T", BOTH, 0)
    assert job is not None
    queue.ended(job, Outcome.REROUTE, "one", "T", 0)
    assert queue.next("one", "T", BOTH, 1) is None
    assert queue.next("two", "I", BOTH, 1) is job
    queue.ended(job, Outcome.RETRY, "two", "I", 1)
    assert queue.next("two", "I", BOTH, RETRY_MS) is None
    assert queue.next("two", "I", ("I",), RETRY_MS + 1) is job


def test_a_network_that_takes_nothing_is_left_alone_for_a_while() -> None:
    queue = filled(("d", DUTY))
    job = queue.next("one", "T", ("T",), 0)
    assert job is not None
    queue.ended(job, Outcome.WAIT, "one", "T", 0)
    assert queue.next("one", "T", ("T",), WAIT_MS - 1) is None
    assert queue.next("one", "T", ("T",), WAIT_MS) is job


def test_a_receipt_that_may_have_gone_out_is_not_repeated_a_duty_text_is() -> None:
    queue = filled(("r", RECEIPT), ("d", DUTY))
    for _ in range(2):
        job = queue.next("one", "T", BOTH, 0)
        assert job is not None
        queue.ended(job, Outcome.UNKNOWN, "one", "T", 0)
    assert len(queue) == 1
    assert queue.sent_last_minute("one", 0) == 2
    job = queue.next("one", "T", BOTH, RETRY_MS)
    assert job is not None
    assert job.text == "d"


def test_nothing_is_tried_for_ever() -> None:
    queue = filled(("r", RECEIPT))
    for number in range(PATIENCE[RECEIPT][0]):
        job = queue.next("one", "T", ("T",), number * RETRY_MS)
        assert job is not None
        queue.ended(job, Outcome.RETRY, "one", "T", number * RETRY_MS)
    assert (len(queue), queue.dropped) == (0, 1)
    old = filled(("r", RECEIPT))
    assert old.next("one", "T", BOTH, PATIENCE[RECEIPT][1]) is None
    assert old.dropped == 1


def test_a_minute_holds_so_many_and_receipts_leave_room_for_duty() -> None:
    queue = filled(*((f"r{number}", RECEIPT) for number in range(40)))
    sent = 0
    while (job := queue.next("one", "T", BOTH, 10)) is not None:
        queue.ended(job, Outcome.SENT, "one", "T", 10)
        sent += 1
    assert sent == RECEIPTS_MINUTE_MAX
    for number in range(40):
        queue.put("+62811000000", f"d{number}", DUTY, 10)
    while (job := queue.next("one", "T", BOTH, 10)) is not None:
        assert job.priority is DUTY
        queue.ended(job, Outcome.SENT, "one", "T", 10)
        sent += 1
    assert sent == MINUTE_MAX == queue.sent_last_minute("one", 10)
    assert queue.next("two", "I", BOTH, 10) is not None, "another modem has a minute of its own"
    assert queue.next("one", "T", BOTH, MINUTE_MS + 10) is not None


def test_what_waits_is_bounded_except_for_duty_and_nothing_waits_twice() -> None:
    queue = SmsQueue()
    for number in range(WAITING_MAX):
        assert queue.put(f"+6281100{number // WAITING_OF_ONE_MAX:04}", f"r{number}", RECEIPT, 0)
    assert not queue.put("+62812000000", "one more", RECEIPT, 0)
    assert queue.dropped == 1
    assert queue.put("+62811000000", "duty", DUTY, 0)
    assert not queue.put("+62811000000", "duty", DUTY, 0)


def test_one_number_neither_fills_the_queue_nor_keeps_another_waiting() -> None:
    """A stolen or chattering button asks for receipts without end; somebody else's press is answered all the same."""
    queue, loud = SmsQueue(), "+62811000000"
    put = [queue.put(loud, f"r{number}", RECEIPT, number) for number in range(WAITING_MAX)]
    assert put.count(True) == WAITING_OF_ONE_MAX
    assert queue.put("+62812000000", "another's", RECEIPT, WAITING_MAX)
    texts = []
    for _ in range(2):
        job = queue.next("one", "T", BOTH, WAITING_MAX)
        assert job is not None
        queue.ended(job, Outcome.SENT, "one", "T", WAITING_MAX)
        texts.append(job.text)
    assert texts == ["r0", "another's"]


def test_a_duty_text_outlasts_a_network_that_takes_nothing_for_minutes() -> None:
    queue, now_ms = filled(("d", DUTY)), 0
    while now_ms < PATIENCE[DUTY][1] // 2:
        job = queue.next("one", "T", ("T",), now_ms)
        assert job is not None
        queue.ended(job, Outcome.WAIT, "one", "T", now_ms)
        now_ms += WAIT_MS
    assert queue.next("one", "T", ("T",), now_ms) is not None
    assert queue.dropped == 0


class Phone:
    """A modem that says how each try ends."""

    def __init__(self, name: str, operator: str, outcomes: list[Outcome], *, works: bool = True) -> None:
        self.name, self.operator, self.works = name, operator, works
        self.outcomes = outcomes
        self.tried: list[tuple[str, str]] = []
        self.was_tried = asyncio.Event()

    async def send(self, number: str, text: str) -> Outcome:
        self.tried.append((number, text))
        self.was_tried.set()
        return self.outcomes.pop(0)


async def test_two_modems_share_one_queue_and_one_that_does_not_work_takes_nothing() -> None:
    refusing, sending = Phone("one", "T", [Outcome.REROUTE]), Phone("two", "I", [Outcome.SENT])
    broken = Phone("three", "X", [], works=False)
    out = SmsOut([refusing, broken, sending], ManualClock())
    running = asyncio.create_task(out.run())
    out.put(["+62811000000"], "words", DUTY)
    async with asyncio.timeout(90):
        await sending.was_tried.wait()
    assert sending.tried == [("+62811000000", "words")]
    assert broken.tried == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
