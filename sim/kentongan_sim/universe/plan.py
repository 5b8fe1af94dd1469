"""What will happen in one universe: hands and faults, all drawn from the seed before it begins.

Each event has a number, so that a failing schedule can be tried again without some of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
LENGTH_MS = (15_000, 120_000)  # of the part with faults
PRESSES = (1, 9)
FAULTS = (2, 14)
NIGHT_MS = (HOUR_MS, 9 * HOUR_MS)
BYTES_EVERY = 4  # one schedule in so many has modems down to their bytes, which takes longer
SMS_EVERY, SMS_AT = 10, 4  # one schedule in so many ends with SMS alone; half of those down to the bytes
ENDINGS = ("wifi", "uplink", "both")
LONG_EVERY = 8  # one schedule in so many has a long silence
LONG_MS = (95_000, 130_000)  # longer than anybody may stay silent without a trouble
LONG_AT_MS = (62_000, 80_000)  # after everybody was heard for a minute
LONG_KINDS = ("wifi-cut", "uplink-cut", "gateway-off", "button-off")
NEAR_MS = 4_000  # half of the faults have a press within this: where most can go wrong


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens.

    Attributes:
        number: its place in the plan.
        at_ms: when.
        kind: of `FAULT_KINDS`, or press, key, look.
        at: which button (0…), gateway (0…); meaning by kind.
        for_ms: how long it lasts; 0 when that means nothing.
        amount: anything else, by kind.
    """

    number: int
    at_ms: int
    kind: str
    at: int = 0
    for_ms: int = 0
    amount: int = 0

    def __str__(self) -> str:
        return f"#{self.number} {self.kind} at={self.at} for={self.for_ms} ms amount={self.amount}"


@dataclass(slots=True)
class Plan:
    """One schedule.

    Attributes:
        sites: 1 or 2.
        buttons: at each site, 1 or 2.
        ends_ms: when the faults stop.
        look_every_ms: how often an operator looks at the console during the faults; 0 for never.
        think_ms: from looking to acknowledging.
        closes: in hundredths, how often an operator closes what is acknowledged.
        ending: what stays cut for ever, so that only SMS is left: "wifi", "uplink", "both", or nothing.
        down_to_bytes: modems are emulated with their AT commands.
    """

    seed: int
    sites: int
    buttons: int
    ends_ms: int
    look_every_ms: int
    think_ms: int
    closes: int
    down_to_bytes: bool = False
    ending: str = ""
    events: list[Event] = field(default_factory=list)


# kind → (weight, lasts ms, amount); what each means is told in world.py, where it is done.
_Range = tuple[int, int]
FAULT_KINDS: dict[str, tuple[int, _Range, _Range]] = {
    "wifi-cut": (10, (500, 60_000), (0, 0)),
    "wifi-bad": (8, (3_000, 60_000), (0, 2)),
    "uplink-cut": (10, (500, 90_000), (0, 0)),
    "uplink-bad": (8, (3_000, 60_000), (0, 2)),
    "uplink-withheld": (4, (2_000, 40_000), (5_000, 60_000)),
    "button-off": (8, (20, 40_000), (0, 0)),
    "button-cut-in-write": (8, (20, 8_000), (0, 3)),
    "brown-out": (4, (1_000, 8_000), (60, 900)),
    "gateway-kill": (9, (200, 20_000), (0, 0)),
    "gateway-kill-at": (7, (200, 10_000), (0, 2)),
    "gateway-off": (5, (2_000, 60_000), (0, 0)),
    "gateway-disk-full": (4, (1_000, 40_000), (0, 0)),
    "gateway-disk-lost": (1, (0, 0), (0, 0)),
    "site-broker-bounce": (5, (100, 15_000), (0, 0)),
    "centre-kill": (9, (200, 30_000), (0, 0)),
    "centre-kill-at": (8, (200, 10_000), (0, 2)),
    "centre-broker-bounce": (5, (100, 15_000), (0, 0)),
    "centre-disk-full": (4, (1_000, 30_000), (0, 0)),
    "centre-disk-slow": (3, (1_000, 30_000), (0, 0)),
    "centre-restored": (6, (500, 20_000), (1_000, 120_000)),
    "centre-clock": (4, (0, 0), (-7_200_000, 7_200_000)),
    "gateway-clock": (3, (0, 0), (-7_200_000, 7_200_000)),
    "flash-worn": (3, (1_000, 20_000), (0, 0)),
    "forge": (8, (0, 0), (1, 12)),
    "replay": (8, (0, 0), (1, 20)),
    "forge-down": (5, (0, 0), (1, 10)),
    "gateway-lies": (7, (5_000, 90_000), (0, 6)),
    "button-reflashed": (3, (200, 10_000), (0, 0)),
    "button-cloned": (2, (0, 0), (0, 0)),
    "button-smashed": (3, (0, 0), (0, 0)),
    "sms-bad": (6, (5_000, 90_000), (0, 2)),
    "sms-out": (4, (5_000, 60_000), (0, 0)),
    "modem-dead": (5, (5_000, 90_000), (0, 3)),
    "modem-odd": (6, (3_000, 60_000), (0, 7)),
    "junk": (2, (0, 0), (3, 9)),
}
KINDS_A_SCHEDULE = (3, 9)  # few kinds often find more than many kinds once


def draw_plan(seed: int) -> Plan:
    """The plan of a seed."""
    draw = random.Random(f"plan {seed}")
    plan = Plan(
        seed,
        sites=1 + (draw.randrange(4) == 0),
        buttons=1 + (draw.randrange(3) == 0),
        ends_ms=_long_tailed(draw, LENGTH_MS),
        look_every_ms=draw.choice((0, 2_000, 5_000, 15_000)),
        think_ms=draw.choice((0, 300, 3_000, 12_000)),
        closes=draw.choice((0, 0, 30, 100)),
        down_to_bytes=seed % BYTES_EVERY == 0,
        ending=draw.choice(ENDINGS) if seed % SMS_EVERY == SMS_AT else "",
    )
    happens = _faults(draw, plan) + _presses(draw, plan)
    if draw.randrange(LONG_EVERY) == 0:
        at_ms, for_ms = draw.randint(*LONG_AT_MS), draw.randint(*LONG_MS)
        happens.append((at_ms, draw.choice(LONG_KINDS), draw.randrange(4), for_ms, 0))
        plan.ends_ms = max(plan.ends_ms, at_ms + for_ms)
    near = [fault for fault in happens if fault[1] not in ("press", "key") and draw.randrange(2)]
    happens += [_press(draw, plan, at_ms + draw.randint(-NEAR_MS, NEAR_MS)) for at_ms, *_ in near]
    happens.sort(key=lambda one: one[0])
    plan.events = [Event(number, max(1_000, one[0]), *one[1:]) for number, one in enumerate(happens)]
    if draw.randrange(12) == 0:
        _add_night(draw, plan)
    return plan


_Happening = tuple[int, str, int, int, int]


def _faults(draw: random.Random, plan: Plan) -> list[_Happening]:
    names = list(FAULT_KINDS)
    weights = [FAULT_KINDS[name][0] for name in names]
    chosen = draw.choices(names, weights, k=draw.randint(*KINDS_A_SCHEDULE))
    found: list[_Happening] = []
    for _ in range(draw.randint(*FAULTS)):
        kind = draw.choice(chosen)
        _, lasts, amount = FAULT_KINDS[kind]
        at_ms = draw.randint(2_000, plan.ends_ms)
        found.append((at_ms, kind, draw.randrange(4), _long_tailed(draw, lasts), draw.randint(*amount)))
    return found


def _presses(draw: random.Random, plan: Plan) -> list[_Happening]:
    found: list[_Happening] = []
    for _ in range(draw.randint(*PRESSES)):
        at_ms = draw.randint(1_500, plan.ends_ms)
        panic = draw.randint(2, 10) if draw.randrange(6) == 0 else 1
        at = draw.randrange(4)
        for _ in range(panic):
            found.append((at_ms, "press", at, draw.choice((100, 120, 200, 700)), 0))
            at_ms += draw.choice((150, 400, 1_200, 3_000))
        if draw.randrange(4) == 0:
            found.append((at_ms + draw.randint(500, 20_000), "key", at, 150, 0))
    return found


def _press(draw: random.Random, plan: Plan, at_ms: int) -> _Happening:
    return (min(max(1_000, at_ms), plan.ends_ms), "press", draw.randrange(4), draw.choice((100, 150, 400)), 0)


def _long_tailed(draw: random.Random, span: _Range) -> int:
    """Short ones often, long ones now and then."""
    low, high = span
    return low + int((high - low) * draw.random() ** 2)


def _add_night(draw: random.Random, plan: Plan) -> None:
    """Everything is off for hours; what was on the way may come the next morning."""
    at_ms, for_ms = draw.randint(5_000, plan.ends_ms), draw.randint(*NIGHT_MS)
    later = [
        Event(one.number, one.at_ms + (for_ms if one.at_ms > at_ms else 0), one.kind, one.at, one.for_ms, one.amount)
        for one in plan.events
    ]
    plan.events = [*later, Event(len(later), at_ms, "night", 0, for_ms, draw.choice((0, for_ms + 5_000)))]
    plan.events.sort(key=lambda one: (one.at_ms, one.number))
    plan.ends_ms += for_ms
