"""What contacts, key and tamper switch come to."""

from kentongan_button.core.debounce import SAMPLE_MS
from kentongan_button.core.loop import LOOP_ALARM, LOOP_CUT, LOOP_NORMAL, LOOP_SHORT
from kentongan_button.core.press import (
    HELD,
    IDLE,
    LATCHED,
    PRESS,
    PRESS_SPACING_MS,
    REPEAT,
    RESET,
    SHOWN_MS,
    STUCK_MS,
    TRANSITIONS,
    PressDetector,
)
from kentongan_wire.press import CONTACT_A, CONTACT_AT_BOOT, CONTACT_B
from kentongan_wire.supervision import (
    BUTTON_CONTACT_STUCK,
    BUTTON_LATCHED,
    BUTTON_LOOP_CUT,
    BUTTON_LOOP_SHORT,
    BUTTON_TAMPER,
)
from tests.support.portable import Contacts, every, watch

BOTH = CONTACT_A | CONTACT_B


def actions(seen):
    return [(action, made_by) for _, action, made_by in seen]


def hold(detector, loops, from_ms, until_ms, key=False, tamper=False):
    """Sample unchanging inputs; the actions that came out."""
    out = []
    for now in every(SAMPLE_MS, until_ms, from_ms):
        out += detector.sample(loops, 0, key, tamper, now)
    return out


def test_two_buttons_press_only_together():
    detector = PressDetector(2, False)
    assert watch(detector, Contacts([(200, 2_000)], []), every(SAMPLE_MS, 2_500)) == []
    assert detector.state == IDLE
    detector = PressDetector(2, False)
    assert watch(detector, Contacts([(200, 500)], [(500, 900)]), every(SAMPLE_MS, 1_500)) == []
    detector = PressDetector(2, False)
    seen = watch(detector, Contacts([(200, 900)], [(600, 1_200)]), every(SAMPLE_MS, 1_500))
    assert actions(seen) == [(PRESS, BOTH)]
    assert seen[0][0] - 600 <= 60
    assert detector.state == LATCHED


def test_a_recessed_button_presses_alone():
    detector = PressDetector(1, False)
    seen = watch(detector, Contacts([(200, 300)]), every(SAMPLE_MS, 600))
    assert actions(seen) == [(PRESS, CONTACT_A)]


def test_holding_is_one_press_however_long():
    detector = PressDetector(2, False)
    seen = watch(detector, Contacts([(200, 60_000)], [(200, 60_000)]), every(SAMPLE_MS, 50_000))
    assert actions(seen) == [(PRESS, BOTH)]
    assert detector.state == HELD


def test_pressing_again_while_latched_is_a_new_press():
    detector = PressDetector(1, False)
    again = [(200, 400), (200 + PRESS_SPACING_MS, 1_400), (2_300, 2_400)]
    assert actions(watch(detector, Contacts(again), every(SAMPLE_MS, 3_000))) == [(PRESS, CONTACT_A)] * 3


def test_chatter_becomes_repeats_within_the_spacing():
    detector = PressDetector(1, False)
    chatter = [(start, start + 60) for start in range(200, 200 + 3 * PRESS_SPACING_MS, 150)]
    kinds = [action for action, _ in actions(watch(detector, Contacts(chatter), every(SAMPLE_MS, 4_000)))]
    assert len(kinds) == len(chatter)
    assert kinds.count(PRESS) == 3
    assert kinds.count(REPEAT) == len(chatter) - 3


def test_the_key_releases_the_latch_once_contacts_are_open():
    detector = PressDetector(1, False)
    seen = watch(detector, Contacts([(200, 400)]), every(SAMPLE_MS, 1_500), key=(1_000, 1_200))
    assert [action for _, action, _ in seen] == [PRESS, RESET]
    assert 1_000 < seen[1][0] <= 1_050
    assert detector.state == IDLE
    assert not detector.flags & BUTTON_LATCHED


def test_a_key_turned_while_contacts_are_closed_waits_for_them():
    detector = PressDetector(1, False)
    seen = watch(detector, Contacts([(200, 800)]), every(SAMPLE_MS, 1_500), key=(500, 1_200))
    assert [action for _, action, _ in seen] == [PRESS, RESET]
    assert seen[1][0] > 800
    detector = PressDetector(1, False)
    seen = watch(detector, Contacts([(200, 800)]), every(SAMPLE_MS, 1_500), key=(500, 700))
    assert [action for _, action, _ in seen] == [PRESS]
    assert detector.state == LATCHED


def test_a_key_left_turned_hides_no_press_and_releases_no_later_latch():
    detector = PressDetector(1, False)
    seen = watch(detector, Contacts([(500, 700), (2_000, 2_200)]), every(SAMPLE_MS, 4_000), key=(100, 9_999))
    assert actions(seen) == [(PRESS, CONTACT_A), (PRESS, CONTACT_A)]
    assert detector.state == LATCHED


def test_a_key_found_turned_at_power_on_releases_no_latch():
    detector = PressDetector(1, True)
    assert watch(detector, Contacts([]), every(SAMPLE_MS, 2_000), key=(0, 9_999)) == []
    assert detector.state == LATCHED


def test_a_press_after_the_reset_is_new_even_within_the_spacing():
    detector = PressDetector(1, False)
    seen = watch(detector, Contacts([(200, 300), (700, 800)]), every(SAMPLE_MS, 1_500), key=(450, 600))
    assert [action for _, action, _ in seen] == [PRESS, RESET, PRESS]


def test_a_contact_closed_at_power_on_is_a_press_unless_the_journal_knows_it():
    detector = PressDetector(2, False)
    closed = Contacts([(0, 900)], [(0, 900)])
    assert actions(watch(detector, closed, every(SAMPLE_MS, 600))) == [(PRESS, BOTH | CONTACT_AT_BOOT)]
    detector = PressDetector(2, True)
    assert detector.flags & BUTTON_LATCHED
    assert watch(detector, closed, every(SAMPLE_MS, 600)) == []
    assert detector.state == HELD
    # Open again, and pressed again, is a press.
    detector = PressDetector(2, True)
    again = Contacts([(0, 900), (1_200, 1_400)], [(0, 900), (1_200, 1_400)])
    assert actions(watch(detector, again, every(SAMPLE_MS, 2_000))) == [(PRESS, BOTH)]


def test_the_latch_of_the_journal_stands_after_power_on():
    detector = PressDetector(1, True)
    assert watch(detector, Contacts([]), every(SAMPLE_MS, 200)) == []
    assert detector.state == LATCHED
    assert detector.flags & BUTTON_LATCHED


def test_a_faulty_loop_never_hides_the_other_contact():
    for fault in (LOOP_CUT, LOOP_SHORT):
        detector = PressDetector(2, False)
        assert hold(detector, (LOOP_NORMAL, fault), 0, 1_000) == []
        assert hold(detector, (LOOP_ALARM, fault), 1_010, 1_200) == [(PRESS, CONTACT_A)]
        detector = PressDetector(2, False)
        assert hold(detector, (fault, LOOP_ALARM), 0, 200) == [(PRESS, CONTACT_B | CONTACT_AT_BOOT)]


def test_faulty_loops_alone_make_no_press():
    for loops in ((LOOP_CUT, LOOP_CUT), (LOOP_SHORT, LOOP_CUT), (LOOP_SHORT, LOOP_NORMAL)):
        detector = PressDetector(2, False)
        assert hold(detector, (LOOP_NORMAL, LOOP_NORMAL), 0, 500) == []
        assert hold(detector, loops, 510, 5_000) == []


def test_a_fault_is_flagged_soon_and_shown_long_enough_for_a_heartbeat():
    for loops, flag in (((LOOP_CUT,), BUTTON_LOOP_CUT), ((LOOP_SHORT,), BUTTON_LOOP_SHORT)):
        detector = PressDetector(1, False)
        hold(detector, (LOOP_NORMAL,), 0, 500)
        hold(detector, loops, 510, 600)
        assert detector.flags == 0  # a spike of 90 ms
        hold(detector, (LOOP_NORMAL,), 610, 700)
        hold(detector, loops, 710, 1_000)
        assert detector.flags == flag
        hold(detector, (LOOP_NORMAL,), 1_010, 1_000 + SHOWN_MS)
        assert detector.flags == flag
        hold(detector, (LOOP_NORMAL,), 1_010 + SHOWN_MS, 1_020 + SHOWN_MS)
        assert detector.flags == 0


def test_the_tamper_switch_is_flagged():
    for calm_ms in (0, 1_000):
        detector = PressDetector(1, False)
        hold(detector, (LOOP_NORMAL,), 0, calm_ms)
        assert hold(detector, (LOOP_NORMAL,), calm_ms + 10, calm_ms + 300, tamper=True) == []
        assert detector.flags == BUTTON_TAMPER


def test_a_glitch_after_a_long_calm_is_no_press():
    detector = PressDetector(1, False)
    assert watch(detector, Contacts([(1_005, 1_020), (2_001, 2_004)]), every(SAMPLE_MS, 3_000)) == []


def test_a_contact_closed_for_long_is_stuck_also_alone():
    detector = PressDetector(2, False)
    hold(detector, (LOOP_NORMAL, LOOP_NORMAL), 0, 100)
    hold(detector, (LOOP_ALARM, LOOP_NORMAL), 110, 100 + STUCK_MS)
    assert detector.flags == 0
    hold(detector, (LOOP_ALARM, LOOP_NORMAL), 110 + STUCK_MS, 120 + STUCK_MS)
    assert detector.flags == BUTTON_CONTACT_STUCK
    hold(detector, (LOOP_NORMAL, LOOP_NORMAL), 130 + STUCK_MS, 140 + STUCK_MS)
    assert detector.flags == 0


def test_a_press_inside_a_stall_is_told_by_both_edges():
    times = every(SAMPLE_MS, 500) + every(SAMPLE_MS, 1_500, 800)
    detector = PressDetector(2, False)
    seen = watch(detector, Contacts([(550, 700)], [(560, 690)]), times)
    assert seen == [(800, PRESS, BOTH)]
    assert detector.state == LATCHED
    detector = PressDetector(2, False)
    assert watch(detector, Contacts([(550, 700)], []), times) == []


def test_an_edge_that_nobody_could_confirm_is_a_press_also_of_the_closure_before():
    detector = PressDetector(1, False)
    decided = watch(detector, Contacts([(200, 300)]), every(SAMPLE_MS, 300))
    assert actions(decided) == [(PRESS, CONTACT_A)]
    stopped_ms = 3_400  # more than the spacing of presses; the edge of that closure waited meanwhile
    late = detector.sample((LOOP_NORMAL,), CONTACT_A, False, False, 300 + stopped_ms)
    assert [action for action, _ in late] == [PRESS]


def test_one_contact_held_and_the_other_closed_inside_a_stall_is_a_press():
    times = every(SAMPLE_MS, 500) + every(SAMPLE_MS, 1_500, 800)
    for held in ([(300, 1_200)], [(300, 700)], [(600, 1_200)]):
        detector = PressDetector(2, False)
        assert actions(watch(detector, Contacts(held, [(550, 690)]), times)) == [(PRESS, BOTH)]


def test_a_contact_that_settles_just_after_power_on_was_found_closed():
    settling = Contacts([(30, 900)])
    detector = PressDetector(1, False)
    assert actions(watch(detector, settling, every(SAMPLE_MS, 600))) == [(PRESS, CONTACT_A | CONTACT_AT_BOOT)]
    assert watch(PressDetector(1, True), settling, every(SAMPLE_MS, 600)) == []


def test_only_the_contacts_of_this_press_are_named():
    detector = PressDetector(2, False)
    both = Contacts([(200, 400)], [(200, 400)])
    assert actions(watch(detector, both, every(SAMPLE_MS, 2_000))) == [(PRESS, BOTH)]
    hold(detector, (LOOP_NORMAL, LOOP_CUT), 2_010, 2_500)
    assert hold(detector, (LOOP_ALARM, LOOP_CUT), 2_510, 2_700) == [(PRESS, CONTACT_A)]


def test_a_loop_that_was_cut_when_a_stall_began_stands_not_in_the_way():
    detector = PressDetector(2, False)
    hold(detector, (LOOP_NORMAL, LOOP_CUT), 0, 500)
    assert detector.sample((LOOP_NORMAL, LOOP_NORMAL), CONTACT_A, False, False, 700) == [(PRESS, CONTACT_A)]


def test_a_contact_seen_closed_after_a_stall_needs_no_edge_of_its_own():
    detector = PressDetector(2, False)
    hold(detector, (LOOP_NORMAL, LOOP_NORMAL), 0, 500)
    assert detector.sample((LOOP_ALARM, LOOP_NORMAL), CONTACT_B, False, False, 700) == [(PRESS, BOTH)]


def test_edges_of_contacts_that_the_board_has_not_mean_nothing():
    detector = PressDetector(1, False)
    hold(detector, (LOOP_NORMAL,), 0, 500)
    assert detector.sample((LOOP_NORMAL,), CONTACT_B, False, False, 700) == []
    assert detector.sample((LOOP_NORMAL,), BOTH, False, False, 900) == [(PRESS, CONTACT_A)]


def test_the_key_releases_every_latch_anew():
    detector = PressDetector(1, False)
    for start in (0, 5_000):
        assert hold(detector, (LOOP_NORMAL,), start, start + 500) == []
        assert hold(detector, (LOOP_ALARM,), start + 510, start + 700) == [(PRESS, CONTACT_A)]
        hold(detector, (LOOP_NORMAL,), start + 710, start + 1_000)
        assert [action for action, _ in hold(detector, (LOOP_NORMAL,), start + 1_010, start + 1_200, key=True)] == [
            RESET
        ]


def test_a_key_found_turned_at_power_on_resets_when_it_is_turned_again():
    detector = PressDetector(1, True)
    assert hold(detector, (LOOP_NORMAL,), 0, 500, key=True) == []
    assert hold(detector, (LOOP_NORMAL,), 510, 1_000) == []
    assert [action for action, _ in hold(detector, (LOOP_NORMAL,), 1_010, 1_200, key=True)] == [RESET]


def test_short_flickers_of_the_tamper_switch_never_add_up():
    detector = PressDetector(1, False)
    for start in range(0, 3_000, 300):
        hold(detector, (LOOP_NORMAL,), start, start + 90, tamper=True)
        hold(detector, (LOOP_NORMAL,), start + 100, start + 290)
        assert detector.flags == 0


def test_the_table_knows_every_way_into_and_out_of_a_latch():
    reached = {state for state, _ in TRANSITIONS.values()}
    assert reached == {IDLE, HELD, LATCHED}
    released = [(before, event) for (before, event), (after, _) in TRANSITIONS.items() if after == IDLE]
    assert sorted(released) == [(0, 0), (LATCHED, 2)]
