"""A press whose Wi-Fi is gone: from the decision to the incident by SMS, without the emulated network's delay."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from bench.report import Row
from kentongan_sim.city import City
from kentongan_sim.console_client import ConsoleClient
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Identity, StreamSeen
from kentongan_sim.figures import figure, percentile
from kentongan_sim.plan import MODEMS, OPERATOR
from kentongan_sim.virtual_button import Trace, VirtualButton
from kentongan_sim.witness import identity_of
from kentongan_wire.armour_dense import sms_frame
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import parse
from kentongan_wire.press import Press, PressIdentity

STEP_S = 120.0  # bounds one step; a text that is lost for good ends the bench
READY_S = 120.0  # bounds the boot of all modems (16 s) on a loaded machine
LOOK_S = 0.2
UNPROVEN_S = 25.0  # after 20 s without an answer the path is unproven, and the text goes out at once
P95_MS = 3_000.0  # NUMBERS.md: SMS path press → incident, emulated network delay taken off
ABOUT = """\
The button's Wi-Fi is gone and its path unproven, so it texts at once; over a proven path it waits 2 s before. Two
modems are in the path, the button's and the centre's, with 0.6 s from the text to the network's word, as real ones
need. The delay that is taken off is the emulated network's own, of the text that arrived first; a real operator's
is another one."""
SPACING_S = 1.5  # the button takes presses that are closer than 1 s as one


class Arrivals:
    """When each press was first on the console's stream."""

    def __init__(self) -> None:
        self._at: dict[Identity, float] = {}
        self._news = asyncio.Event()

    def see(self, seen: StreamSeen) -> None:
        """One event of the stream."""
        if seen.event != "incident":
            return
        for alarm in seen.data["incident"]["alarms"]:
            if alarm["path"] == "sms" and alarm["device"] is not None:
                self._at.setdefault((int(alarm["device"], 16), alarm["sequence"], alarm["nonce"]), seen.at_ms)
        self._news.set()

    async def of(self, identity: Identity) -> float:
        """Wait for a press.

        Raises:
            TimeoutError: it did not come by SMS within `STEP_S`.
        """
        async with asyncio.timeout(STEP_S):
            while identity not in self._at:
                self._news.clear()
                await self._news.wait()
        return self._at[identity]


async def press_once(city: City, button: VirtualButton, arrivals: Arrivals) -> tuple[float, float]:
    """From decision to incident, ms: with and without the network's own delay."""
    telephones = city.telephones
    before = len(telephones.network.delivered)
    decided = button.expect(lambda trace: trace.name == "pressed")
    await button.push()
    press: Trace = await asyncio.wait_for(decided, STEP_S)
    pressed_ms = press.at_ms - press.values.get("after", 0)
    whole_ms = await arrivals.of(identity_of(button, press)) - pressed_ms
    centre = {modem.number for modem in MODEMS}
    delivered = list(telephones.network.delivered)[before:]
    carried = [one for one in delivered if one.number in centre and carries(one.text, identity_of(button, press))]
    return whole_ms, whole_ms - carried[0].transit_ms


def carries(text: str, identity: Identity) -> bool:
    """Whether a button's text is about this press."""
    try:
        frame = parse(sms_frame(text), (Press,))
    except FrameError:
        return False
    assert isinstance(frame.payload, Press)
    device, sequence, nonce = identity
    return frame.payload.identity(frame.device) == PressIdentity(device, sequence, bytes.fromhex(nonce))


async def drive(city: City, presses: int) -> list[tuple[float, float]]:
    """Cut every Wi-Fi, wait until every button knows that its path is unproven, press one after the other."""
    bank = city.telephones.bank
    async with asyncio.timeout(READY_S):
        while not all(modem.model.registered(bank.now_ms()) for modem in bank.modems.values()):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
    arrivals = Arrivals()
    async with ConsoleClient(city.console_url, OPERATOR, city.enrolled.password) as console:
        console.streamed_to, _ = await console.incidents("open")
        following = asyncio.create_task(console.follow(arrivals.see))
        try:
            for button in city.buttons:
                await button.set_wifi(up=False)
            await asyncio.sleep(UNPROVEN_S)
            times = []
            for number in range(presses):
                times.append(await press_once(city, city.buttons[number % len(city.buttons)], arrivals))
                await asyncio.sleep(SPACING_S)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    return times


async def run(presses: int) -> list[tuple[float, float]]:
    """A city of its own.

    Raises:
        SimError: a part of it failed.
    """
    failures: list[SimError] = []
    with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as folder:
        city = City(Path(folder) / "city", seed=1, on_trace=lambda *_: None, on_failure=failures.append)
        try:
            await city.build()
            await city.start()
            times = await drive(city, presses)
        finally:
            await city.stop()
    if failures:
        raise failures[0]
    return times


def measure(presses: int) -> list[Row]:
    """The rows of the second path."""
    times = asyncio.run(run(presses))
    return [
        _row("press → incident by SMS, the network's delay taken off", [own for _, own in times], {"p95": P95_MS}),
        _row("press → incident by SMS, with the emulated network's delay", [whole for whole, _ in times], {}),
    ]


def _row(name: str, samples: list[float], limits: dict[str, float]) -> Row:
    told = figure(samples)
    p95 = round(percentile(sorted(samples), 95), 1)
    return Row(name, "ms", {"n": told.n, "p50": told.p50, "p95": p95, "max": told.max}, limits)
