"""What is texted, to whom and when; the same on both interpreters."""

from kentongan_wire.second_path import (
    BURST,
    OUTCOMES,
    PACE_MS,
    PATIENCE_MS,
    REPEATS_BURST,
    RETRY_MS,
    ROUND_FIRST_MS,
    ROUND_MAX_MS,
    SENTENCE_MS,
    SHARED_MS,
    TEXT_FRAME,
    TEXT_REROUTE,
    TEXT_RETRY,
    TEXT_SENT,
    TEXT_SENTENCE,
    TEXT_UNKNOWN,
    TEXT_WAIT,
    TRIES,
    WAIT_MS,
)
from tests.support.texting import CENTRE, DUTY, SEND_MS, Texting

HOUR_MS = 3_600_000


def always(outcome):
    return lambda *_: outcome


def frames(texting, key):
    return [(at_ms, number) for at_ms, of, kind, number in texting.texts if of == key and kind == TEXT_FRAME]


def sentences(texting):
    return [(at_ms, key, number) for at_ms, key, kind, number in texting.texts if kind == TEXT_SENTENCE]


def test_over_a_proven_path_the_centre_has_2_s():
    texting = Texting()
    texting.hold("a")
    assert texting.path.next_text(texting.held, True, PATIENCE_MS - 1) is None
    assert texting.path.next_deadline(texting.held, True, 0) == PATIENCE_MS
    assert texting.run(10_000) == [
        (PATIENCE_MS, "a", TEXT_FRAME, CENTRE[0]),
        (PATIENCE_MS + SEND_MS, "a", TEXT_FRAME, CENTRE[1]),
    ]


def test_over_an_unproven_path_it_goes_at_once():
    texting = Texting()
    texting.proven = False
    texting.hold("a")
    assert frames(texting, "a") == []
    texting.run(0)
    assert frames(texting, "a") == [(0, CENTRE[0])]


def test_a_path_that_becomes_unproven_ends_the_patience():
    texting = Texting()
    texting.hold("a")
    texting.run(500)
    assert texting.texts == []
    texting.proven = False
    texting.run(500)
    assert frames(texting, "a") == [(500, CENTRE[0])]


def test_received_in_time_texts_nobody():
    texting = Texting()
    texting.hold("a")
    texting.run(PATIENCE_MS - 1)
    texting.received("a")
    texting.run(HOUR_MS)
    assert texting.texts == []
    assert texting.path.next_deadline([], False, HOUR_MS) is None


def test_sent_ends_nothing_rounds_follow_with_doubling_pauses():
    texting = Texting(duty=())
    texting.hold("a")
    texting.run(2 * HOUR_MS)
    firsts = [at_ms for at_ms, number in frames(texting, "a") if number == CENTRE[0]]
    pauses = [firsts[index] - firsts[index - 1] - 2 * SEND_MS for index in range(1, len(firsts))]
    assert pauses[:5] == [ROUND_FIRST_MS << doubled for doubled in range(5)]
    assert pauses[5:] == [ROUND_MAX_MS] * len(pauses[5:])
    assert len(pauses) > 10


def test_one_press_costs_20_messages_in_its_first_hour_and_12_in_later_ones():
    texting = Texting(duty=(), send_ms=0)
    texting.proven = False
    texting.hold("a")
    texting.run(HOUR_MS - 1)
    assert len(texting.texts) == 20
    texting.run(2 * HOUR_MS - 1)
    assert len(texting.texts) == 20 + 12


def test_a_press_that_is_received_while_its_texts_go_out_gets_no_more():
    texting = Texting()
    texting.hold("a")
    texting.run(PATIENCE_MS)
    texting.received("a")
    texting.run(HOUR_MS)
    assert frames(texting, "a") == [(PATIENCE_MS, CENTRE[0])]


def test_a_refused_number_is_tried_again_after_the_other():
    texting = Texting(outcome=lambda number, _: TEXT_RETRY if number == CENTRE[0] else TEXT_SENT, send_ms=0)
    texting.hold("a")
    texting.run(20_000)
    assert frames(texting, "a") == [
        (2_000, CENTRE[0]),
        (2_000, CENTRE[1]),
        (2_000 + RETRY_MS, CENTRE[0]),
        (2_000 + 2 * RETRY_MS, CENTRE[0]),  # TRIES: the next round will see
    ]
    texting.run(2_000 + 2 * RETRY_MS + ROUND_FIRST_MS)
    assert frames(texting, "a")[4:] == [(2_000 + 2 * RETRY_MS + ROUND_FIRST_MS, number) for number in CENTRE]


def test_an_unknown_outcome_sends_again():
    texting = Texting(outcome=lambda _, count: TEXT_SENT if count else TEXT_UNKNOWN, send_ms=0)
    texting.hold("a")
    texting.run(20_000)
    assert frames(texting, "a") == [(2_000, CENTRE[0]), (2_000, CENTRE[1]), (2_000 + RETRY_MS, CENTRE[0])]


def test_a_number_that_will_not_work_is_left_to_the_next_round():
    texting = Texting(outcome=lambda number, _: TEXT_REROUTE if number == CENTRE[0] else TEXT_SENT, send_ms=0)
    texting.hold("a")
    texting.run(30_000)
    assert frames(texting, "a") == [(2_000, CENTRE[0]), (2_000, CENTRE[1])]
    texting.run(2_000 + ROUND_FIRST_MS)
    assert len(frames(texting, "a")) == 4


def test_when_no_number_works_all_wait_but_a_new_press_tries():
    texting = Texting(outcome=always(TEXT_WAIT), send_ms=0)
    texting.hold("a")
    texting.run(10_000)
    assert frames(texting, "a") == [(2_000, CENTRE[0])]
    texting.hold("b")
    texting.run(12_000 + WAIT_MS - 1)
    assert frames(texting, "b") == [(12_000, CENTRE[0])]
    assert len(texting.texts) == 2
    texting.run(12_000 + WAIT_MS)
    assert texting.texts[2][0] == 12_000 + WAIT_MS
    for _ in range(TRIES):  # waiting says nothing about the number and uses up no try
        texting.run(texting.now_ms + WAIT_MS)
    assert {number for _, number in frames(texting, "a")} == {CENTRE[0]}


def test_a_new_press_goes_before_what_has_been_told_already():
    texting = Texting()
    texting.hold("a")
    texting.run(PATIENCE_MS)
    texting.proven = False
    texting.hold("b")
    texting.hold("c")
    texting.run(30_000)
    assert [(key, number) for _, key, _, number in texting.texts] == [
        ("a", CENTRE[0]),
        ("c", CENTRE[0]),
        ("b", CENTRE[0]),
        ("c", CENTRE[1]),
        ("b", CENTRE[1]),
        ("a", CENTRE[1]),
    ]


def test_after_60_s_each_duty_phone_gets_a_sentence_once():
    texting = Texting()
    texting.hold("a")
    texting.run(SENTENCE_MS - 1)
    assert sentences(texting) == []
    texting.run(3 * HOUR_MS)
    assert [(key, number) for _, key, number in sentences(texting)] == [("a", DUTY[0]), ("a", DUTY[1])]
    assert SENTENCE_MS <= sentences(texting)[0][0] <= SENTENCE_MS + SEND_MS


def test_a_received_press_gets_no_sentence():
    texting = Texting()
    texting.hold("a")
    texting.run(SENTENCE_MS - 1)
    texting.received("a")
    texting.run(HOUR_MS)
    assert sentences(texting) == []


def test_presses_within_5_minutes_share_a_sentence_and_later_ones_have_their_own():
    texting = Texting(send_ms=0)
    texting.hold("a")
    texting.run(100_000)
    texting.hold("b")
    texting.run(SENTENCE_MS + SHARED_MS - 1)
    assert [key for _, key, _ in sentences(texting)] == ["a", "a"]
    texting.hold("c", SHARED_MS)
    texting.run(HOUR_MS)
    assert [(at_ms, key) for at_ms, key, _ in sentences(texting)[2:]] == [(SENTENCE_MS + SHARED_MS, "c")] * 2


def test_a_sentence_that_reached_nobody_is_said_again_after_5_minutes():
    texting = Texting(outcome=lambda number, _: TEXT_RETRY if number in DUTY else TEXT_SENT, send_ms=0)
    texting.hold("a")
    texting.run(SENTENCE_MS + SHARED_MS - 1)
    assert len(sentences(texting)) == TRIES * len(DUTY)
    texting.outcome = always(TEXT_SENT)
    texting.run(HOUR_MS)
    assert [at_ms for at_ms, _, _ in sentences(texting)[TRIES * len(DUTY) :]] == [SENTENCE_MS + SHARED_MS] * 2


def test_a_sentence_whose_press_is_received_meanwhile_is_said_of_another_or_not_at_all():
    texting = Texting()
    texting.hold("a")
    texting.hold("b")
    texting.run(SENTENCE_MS)
    assert [(key, number) for _, key, number in sentences(texting)] == [("b", DUTY[0])]
    texting.received("b")
    texting.run(SENTENCE_MS + 10_000)
    assert [(key, number) for _, key, number in sentences(texting)[1:]] == [("a", DUTY[1])]
    texting = Texting()
    texting.hold("a")
    texting.run(SENTENCE_MS)
    texting.received("a")
    texting.run(SENTENCE_MS + 10_000)
    assert len(sentences(texting)) == 1
    texting.hold("c")
    texting.run(texting.now_ms + SENTENCE_MS + 10_000)
    assert [(key, number) for _, key, number in sentences(texting)[1:]] == [("c", DUTY[0]), ("c", DUTY[1])]


def test_without_duty_phones_there_are_no_sentences():
    texting = Texting(duty=())
    texting.hold("a")
    texting.run(HOUR_MS)
    assert sentences(texting) == []


def test_a_press_that_has_gone_and_comes_again_is_a_new_one():
    texting = Texting()
    texting.hold("a")
    texting.run(SENTENCE_MS + 10_000)
    texting.received("a")
    texting.run(HOUR_MS)
    before = len(texting.texts)
    texting.hold("a")
    texting.run(HOUR_MS + PATIENCE_MS)
    assert texting.texts[before:] == [(HOUR_MS + PATIENCE_MS, "a", TEXT_FRAME, CENTRE[0])]


def test_an_outcome_of_a_press_that_is_gone_changes_nothing():
    texting = Texting()
    texting.hold("a")
    text = texting.path.next_text(texting.held, False, 0)
    assert text is not None
    assert texting.path.next_text([], False, 0) is None
    for outcome in OUTCOMES:
        texting.path.outcome(text, outcome, 1_000)
    assert texting.path.next_deadline([], False, 1_000) is None


def test_repeats_leave_room_for_new_presses_which_have_a_bound_too():
    texting = Texting(duty=(), send_ms=0)
    texting.proven = False
    for key in range(REPEATS_BURST // 2):
        texting.hold(key)
    texting.run(ROUND_FIRST_MS + PACE_MS - 1)
    assert len(texting.texts) == REPEATS_BURST + ROUND_FIRST_MS // PACE_MS  # their second round has to wait
    for key in range(1_000, 1_000 + BURST):
        texting.hold(key)
    texting.run(ROUND_FIRST_MS + PACE_MS - 1)
    assert len(texting.texts) == BURST + ROUND_FIRST_MS // PACE_MS
    texting.hold("newest")
    texting.run(texting.now_ms + PACE_MS)
    assert texting.texts[-1][1] == "newest"


def test_without_numbers_of_the_centre_people_are_told_all_the_same():
    texting = Texting(centre=())
    texting.proven = False
    texting.hold("a")
    texting.run(HOUR_MS)
    assert frames(texting, "a") == []
    assert [number for _, _, number in sentences(texting)] == list(DUTY)


def test_without_any_numbers_nothing_is_due():
    texting = Texting(centre=(), duty=())
    texting.hold("a")
    assert texting.run(HOUR_MS) == []
