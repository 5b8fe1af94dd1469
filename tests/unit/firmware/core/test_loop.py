"""The bands of the supervised loop."""

from kentongan_button.core.loop import LOOP_ALARM, LOOP_CUT, LOOP_NORMAL, LOOP_SHORT, decode, is_fault

# Corners of every band with 1 % parts, a 3.3 V ± 2 % supply and the ADC's saturation near 3.1 V.
BANDS = (
    (LOOP_SHORT, (0, 40, 77)),
    (LOOP_NORMAL, (981, 1056, 1137)),
    (LOOP_ALARM, (1888, 1965, 2043)),
    (LOOP_CUT, (3050, 3100, 3237, 3300)),
)
MARGIN_MV = 375


def test_every_corner_of_every_band_reads_as_its_state():
    for state, corners in BANDS:
        for corner in corners:
            assert decode(corner) == state


def test_corners_keep_a_margin_against_noise():
    for state, corners in BANDS:
        for corner in corners:
            assert decode(max(corner - MARGIN_MV, 0)) == state
            assert decode(min(corner + MARGIN_MV, 3300)) == state


def test_readings_never_step_back_with_rising_voltage_and_none_is_undefined():
    states = [decode(millivolts) for millivolts in range(3301)]
    assert states == sorted(states)
    assert set(states) == {LOOP_SHORT, LOOP_NORMAL, LOOP_ALARM, LOOP_CUT}


def test_only_cut_and_short_are_faults():
    assert [is_fault(state) for state in range(4)] == [True, False, False, True]
