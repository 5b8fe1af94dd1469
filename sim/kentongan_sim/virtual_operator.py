"""An operator at the desk who answers what rings, after a human delay. Seeded; over the public API only."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from kentongan_sim.console_client import ConsoleClient, ConsoleError, UnreachableError
from kentongan_sim.evidence import Evidence, StreamSeen, now_ms

ANSWER_S = (0.2, 1.5)  # from the row on the screen to the key: shorter than a person, so that a run ends
CLOSE_S = (0.2, 1.0)  # from the answer to the outcome
CLOSED_SHARE = 0.5  # of the incidents; the others stay open, so that presses join what somebody owns
AGAIN_S = 0.3  # between two tries while the centre does not answer
INSIST_S = 180.0  # bounds several restarts of a centre, one after another, on a loaded machine
OUTCOMES = (
    ("real", "robbery"),
    ("false", "pressed-by-mistake"),
    ("test", "announced"),
    ("no-one-found", "nobody-there"),
)  # with a cause of each
CONFLICT = 409  # the screen was behind: somebody pressed again in between, or it is closed already

Incident = dict[str, Any]


class VirtualOperator:
    """Give `note` every event of the stream."""

    def __init__(self, console: ConsoleClient, evidence: Evidence, fate: random.Random) -> None:
        self._console = console
        self._evidence = evidence
        self._fate = fate
        self._screen: dict[int, Incident] = {}
        self._hands: dict[int, asyncio.Task[None]] = {}
        self.refused = 0  # answers and closings of what was not any more as the screen had it
        self.failure: BaseException | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing rings on the screen and no hand is on the way."""
        return not self._hands and not any(incident["ringing"] for incident in self._screen.values())

    def note(self, seen: StreamSeen) -> None:
        """Something changed on the screen."""
        if seen.event == "incident":
            self.show(seen.data["incident"])

    def show(self, incident: Incident) -> None:
        """An incident as the screen has it now; a ringing one is answered after a while."""
        number = incident["id"]
        self._look(incident)
        if self._screen[number]["ringing"] and number not in self._hands:
            hand = asyncio.create_task(self._handle(number), name=f"operator, incident {number}")
            self._hands[number] = hand
            hand.add_done_callback(lambda done: self._done(number, done))

    async def stop(self) -> None:
        """Take the hands off."""
        hands = list(self._hands.values())
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)

    async def _handle(self, number: int) -> None:
        await asyncio.sleep(self._fate.uniform(*ANSWER_S))
        if await self._acknowledge(number) and self._fate.random() < CLOSED_SHARE:
            await asyncio.sleep(self._fate.uniform(*CLOSE_S))
            await self._close(number)

    def _look(self, incident: Incident) -> None:
        """The screen has the newest that anybody told, the stream or the answer to a key; either may be behind.

        A bell that was silent for a while rings without a new version: then the history is longer.
        """
        known = self._screen.get(incident["id"])
        if known is None or _age(known) <= _age(incident):
            self._screen[incident["id"]] = incident

    async def _acknowledge(self, number: int) -> bool:
        """Answers what is on the screen when the key goes down, not what came a moment later; whether it was taken."""
        shown = self._screen[number]
        alarms, version = shown["alarms"], shown["version"]
        at_ms = now_ms()
        try:
            self._look(await self._insist(lambda: self._console.acknowledge(number, version)))
        except ConsoleError as refusal:
            await self._refused(number, refusal)
            return False
        for alarm in alarms:
            if alarm["device"] is None:  # of many sites at once: no button's
                continue
            self._evidence.note_acknowledged((int(alarm["device"], 16), alarm["sequence"], alarm["nonce"]), at_ms)
        return True

    async def _close(self, number: int) -> None:
        try:
            outcome, cause = self._fate.choice(OUTCOMES)
            version = self._screen[number]["version"]
            self._look(await self._insist(lambda: self._console.finish_plan(number)))
            self._look(await self._insist(lambda: self._console.close(number, version, outcome, cause)))
        except ConsoleError as refusal:
            await self._refused(number, refusal)

    async def _refused(self, number: int, refusal: ConsoleError) -> None:
        """Load it again, as the centre says.

        Raises:
            ConsoleError: it was refused for another reason.
        """
        if refusal.status != CONFLICT:
            raise refusal
        self.refused += 1
        self._look(await self._insist(lambda: self._console.incident(number)))

    @staticmethod
    async def _insist(action: Callable[[], Awaitable[Incident]]) -> Incident:
        """A person presses the key again while the centre is away."""
        async with asyncio.timeout(INSIST_S):
            while True:
                try:
                    return await action()
                except UnreachableError:
                    await asyncio.sleep(AGAIN_S)

    def _done(self, number: int, hand: asyncio.Task[None]) -> None:
        del self._hands[number]
        if hand.cancelled():
            return
        if hand.exception() is not None:
            self.failure = hand.exception()
        elif self._screen[number]["ringing"]:  # a press came while the hand was busy
            self.show(self._screen[number])


def _age(incident: Incident) -> tuple[int, int]:
    return incident["version"], incident["position"]
