"""What can be wrong with an emulated modem. Faults are plain values; the model asks for them at the right moment."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum


class SendFault(Enum):
    """What goes wrong with one message that is being sent."""

    NO_PROMPT = "no prompt"
    REBOOT_BEFORE = "reboot before the network has it"
    REBOOT_AFTER = "reboot after the network has it"
    NO_ANSWER = "sent, but no final answer"
    VANISHES = "neither sent nor answered"


@dataclass
class Faults:
    """The faults of one modem.

    Attributes:
        hung: it takes every byte and says nothing, until it is switched off and on.
        dead: the same, whatever one does.
        noise: probability of a few random bytes before a piece of output.
        interject: unsolicited lines, one of which (at random) comes before each piece of output.
        slow: factor on the time of every answer.
        sends: what happens to the next messages, one after the other: a fault, a number for
            +CMS ERROR, or None for nothing.
        errors: numbers for +CMS ERROR of the next commands about stored messages.
    """

    hung: bool = False
    dead: bool = False
    noise: float = 0.0
    interject: tuple[str, ...] = ()
    slow: float = 1.0
    sends: deque[SendFault | int | None] = field(default_factory=deque)
    errors: deque[int] = field(default_factory=deque)

    def next_send(self) -> SendFault | int | None:
        return self.sends.popleft() if self.sends else None
