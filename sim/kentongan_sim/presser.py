"""Fingers that press at random: a plan drawn from a seed, and the hand that carries it out."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Evidence, now_ms
from kentongan_sim.virtual_button import VirtualButton

GAP_MS = 350.0  # mean time between two presses in the city: far more than a real one ever sees
SPACING_MS = 1_100.0  # presses of one latch that are closer than 1 s are one press (firmware, PRESS_SPACING_MS)
KEY_SHARE = 0.5  # of the repeated presses of a button: the guard turned the key in between
DECIDED_S = 5.0  # bounds the decision on a loaded machine; beyond it the press is missed
ROOM = 28  # presses without a receipt after which a hand waits: a journal holds 32, and merges what comes on top
ROOM_S = 60.0  # bounds that wait
LOOK_S = 0.1  # how often it is looked at
POWER_S = 30.0  # bounds the wait for a button that is just being powered again


@dataclass(frozen=True)
class PlannedPress:
    """Press `button` (an index) `gap_ms` after the plan's previous one, after turning its key or not."""

    button: int
    gap_ms: float
    turn_key: bool


def plan(presses: int, buttons: int, seed: int) -> list[PlannedPress]:
    """The presses of a run, the same for the same seed."""
    fate = random.Random(f"{seed}/presses")
    return [
        PlannedPress(fate.randrange(buttons), fate.expovariate(1 / GAP_MS), fate.random() < KEY_SHARE)
        for _ in range(presses)
    ]


class Presser:
    """Carries a plan out; presses of different buttons may overlap, those of one never do."""

    def __init__(self, buttons: Sequence[VirtualButton], evidence: Evidence) -> None:
        self._buttons = buttons
        self._evidence = evidence
        self._hands = {button.device: asyncio.Lock() for button in buttons}
        self._pressed_ms = {button.device: -SPACING_MS for button in buttons}
        self._decided: set[int] = set()

    async def run(self, presses: Sequence[PlannedPress]) -> None:
        """Press everything that was planned and wait for every decision."""
        async with asyncio.TaskGroup() as group:
            for planned in presses:
                await asyncio.sleep(planned.gap_ms / 1000)
                group.create_task(self._press(self._buttons[planned.button], turn_key=planned.turn_key))

    async def press(
        self, button: VirtualButton, around: contextlib.AbstractAsyncContextManager[None] | None = None
    ) -> None:
        """One press by itself.

        Args:
            button: which.
            around: entered when it is this press's turn, left after the decision, before any other hand is on
                the button.
        """
        await self._press(button, turn_key=False, around=around)

    @contextlib.asynccontextmanager
    async def resting(self, button: VirtualButton) -> AsyncIterator[None]:
        """While open, no hand is on this button."""
        async with self._hands[button.device]:
            yield

    async def _press(
        self,
        button: VirtualButton,
        *,
        turn_key: bool,
        around: contextlib.AbstractAsyncContextManager[None] | None = None,
    ) -> None:
        async with self._hands[button.device]:
            await self._room(button)
            await self._power(button)
            if turn_key and button.device in self._decided:
                await button.turn_key()
            # In its first second a latched button takes a press for the one that latched it, too.
            since_ms = max(self._pressed_ms[button.device], button.view.awake_ms)
            wait_ms = since_ms + SPACING_MS - now_ms()
            if wait_ms > 0:
                await asyncio.sleep(wait_ms / 1000)
            async with around or contextlib.nullcontext():
                await self._push(button)

    async def _push(self, button: VirtualButton) -> None:
        decided = button.expect(lambda trace: trace.name in {"pressed", "power"})
        contact_ms = await button.push()
        self._evidence.asked.append((button.device, contact_ms))
        self._decided.add(button.device)
        # A decision that does not come is the oracle's to judge: it counts gestures and decisions.
        await asyncio.wait({decided}, timeout=DECIDED_S)
        self._pressed_ms[button.device] = decided.result().at_ms if decided.done() else now_ms()

    async def _room(self, button: VirtualButton) -> None:
        """A full journal counts a press with the one before: no press of its own could be expected."""
        deadline_ms = now_ms() + ROOM_S * 1000
        while self._evidence.unanswered(button.device) >= ROOM and now_ms() < deadline_ms:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)

    @staticmethod
    async def _power(button: VirtualButton) -> None:
        """A hand that finds a dead button waits until it lives: nothing could notice the press."""
        if button.view.awake:
            return
        await asyncio.wait({button.expect(lambda trace: trace.name == "running")}, timeout=POWER_S)
        if not button.view.awake:
            raise SimError(f"{button.name} stays dead")
