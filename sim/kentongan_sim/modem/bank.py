"""Any number of emulated modems in real time, on one event loop, joined by one SMS network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from kentongan_sim.modem.faults import Faults
from kentongan_sim.modem.model import ModemModel, Timing
from kentongan_sim.modem.ports import Port, PtyPort, TcpPort
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import Conditions, Phone, SmsNetwork


class BankModem:
    """One modem of a bank and where it is plugged in.

    Attributes:
        model: what it is and did; act through the bank's methods, which see to the clock.
        port: PtyPort or TcpPort.
    """

    def __init__(self, name: str, model: ModemModel, port: Port) -> None:
        self.name = name
        self.model = model
        self.port = port
        self.plugged = False

    @property
    def faults(self) -> Faults:
        """May be changed at any time."""
        return self.model.faults

    @property
    def path(self) -> str:
        """The serial port's name, for settings files."""
        assert isinstance(self.port, PtyPort)
        return str(self.port.link)

    @property
    def tcp_port(self) -> int:
        """The socket's port, for virtual boards."""
        assert isinstance(self.port, TcpPort)
        return self.port.port


class ModemBank:
    """Make it, `add_…` modems and phones, enter it; modems may also be added later with `plug`.

    Attributes:
        network: joins them; `network.transit_ms(text)` says how long it had a message.

    Args:
        seed: of everything that is left to chance.
        timing: how fast the modems are.
        conditions: how good the network is.
    """

    def __init__(self, *, seed: int, timing: Timing | None = None, conditions: Conditions | None = None) -> None:
        self.modems: dict[str, BankModem] = {}
        self._random = Random(seed)
        self.network = SmsNetwork(Random(self._random.random()), conditions)
        self._timing = timing
        self._started = time.monotonic()
        self._epoch_ms = int(time.time() * 1000)
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        for modem in self.modems.values():
            await self.plug(modem.name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for modem in self.modems.values():
            await self.unplug(modem.name)

    # --- who is there ------------------------------------------------------------------------

    def add_pty(self, name: str, sim: SimCard | None, link: Path, *, powered: bool = True) -> BankModem:
        """A modem on a serial port of this machine, named `link`."""
        return self._add(name, sim, PtyPort(link), powered=powered)

    def add_tcp(self, name: str, sim: SimCard | None, *, powered: bool = False) -> BankModem:
        """A modem on a virtual board: the board's UART is a socket; it is off until its key is pressed."""
        return self._add(name, sim, TcpPort(), powered=powered)

    def add_phone(self, number: str, operator: str = "other") -> Phone:
        """A number whose messages are read by the caller."""
        return self.network.add_phone(number, operator)

    async def plug(self, name: str) -> None:
        """Plug a modem in (again)."""
        modem = self.modems[name]
        if not modem.plugged:
            modem.plugged = True
            await modem.port.open(lambda data: self._take(modem, data))
            self._pump()

    async def unplug(self, name: str) -> None:
        """Pull its plug: its port vanishes; it keeps its power."""
        modem = self.modems[name]
        if modem.plugged:
            modem.plugged = False
            await modem.port.close()

    # --- what may happen to it ---------------------------------------------------------------

    def power_key(self, name: str, hold_ms: int) -> None:
        """Its power key was held that long and let go."""
        self.modems[name].model.power_key(hold_ms, self.now_ms())
        self._pump()

    def power_off(self, name: str) -> None:
        """Its supply is gone."""
        self.modems[name].model.power_off()
        self._pump()

    def reboot(self, name: str) -> None:
        """A brown-out."""
        self.modems[name].model.reboot(self.now_ms())
        self._pump()

    def set_radio(self, name: str, *, up: bool) -> None:
        """Its cell or antenna goes or comes back."""
        self.modems[name].model.set_radio(self.now_ms(), up=up)
        self._pump()

    def set_sim(self, name: str, sim: SimCard | None) -> None:
        """Its SIM is taken out or put in."""
        self.modems[name].model.set_sim(sim, self.now_ms())
        self._pump()

    def set_outage(self, operator: str, *, out: bool) -> None:
        """An operator's network goes or comes back."""
        self.network.set_outage(operator, self.now_ms(), out=out)
        self._pump()

    def text(self, sender: str, number: str, text: str) -> None:
        """A phone of `add_phone` texts somebody.

        Raises:
            SubmitError: the network does not take it.
        """
        self.network.submit(sender, number, text, self.now_ms())
        self._pump()

    def say(self, name: str, lines: Iterable[str]) -> None:
        """It says something unasked."""
        self.modems[name].model.say(*lines)
        self._pump()

    # --- time and bytes ----------------------------------------------------------------------

    def now_ms(self) -> int:
        """The bank's clock: ms since it was made."""
        return int((time.monotonic() - self._started) * 1000)

    def _add(self, name: str, sim: SimCard | None, port: Port, *, powered: bool) -> BankModem:
        random = Random(self._random.random())
        model = ModemModel(
            sim, self.network, random=random, timing=self._timing, epoch_ms=self._epoch_ms, powered=powered
        )
        self.modems[name] = BankModem(name, model, port)
        return self.modems[name]

    def _take(self, modem: BankModem, data: bytes) -> None:
        modem.model.receive(data, self.now_ms())
        self._pump()

    def _pump(self) -> None:
        """Do what is due, hand out what was said, and be back in time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now_ms = self.now_ms()
        self.network.tick(now_ms)
        for modem in self.modems.values():
            modem.model.tick(now_ms)
            out = modem.model.take_output()
            if out and modem.plugged:
                modem.port.write(out)
        due = [self.network.next_deadline(), *(modem.model.next_deadline() for modem in self.modems.values())]
        waits = [at_ms for at_ms in due if at_ms is not None]
        if waits and any(modem.plugged for modem in self.modems.values()):
            # Rounded up: a deadline that is not reached yet would only be looked at again.
            wait_s = max(0, min(waits) - now_ms + 1) / 1000
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._pump)
