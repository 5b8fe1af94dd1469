"""Lets faults befall a running city, several at a time, for as long as it is told to."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

from kentongan_sim.chaos import deck
from kentongan_sim.chaos.deck import Fault
from kentongan_sim.chaos.victims import Air, Button, Cable, Centre, Gateway, Link, Victim
from kentongan_sim.city import City
from kentongan_sim.plan import SITES
from kentongan_sim.presser import Presser

AT_ONCE = 4  # faults that may overlap: with more, a run of few presses is one long outage


class Wrecker:
    """Breaks and mends.

    Args:
        city: a started one.
        presser: whose hands press the buttons.
        seed: of what befalls whom, when, and for how long.
        longest_s: of any fault.

    Attributes:
        done: how often each kind has really happened.
        shapes: what power cuts left of the gateways' newest transactions.
    """

    def __init__(self, city: City, presser: Presser, seed: int, longest_s: float) -> None:
        self.done: Counter[Fault] = Counter()
        self.shapes: Counter[str] = Counter()
        self._victims: list[Victim] = [
            Centre(city),
            *(Gateway(city, site.code, presser, self.shapes) for site in SITES),
            *(Link(city.uplinks[site.code]) for site in SITES),
            *(Cable(button) for button in city.buttons),
            *(Button(button, presser) for button in city.buttons),
            Air(city.telephones),
        ]
        self._fate = random.Random(f"{seed}/chaos")
        self._longest_s = longest_s
        self._room = asyncio.Semaphore(AT_ONCE)
        self._ending = asyncio.Event()

    @property
    def missing(self) -> list[Fault]:
        """Kinds that have not happened yet."""
        return [fault for fault in Fault if not self.done[fault]]

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
        while not await self._left_in_peace(deck.gap_s(fate)):
            async with self._room:
                if self._ending.is_set():
                    return
                fault = next(cards)
                while not await victim.suffer(fault, deck.lasts_s(fate, self._longest_s), fate):
                    if await self._left_in_peace(deck.gap_s(fate)):
                        return
                self.done[fault] += 1

    async def _left_in_peace(self, seconds: float) -> bool:
        """Wait; whether it is to end."""
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return False
        return True
