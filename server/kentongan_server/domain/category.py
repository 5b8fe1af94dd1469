"""What an incident is about, and which goes first: hold-up and duress before fire and medical before other."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from kentongan_server.domain import alarm_kind
from kentongan_wire import press


class Category(StrEnum):
    """What happens there. The first six can be told by an alarm, all of them by a caller."""

    HOLD_UP = "hold-up"
    DURESS = "duress"
    FIRE = "fire"
    MEDICAL = "medical"
    SUSPECTED_ATTACK = "suspected-attack"
    OUTAGE = "outage"
    VIOLENCE = "violence"
    THEFT = "theft"
    ACCIDENT = "accident"
    DISASTER = "disaster"
    PUBLIC_ORDER = "public-order"
    OTHER = "other"


FIRST: Final = 1  # the priority that goes before all others
REVIEW: Final = 4  # late presses that a restored centre was offered again

PRIORITIES: Final[dict[Category, int]] = {
    Category.HOLD_UP: FIRST,
    Category.DURESS: FIRST,
    Category.SUSPECTED_ATTACK: FIRST,
    Category.VIOLENCE: FIRST,
    Category.FIRE: 2,
    Category.MEDICAL: 2,
    Category.ACCIDENT: 2,
    Category.OUTAGE: 2,
    Category.DISASTER: 2,
    Category.THEFT: 3,
    Category.PUBLIC_ORDER: 3,
    Category.OTHER: 3,
}

OF_KIND: Final[dict[int, Category]] = {
    press.KIND_HOLD_UP: Category.HOLD_UP,
    press.KIND_DURESS: Category.DURESS,
    press.KIND_MEDICAL: Category.MEDICAL,
    press.KIND_FIRE: Category.FIRE,
    alarm_kind.KIND_SUSPECTED_ATTACK: Category.SUSPECTED_ATTACK,
    alarm_kind.KIND_OUTAGE: Category.OUTAGE,
}


def of_kind(kind: int) -> Category:
    """The category of an alarm; a kind that this centre does not know is a hold-up: when in doubt it is real."""
    return OF_KIND.get(kind, Category.HOLD_UP)


def worse(one: Category, other: Category) -> Category:
    """The one that goes first; `one` when they go together, so that an incident keeps what it began with."""
    return other if PRIORITIES[other] < PRIORITIES[one] else one
