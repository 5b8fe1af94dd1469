"""A path report on its way by SMS: the same frame to each number of the centre. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kentongan_wire.second_path import OUTCOMES, TEXT_WAIT, TRIES


@dataclass(slots=True)
class _Left:
    """A number that the report has still to go to."""

    number: str
    due_ms: int
    tries: int = 0


class PathTexts:
    """The newest report; an older one that did not get out is worth nothing any more.

    Attributes:
        raw: the report's frame.

    Args:
        numbers: of the centre.
    """

    def __init__(self, numbers: Sequence[str]) -> None:
        self.raw = b""
        self._numbers = tuple(numbers)
        self._left: list[_Left] = []

    def load(self, raw: bytes, now_ms: int) -> None:
        """This report goes to all numbers."""
        self.raw = raw
        self._left = [_Left(number, now_ms) for number in self._numbers]

    def next_number(self, now_ms: int) -> str | None:
        """Whom to text now."""
        return next((left.number for left in self._left if left.due_ms <= now_ms), None)

    def outcome(self, number: str, outcome: int, now_ms: int) -> None:
        """What became of the text: `TEXT_SENT` … `TEXT_UNKNOWN`."""
        done, pause_ms, halt_ms = OUTCOMES[outcome]
        for left in self._left:
            left.due_ms = max(left.due_ms, now_ms + halt_ms)
            if left.number == number:
                left.due_ms = max(left.due_ms, now_ms + pause_ms)
                left.tries += outcome != TEXT_WAIT  # that one says nothing about the number
        self._left = [left for left in self._left if left.number != number or (not done and left.tries < TRIES)]

    def next_deadline(self) -> int | None:
        """Uptime at which `next_number` has one; None while nothing is left."""
        return min((left.due_ms for left in self._left), default=None)
