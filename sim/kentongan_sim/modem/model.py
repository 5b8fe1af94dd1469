"""One modem of the A7670 class: bytes in, bytes out, at times that the caller tells. No I/O, no clock.

It switches on and off by its power key, needs seconds to boot, echoes, asks for the PIN, searches
for its network, stores messages on its SIM and speaks up unasked, as the real ones do.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from kentongan_sim.modem.command_line import Prompt, Reply, Session
from kentongan_sim.modem.commands import answer
from kentongan_sim.modem.faults import Faults, SendFault
from kentongan_sim.modem.messages import submit
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import Message, SmsNetwork, SubmitError

KEY_ON_MS = 50  # shortest press that starts it (SIMCom A7670, hardware design)
KEY_OFF_MS = 2_500  # shortest press that stops it, also a hung one
CTRL_Z = 0x1A
ESCAPE = 0x1B
LINE_MAX = 1_024  # characters of a command; the rest is dropped
_COMMAND = re.compile(rb"[^\x08\n\r\x1a\x1b\x7f]+")  # what only becomes part of a command
_BODY = re.compile(rb"[^\r\x1a\x1b]+")  # the same of a message


@dataclass(frozen=True)
class Timing:
    """How fast it is, all in ms.

    Attributes:
        boot_ms: from power to the first answer.
        settle_ms: from there until the SIM's messages can be used ("SMS DONE").
        register_ms: from a usable SIM until it is in its network.
        answer_ms: for an ordinary command.
        submit_ms: from Ctrl-Z until the network has taken a message.
    """

    boot_ms: int = 11_000
    settle_ms: int = 2_000
    register_ms: int = 3_000
    answer_ms: int = 20
    submit_ms: int = 600

    def scaled(self, factor: float) -> Timing:
        """The same modem in a faster or slower world."""
        return Timing(*(max(1, int(value * factor)) for value in vars(self).values()))


QUICK = Timing(boot_ms=200, settle_ms=50, register_ms=50, answer_ms=1, submit_ms=20)  # for tests in real time


@dataclass
class Counts:
    """What it did since it was made."""

    boots: int = 0
    commands: int = 0
    sent: int = 0
    received: int = 0
    refused_full: int = 0
    wrong_pins: int = 0
    keys: list[int] = field(default_factory=list)


class ModemModel:
    """A modem with a SIM in a network.

    After each call take `take_output()`; call `tick` at `next_deadline()`. Whoever owns the
    network ticks that, too.

    Args:
        sim: None for an empty slot.
        epoch_ms: Unix ms at the caller's time 0, for time stamps.
        powered: whether it has booted already when it is made.
    """

    def __init__(
        self,
        sim: SimCard | None,
        network: SmsNetwork,
        *,
        random: Random,
        timing: Timing | None = None,
        epoch_ms: int = 0,
        powered: bool = True,
    ) -> None:
        self.sim = sim
        self.network = network
        self.timing = timing or Timing()
        self.faults = Faults()
        self.counts = Counts()
        self.epoch_ms = epoch_ms
        self.radio = True
        self.on = False
        self.session = Session()
        self._random = random
        self._out = bytearray()
        self._events: list[tuple[int, int, int, Callable[[int], None]]] = []
        self._order = itertools.count()
        self._life = 0  # events of an earlier boot do nothing
        self._listening = False  # it has booted
        self._busy = False
        self._waiting = bytearray()  # typed while it was busy
        self._line = bytearray()
        self._prompt: Prompt | None = None
        self._network_from_ms: int | None = None
        if sim is not None:
            network.attach(sim.number, sim.operator, self.take)
        if powered:
            self.on = self._listening = True
            self._network_from_ms = 0
            self.session.unlocked = sim is None or not sim.pin

    # --- the outside -------------------------------------------------------------------------

    def receive(self, data: bytes, now_ms: int) -> None:
        """Bytes from whoever uses it."""
        self.tick(now_ms)
        if not self._listening or self.faults.hung or self.faults.dead:
            return
        self._waiting += data
        self._work(now_ms)

    def take_output(self) -> bytes:
        """What it has said since the last call."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def next_deadline(self) -> int | None:
        return self._events[0][0] if self._events else None

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        while self._events and self._events[0][0] <= now_ms:
            due_ms, _, life, event = heapq.heappop(self._events)
            if life == self._life:
                event(due_ms)

    def power_key(self, hold_ms: int, now_ms: int) -> None:
        """The key was held that long and let go."""
        self.counts.keys.append(hold_ms)
        if self.on and hold_ms >= KEY_OFF_MS:
            self.power_off()
        elif not self.on and hold_ms >= KEY_ON_MS:
            self._boot(now_ms)

    def power_off(self) -> None:
        """Its supply is gone, or it was switched off."""
        self._life += 1
        self.on = self._listening = self._busy = False
        self._network_from_ms = None
        self.faults.hung = False
        self._waiting.clear()
        self._line.clear()
        self._prompt = None

    def reboot(self, now_ms: int) -> None:
        """A brown-out: it starts again by itself, from nothing."""
        self.power_off()
        self._out += b"\x00\xff\x00"
        self._boot(now_ms)

    def set_radio(self, now_ms: int, *, up: bool) -> None:
        """Its antenna or cell goes or comes back."""
        self.radio = up
        self._network_from_ms = None
        if up and self._usable_sim():
            self._search(now_ms)

    def set_sim(self, sim: SimCard | None, now_ms: int) -> None:
        """The SIM is taken out or put in; it notices."""
        self.sim = sim
        self._network_from_ms = None
        self.session.unlocked = sim is not None and not sim.pin
        if sim is not None:
            self.network.attach(sim.number, sim.operator, self.take)
            self._sim_ready(now_ms)
        elif self._listening:
            self.say("+CPIN: NOT INSERTED")

    def say(self, *lines: str) -> None:
        """Unsolicited lines."""
        for line in lines:
            self._write(f"\r\n{line}\r\n".encode("latin-1"))

    def take(self, message: Message) -> bool:
        """The network brings a message; False when it has to keep it."""
        now_ms = message.delivered_ms
        if not self.registered(now_ms) or self.faults.hung or self.faults.dead or self.sim is None:
            return False
        if self.sim.full:
            self.counts.refused_full += 1
            self.say("+SMS FULL")
            return False
        place = self.sim.store(message)
        self.counts.received += 1
        if self.session.announces:
            self.say(f'+CMTI: "SM",{place}')
        return True

    # --- what commands look at ---------------------------------------------------------------

    def registered(self, now_ms: int) -> bool:
        """True while it is in its network."""
        return (
            self._listening
            and self.radio
            and self._usable_sim()
            and self.sim is not None
            and self.network.in_service(self.sim.operator)
            and self._network_from_ms is not None
            and now_ms >= self._network_from_ms
        )

    def unlocked(self, now_ms: int) -> None:
        """The SIM's PIN was accepted."""
        self.session.unlocked = True
        self._sim_ready(now_ms)

    def switch_off(self, now_ms: int) -> None:
        """+CPOF: it says good-bye and is off."""
        self._after(now_ms, self.timing.answer_ms, lambda _now: self.power_off())

    def restart(self, now_ms: int) -> None:
        """+CFUN=1,1 or +CRESET."""
        self._after(now_ms, self.timing.answer_ms, self.reboot)

    def later(self, now_ms: int, after_ms: int, *lines: str) -> None:
        """Say something unasked after a while."""
        self._after(now_ms, after_ms, lambda _now: self.say(*lines))

    # --- boot --------------------------------------------------------------------------------

    def _boot(self, now_ms: int) -> None:
        self._life += 1
        self.on = True
        self.counts.boots += 1
        self.session = Session(unlocked=self.sim is not None and not self.sim.pin)
        self._after(now_ms, self.timing.boot_ms, self._booted)

    def _booted(self, now_ms: int) -> None:
        self._listening = True
        self.say("RDY")
        if self.sim is None:
            self.say("+CPIN: NOT INSERTED")
        elif self.sim.pin:
            self.say("+CPIN: SIM PIN")
        else:
            self._sim_ready(now_ms)

    def _sim_ready(self, now_ms: int) -> None:
        if not self._usable_sim() or not self._listening:
            return
        self.say("+CPIN: READY")
        self._after(now_ms, self.timing.settle_ms, lambda _now: self.say("SMS DONE", "+CGEV: EPS PDN ACT 1", "PB DONE"))
        if self.radio:
            self._search(now_ms)

    def _search(self, now_ms: int) -> None:
        self._network_from_ms = now_ms + self.timing.register_ms
        self._after(now_ms, self.timing.register_ms, self._found)

    def _found(self, now_ms: int) -> None:
        if not self.registered(now_ms) or self.sim is None:
            return
        for name, level in (("+CREG", self.session.creg), ("+CEREG", self.session.cereg)):
            if level:
                self.say(f"{name}: 1")
        self.network.wake(self.sim.number, now_ms)

    def _usable_sim(self) -> bool:
        return self.sim is not None and self.session.unlocked

    # --- commands ----------------------------------------------------------------------------

    def _work(self, now_ms: int) -> None:
        while self._waiting and not self._busy and self._listening:
            prompt = self._prompt
            ordinary = (_COMMAND if prompt is None else _BODY).match(self._waiting)
            if ordinary is not None:
                run = bytes(ordinary[0])
                del self._waiting[: len(run)]
                if prompt is None:
                    run = run[: max(0, LINE_MAX - len(self._line))]
                (self._line if prompt is None else prompt.typed).extend(run)
                self._echo(run)
                continue
            byte = self._waiting.pop(0)
            if prompt is not None:
                self._typed(prompt, byte, now_ms)
            elif byte == 0x0D:
                self._echo(b"\r")
                line = self._line.decode("latin-1").strip()
                self._line.clear()
                if line:
                    self._begin(line, now_ms)
            elif byte in (0x08, 0x7F):
                del self._line[-1:]
                self._echo(b"\x08")

    def _begin(self, line: str, now_ms: int) -> None:
        self._busy = True
        self.counts.commands += 1
        self._after(now_ms, int(self.timing.answer_ms * self.faults.slow), lambda now: self._execute(line, now))

    def _execute(self, line: str, now_ms: int) -> None:
        outcome = answer(self, line, now_ms)
        if isinstance(outcome, Prompt):
            outcome.fault = self.faults.next_send()
            if outcome.fault != SendFault.NO_PROMPT:
                self._write(b"\r\n> ")
            self._prompt = outcome
            self._ready(now_ms)
        else:
            self._reply(outcome, now_ms)

    def _reply(self, reply: Reply, now_ms: int) -> None:
        for line in reply.lines:
            self._write(f"\r\n{line}\r\n".encode("latin-1", errors="replace"))
        self._write(f"\r\n{reply.final}\r\n".encode("latin-1"))
        self._ready(now_ms)

    def _ready(self, now_ms: int) -> None:
        self._busy = False
        self._work(now_ms)

    def _typed(self, prompt: Prompt, byte: int, now_ms: int) -> None:
        if byte == ESCAPE:
            self._prompt = None
            self._reply(Reply(), now_ms)
        elif byte == CTRL_Z:
            self._prompt = None
            self._busy = True
            slow_ms = int(self.timing.submit_ms * self.faults.slow)
            if prompt.fault is SendFault.REBOOT_BEFORE:
                self._after(now_ms, slow_ms // 2, self.reboot)
            elif prompt.fault is SendFault.VANISHES:
                self._after(now_ms, slow_ms, self._ready)
            else:
                self._after(now_ms, slow_ms, lambda now: self._submit(prompt, now))
        else:
            prompt.typed.append(byte)
            self._echo(bytes((byte,)) if byte != 0x0D else b"\r\n> ")

    def _submit(self, prompt: Prompt, now_ms: int) -> None:
        if isinstance(prompt.fault, int):
            self._reply(Reply(final=f"+CMS ERROR: {prompt.fault}"), now_ms)
            return
        try:
            reference = submit(self, prompt, now_ms)
        except SubmitError as error:
            self._reply(Reply(final=f"+CMS ERROR: {error.code}"), now_ms)
            return
        self.counts.sent += 1
        if prompt.fault is SendFault.REBOOT_AFTER:
            self.reboot(now_ms)
        elif prompt.fault is SendFault.NO_ANSWER:
            self._ready(now_ms)
        else:
            self._reply(Reply([f"+CMGS: {reference}"]), now_ms)

    def deleted(self, now_ms: int) -> None:
        """There is room again: the network may try."""
        if self.sim is not None:
            self.network.wake(self.sim.number, now_ms)

    # --- bytes out ---------------------------------------------------------------------------

    def _after(self, now_ms: int, after_ms: int, event: Callable[[int], None]) -> None:
        heapq.heappush(self._events, (now_ms + after_ms, next(self._order), self._life, event))

    def _echo(self, data: bytes) -> None:
        if self.session.echo:
            self._out += data

    def _write(self, data: bytes) -> None:
        if not self._listening or self.faults.hung or self.faults.dead:
            return
        if self.faults.noise and self._random.random() < self.faults.noise:
            self._out += self._random.randbytes(self._random.randint(1, 8)) + b"\r\n"
        if self.faults.interject:
            self._out += f"\r\n{self._random.choice(self.faults.interject)}\r\n".encode("latin-1")
        self._out += data
