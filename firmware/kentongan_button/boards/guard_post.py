"""Pins of the guard-post board: ESP32-S3-WROOM-1-N8R8, two buttons that are pressed together.

Never used, whatever the schematic would like: GPIO 0, 3, 45, 46 (straps), 19-20 (USB), 26-37
(flash and PSRAM), 43-44 (console). Analogue inputs sit on ADC1 (GPIO 1-10): ADC2 and Wi-Fi share
one converter. 48 stays free for the modem's STATUS: whether it is on, it is asked by AT.

Each contact has two pins: the supervised loop's voltage goes to an ADC, and through a comparator
with COMPARATOR_MV as its reference to a digital input, because the loop's voltages (about 1.06 V
at rest, 1.97 V pressed) do not cross the pin's own thresholds. An RC of CONTACT_FILTER_MS stands
before the comparator: an edge there is a closure at least that long, not a spark.
"""

VARIANT = "guard-post"

CONTACT_ADC = (1, 2)  # GPIO: supervised loops of button A and B (ADC1)
CONTACT_EDGE = (11, 12)  # GPIO: their comparators, high while a contact is open or its cable cut
COMPARATOR_MV = 1513  # midway between a loop at rest and a pressed one (core/loop.py ALARM_FROM_MV)
CONTACT_FILTER_MS = 30  # NUMBERS: debounce 30-50 ms

BATTERY_ADC = 4  # GPIO (ADC1): cell through a divider of two equal resistors
BATTERY_DIVIDER = 2

KEY_RESET = 13  # GPIO in, pulled up: key switch, low while turned
TAMPER = 14  # GPIO in, pulled up: lid switch, low while the lid is closed
MAINS_LOST = 15  # GPIO in, pulled up: supply supervisor, high when the mains is gone

LAMP = 21  # GPIO out, high = lit
VIBRATION = -1  # no motor: the guard sees the lamp

MODEM_TX = 17  # GPIO out: to the modem's RXD
MODEM_RX = 18  # GPIO in: from the modem's TXD
MODEM_KEY = 47  # GPIO out, high = the modem's power key is pressed (through a transistor)
