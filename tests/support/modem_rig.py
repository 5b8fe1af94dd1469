"""An AT engine on an emulated modem, under one virtual clock."""

from __future__ import annotations

from random import Random

from kentongan_sim.modem.model import ModemModel, Timing
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import PROMPT, Conditions, SmsNetwork
from kentongan_wire.at_engine import FAILED, POWER_KEY, RECEIVED, SENT, UNKNOWN, WRITE, AtEngine

NUMBER = "+6281100000001"
PHONE = "+6285500000009"
ENDED = (SENT, FAILED, UNKNOWN)


class Rig:
    """One engine, one modem, one phone on the other side.

    Attributes:
        outcomes: (time, action) of what was sent, failed or is unknown.
        received: texts that were handed out; stored at once while `storing`.
    """

    def __init__(self, seed=0, *, pin="", sim=None, powered=True, conditions=PROMPT, chunk=0, timing=None):
        self.random = Random(seed)
        self.network = SmsNetwork(self.random, conditions)
        self.phone = self.network.add_phone(PHONE)
        self.sim = sim if sim is not None else SimCard(NUMBER)
        self.modem = ModemModel(
            self.sim, self.network, random=self.random, powered=powered, epoch_ms=1_779_000_000_000, timing=timing
        )
        self.engine = AtEngine(pin)
        self.now_ms = 0
        self.chunk = chunk
        self.cut = False  # the wire between them
        self.key_works = True
        self.storing = True
        self.outcomes: list[tuple[int, tuple]] = []
        self.received: list[str] = []
        self.senders: list[str] = []

    def start(self, for_ms=20_000):
        self.engine.power_on(self.now_ms)
        self.run(for_ms)
        return self

    def run(self, for_ms):
        until_ms = self.now_ms + for_ms
        self._exchange()
        while True:
            due = [self.engine.next_deadline(), self.modem.next_deadline(), self.network.next_deadline()]
            next_ms = max(self.now_ms, min(at for at in due if at is not None))
            if next_ms > until_ms:
                break
            self.now_ms = next_ms
            self.network.tick(next_ms)
            self.modem.tick(next_ms)
            self._exchange()
            if self.engine.next_deadline() <= next_ms:
                self.engine.tick(next_ms)
                self._exchange()
        self.now_ms = until_ms

    def run_until(self, condition, within_ms):
        end_ms = self.now_ms + within_ms
        while not condition():
            assert self.now_ms < end_ms, f"not within {within_ms} ms"
            self.run(500)

    def send(self, text="K1AB", token="t", number=PHONE):
        taken = self.engine.send(token, number, text, self.now_ms)
        self._exchange()
        return taken

    def text_it(self, text, sender=PHONE):
        self.network.submit(sender, self.sim.number, text, self.now_ms)

    def _exchange(self):
        while True:
            out = self.modem.take_output()
            if out and not self.cut:
                for part in self._chunks(out):
                    self.engine.receive(part, self.now_ms)
            actions = self.engine.take_actions()
            if not out and not actions:
                return
            for action in actions:
                self._do(action)

    def _chunks(self, out):
        if not self.chunk:
            return [out]
        parts = []
        while out:
            size = self.random.randint(1, self.chunk)
            parts.append(out[:size])
            out = out[size:]
        return parts

    def _do(self, action):
        if action[0] == WRITE:
            if not self.cut:
                self.modem.receive(action[1], self.now_ms)
        elif action[0] == POWER_KEY:
            if self.key_works:
                self.modem.power_key(action[1], self.now_ms)
        elif action[0] in ENDED:
            self.outcomes.append((self.now_ms, action))
        elif action[0] == RECEIVED:
            self.received.append(action[3])
            self.senders.append(action[2])
            if self.storing:
                self.engine.stored(action[1], self.now_ms)


SLOW_NETWORK = Conditions(least_ms=500, mean_ms=3_000, lost=0.05, doubled=0.05)
FAST = Timing(boot_ms=1_000, settle_ms=500, register_ms=500, answer_ms=5, submit_ms=200)
