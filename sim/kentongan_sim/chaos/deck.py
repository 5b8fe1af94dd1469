"""Which faults there are, whom they befall, and in which order. Seeded, without I/O."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from enum import Enum

SHORTEST_S = 0.2  # of a fault: about what a loose plug takes
MEAN_S = 1.5  # on top of that; most faults are shorter than the first retry (2 s), some much longer
GAP_S = 1.5  # mean time between two faults of one victim


class Fault(Enum):
    """A kind of fault; each must have happened, or the run shows nothing."""

    CENTRE_KILLED = "centre killed"
    CENTRE_FROZEN = "centre frozen"
    CENTRE_BROKER_KILLED = "centre's broker killed"
    CENTRE_BROKER_FROZEN = "centre's broker frozen"
    CENTRE_DISK_FULL = "centre's disk full"
    GATEWAY_KILLED = "gateway killed"
    GATEWAY_FROZEN = "gateway frozen"
    GATEWAY_BROKER_KILLED = "site's broker killed"
    GATEWAY_BROKER_FROZEN = "site's broker frozen"
    GATEWAY_DISK_FULL = "gateway's disk full"
    GATEWAY_POWER_CUT = "gateway's power cut, newest write lost or torn"
    INTERNET_CUT = "internet cut"
    INTERNET_SILENT = "internet silent"
    INTERNET_SLOW = "internet slow"
    INTERNET_TORN = "internet torn"
    INTERNET_FLAKY = "internet flaky"
    WIFI_LOST = "Wi-Fi lost"
    CABLE_CUT = "button's link cut"
    CABLE_SILENT = "button's link silent"
    CABLE_SLOW = "button's link slow"
    CABLE_NARROW = "button's link narrow"
    CABLE_TORN = "button's link torn"
    CABLE_FLAKY = "button's link flaky"
    BUTTON_POWER_CUT = "button's power cut"
    BUTTON_CUT_IN_PRESS = "button's power cut in the middle of a press"
    BUTTON_FROZEN = "button frozen"
    BUTTON_HUNG = "button hung until its watchdog bit"
    AIR_OPERATOR_OUT = "mobile operator out of service"
    AIR_MODEM_HUNG = "modem hung"
    AIR_MODEM_REBOOTED = "modem rebooted"
    AIR_BAD = "texts lost, doubled and out of order"


CENTRE = tuple(fault for fault in Fault if fault.name.startswith("CENTRE_"))
GATEWAY = tuple(fault for fault in Fault if fault.name.startswith("GATEWAY_"))
UPLINK = tuple(fault for fault in Fault if fault.name.startswith("INTERNET_"))
LINK = tuple(fault for fault in Fault if fault.name.startswith(("WIFI_", "CABLE_")))
BUTTON = tuple(fault for fault in Fault if fault.name.startswith("BUTTON_"))
AIR = tuple(fault for fault in Fault if fault.name.startswith("AIR_"))


def deal(kinds: Sequence[Fault], fate: random.Random) -> Iterator[Fault]:
    """Faults for ever: every kind once, shuffled, before any comes again."""
    while True:
        yield from fate.sample(kinds, len(kinds))


def lasts_s(fate: random.Random, longest_s: float) -> float:
    """How long a fault lasts."""
    return min(longest_s, SHORTEST_S + fate.expovariate(1 / MEAN_S))


def gap_s(fate: random.Random) -> float:
    """How long a victim is left in peace before its next fault."""
    return fate.expovariate(1 / GAP_S)
