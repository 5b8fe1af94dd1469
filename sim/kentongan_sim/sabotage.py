"""Kills parts of a running city at chosen moments and starts them again, while presses go on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from kentongan_sim import process_table
from kentongan_sim.city import CENTRE, gateway_name
from kentongan_sim.errors import SimError
from kentongan_sim.headless import Run
from kentongan_sim.processes import Child
from kentongan_sim.virtual_button import VirtualButton

BROKER = "mosquitto"
HOLD = ":hold"  # a fail point that stops its process, so that its broker can be killed at that moment
EFFECT_S = 5.0  # how long one press is given to reach the fail point before the next one is made
TRIES_MAX = 36  # presses until the fail point must have been passed, through restarts on a loaded machine
MOMENT_S = 120.0  # bounds a press's way to its moment, through reconnections that are still under way
LOOK_S = 0.005  # how often the process table is looked at


class Saboteur:
    """Kills with -9. `deeds` lists what was done, so that a test knows that it happened.

    Args:
        run: the run in which it happens; its evidence judges the result.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.deeds: list[str] = []

    async def centre(self, failpoints: Sequence[str], buttons: Sequence[VirtualButton]) -> None:
        """Let the centre die at each of these fail points; it was started with the first one armed."""
        await self._through(CENTRE, failpoints, buttons, self._run.city.start_centre)

    async def gateway(self, site: str, failpoints: Sequence[str], buttons: Sequence[VirtualButton]) -> None:
        """Let a site's gateway die at each of these fail points; it was started with the first one armed."""

        async def start(failpoint: str) -> Child:
            return await self._run.city.start_gateway(site, failpoint)

        await self._through(gateway_name(site), failpoints, buttons, start)

    async def button(self, button: VirtualButton, moment: str) -> None:
        """Cut a button's power when it tells this trace of its next press; give it back at once."""

        @asynccontextmanager
        async def dying() -> AsyncIterator[None]:
            told = button.expect(lambda trace: trace.name == moment)
            told.add_done_callback(lambda _: button.kill_now())
            yield
            async with asyncio.timeout(MOMENT_S):
                await told
            await button.cut_power()
            self.deeds.append(f"{button.name} at {moment}")
            await button.power_on()

        await self._run.presser.press(button, dying())

    async def _through(
        self,
        name: str,
        failpoints: Sequence[str],
        buttons: Sequence[VirtualButton],
        start: Callable[[str], Awaitable[Child]],
    ) -> None:
        for failpoint, following in zip(failpoints, [*failpoints[1:], ""], strict=True):
            child = self._run.city.manager[name]
            child.expected_to_end = True
            if failpoint.endswith(HOLD):
                await self._press_until(partial(_is_held, child), failpoint, buttons)
                self._kill_broker(child)
                child.thaw()
                self.deeds.append(f"{name}: {BROKER} at {failpoint}")
                if not following:
                    child.expected_to_end = False
                    continue
                child.kill()
                await asyncio.wait({child.ended})
            else:
                await self._press_until(child.ended.done, failpoint, buttons)
                if child.ended.result().returncode != -signal.SIGKILL:
                    raise SimError(f"expected {name} to be killed at {failpoint}. {child.ended.result()}")
                self.deeds.append(f"{name} at {failpoint}")
            await start(following)

    @staticmethod
    def _kill_broker(child: Child) -> None:
        brokers = process_table.children(child.pid, BROKER)
        if len(brokers) != 1:
            raise SimError(f"expected one {BROKER} of {child.program.name}, found {len(brokers)}")
        os.kill(brokers[0], signal.SIGKILL)

    async def _press_until(
        self, happened: Callable[[], bool], failpoint: str, buttons: Sequence[VirtualButton]
    ) -> None:
        """Press in turn until it has happened."""
        for attempt in range(TRIES_MAX):
            await self._run.presser.press(buttons[attempt % len(buttons)])
            try:
                async with asyncio.timeout(EFFECT_S):
                    while not happened():  # noqa: ASYNC110 - the process table raises no event
                        await asyncio.sleep(LOOK_S)
            except TimeoutError:
                continue
            return
        raise SimError(f"{TRIES_MAX} presses did not reach the fail point {failpoint}")


def _is_held(child: Child) -> bool:
    return process_table.state(child.pid) == "T"
