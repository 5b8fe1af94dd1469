"""A SIM with what it stores, as text: enough where nobody looks at a modem's bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

CAPACITY = 20  # messages that a SIM stores


@dataclass(frozen=True, slots=True)
class Stored:
    """A message on a SIM."""

    index: int
    text: str
    sender: str


class SimCard:
    """Outlives every restart of what it is in.

    Attributes:
        dead: its modem is broken, out of power or out of reach.
    """

    def __init__(self, number: str) -> None:
        self.number = number
        self.dead = False
        self.messages: dict[int, Stored] = {}
        self.on_message: Callable[[], None] = lambda: None
        self._next = 1

    def receive(self, sender: str, text: str) -> bool:
        """False while there is no room, or nobody to take it."""
        if self.dead or len(self.messages) >= CAPACITY:
            return False
        self.messages[self._next] = Stored(self._next, text, sender)
        self._next += 1
        self.on_message()
        return True

    def repair(self) -> None:
        """Its modem works again."""
        self.dead = False
