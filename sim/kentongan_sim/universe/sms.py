"""The SMS network and everybody's modem, as far as the roads see them: texts with an outcome, and a SIM's storage."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable

from kentongan_server.domain.sms_queue import Outcome
from kentongan_sim.universe.at_modem import AtCard, AtModem
from kentongan_sim.universe.clockwork import Process, VirtualLoop
from kentongan_sim.universe.links import Profile
from kentongan_sim.universe.sim_cards import SimCard, Stored
from kentongan_wire.at_engine import FAULT_NONE, FAULT_SILENT
from kentongan_wire.second_path import TEXT_REROUTE, TEXT_RETRY, TEXT_SENT, TEXT_UNKNOWN, TEXT_WAIT

SEND_MS = (1_500, 4_500)  # a modem's exchange for one message
DELAY_MS = (800, 6_000)  # on a good day
FULL_RETRY_MS = 60_000  # how soon the network tries a full SIM, or one without a modem, again
OUTCOMES = {
    TEXT_SENT: Outcome.SENT,
    TEXT_RETRY: Outcome.RETRY,
    TEXT_REROUTE: Outcome.REROUTE,
    TEXT_WAIT: Outcome.WAIT,
    TEXT_UNKNOWN: Outcome.UNKNOWN,
}


class VirtualSms:
    """Between all SIMs.

    Attributes:
        out: no service for anybody.
        profile: what happens to messages that were taken.
        refused: in thousandths, how often a message is not taken.
        unknown: in thousandths, how often the sender is left without an answer.
        odd_sends: how often a modem's exchange ended oddly.
        on_stored: shown (card, text) of each message that its program lets go from the SIM.

    Args:
        down_to_bytes: everybody's modem is an emulated one with the AT engine before it.
    """

    def __init__(
        self, loop: VirtualLoop, draw: random.Random, tap: Callable[[str, bytes], None], *, down_to_bytes: bool = False
    ) -> None:
        self.loop = loop
        self.odd_sends = 0
        self.on_stored: Callable[[SimCard, str], None] = lambda _card, _text: None
        self._down_to_bytes = down_to_bytes
        self.out = False
        self.profile = Profile(delay_ms=DELAY_MS)
        self.refused = 0
        self.unknown = 0
        self.taken = 0
        self.delivered = 0
        self.sentences = 0
        self.cards: dict[str, SimCard] = {}
        self._draw = draw
        self._tap = tap

    def card(self, number: str) -> SimCard:
        """The SIM with this number, made when it is new."""
        if number not in self.cards:
            draw = random.Random(f"{number} {self._draw.getrandbits(32)}")
            self.cards[number] = AtCard(number, self, draw) if self._down_to_bytes else SimCard(number)
        return self.cards[number]

    def mend(self) -> None:
        """A good day again."""
        self.out = False
        self.profile = Profile(delay_ms=DELAY_MS)
        self.refused = self.unknown = 0
        for card in self.cards.values():
            card.repair()

    def submit(self, sender: str, number: str, text: str) -> int:
        """A modem hands a message over; what it is told is `TEXT_…`."""
        draw = self._draw
        if self.out:
            return TEXT_WAIT
        if self.refused and draw.randrange(1000) < self.refused:
            return draw.choice((TEXT_RETRY, TEXT_REROUTE, TEXT_WAIT))
        if self.unknown and not self._down_to_bytes and draw.randrange(1000) < self.unknown:
            if draw.randrange(2):
                self._carry(sender, number, text)
            return TEXT_UNKNOWN
        self._carry(sender, number, text)
        return TEXT_SENT

    def _carry(self, sender: str, number: str, text: str) -> None:
        profile, draw = self.profile, self._draw
        self.taken += 1
        self._tap("sms", f"{number} {text}".encode())
        if profile.loss and draw.randrange(1000) < profile.loss:
            return
        copies = 2 if profile.double and draw.randrange(1000) < profile.double else 1
        for _ in range(copies):
            wait_ms = draw.randint(*profile.delay_ms) + profile.withhold_ms
            arriving = text
            if profile.corrupt and draw.randrange(1000) < profile.corrupt:
                at = draw.randrange(len(text))
                arriving = text[:at] + draw.choice("ABC234xyz ") + text[at + 1 :]
            self.loop.after(wait_ms, self.loop.nature, self.deliver, sender, number, arriving)

    def deliver(self, sender: str, number: str, text: str) -> None:
        """It arrives, or waits for room."""
        card = self.cards.get(number)
        if card is None:
            self.sentences += 1  # a duty phone: somebody reads it
        elif card.receive(sender, text):
            self.delivered += 1
        else:
            self.loop.after(FULL_RETRY_MS, self.loop.nature, self.deliver, sender, number, text)


class VirtualModem:
    """What a process has of its modem: `text_modem.TextModem` and `sms_out.Line`.

    Args:
        sent: told before each text is tried.
    """

    def __init__(
        self,
        network: VirtualSms,
        process: Process,
        card: SimCard,
        draw: random.Random,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.card = card
        self._network = network
        self._process = process
        self._draw = draw
        self._news = asyncio.Event()
        self._given: set[int] = set()
        self.on_change = on_change
        card.on_message = self._arrived

    @property
    def name(self) -> str:
        return self.card.number

    @property
    def operator(self) -> str:
        return self.card.number[:6]

    @property
    def ready(self) -> bool:
        return not self.card.dead

    works = ready

    @property
    def fault(self) -> int:
        return FAULT_SILENT if self.card.dead else FAULT_NONE

    @property
    def signal_dbm(self) -> int:
        return -70

    async def send(self, number: str, text: str) -> int:
        """See `TextModem`."""
        loop = self._network.loop
        answered: asyncio.Future[int] = loop.create_future()
        loop.after(self._draw.randint(*SEND_MS), loop.nature, self._submit, number, text, answered)
        return await answered

    def _submit(self, number: str, text: str, answered: asyncio.Future[int]) -> None:
        """The modem's own doing: it goes out even when the program was killed meanwhile."""
        outcome = TEXT_RETRY if self.card.dead else self._network.submit(self.card.number, number, text)
        self._network.loop.after(0, self._process, _answer, answered, outcome)

    async def messages(self) -> AsyncIterator[Stored]:
        """See `TextModem`: what is not `stored` comes again with the next run, and after a while."""
        while True:
            for index in sorted(self.card.messages):
                if index not in self._given:
                    self._given.add(index)
                    yield self.card.messages[index]
            self._news.clear()
            if not any(index not in self._given for index in self.card.messages):
                await self._news.wait()

    def stored(self, index: int) -> None:
        message = self.card.messages.pop(index, None)
        if message is not None:
            self._network.on_stored(self.card, message.text)
        self._given.discard(index)

    def again(self) -> None:
        """The minute's look at the storage: what is still there is given out once more."""
        self._given.clear()
        if self.card.messages:
            self._news.set()

    def _arrived(self) -> None:
        self._network.loop.after(0, self._process, self._news.set)


class CentreLine(VirtualModem):
    """The same with the centre's words for outcomes."""

    async def send(self, number: str, text: str) -> Outcome:  # type: ignore[override]
        return OUTCOMES[await super().send(number, text)]


class AtCentreLine(AtModem):
    """The same, down to its bytes."""

    async def send(self, number: str, text: str) -> Outcome:  # type: ignore[override]
        return OUTCOMES[await super().send(number, text)]


def modem_of(
    network: VirtualSms, process: Process, card: SimCard, draw: random.Random, on_change: Callable[[], None]
) -> VirtualModem | AtModem:
    """What a program has of the modem with this card."""
    if isinstance(card, AtCard):
        return AtModem(network, process, card, on_change)
    return VirtualModem(network, process, card, draw, on_change)


def centre_line_of(
    network: VirtualSms, process: Process, card: SimCard, draw: random.Random
) -> CentreLine | AtCentreLine:
    """The same for the centre."""
    if isinstance(card, AtCard):
        return AtCentreLine(network, process, card)
    return CentreLine(network, process, card, draw)


def _answer(future: asyncio.Future[int], outcome: int) -> None:
    if not future.done():
        future.set_result(outcome)
