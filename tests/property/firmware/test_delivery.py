"""No loss, no double, no lie: a button and a centre over a network that loses, doubles and reorders."""

from __future__ import annotations

import shutil
import tempfile

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kentongan_button.core.delivery import RETRY_MS
from kentongan_button.core.journal import CAPACITY
from kentongan_button.core.loop import LOOP_NORMAL
from kentongan_wire.press import Press
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_CLOSED, LEVEL_RECEIVED, Receipt, Stored
from tests.support.button_rig import Centre, Rig, wall
from tests.support.portable import DEVICE
from tests.support.scratch import MEMORY

BAG_MAX = 40  # frames under way


class ButtonAndCentre(RuleBasedStateMachine):
    """Uptime runs through all boots, so that one number dates everything."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.mkdtemp(dir=MEMORY)
        self.now_ms = 1_000
        self.boots = 0
        self.centre = Centre()
        self.up: list = []
        self.down: list = []
        self.backups: list = [self.centre.backup()]
        self.journalled: set = set()  # identities that a save has put on disk
        self.forgotten: set = set()  # received presses that made room
        self.boot()

    def teardown(self) -> None:
        shutil.rmtree(self.directory)

    def boot(self) -> None:
        self.boots += 1
        self.heard: dict = {}  # (identity, incarnation) → highest revision heard in this boot
        self.button = Rig(self.directory, self.boots, contacts=1, now_ms=self.now_ms)
        self.button.hold((LOOP_NORMAL,), self.now_ms, self.now_ms + 100)
        self.now_ms += 100

    @property
    def entries(self):
        return self.button.delivery.journal.entries

    def kept(self):
        return {entry.identity(DEVICE) for entry in self.entries}

    def save(self) -> None:
        if self.button.delivery.next_save_ms is not None and self.button.delivery.next_save_ms <= self.now_ms:
            self.button.save(self.now_ms)
            self.journalled |= self.kept()

    # --- what people and networks do -------------------------------------------------------

    @rule(pause_ms=st.sampled_from([0, 300, 1_200]), save_first=st.booleans())
    def press(self, pause_ms, save_first):
        before = self.kept()
        self.now_ms = self.button.press(self.now_ms + pause_ms)
        self.forgotten |= before - self.kept()
        if save_first:
            self.save()

    @rule(step_ms=st.sampled_from([0, 10, 500, 2_000, 10_000]), connected=st.booleans())
    def wait(self, step_ms, connected):
        self.now_ms += step_ms
        if connected:
            self.up = [*self.up, *self.button.sendings(self.now_ms)][-BAG_MAX:]
        self.save()

    @precondition(lambda self: self.up)
    @rule(pick=st.integers(0, BAG_MAX), again=st.booleans())
    def centre_hears(self, pick, again):
        pick %= len(self.up)
        frame = self.up[pick] if again else self.up.pop(pick)
        self.down = [*self.down, self.centre.take(frame, wall(self.now_ms))][-BAG_MAX:]

    @precondition(lambda self: any(isinstance(frame, Press) for frame in self.up))
    @rule(pick=st.integers(0, BAG_MAX))
    def gateway_stores(self, pick):
        presses = [frame.body for frame in self.up if isinstance(frame, Press)]
        body = presses[pick % len(presses)]
        self.button.receive(Stored(body.sequence, body.nonce), self.now_ms)

    @precondition(lambda self: self.down)
    @rule(pick=st.integers(0, BAG_MAX), again=st.booleans())
    def button_hears(self, pick, again):
        pick %= len(self.down)
        self.hear(self.down[pick] if again else self.down.pop(pick))

    def hear(self, frame) -> None:
        self.button.receive(frame, self.now_ms)
        if isinstance(frame, Receipt) and frame.incarnation == self.button.delivery.journal.incarnation:
            key = (frame.press, frame.incarnation)
            self.heard[key] = max(self.heard.get(key, 0), frame.revision)

    @rule(up=st.booleans())
    def network_loses_all(self, up):
        if up:
            self.up = []
        else:
            self.down = []

    @precondition(lambda self: self.centre.presses)
    @rule(pick=st.integers(0, CAPACITY), level=st.integers(LEVEL_RECEIVED, LEVEL_CLOSED))
    def operator_acts(self, pick, level):
        known = list(self.centre.presses)
        self.down.append(self.centre.set_level(known[pick % len(known)], level, wall(self.now_ms)))

    @rule()
    def link_comes_up(self):
        self.button.delivery.link_up(self.now_ms)

    @rule()
    def power_cut(self):
        self.boot()

    @rule()
    def key(self):
        self.button.hold((LOOP_NORMAL,), self.now_ms, self.now_ms + 100, key=True)
        self.button.hold((LOOP_NORMAL,), self.now_ms + 100, self.now_ms + 200)
        self.now_ms += 200

    @rule()
    def centre_backs_up(self):
        self.backups.append(self.centre.backup())

    @rule(pick=st.integers(0, 9))
    def centre_is_restored(self, pick):
        self.centre.restore(self.backups[pick % len(self.backups)])

    # --- what must hold --------------------------------------------------------------------

    @invariant()
    def a_journalled_press_is_kept_until_it_was_received(self):
        assert self.journalled <= self.kept() | self.forgotten
        assert self.forgotten <= {identity for identity, _, _ in self.centre.said}

    @invariant()
    def levels_are_what_the_centre_said(self):
        for entry in self.entries:
            if entry.level:
                key = (entry.identity(DEVICE), self.button.delivery.journal.incarnation, entry.revision)
                assert self.centre.said[key] == entry.level

    @invariant()
    def the_highest_revision_wins(self):
        for entry in self.entries:
            key = (entry.identity(DEVICE), self.button.delivery.journal.incarnation)
            assert entry.revision >= self.heard.get(key, 0)

    @invariant()
    def the_lamp_follows_the_newest_press(self):
        _, _, level, _ = self.button.delivery.newest_receipt
        latched = self.button.delivery.latched
        assert self.button.indicator.level == (min(level, LEVEL_ACKNOWLEDGED) if latched else 0)

    @invariant()
    def what_the_centre_has_not_confirmed_is_due_within_10_s(self):
        for entry in self.entries:
            assert entry.level or entry.next_ms <= self.now_ms + RETRY_MS[-1]

    @invariant()
    def the_detector_and_the_journal_agree_on_the_latch(self):
        assert (self.button.detector.flags & 1 != 0) == self.button.delivery.latched

    def all_is_well(self):
        """One path works long enough."""
        for _ in range(6):
            self.now_ms += RETRY_MS[-1]
            for frame in self.button.sendings(self.now_ms):
                self.hear(self.centre.take(frame, wall(self.now_ms)))
            self.now_ms += 40
        lost = (self.journalled | self.kept()) - self.forgotten - set(self.centre.presses)
        assert not lost
        assert self.button.delivery.next_deadline() is None
        for entry in self.entries:
            assert self.centre.presses[entry.identity(DEVICE)][2] >= entry.repeats

    @rule()
    def the_network_works_for_a_minute(self):
        self.all_is_well()
        self.save()


class LongAlone(ButtonAndCentre):
    """The same with a journal that starts nearly full, so that it overflows."""

    @initialize(count=st.integers(CAPACITY - 2, CAPACITY + 3))
    def presses_without_a_network(self, count):
        for _ in range(count):
            self.now_ms = self.button.press(self.now_ms + 1_000)
            self.save()

    @invariant()
    def nothing_is_counted_less_than_once(self):
        assert len(self.entries) <= CAPACITY


TestButtonAndCentre = ButtonAndCentre.TestCase
TestButtonAndCentre.settings = settings(max_examples=60, stateful_step_count=40)
TestLongAlone = LongAlone.TestCase
TestLongAlone.settings = settings(max_examples=20, stateful_step_count=25)
