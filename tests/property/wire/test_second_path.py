"""The second path's rule under any course of presses, receipts, outcomes and lost paths."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kentongan_wire.second_path import (
    BURST,
    OUTCOMES,
    PACE_MS,
    PATIENCE_MS,
    SENTENCE_MS,
    SHARED_MS,
    TEXT_FRAME,
    TEXT_SENT,
    TEXT_SENTENCE,
    TEXT_UNKNOWN,
    TRIES,
)
from tests.support.texting import CENTRE, DUTY, SEND_MS, Texting

HOUR_MS = 3_600_000
FRAMES_AN_HOUR_MAX = BURST + HOUR_MS // PACE_MS  # what the module promises
SENTENCES_AN_HOUR_MAX = HOUR_MS // SHARED_MS * TRIES  # to one phone, each final answer lost


class SecondPathRule(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.script: list[int] = []
        self.outcomes: list[int] = []
        self.texting = Texting(outcome=self.decide)
        self.pressed: dict[int, int] = {}  # key → since when

    def decide(self, _number: str, _count: int) -> int:
        outcome = self.script.pop() if self.script else TEXT_SENT
        self.outcomes.append(outcome)
        return outcome

    @rule(count=st.sampled_from([1, 1, 1, 2, 40]))
    def press(self, count):
        for _ in range(count):
            key = len(self.pressed)
            self.pressed[key] = self.texting.now_ms
            self.texting.hold(key)

    @precondition(lambda self: self.texting.held)
    @rule(pick=st.integers(0, 999))
    def receipt(self, pick):
        key, _ = self.texting.held[pick % len(self.texting.held)]
        self.texting.received(key)

    @rule(proven=st.booleans())
    def path(self, proven):
        self.texting.proven = proven

    @rule(outcomes=st.lists(st.sampled_from(sorted(OUTCOMES)), max_size=12))
    def network_will_answer(self, outcomes):
        self.script = outcomes

    @rule(step_ms=st.sampled_from([1, 500, 2_000, 7_000, 31_000, 61_000, 301_000, HOUR_MS]))
    def wait(self, step_ms):
        begin_ms = self.texting.now_ms
        held = {key for key, _ in self.texting.held}
        new = self.texting.run(begin_ms + step_ms)
        for at_ms, key, kind, number in new:
            assert key in held
            assert number in (CENTRE if kind == TEXT_FRAME else DUTY)
            patience_ms = SENTENCE_MS if kind == TEXT_SENTENCE else PATIENCE_MS if self.texting.proven else 0
            assert at_ms >= self.pressed[key] + patience_ms or self.told_before(key, at_ms)

    def told_before(self, key: int, at_ms: int) -> bool:
        """Its first text went out while the path was unproven: the round goes on."""
        return any(of == key and when < at_ms for when, of, kind, _ in self.texting.texts if kind == TEXT_FRAME)

    def sentences(self, *numbers: str) -> list[tuple[int, int]]:
        """(when, outcome) of the sentences to these numbers, or to all."""
        texts = zip(self.texting.texts, self.outcomes, strict=True)
        return [(text[0], outcome) for text, outcome in texts if text[3] in (numbers or DUTY)]

    @invariant()
    def the_hour_is_bounded(self):
        at = [
            when
            for (when, _, kind, _), outcome in zip(self.texting.texts, self.outcomes, strict=True)
            if kind == TEXT_FRAME and outcome in {TEXT_SENT, TEXT_UNKNOWN}
        ]
        for index in range(len(at) - FRAMES_AN_HOUR_MAX - 1):
            assert at[index + FRAMES_AN_HOUR_MAX + 1] - at[index] >= HOUR_MS - SEND_MS

    @invariant()
    def a_duty_phone_is_not_flooded(self):
        for phone in DUTY:
            at = [when for when, outcome in self.sentences(phone) if outcome in {TEXT_SENT, TEXT_UNKNOWN}]
            later = at[SENTENCES_AN_HOUR_MAX + TRIES :]
            assert all(after - before >= HOUR_MS for before, after in zip(at, later, strict=False))

    def teardown(self) -> None:
        """When the network works, everything held has been told to everyone within the budget's time."""
        self.script = []
        texting = self.texting
        begin_ms = texting.now_ms
        waiting = [key for key, _ in texting.held]
        texting.run(begin_ms + SENTENCE_MS + SHARED_MS + 2 * len(waiting) * PACE_MS + HOUR_MS)
        for key in waiting:
            told = {number for _, of, kind, number in texting.texts if of == key and kind == TEXT_FRAME}
            assert told == set(CENTRE)
            since_ms = self.pressed[key] + SENTENCE_MS - SHARED_MS
            assert any(at_ms >= since_ms for at_ms, outcome in self.sentences() if outcome == TEXT_SENT)


TestSecondPathRule = SecondPathRule.TestCase
TestSecondPathRule.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
