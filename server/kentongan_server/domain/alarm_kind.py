"""Kinds of alarms that the centre makes itself; those of presses are `kentongan_wire.press.KIND_…`.

From 0x80, where no press's kind is. They are told apart by who made them (a gateway never presses), not by the
number: a button that claims one rings as a hold-up.
"""

from __future__ import annotations

KIND_SUSPECTED_ATTACK = 0x80  # a site has lost all its paths
KIND_OUTAGE = 0x81  # many sites have, at once

PATH_NONE = 0  # nobody sent it
NO_KEY = 0  # nobody signed it: there is nobody to send a receipt to
NO_SEQUENCE = 0
