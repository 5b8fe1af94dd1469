"""The SMS network: late, lossy, out of order, doubling, and out of service when told so. No I/O, no clock."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

RETRY_MS = 60_000  # how often the service centre tries a phone that is full or away again, unless it hears of it
VALID_MS = 24 * 3_600_000  # how long it tries: what +CSMP=17,167 asks for
KEPT = 100_000  # deliveries that the report remembers

NO_NETWORK = 331  # +CMS ERROR numbers (3GPP TS 27.005 §3.2.5, 24.011 annex E-2)
CONGESTION = 42
UNKNOWN_NUMBER = 1


class SubmitError(Exception):
    """The network does not take a message; `code` is the number for +CMS ERROR."""

    def __init__(self, code: int) -> None:
        super().__init__(f"+CMS ERROR: {code}")
        self.code = code


@dataclass(frozen=True)
class Conditions:
    """What the network does to messages.

    Attributes:
        least_ms: no message is faster.
        mean_ms: mean of what comes on top, exponentially distributed; so order is not kept.
        lost: probability that a message vanishes after it was taken.
        doubled: probability that it arrives twice.
        late: probability that it takes up to `late_ms` (uniform) instead.
        late_ms: hours, on a bad day.
    """

    least_ms: float = 800.0
    mean_ms: float = 1_500.0
    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    late_ms: float = 3_600_000.0


PROMPT = Conditions(least_ms=1.0, mean_ms=0.0)  # for tests that are about something else


@dataclass(frozen=True)
class Message:
    """One message on its way, or arrived.

    Attributes:
        number: the addressee's.
        submitted_ms: when the network took it; also the time stamp that the addressee is shown.
        delivered_ms: when the addressee had it; -1 while it is on its way.
        copy: 0, or 1 for the second of a doubled one.
    """

    identity: int
    sender: str
    number: str
    text: str
    submitted_ms: int
    delivered_ms: int = -1
    copy: int = 0

    @property
    def transit_ms(self) -> int:
        """How long the network had it."""
        return self.delivered_ms - self.submitted_ms


@dataclass(frozen=True)
class Fate:
    """What a script decides about one message: `delays_ms` has one entry a copy, none for a lost one."""

    delays_ms: tuple[float, ...]


Receiver = Callable[[Message], bool]
Script = Callable[[Message], Fate | None]


@dataclass
class Phone:
    """A plain phone: somebody reads its messages."""

    number: str
    received: list[Message] = field(default_factory=list)

    def receive(self, message: Message) -> bool:
        self.received.append(message)
        return True

    def texts(self) -> list[str]:
        return [message.text for message in self.received]


@dataclass
class _Line:
    operator: str
    receive: Receiver


class SmsNetwork:
    """Numbers of several operators and what passes between them.

    Attributes:
        conditions: what happens to messages from now on.
        counts: `submitted`, `refused`, `lost`, `doubled`, `late`, `delivered`, `waited`, `expired`.
        delivered: what has arrived, oldest first (the newest KEPT).
        script: asked about every message first; None leaves it to `conditions`.
        on_delivered: told of every message that arrives.

    Args:
        random: decides everything that is left to chance.
    """

    def __init__(self, random: Random, conditions: Conditions | None = None) -> None:
        self.conditions = conditions or Conditions()
        self.counts: Counter[str] = Counter()
        self.delivered: deque[Message] = deque(maxlen=KEPT)
        self.script: Script | None = None
        self.on_delivered: Callable[[Message], None] = lambda _message: None
        self._random = random
        self._lines: dict[str, _Line] = {}
        self._outages: set[str] = set()
        self._flying: list[tuple[int, int, Message]] = []
        self._order = itertools.count()
        self._identity = itertools.count(1)

    def attach(self, number: str, operator: str, receive: Receiver) -> None:
        """A modem's SIM: `receive` answers False while it is away or full."""
        self._lines[number] = _Line(operator, receive)

    def add_phone(self, number: str, operator: str = "other") -> Phone:
        """A number whose messages the caller reads."""
        phone = Phone(number)
        self.attach(number, operator, phone.receive)
        return phone

    def set_outage(self, operator: str, now_ms: int, *, out: bool) -> None:
        """An operator's network goes or comes back; what was on its way to its numbers waits."""
        if out:
            self._outages.add(operator)
            return
        self._outages.discard(operator)
        for number, line in self._lines.items():
            if line.operator == operator:
                self.wake(number, now_ms)

    def in_service(self, operator: str) -> bool:
        return operator not in self._outages

    def submit(self, sender: str, number: str, text: str, now_ms: int) -> int:
        """Take a message; returns its reference, 0…255.

        Raises:
            SubmitError: the sender's operator is out of service, or nobody has that number.
        """
        line = self._lines.get(sender)
        if line is None or not self.in_service(line.operator):
            self.counts["refused"] += 1
            raise SubmitError(NO_NETWORK)
        if number not in self._lines:
            self.counts["refused"] += 1
            raise SubmitError(UNKNOWN_NUMBER)
        message = Message(next(self._identity), sender, number, text, now_ms)
        self.counts["submitted"] += 1
        fate = (self.script(message) if self.script else None) or self._fate()
        if not fate.delays_ms:
            self.counts["lost"] += 1
        for copy, delay_ms in enumerate(fate.delays_ms):
            self.counts["doubled"] += copy > 0
            self._fly(replace(message, copy=copy), now_ms + int(delay_ms))
        return message.identity & 0xFF

    def next_deadline(self) -> int | None:
        """When something arrives next."""
        return self._flying[0][0] if self._flying else None

    def tick(self, now_ms: int) -> None:
        """Deliver what is due."""
        while self._flying and self._flying[0][0] <= now_ms:
            _, _, message = heapq.heappop(self._flying)
            self._arrive(message, now_ms)

    def wake(self, number: str, now_ms: int) -> None:
        """A phone can receive again: what waits for it is due now."""
        waiting = [(due, order, message) for due, order, message in self._flying if message.number == number]
        for due, order, message in waiting:
            if message.delivered_ms == _WAITING:
                self._flying.remove((due, order, message))
                self._flying.append((now_ms, order, message))
        heapq.heapify(self._flying)

    def transit_ms(self, text: str) -> int | None:
        """How long the network had the first message of this text that arrived; None when none has."""
        times = [message.transit_ms for message in self.delivered if message.text == text]
        return times[0] if times else None

    def _fate(self) -> Fate:
        conditions = self.conditions
        if self._random.random() < conditions.lost:
            return Fate(())
        copies = 1 + (self._random.random() < conditions.doubled)
        return Fate(tuple(self._delay_ms() for _ in range(copies)))

    def _delay_ms(self) -> float:
        conditions = self.conditions
        if self._random.random() < conditions.late:
            self.counts["late"] += 1
            return self._random.uniform(conditions.least_ms, conditions.late_ms)
        extra_ms = self._random.expovariate(1 / conditions.mean_ms) if conditions.mean_ms > 0 else 0.0
        return conditions.least_ms + extra_ms

    def _fly(self, message: Message, due_ms: int) -> None:
        heapq.heappush(self._flying, (due_ms, next(self._order), message))

    def _arrive(self, message: Message, now_ms: int) -> None:
        line = self._lines[message.number]
        arrived = replace(message, delivered_ms=now_ms)
        if self.in_service(line.operator) and line.receive(arrived):
            self.counts["delivered"] += 1
            self.delivered.append(arrived)
            self.on_delivered(arrived)
        elif now_ms - message.submitted_ms >= VALID_MS:
            self.counts["expired"] += 1
        else:
            self.counts["waited"] += 1
            self._fly(replace(message, delivered_ms=_WAITING), now_ms + RETRY_MS)


_WAITING = -2  # in `delivered_ms` of a message that was tried and not taken
