"""How far the answer to one press has come: a level and a revision; the highest revision wins, also downwards."""

from __future__ import annotations

from typing import NamedTuple

from kentongan_wire.receipts import LEVEL_NONE, LEVEL_RECEIVED


class Standing(NamedTuple):
    """What a receipt for a press says now.

    Attributes:
        level: one of `kentongan_wire.receipts.LEVEL_…`.
        revision: from 1; rises by one with every change of the level.
    """

    level: int
    revision: int


RECEIVED = Standing(LEVEL_RECEIVED, 1)


def moved_to(standing: Standing, level: int) -> Standing:
    """The standing after a change of level, up or down; the same one when the level does not change."""
    if level == standing.level:
        return standing
    return Standing(level, standing.revision + 1)


def must_be_told(ours: Standing, level: int, revision: int) -> bool:
    """Whether a button that shows (level, revision) for this press needs the receipt again.

    A revision above ours happens after the centre was restored from a backup: then, too, the
    button is told, and the incarnation in the receipt explains it.
    """
    return (level, revision) != ours


def knows_nothing(level: int, revision: int) -> bool:
    """Whether a heartbeat says that the button has seen no receipt at all for its newest press."""
    return level == LEVEL_NONE and revision == 0
