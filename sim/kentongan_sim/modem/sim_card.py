"""A SIM: number, PIN, stored messages, credit. It outlives the modem that it sits in."""

from __future__ import annotations

from dataclasses import dataclass, field

from kentongan_sim.modem.sms_network import Message

PIN_TRIES = 3
PUK_TRIES = 10
CAPACITY = 20  # messages that a common SIM holds; some hold 50

UNREAD = "REC UNREAD"
READ = "REC READ"


@dataclass
class Stored:
    """A message in one place of the storage."""

    message: Message
    status: str = UNREAD


@dataclass
class SimCard:
    """What a modem finds in its slot.

    Attributes:
        pin: "" when it asks for none.
        ussd: answers to codes such as `*888#`.
        ussd_ucs2: its network answers codes in UCS-2, whatever the modem was told.
    """

    number: str
    operator: str = "Telkomsel"
    pin: str = ""
    puk: str = "12345678"
    capacity: int = CAPACITY
    ussd: dict[str, str] = field(default_factory=dict)
    ussd_ucs2: bool = False
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES
    messages: dict[int, Stored] = field(default_factory=dict)

    @property
    def imsi(self) -> str:
        return "51010" + self.number[-10:].rjust(10, "0")

    @property
    def iccid(self) -> str:
        return "8962100" + self.number[-12:].rjust(12, "0")

    @property
    def full(self) -> bool:
        return len(self.messages) >= self.capacity

    def store(self, message: Message) -> int:
        """Put a message into the lowest free place and return that place."""
        place = next(place for place in range(self.capacity) if place not in self.messages)
        self.messages[place] = Stored(message)
        return place

    def try_pin(self, pin: str) -> bool:
        """One try; it counts."""
        if self.pin_tries > 0 and pin == self.pin:
            self.pin_tries = PIN_TRIES
            return True
        self.pin_tries = max(0, self.pin_tries - 1)
        return False

    def unblock(self, puk: str, new_pin: str) -> bool:
        if self.puk_tries > 0 and puk == self.puk:
            self.pin, self.pin_tries, self.puk_tries = new_pin, PIN_TRIES, PUK_TRIES
            return True
        self.puk_tries = max(0, self.puk_tries - 1)
        return False
