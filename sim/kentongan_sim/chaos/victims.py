"""Services, links and the air, whom faults befall. Each suffers one at a time, and is whole when `suffer` returns."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import signal
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from kentongan_sim import process_table
from kentongan_sim.chaos import deck, unsynced
from kentongan_sim.chaos.deck import Fault
from kentongan_sim.city import CENTRE, City, gateway_name
from kentongan_sim.errors import SimError
from kentongan_sim.forgery import CUSTODY
from kentongan_sim.link_proxy import LinkCondition, LinkProxy, LinkState
from kentongan_sim.modem.sms_network import Conditions
from kentongan_sim.presser import Presser
from kentongan_sim.processes import Child
from kentongan_sim.telephones import OPERATORS, Telephones
from kentongan_sim.virtual_button import VirtualButton

BROKER = "mosquitto"
REBORN_S = 90.0  # bounds a service's own restart of its broker, with its backoff, on a loaded machine
STORED_S = 3.0  # how long it is waited for that a gateway holds a press; then its power is cut anyhow
LOOK_S = 0.01  # how often the process table is looked at

LINKS: Mapping[Fault, LinkCondition] = {
    Fault.INTERNET_CUT: LinkCondition(state=LinkState.CUT),
    Fault.INTERNET_SILENT: LinkCondition(state=LinkState.SILENT),
    Fault.INTERNET_SLOW: LinkCondition(latency_ms=300),
    Fault.INTERNET_TORN: LinkCondition(torn=True),
    Fault.INTERNET_FLAKY: LinkCondition(flaky_mean_ms=500),
    Fault.CABLE_CUT: LinkCondition(state=LinkState.CUT),
    Fault.CABLE_SILENT: LinkCondition(state=LinkState.SILENT),
    Fault.CABLE_SLOW: LinkCondition(latency_ms=300),
    Fault.CABLE_NARROW: LinkCondition(bytes_per_s=2_000),
    Fault.CABLE_TORN: LinkCondition(torn=True),
    Fault.CABLE_FLAKY: LinkCondition(flaky_mean_ms=500),
}

BAD_AIR = Conditions(lost=0.3, doubled=0.3, late=0.3, late_ms=20_000)  # far worse than the 5 % of a bad day (FACTS)


class Victim(ABC):
    """Something that can be broken and mended.

    Attributes:
        name: for people.
        kinds: the faults it knows.
        buttons: whose presses it stands in the way of.
    """

    name: str
    kinds: tuple[Fault, ...]
    buttons: Sequence[VirtualButton]

    @abstractmethod
    async def suffer(self, fault: Fault, lasts_s: float, fate: random.Random) -> bool:
        """Break, wait, mend.

        Returns:
            Whether it really happened.

        Raises:
            SimError: it did not come back.
        """


class _Service(Victim):
    """A service of ours and the broker that it keeps."""

    killed: Fault
    frozen: Fault
    broker_killed: Fault
    broker_frozen: Fault
    disk_full: Fault

    def __init__(self, city: City, buttons: Sequence[VirtualButton]) -> None:
        self._city = city
        self.buttons = buttons

    @property
    def _child(self) -> Child:
        return self._city.manager[self.name]

    @abstractmethod
    async def _start(self) -> None:
        """Start it again."""

    async def suffer(self, fault: Fault, lasts_s: float, fate: random.Random) -> bool:
        del fate
        child = self._child
        if fault is self.killed:
            await self._kill()
            await asyncio.sleep(lasts_s)
            await self._start()
        elif fault is self.frozen:
            with _stopped(child.pid):
                await asyncio.sleep(lasts_s)
        elif fault is self.broker_killed:
            before = await self._broker()
            os.kill(before, signal.SIGKILL)
            await self._broker(before)
        elif fault is self.broker_frozen:
            with _stopped(await self._broker()):
                await asyncio.sleep(lasts_s)
        else:
            assert fault is self.disk_full
            with _full_disk(child.pid):
                await asyncio.sleep(lasts_s)
        return True

    async def _kill(self) -> None:
        self._child.kill()
        await asyncio.wait({self._child.ended})

    async def _broker(self, not_this: int | None = None) -> int:
        """The process of its broker, once there is one, and another than the one before."""
        try:
            async with asyncio.timeout(REBORN_S):
                while True:
                    found = [pid for pid in process_table.children(self._child.pid, BROKER) if pid != not_this]
                    if found:
                        return found[0]
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise SimError(f"{self.name} did not start its broker again within {REBORN_S:g} s") from None


class Centre(_Service):
    """`kentongan serve`."""

    name = CENTRE
    kinds = deck.CENTRE
    killed = Fault.CENTRE_KILLED
    frozen = Fault.CENTRE_FROZEN
    broker_killed = Fault.CENTRE_BROKER_KILLED
    broker_frozen = Fault.CENTRE_BROKER_FROZEN
    disk_full = Fault.CENTRE_DISK_FULL

    def __init__(self, city: City) -> None:
        super().__init__(city, city.buttons)

    async def _start(self) -> None:
        await self._city.start_centre()


class Gateway(_Service):
    """`kentongan gateway` of one site.

    Attributes:
        shapes: what power cuts left of newest transactions, shared by all gateways.
    """

    kinds = deck.GATEWAY
    killed = Fault.GATEWAY_KILLED
    frozen = Fault.GATEWAY_FROZEN
    broker_killed = Fault.GATEWAY_BROKER_KILLED
    broker_frozen = Fault.GATEWAY_BROKER_FROZEN
    disk_full = Fault.GATEWAY_DISK_FULL

    def __init__(self, city: City, site: str, presser: Presser, shapes: Counter[str]) -> None:
        enrolled = next(one for one in city.enrolled.sites if one.plan.code == site)
        super().__init__(city, city.buttons_of(enrolled.plan))
        self.name = gateway_name(site)
        self.shapes = shapes
        self._presser = presser
        self._site = site
        self._database = enrolled.gateway.folder / "state" / CUSTODY

    async def _start(self) -> None:
        await self._city.start_gateway(self._site)

    async def suffer(self, fault: Fault, lasts_s: float, fate: random.Random) -> bool:
        if fault is not Fault.GATEWAY_POWER_CUT:
            return await super().suffer(fault, lasts_s, fate)
        button = fate.choice(self.buttons)
        stored = button.expect(lambda trace: trace.name in {"stored", "power"})
        await self._presser.press(button)
        # Just when the press is on the gateway's disk: its transaction is the newest one.
        await asyncio.wait({stored}, timeout=STORED_S)
        await self._kill()
        shape = unsynced.cut_power(self._database, fate)
        await asyncio.sleep(lasts_s)
        await self._start()
        if shape is not None:
            self.shapes[shape] += 1
        return shape is not None


class Link(Victim):
    """The internet of a site."""

    kinds = deck.UPLINK

    def __init__(self, link: LinkProxy, buttons: Sequence[VirtualButton]) -> None:
        self.name = link.name
        self.buttons = buttons
        self._link = link

    async def suffer(self, fault: Fault, lasts_s: float, fate: random.Random) -> bool:
        del fate
        await self._link.apply(LINKS[fault])
        if fault in {Fault.INTERNET_SLOW, Fault.INTERNET_TORN, Fault.CABLE_SLOW, Fault.CABLE_NARROW, Fault.CABLE_TORN}:
            self._link.reset_connections()  # a handshake, too, over the bad link
        await asyncio.sleep(lasts_s)
        await self._link.restore()
        return True


class Cable(Link):
    """The way from a button to its site's broker."""

    kinds = deck.LINK

    def __init__(self, button: VirtualButton) -> None:
        super().__init__(button.link, (button,))
        self._button = button

    async def suffer(self, fault: Fault, lasts_s: float, fate: random.Random) -> bool:
        if fault is not Fault.WIFI_LOST:
            return await super().suffer(fault, lasts_s, fate)
        await self._button.set_wifi(up=False)
        await asyncio.sleep(lasts_s)
        await self._button.set_wifi(up=True)
        return True


class Air(Victim):
    """Everything between the modems, and the modems themselves."""

    name = "SMS network"
    kinds = deck.AIR

    def __init__(self, telephones: Telephones, buttons: Sequence[VirtualButton]) -> None:
        self.buttons = buttons
        self._bank = telephones.bank

    async def suffer(self, fault: Fault, lasts_s: float, fate: random.Random) -> bool:
        bank = self._bank
        modem = bank.modems[fate.choice(sorted(bank.modems))]
        if fault is Fault.AIR_OPERATOR_OUT:
            operator = fate.choice(OPERATORS)
            bank.set_outage(operator, out=True)
            await asyncio.sleep(lasts_s)
            bank.set_outage(operator, out=False)
        elif fault is Fault.AIR_MODEM_HUNG:
            modem.faults.hung = True
            await asyncio.sleep(lasts_s)
            modem.faults.hung = False
        elif fault is Fault.AIR_MODEM_REBOOTED:
            bank.reboot(modem.name)
        else:
            assert fault is Fault.AIR_BAD
            good, bank.network.conditions = bank.network.conditions, BAD_AIR
            await asyncio.sleep(lasts_s)
            bank.network.conditions = good
        return True


@contextlib.contextmanager
def _stopped(pid: int) -> Iterator[None]:
    """A process that stands still: what a hung program looks like from outside."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def _full_disk(pid: int) -> Iterator[None]:
    """No file of this process can grow: what a full disk is to a database."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
