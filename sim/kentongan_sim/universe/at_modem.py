"""Modems down to their bytes: the real AT engine in a program, the emulated modem at the other end of its port."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, cast

from kentongan_host.modem_engine import HostEngine
from kentongan_sim.modem import sim_card
from kentongan_sim.modem.faults import Faults, SendFault
from kentongan_sim.modem.model import ModemModel
from kentongan_sim.modem.sms_network import Message, SmsNetwork, SubmitError
from kentongan_sim.universe.clockwork import Process, VirtualLoop
from kentongan_sim.universe.sim_cards import SimCard, Stored
from kentongan_wire.at_engine import (
    FAILED,
    POWER_KEY,
    RECEIVED,
    REROUTE,
    RETRY,
    SENT,
    STATE,
    STATE_OFF,
    UNKNOWN,
    WAIT,
    WRITE,
    AtEngine,
)
from kentongan_wire.second_path import TEXT_REROUTE, TEXT_RETRY, TEXT_SENT, TEXT_UNKNOWN, TEXT_WAIT

if TYPE_CHECKING:
    from kentongan_sim.universe.sms import VirtualSms

PIN = "4711"
WRONG_PIN = "1234"
CAPACITY = 6  # messages a SIM stores: few, so that it is full now and then
PORT_MS = 2  # until bytes are heard at the other end
TORN = 8  # one of so many pieces of output arrives in two
SPOKEN = ("RING", "+CGEV: NW DETACH", "+CREG: 1", "SMS DONE", "+CPIN: READY", "\x00\xff;&", "OKAY", '+CUSD: 4,"x')
ODD_SENDS = tuple(SendFault)
CMS = {TEXT_RETRY: 500, TEXT_REROUTE: 1, TEXT_WAIT: 42}  # +CMS ERROR numbers of these outcomes
FAILURES = {RETRY: TEXT_RETRY, REROUTE: TEXT_REROUTE, WAIT: TEXT_WAIT}
# What a modem may do for a while, in the order of an event's amount.
ODDITIES = ("hung", "noise", "interject", "slow", "reboot", "radio", "pin", "powerless")


class _Service:
    """What a modem has of the SMS network."""

    def __init__(self, network: VirtualSms) -> None:
        self._network = network

    def attach(self, number: str, operator: str, receive: object) -> None:
        """Cards are known to the network already."""

    def wake(self, number: str, now_ms: int) -> None:
        """What waits for a number comes by itself, within a minute."""

    def in_service(self, _operator: str) -> bool:
        return not self._network.out

    def submit(self, sender: str, number: str, text: str, _now_ms: int) -> int:
        outcome = self._network.submit(sender, number, text)
        if outcome in CMS:
            raise SubmitError(CMS[outcome])
        return self._network.taken & 0xFF


class _DrawnFaults(Faults):
    """A modem whose messages end oddly as often as the network's weather says."""

    def __init__(self, network: VirtualSms, draw: random.Random) -> None:
        super().__init__()
        self._network = network
        self._draw = draw

    def next_send(self) -> SendFault | int | None:
        unknown = self._network.unknown
        if unknown and self._draw.randrange(1000) < unknown:
            self._network.odd_sends += 1
            return self._draw.choice(ODD_SENDS)
        return None


class _Storage(dict[int, sim_card.Stored]):
    """A SIM's places; tells what is deleted from them."""

    def __init__(self, deleted: Callable[[str], None]) -> None:
        super().__init__()
        self._deleted = deleted

    def __delitem__(self, place: int) -> None:
        self._deleted(self[place].message.text)
        super().__delitem__(place)


class AtCard(SimCard):
    """A SIM in an emulated modem; whoever is plugged in hears its bytes."""

    def __init__(self, number: str, network: VirtualSms, draw: random.Random) -> None:
        self._dead = False
        self._loop: VirtualLoop = network.loop
        self._draw = draw
        self._reader: tuple[Process, Callable[[bytes], None]] | None = None
        self._clear_ms = 0  # when the newest byte is heard
        self._due: Any = None
        storage = _Storage(lambda text: network.on_stored(self, text))
        sim = sim_card.SimCard(number, number[:6], PIN, capacity=CAPACITY, messages=storage)
        self.model = ModemModel(sim, cast("SmsNetwork", _Service(network)), random=draw)
        self.model.faults = _DrawnFaults(network, draw)
        super().__init__(number)

    @property
    def dead(self) -> bool:
        return self._dead

    @dead.setter
    def dead(self, dead: bool) -> None:
        self._dead = self.model.faults.dead = dead

    def receive(self, sender: str, text: str) -> bool:
        now_ms = self._loop.now_ms
        taken = self.model.take(Message(0, sender, self.number, text, now_ms, now_ms))
        self.pump()
        return taken

    # --- its port ------------------------------------------------------------------------------

    def plug(self, process: Process, hear: Callable[[bytes], None]) -> None:
        """A program opens the port."""
        self._reader = process, hear

    def type(self, data: bytes) -> None:
        """Bytes from the program."""
        self.model.receive(data, self._loop.now_ms)
        self.pump()

    def press_key(self, hold_ms: int) -> None:
        """The power key is held, and let go after that."""
        self._loop.after(hold_ms, self._loop.nature, self._key, hold_ms)

    def pump(self) -> None:
        """What it has said goes out; what it does next is planned."""
        now_ms = self._loop.now_ms
        out = self.model.take_output()
        if out and self._reader is not None:
            at = self._draw.randrange(len(out)) if self._draw.randrange(TORN) == 0 else 0
            for piece in (out[:at], out[at:]):
                if piece:
                    self._clear_ms = max(self._clear_ms + 1, now_ms + PORT_MS)
                    process, hear = self._reader
                    self._loop.after(self._clear_ms - now_ms, process, hear, piece)
        if self._due is not None:
            self._due.cancel()
        due_ms = self.model.next_deadline()
        self._due = None if due_ms is None else self._loop.timer(due_ms - now_ms, self._loop.nature, self._tick)

    def _tick(self) -> None:
        self._due = None
        self.model.tick(self._loop.now_ms)
        self.pump()

    def _key(self, hold_ms: int) -> None:
        self.model.power_key(hold_ms, self._loop.now_ms)
        self.pump()

    # --- what goes wrong ------------------------------------------------------------------------

    def lose_power(self) -> None:
        """Its board is off."""
        self.model.power_off()
        self.pump()

    def behave_oddly(self, how: str) -> None:
        """One of ODDITIES, until it is repaired."""
        model, now_ms = self.model, self._loop.now_ms
        if how == "hung":
            model.faults.hung = True
        elif how == "noise":
            model.faults.noise = 0.2
        elif how == "interject":
            model.faults.interject = SPOKEN
        elif how == "slow":
            model.faults.slow = 40.0
        elif how == "reboot":
            model.reboot(now_ms)
        elif how == "radio":
            model.set_radio(now_ms, up=False)
        elif how == "pin" and model.sim is not None:
            model.sim.pin = WRONG_PIN
            model.reboot(now_ms)
        else:
            model.power_off()
        self.pump()

    def repair(self) -> None:
        """Somebody has come; what hangs is for the engine to mend."""
        super().repair()
        model = self.model
        model.faults.noise, model.faults.interject, model.faults.slow = 0.0, (), 1.0
        if not model.radio:
            model.set_radio(self._loop.now_ms, up=True)
        if model.sim is not None and model.sim.pin != PIN:
            model.sim.pin, model.sim.pin_tries = PIN, sim_card.PIN_TRIES
            model.reboot(self._loop.now_ms)
        self.pump()


class AtLine:
    """An engine at a card's port, for as long as its process lives.

    Args:
        changed: told when `engine.ready` or `engine.fault` changed.
        ended: told (outcome `TEXT_…`) when the text under way has ended.
        came: told (index, sender, text) of a message that came in.
    """

    def __init__(
        self,
        card: AtCard,
        loop: VirtualLoop,
        process: Process,
        engine: AtEngine,
        changed: Callable[[], None],
        ended: Callable[[int], None],
        came: Callable[[int, str, str], None],
    ) -> None:
        self.engine = engine
        self._card = card
        self._loop = loop
        self._process = process
        self._changed = changed
        self._ended = ended
        self._came = came
        self._timer: Any = None
        card.plug(process, self._hear)

    def begin(self) -> None:
        """The port is open."""
        self.engine.power_on(self._loop.now_ms)
        self.act()

    def send(self, number: str, text: str) -> bool:
        """False when it is not ready."""
        begun = self.engine.send(self, number, text, self._loop.now_ms)
        self.act()
        return begun

    def stored(self, index: int) -> None:
        """The message may go from the SIM."""
        self.engine.stored(index, self._loop.now_ms)
        self.act()

    def act(self) -> None:
        """Does what the engine says, and comes back when it wants to be told the time."""
        while actions := self.engine.take_actions():
            for action in actions:
                self._do(action)
        if self._timer is not None:
            self._timer.cancel()
        if self.engine.state != STATE_OFF:
            wait_ms = max(1, self.engine.next_deadline() + 1 - self._loop.now_ms)
            self._timer = self._loop.timer(wait_ms, self._process, self._tick)

    def _do(self, action: tuple[Any, ...]) -> None:
        kind = action[0]
        if kind == WRITE:
            self._card.type(action[1])
        elif kind == POWER_KEY:
            self._card.press_key(action[1])
        elif kind == STATE:
            self._changed()
        elif kind == RECEIVED:
            self._came(action[1], action[2], action[3])
        elif kind == SENT:
            self._ended(TEXT_SENT)
        elif kind == UNKNOWN:
            self._ended(TEXT_UNKNOWN)
        elif kind == FAILED:
            self._ended(FAILURES[action[2]])

    def _hear(self, data: bytes) -> None:
        self.engine.receive(data, self._loop.now_ms)
        self.act()

    def _tick(self) -> None:
        self.engine.tick(self._loop.now_ms)
        self.act()


class AtModem:
    """What a gateway or the centre has of its modem: `text_modem.TextModem` and, but for its words, `sms_out.Line`."""

    def __init__(
        self, network: VirtualSms, process: Process, card: AtCard, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self.card = card
        self._network = network
        self._process = process
        self._on_change = on_change
        self._outcome: asyncio.Future[int] | None = None
        self._inbox: deque[Stored] = deque()
        self._news = asyncio.Event()
        self._line = AtLine(card, network.loop, process, HostEngine(PIN), self._changed, self._ended, self._came)
        self._line.begin()

    @property
    def name(self) -> str:
        return self.card.number

    @property
    def operator(self) -> str:
        return self.card.number[:6]

    @property
    def ready(self) -> bool:
        return self._line.engine.ready

    @property
    def works(self) -> bool:
        return self.ready

    @property
    def fault(self) -> int:
        return self._line.engine.fault

    @property
    def signal_dbm(self) -> int:
        return self._line.engine.signal_dbm

    async def send(self, number: str, text: str) -> int:
        """See `TextModem`; nobody here sends two at once."""
        self._outcome = self._network.loop.create_future()
        if not self._line.send(number, text):
            return TEXT_WAIT
        return await self._outcome

    async def messages(self) -> AsyncIterator[Stored]:
        """See `TextModem`."""
        while True:
            while self._inbox:
                yield self._inbox.popleft()
            self._news.clear()
            await self._news.wait()

    def stored(self, index: int) -> None:
        """See `TextModem`."""
        self._line.stored(index)

    def again(self) -> None:
        """The engine looks by itself."""

    def _changed(self) -> None:
        self._on_change()

    def _ended(self, outcome: int) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)

    def _came(self, index: int, sender: str, text: str) -> None:
        self._inbox.append(Stored(index, text, sender))
        self._news.set()
