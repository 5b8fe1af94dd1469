"""Lets faults befall a running city, several at a time, for as long as it is told to."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from kentongan_sim.chaos import deck
from kentongan_sim.chaos.boards import Button
from kentongan_sim.chaos.deck import Fault
from kentongan_sim.chaos.victims import Air, Cable, Centre, Gateway, Link, Victim
from kentongan_sim.evidence import Evidence, now_ms
from kentongan_sim.headless import RECEIVED, Run
from kentongan_sim.plan import SITES

AT_ONCE = 5  # faults that may overlap: with more, a run of few presses is one long outage
AIMED_SHARE = 0.5  # of the faults: they wait for a decision of a button they concern, and strike then
HASTE = 0.25  # of the pauses, when only what is missing is left: nobody else needs the victims then
AIM_S = 3.0  # how long they wait for it; each button is pressed about every two seconds


class Wrecker:
    """Breaks and mends.

    Args:
        run: over a started city; its hands press the buttons.
        seed: of what befalls whom, when, and for how long.
        longest_s: of any fault.
        say: is told each fault's beginning and end.

    Attributes:
        done: how often each kind has really happened.
        met: how often each of them met a press in flight.
        shapes: what power cuts left of the gateways' newest transactions.
    """

    def __init__(self, run: Run, seed: int, longest_s: float, say: Callable[[str], None] = lambda _: None) -> None:
        self.done: Counter[Fault] = Counter()
        self.met: Counter[Fault] = Counter()
        self.shapes: Counter[str] = Counter()
        city, presser = run.city, run.presser
        self._victims: list[Victim] = [
            Centre(city),
            *(Gateway(city, site.code, presser, self.shapes) for site in SITES),
            *(Link(city.uplinks[site.code], city.buttons_of(site)) for site in SITES),
            *(Cable(button) for button in city.buttons),
            *(Button(button, presser) for button in city.buttons),
            Air(city.telephones, city.buttons),
        ]
        self._evidence = run.evidence
        self._fate = random.Random(f"{seed}/chaos")
        self._longest_s = longest_s
        self._say = say
        self._room = asyncio.Semaphore(AT_ONCE)
        self._ending = asyncio.Event()
        self._only_missing = False

    @property
    def missing(self) -> list[Fault]:
        """Kinds that have not met a press yet."""
        return [fault for fault in Fault if not self.met[fault]]

    def complete(self) -> None:
        """From now on only what is missing."""
        self._only_missing = True

    def end(self) -> None:
        """Begin nothing new; `run` returns when all is mended."""
        self._ending.set()

    async def run(self) -> None:
        """Break and mend until told to end.

        Raises:
            SimError: something did not come back.
        """
        decks: dict[tuple[Fault, ...], Iterator[Fault]] = {}
        async with asyncio.TaskGroup() as group:
            for victim in self._victims:
                # Victims of one kind share a deck: soon every fault has befallen somebody.
                cards = decks.setdefault(victim.kinds, deck.deal(victim.kinds, self._fate))
                group.create_task(self._haunt(victim, cards), name=f"chaos, {victim.name}")

    async def _haunt(self, victim: Victim, cards: Iterator[Fault]) -> None:
        fate = random.Random(self._fate.getrandbits(64))
        while not await self._left_in_peace(self._gap_s(fate)):
            async with self._room:
                if self._ending.is_set():
                    return
                fault = self._draw(victim, cards)
                if fault is None:
                    continue
                if fate.random() < AIMED_SHARE:
                    await _aim(victim)
                began_ms = now_ms()
                self._say(f"{victim.name}: {fault.value}")
                while not await victim.suffer(fault, deck.lasts_s(fate, self._longest_s), fate):
                    if await self._left_in_peace(self._gap_s(fate)):
                        return
                self._note(victim, fault, began_ms)

    def _gap_s(self, fate: random.Random) -> float:
        return deck.gap_s(fate) * (HASTE if self._only_missing else 1.0)

    def _draw(self, victim: Victim, cards: Iterator[Fault]) -> Fault | None:
        if not self._only_missing:
            return next(cards)
        wanted = set(victim.kinds) & set(self.missing)
        # Of two rounds of the deck at least one is whole.
        return next((fault for fault in itertools.islice(cards, 2 * len(victim.kinds)) if fault in wanted), None)

    def _note(self, victim: Victim, fault: Fault, began_ms: float) -> None:
        self.done[fault] += 1
        met = in_flight(self._evidence, {button.device for button in victim.buttons}, began_ms)
        self.met[fault] += met
        self._say(f"{victim.name}: no longer {fault.value}{', a press was in flight' if met else ''}")

    async def _left_in_peace(self, seconds: float) -> bool:
        """Wait; whether it is to end."""
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return False
        return True


def in_flight(evidence: Evidence, devices: Collection[int], since_ms: float) -> bool:
    """Whether since then a press of these buttons was under way: decided, and its guard did not know it received.

    A later press that is known to be received hides an earlier one; so some are taken for arrived too soon.
    """
    known: dict[int, float] = {}
    for lamp in evidence.lamps:
        if lamp.shown >= RECEIVED and lamp.at_ms < since_ms:
            known[lamp.identity[0]] = lamp.at_ms
    return any(
        identity[0] in devices and at_ms > known.get(identity[0], 0.0) for identity, at_ms in evidence.pressed.items()
    )


async def _aim(victim: Victim) -> None:
    """Wait for the decision of a press that the victim concerns, not for ever."""
    decisions = [button.expect(lambda trace: trace.name == "pressed") for button in victim.buttons]
    await asyncio.wait(decisions, timeout=AIM_S, return_when=asyncio.FIRST_COMPLETED)
    for decision in decisions:
        decision.cancel()
