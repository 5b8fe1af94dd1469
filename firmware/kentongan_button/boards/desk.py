"""Pins of the desk board: the guard post's module with one recessed button and a vibration motor.

The rules of boards/guard_post.py hold here as well: straps, USB, flash and console pins stay
free, analogue inputs sit on ADC1, each contact has a loop pin and a comparator pin.
"""

VARIANT = "desk"

CONTACT_ADC = (1,)  # GPIO: supervised loop of the recessed button (ADC1)
CONTACT_EDGE = (11,)  # GPIO: its comparator, high while the contact is open or its cable cut
COMPARATOR_MV = 1513  # midway between a loop at rest and a pressed one (core/loop.py ALARM_FROM_MV)
CONTACT_FILTER_MS = 30  # NUMBERS: debounce 30-50 ms

BATTERY_ADC = 4  # GPIO (ADC1): cell through a divider of two equal resistors
BATTERY_DIVIDER = 2

KEY_RESET = 13  # GPIO in, pulled up: key switch, low while turned
TAMPER = 14  # GPIO in, pulled up: lid switch, low while the lid is closed
MAINS_LOST = 15  # GPIO in, pulled up: supply supervisor, high when the mains is gone

LAMP = 21  # GPIO out, high = lit: the power lamp that always blinks
VIBRATION = 38  # GPIO out, high = motor on (through a transistor)

MODEM_TX = 17  # GPIO out: to the modem's RXD
MODEM_RX = 18  # GPIO in: from the modem's TXD
MODEM_KEY = 47  # GPIO out, high = the modem's power key is pressed (through a transistor)
