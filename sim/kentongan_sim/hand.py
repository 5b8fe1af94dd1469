"""How a person's hand moves a contact: human times, and metal that bounces. Seeded, without I/O."""

from __future__ import annotations

import random
from dataclasses import dataclass

CLOSURE_MS = (150, 300)  # a deliberate push, pressed and let go
BOUNCE_MS = (1, 6)  # contacts of such switches bounce for some milliseconds, at making and at breaking
BOUNCE_STEP_MS = 1  # one hop of the contact; finer than anything that samples it
SKEW_MS = (0, 40)  # two fingers do not arrive together
KEY_MS = (250, 400)  # a key turned and let go


@dataclass(frozen=True)
class Move:
    """At `at_ms` from the start of the gesture contact `index` is `closed` or not."""

    at_ms: int
    index: int
    closed: bool


def push(fate: random.Random, indices: tuple[int, ...], closure_ms: int | None = None) -> list[Move]:
    """A push of these contacts together: the moves in order of time.

    All of them are closed together for the drawn closure time (or the given one, ms).
    """
    held_ms = closure_ms if closure_ms is not None else fate.randint(*CLOSURE_MS)
    starts = [(fate.randint(*SKEW_MS) if len(indices) > 1 else 0, fate.randint(*BOUNCE_MS)) for _ in indices]
    together_ms = max(start_ms + bounce_ms for start_ms, bounce_ms in starts)
    moves: list[Move] = []
    for index, (start_ms, bounce_ms) in zip(indices, starts, strict=True):
        moves += _bounce(index, start_ms, bounce_ms, closed=True)
        moves += _bounce(index, together_ms + held_ms, fate.randint(*BOUNCE_MS), closed=False)
    return sorted(moves, key=lambda move: move.at_ms)


def key_turn_ms(fate: random.Random) -> int:
    """How long the key stays turned."""
    return fate.randint(*KEY_MS)


def _bounce(index: int, at_ms: int, bounce_ms: int, *, closed: bool) -> list[Move]:
    """Hops that begin and end in the new state."""
    hops = range(0, bounce_ms, BOUNCE_STEP_MS)
    moves = [Move(at_ms + hop, index, closed == (number % 2 == 0)) for number, hop in enumerate(hops)]
    if moves and moves[-1].closed != closed:
        moves.append(Move(at_ms + bounce_ms, index, closed))
    return moves
