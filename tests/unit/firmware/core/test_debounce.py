"""Closures, glitches and gaps of one contact."""

from kentongan_button.core.debounce import CLOSED, OPENED, SAMPLE_MS, Debouncer, next_sample_ms
from kentongan_button.core.loop import LOOP_ALARM
from tests.support.portable import Contacts, every


def feed(closures, times):
    """(time, event) of one contact sampled at these times."""
    contacts = Contacts(closures)
    debouncer = Debouncer()
    out = []
    before = times[0]
    for now in times:
        closed = contacts.loops(now)[0] == LOOP_ALARM
        out += [(now, event) for event in debouncer.sample(closed, contacts.edges(before, now) != 0, now)]
        before = now
    return out


def names(events):
    return [event for _, event in events]


def test_a_closure_is_decided_within_60_ms_of_the_contact():
    for phase in range(SAMPLE_MS):
        events = feed([(100 + phase, 400)], every(SAMPLE_MS, 600))
        assert names(events) == [CLOSED, OPENED]
        assert events[0][0] - (100 + phase) <= 60
        assert 400 < events[1][0] <= 460


def test_a_closure_of_less_than_30_ms_is_a_glitch_under_normal_sampling():
    for phase in range(SAMPLE_MS):
        for length in range(1, 30):
            assert feed([(100 + phase, 100 + phase + length)], every(SAMPLE_MS, 600)) == []


def test_a_closure_of_50_ms_is_one_under_normal_sampling():
    for phase in range(SAMPLE_MS):
        assert names(feed([(100 + phase, 150 + phase)], every(SAMPLE_MS, 600))) == [CLOSED, OPENED]


def test_a_closure_wholly_inside_a_gap_is_told_by_its_edge():
    times = every(SAMPLE_MS, 100) + every(SAMPLE_MS, 600, 240)
    assert feed([(110, 210)], times) == [(240, CLOSED), (240, OPENED)]


def test_a_gap_without_an_edge_tells_nothing():
    assert feed([], every(SAMPLE_MS, 100) + every(SAMPLE_MS, 600, 300)) == []


def test_an_edge_in_a_gap_shorter_than_the_debounce_is_a_glitch():
    times = every(SAMPLE_MS, 100) + every(SAMPLE_MS, 600, 135)
    assert feed([(105, 130)], times) == []


def test_a_closure_seen_once_before_a_gap_counts():
    times = every(SAMPLE_MS, 110) + every(SAMPLE_MS, 600, 250)
    assert names(feed([(105, 210)], times)) == [CLOSED, OPENED]


def test_one_sample_at_the_end_of_a_gap_still_wants_confirmation():
    times = every(SAMPLE_MS, 100) + every(SAMPLE_MS, 600, 145)
    assert feed([(140, 150)], times) == []  # 10 ms at the end of 45 ms: samples could have confirmed it


def test_a_flickering_contact_is_closed_when_it_is_closed_for_most_of_the_time():
    flicker = [(start, start + 30) for start in range(100, 500, 40)]
    assert names(feed(flicker, every(5, 800))) == [CLOSED, OPENED]


def test_bursts_of_short_spikes_never_add_up():
    spikes = [(start, start + 10) for start in range(100, 1_000, 40)]
    assert feed(spikes, every(SAMPLE_MS, 1_200)) == []


def test_a_dropout_shorter_than_the_debounce_is_no_release():
    assert names(feed([(100, 200), (220, 400)], every(SAMPLE_MS, 600))) == [CLOSED, OPENED]


def test_a_release_and_a_new_closure_inside_one_gap_are_two_closures():
    times = every(SAMPLE_MS, 200) + every(SAMPLE_MS, 900, 500)
    assert names(feed([(100, 250), (350, 700)], times)) == [CLOSED, OPENED, CLOSED, OPENED]
    assert names(feed([(100, 250), (350, 450)], times)) == [CLOSED, OPENED, CLOSED, OPENED]


def test_a_release_inside_a_gap_makes_no_second_closure():
    times = every(SAMPLE_MS, 200) + every(SAMPLE_MS, 900, 500)
    assert names(feed([(100, 250)], times)) == [CLOSED, OPENED]


def test_a_release_just_seen_before_a_gap_does_not_hide_the_closure_in_it():
    times = every(SAMPLE_MS, 200) + every(SAMPLE_MS, 900, 500)
    assert names(feed([(100, 195), (300, 400)], times)) == [CLOSED, OPENED, CLOSED, OPENED]


def test_a_closure_seen_by_one_sample_before_a_gap_as_long_as_the_debounce_counts():
    times = every(SAMPLE_MS, 110) + every(SAMPLE_MS, 600, 155)
    assert names(feed([(105, 130)], times)) == [CLOSED, OPENED]  # nobody could have confirmed it


def test_the_time_before_the_first_sample_proves_nothing():
    assert feed([(0, 5_020)], every(SAMPLE_MS, 6_000, 5_000)) == []
    assert names(feed([(0, 5_100)], every(SAMPLE_MS, 6_000, 5_000))) == [CLOSED, OPENED]


def test_samples_keep_their_pace_whatever_the_work_between_them_takes():
    due = 1_000
    for _ in range(100):
        due = next_sample_ms(due, due + 3)  # each three ms late
    assert due == 1_000 + 100 * SAMPLE_MS


def test_after_a_stall_the_next_sample_follows_at_once():
    assert next_sample_ms(1_000, 1_500) == 1_501
    assert next_sample_ms(1_501, 1_501) == 1_501 + SAMPLE_MS
