"""Buttons whom faults befall: the thing itself, with its power and its processor."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable

from kentongan_sim.chaos import deck
from kentongan_sim.chaos.deck import Fault
from kentongan_sim.chaos.victims import Victim
from kentongan_sim.errors import SimError
from kentongan_sim.presser import Presser
from kentongan_sim.virtual_button import Trace, VirtualButton

BITTEN_S = 120.0  # bounds watchdog (8 s), restart and start of a board on a loaded machine
MOMENT_S = 3.0  # how long a moment of a press is waited for at which a fault strikes; then it strikes anyhow
DECIDED = "pressed"  # trace of the decision, which is in the journal by then
MOMENTS = (DECIDED, "puback", "stored", "receipt")  # traces of a press at which a button's power is cut
TAKEN_S = 0.05  # five samples of the firmware: what stands at its pins for so long, it has taken
IN_PRESS_SHARE = 0.5  # of the other faults: they strike right after a decision, the others while no hand is on it


class Button(Victim):
    """A button.

    Nothing befalls it in the middle of a gesture before the decision: of a gesture that the fault
    eats nobody could tell whether it was a press.
    """

    kinds = deck.BUTTON

    def __init__(self, button: VirtualButton, presser: Presser) -> None:
        self.name = button.name
        self.buttons = (button,)
        self._button = button
        self._presser = presser

    async def suffer(self, fault: Fault, lasts_s: float, fate: random.Random) -> bool:
        if fault is Fault.BUTTON_CUT_IN_PRESS:
            await self._presser.press(self._button, self._struck(fault, lasts_s, fate.choice(MOMENTS)))
            return True
        if fate.random() < IN_PRESS_SHARE:
            await self._presser.press(self._button, self._struck(fault, lasts_s, DECIDED))
            return True
        async with self._presser.resting(self._button):
            if not self._button.view.awake:
                return False
            await self._break(fault, lasts_s)
        return True

    @contextlib.asynccontextmanager
    async def _struck(self, fault: Fault, lasts_s: float, moment: str) -> AsyncIterator[None]:
        """Around a press: the fault strikes at this moment of it and is mended after the gesture.

        A cut of the power strikes at once. A processor stops when it has taken the edges of the closure: one that
        meets it again after the stop is a press of its own to the firmware, which is in doubt (ADR 7).
        """
        button = self._button
        told = button.expect(moment_of_next_press(moment))
        striking: asyncio.Future[Trace] | asyncio.Task[None] = told
        if fault in {Fault.BUTTON_POWER_CUT, Fault.BUTTON_CUT_IN_PRESS}:
            told.add_done_callback(lambda future: None if future.cancelled() else button.kill_now())
        else:
            settled = button.expect(lambda _: all(button.panel.comparators))
            striking = asyncio.create_task(self._hang_when_taken(told, settled))
        yield
        await asyncio.wait({striking}, timeout=MOMENT_S)
        striking.cancel()
        await self._break(fault, lasts_s)

    async def _hang_when_taken(self, told: asyncio.Future[Trace], settled: asyncio.Future[Trace]) -> None:
        await asyncio.gather(told, settled)
        await asyncio.sleep(TAKEN_S)
        self._button.hang()

    async def _break(self, fault: Fault, lasts_s: float) -> None:
        button = self._button
        if fault is Fault.BUTTON_FROZEN:
            button.hang()
            await asyncio.sleep(lasts_s)
            button.thaw()
        elif fault is Fault.BUTTON_HUNG:
            bitten = button.expect(lambda trace: trace.name == "watchdog-bite")
            awake = button.expect(lambda trace: trace.name == "running")
            button.hang()
            _, late = await asyncio.wait({bitten, awake}, timeout=BITTEN_S)
            if late:
                raise SimError(f"{button.name}: its watchdog did not bring it back within {BITTEN_S:g} s")
        else:
            await button.cut_power()
            await asyncio.sleep(lasts_s)
            await button.power_on()


def moment_of_next_press(moment: str) -> Callable[[Trace], bool]:
    """Whether a trace is this moment of the first press decided from now on.

    What comes late of the press before is none of it: a strike then would eat the gesture under way.
    """
    nonce: str | None = None

    def reached(trace: Trace) -> bool:
        nonlocal nonce
        if trace.name == DECIDED and nonce is None:
            nonce = trace.values["nonce"]
        return trace.name == moment and nonce is not None and trace.values.get("nonce") == nonce

    return reached
