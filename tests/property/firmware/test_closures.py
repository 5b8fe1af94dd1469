"""Every closure of 100 ms or more is caught exactly once, whatever the sampling loop was doing."""

from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from kentongan_button.core.debounce import CAUGHT_MS, CLOSED, DEBOUNCE_MS, SAMPLE_MS, Debouncer
from kentongan_button.core.loop import LOOP_ALARM, LOOP_CUT, LOOP_NORMAL, LOOP_SHORT
from kentongan_button.core.press import PRESS, PRESS_SPACING_MS, REPEAT, RESET, PressDetector
from kentongan_wire.press import CONTACT_A, CONTACT_B
from kentongan_wire.supervision import BUTTON_LATCHED
from tests.support.portable import Contacts

BOTH = CONTACT_A | CONTACT_B
START_MS = 200  # what happens at power-on is another matter
STEPS = st.one_of(st.integers(1, SAMPLE_MS), st.just(SAMPLE_MS), st.integers(1, 60), st.integers(40, 2_500))


def spans(pauses_and_lengths: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """(from, until) of closures, one after another."""
    out = []
    at = START_MS
    for pause, length in pauses_and_lengths:
        out.append((at + pause, at + pause + length))
        at += pause + length
    return out


def times(steps: list[int], until_ms: int) -> list[int]:
    """Samples every 10 ms, then in these steps, then every 10 ms until all has settled."""
    out = list(range(0, START_MS, SAMPLE_MS))
    for step in steps:
        out.append(out[-1] + step)
    return out + list(range(out[-1] + SAMPLE_MS, max(out[-1], until_ms) + 300, SAMPLE_MS))


def closings(closures: list[tuple[int, int]], samples: list[int]) -> list[tuple[int, int]]:
    """The gaps between samples in which at least one closure began."""
    gaps = itertools.pairwise(samples)
    return [(before, now) for before, now in gaps if any(before < start <= now for start, _ in closures)]


def feed(closures: list[tuple[int, int]], samples: list[int]) -> list[tuple[int, int]]:
    contacts = Contacts(closures)
    debouncer = Debouncer()
    out = []
    before = samples[0]
    for now in samples:
        closed = contacts.loops(now)[0] == LOOP_ALARM
        out += [(now, event) for event in debouncer.sample(closed, contacts.edges(before, now) != 0, now)]
        before = now
    return out


CAUGHT = st.lists(st.tuples(st.integers(CAUGHT_MS, 1_500), st.integers(CAUGHT_MS, 1_500)), min_size=1, max_size=6)


@given(CAUGHT, st.lists(STEPS, max_size=60))
@example([(100, 100)], [29, 1, 38, 1, 31])  # half seen between two short gaps
def test_every_closure_of_100_ms_is_caught_exactly_once_under_any_gaps(pauses_and_lengths, steps):
    closures = spans(pauses_and_lengths)
    samples = times(steps, closures[-1][1])
    found = [at for at, event in feed(closures, samples) if event == CLOSED]
    # Two that began in one and the same gap can't be told apart; all others are.
    assert len(found) == len(closings(closures, samples))
    for start, end in closures:
        decided_by = min(now for now in samples if now >= end)
        assert any(start <= at <= decided_by for at in found)


@given(
    st.lists(st.tuples(st.integers(60, 500), st.integers(1, 29)), min_size=1, max_size=12),
    st.lists(st.integers(1, SAMPLE_MS), max_size=200),
)
def test_no_glitch_is_a_closure_under_normal_sampling(pauses_and_lengths, steps):
    glitches = spans(pauses_and_lengths)
    assert feed(glitches, times(steps, glitches[-1][1])) == []


@given(
    st.lists(st.tuples(st.integers(CAUGHT_MS, 500), st.integers(DEBOUNCE_MS + 10, 500)), min_size=1, max_size=6),
    st.lists(st.integers(1, SAMPLE_MS), max_size=200),
)
def test_under_normal_sampling_a_closure_is_decided_within_60_ms(pauses_and_lengths, steps):
    closures = spans(pauses_and_lengths)
    found = [at for at, event in feed(closures, times(steps, closures[-1][1])) if event == CLOSED]
    assert len(found) == len(closures)
    assert all(start < at <= start + 60 for (start, _), at in zip(closures, found, strict=True))


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 5_000)), max_size=80))
def test_events_always_alternate(samples):
    debouncer = Debouncer()
    now = 0
    events: list[int] = []
    for closed, edge, step in samples:
        now += step
        events += debouncer.sample(closed, edge, now)
    assert events == [CLOSED, 0] * (len(events) // 2) + [CLOSED] * (len(events) % 2)
    assert debouncer.closed == bool(len(events) % 2)


ANY = st.lists(st.tuples(st.integers(1, 1_500), st.integers(1, 1_500)), max_size=6)


def run(detector, contacts, samples, key=None):
    out = []
    before = samples[0]
    for now in samples:
        turned = key is not None and key[0] <= now < key[1]
        out += [
            (now, action)
            for action, _ in detector.sample(contacts.loops(now), contacts.edges(before, now), turned, False, now)
        ]
        before = now
    return out


def overlaps(left, right):
    """When both are closed."""
    both = [(max(a, c), min(b, d)) for a, b in left for c, d in right]
    return [(start, end) for start, end in both if start < end]


@given(ANY, ANY, st.lists(STEPS, max_size=60))
def test_two_buttons_closed_together_for_100_ms_always_press(left, right, steps):
    left, right = spans(left), spans(right)
    together = overlaps(left, right)
    samples = times(steps, max([START_MS, *[end for _, end in left + right]]))
    presses = [at for at, action in run(PressDetector(2, latched=False), Contacts(left, right), samples)]
    for start, end in together:
        if end - start >= CAUGHT_MS:
            # Decided by the first sample after it, or part of a press that the samples could not tell from it.
            before = max([now for now in samples if now <= start], default=0)
            decided_by = min(now for now in samples if now >= end)
            held_since = [a for a, _ in together if a <= start and not separated(together, a, start)]
            assert any(min([before, *held_since]) <= at <= decided_by for at in presses)
    assert len(presses) <= len(closings(left + right, samples))


def separated(together, earlier, later):
    """True when contacts were apart for CAUGHT_MS or more between the overlaps that begin then."""
    inside = [(a, b) for a, b in together if earlier <= a <= later]
    return any(after - before >= CAUGHT_MS for (_, before), (after, _) in itertools.pairwise(inside))


@given(ANY, ANY, st.lists(st.integers(1, SAMPLE_MS), max_size=300))
def test_two_buttons_never_closed_together_never_press_under_normal_sampling(left, right, steps):
    left, right = spans(left), spans(right)
    apart = [closure for closure in left if not any(closure[0] <= end and start <= closure[1] for start, end in right)]
    samples = times(steps, max([START_MS, *[end for _, end in left + right]]))
    assert run(PressDetector(2, latched=False), Contacts(apart, right), samples) == []


@given(CAUGHT, st.lists(STEPS, max_size=60), st.sampled_from([LOOP_CUT, LOOP_SHORT]), st.booleans())
def test_a_faulty_loop_hides_nothing_of_the_other_contact(pauses_and_lengths, steps, fault, first):
    closures = spans(pauses_and_lengths)
    contacts = Contacts(closures)
    samples = times(steps, closures[-1][1])
    detector = PressDetector(2, latched=False)
    found = 0
    before = 0
    for now in samples:
        (loop,) = contacts.loops(now)
        edges = contacts.edges(before, now) * (2 if first else CONTACT_A)
        before = now
        found += len(detector.sample((fault, loop) if first else (loop, fault), edges, False, False, now))
    assert found == len(closings(closures, samples))


@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=30), st.lists(STEPS, max_size=40)
)
def test_chatter_makes_no_more_than_one_new_press_per_spacing(pauses_and_lengths, steps):
    closures = spans(pauses_and_lengths)
    seen = run(PressDetector(1, latched=False), Contacts(closures), times(steps, closures[-1][1]))
    presses = [at for at, action in seen if action == PRESS]
    assert all(after - before >= PRESS_SPACING_MS for before, after in itertools.pairwise(presses))
    assert {action for _, action in seen} <= {PRESS, REPEAT}
    assert not seen or seen[0][1] == PRESS


@given(ANY, st.tuples(st.integers(0, 8_000), st.integers(1, 4_000)), st.lists(STEPS, max_size=40), st.booleans())
def test_the_key_takes_no_press_away(pauses_and_lengths, key, steps, latched):
    closures = spans(pauses_and_lengths)
    contacts = Contacts(closures)
    samples = times(steps, max([START_MS, *[end for _, end in closures]]))
    without = run(PressDetector(1, latched), contacts, samples)
    turned = run(PressDetector(1, latched), contacts, samples, key=(key[0], key[0] + key[1]))
    assert [at for at, action in turned if action != RESET] == [at for at, _ in without]
    assert [action for _, action in turned].count(RESET) <= 1


@given(st.lists(st.tuples(st.sampled_from([LOOP_NORMAL, LOOP_CUT, LOOP_SHORT]), STEPS), max_size=80))
def test_faults_without_an_edge_never_press(samples):
    detector = PressDetector(1, latched=False)
    now = 0
    for loop, step in samples:
        now += step
        assert detector.sample((loop,), 0, False, False, now) == []


INPUTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.booleans(), st.booleans(), STEPS),
    max_size=80,
)


@given(INPUTS, st.booleans())
def test_any_inputs_keep_latch_and_actions_in_step(inputs, latched):
    detector = PressDetector(2, latched)
    now = 0
    for left, right, edges, key, tamper, step in inputs:
        now += step
        for action, made_by in detector.sample((left, right), edges, key, tamper, now):
            if action == RESET:
                latched = False
            else:
                assert made_by & BOTH
                assert latched or action == PRESS
                latched = True
        assert latched == bool(detector.flags & BUTTON_LATCHED)


@given(INPUTS, st.booleans())
def test_a_contact_that_stays_at_rest_vetoes_every_press(inputs, first):
    detector = PressDetector(2, latched=False)
    now = 0
    for _, other, edges, key, tamper, step in inputs:
        now += step
        loops = (LOOP_NORMAL, other) if first else (other, LOOP_NORMAL)
        assert detector.sample(loops, edges & (CONTACT_B if first else CONTACT_A), key, tamper, now) == []
