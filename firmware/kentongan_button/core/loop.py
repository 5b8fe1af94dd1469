"""The supervised loop: what the millivolts at an ADC pin say about a contact and its cable.

A 10 k pull-up feeds the loop; at the switch sit 4k7 in series and 10 k across the normally
closed contact. With 1 % parts and the ADC's own error the loop reads (mV):

    short    0 …   77        normal  981 … 1137
    alarm 1888 … 2043        cut    >= 3237, but the ADC saturates near 3100

Each limit lies midway between two bands, so every band has at least 375 mV of margin. There is
no undefined band: a reading always says something.
"""

LOOP_SHORT = 0  # cable shorted: the contact can't be seen
LOOP_NORMAL = 1  # contact at rest
LOOP_ALARM = 2  # contact pressed
LOOP_CUT = 3  # cable cut: the contact can't be seen
LOOP_NAMES = ("short", "normal", "alarm", "cut")

SHORT_BELOW_MV = 529  # midway between 77 and 981
ALARM_FROM_MV = 1513  # midway between 1137 and 1888
CUT_ABOVE_MV = 2600  # midway between 2043 and the ADC's ceiling near 3100


def decode(millivolts: int) -> int:
    """The state of a loop (`LOOP_…`) that reads this many millivolts."""
    if millivolts < SHORT_BELOW_MV:
        return LOOP_SHORT
    if millivolts < ALARM_FROM_MV:
        return LOOP_NORMAL
    if millivolts <= CUT_ABOVE_MV:
        return LOOP_ALARM
    return LOOP_CUT


def is_fault(loop: int) -> bool:
    """True for a cut or shorted loop."""
    return loop in (LOOP_SHORT, LOOP_CUT)
