"""Whatever a modem says, split anywhere: the engine never raises, never spins, and every send ends exactly once."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kentongan_sim.modem.faults import SendFault
from kentongan_sim.modem.model import Timing
from kentongan_sim.modem.sms_network import Conditions
from kentongan_wire import at_steps as at
from kentongan_wire.at_engine import FAILED, POWER_KEY, RECEIVED, SENT, UNKNOWN, WRITE, AtEngine
from tests.support.modem_rig import Rig

# A send waits for one command, for the prompt, and for the network; a text's end for silence.
SEND_BOUND_MS = 1000 * (at.LIST_ANSWER_S + at.ANSWER_S + at.SEND_S) + 1_000
MEMORY_MAX = 2 * (at.LINE_MAX * at.LINES_MAX + at.READS_MAX * 64)
BOOT_MS = 60_000  # off, on, booted and registered, with every power key that it takes

WORDS = st.sampled_from(
    [
        b"\r\n", b"\r", b"\n", b"OK\r\n", b"\r\nERROR\r\n", b"> ", b"\r\n> ", b"\r\nRDY\r\n", b"+CMS ERROR: 42\r\n",
        b"+CPIN: READY\r\n", b"+CPIN: SIM PIN\r\n", b"+CPIN: SIM PUK\r\n", b"+SPIC: 3,10\r\n", b"+CREG: 0,1\r\n",
        b"+CEREG: 1\r\n", b"+CSQ: 20,99\r\n", b"+CMGS: 7\r\n", b'+CMTI: "SM",3\r\n', b"+SMS FULL\r\n",
        b'+CMGR: "REC UNREAD","+62811","","26/11/22,15:04:05+28"\r\n', b'+CMGL: 3,"REC READ","+62"\r\n', b"K1ABC\r\n",
        b"\x00\xff", b'"', b",", b"+", b"AT", b"1", b'+CMGR: "REC"\r\n', b"+CME ERROR: 10\r\n", b"RING\r\n",
    ]
)  # fmt: skip
PIECES = st.one_of(WORDS, st.binary(max_size=40))
STEPS = st.lists(st.tuples(PIECES, st.integers(0, 60_000)), max_size=60)
ENDINGS = (SENT, FAILED, UNKNOWN)


class Talk:
    """An engine that hears anything, and a clock that it is told."""

    def __init__(self, pin):
        self.engine = AtEngine(pin)
        self.now_ms = 0
        self.sent_ms = {}
        self.ended = []
        self.pins = 0
        self.engine.power_on(0)

    def pass_time(self, for_ms):
        until_ms = self.now_ms + for_ms
        ticks = 0
        while self.engine.next_deadline() <= until_ms:
            self.now_ms = max(self.now_ms, self.engine.next_deadline())
            self.engine.tick(self.now_ms)
            assert self.engine.next_deadline() > self.now_ms, "it asks for the time that it was just told"
            self.act()
            ticks += 1
        assert ticks <= 2 + for_ms // at.QUIET_MS
        self.now_ms = until_ms

    def act(self):
        actions: list[Any] = list(self.engine.take_actions())
        for action in actions:
            if action[0] in ENDINGS:
                assert self.now_ms - self.sent_ms[action[1]] <= SEND_BOUND_MS
                self.ended.append(action[1])
            elif action[0] == RECEIVED:
                self.engine.stored(action[1], self.now_ms)
            elif action[0] == WRITE:
                self.pins += action[1].startswith(b"AT+CPIN=")
                assert action[1][-1:] in (b"\r", b"\x1a", b"\x1b")
            elif action[0] == POWER_KEY:
                assert action[1] in (at.KEY_ON_MS, at.KEY_OFF_MS)

    def send(self):
        token = len(self.sent_ms)
        if self.engine.send(token, "+62811", "K1ABC", self.now_ms):
            self.sent_ms[token] = self.now_ms
        self.act()

    def held(self):
        engine = self.engine
        return len(engine._rest) + sum(map(len, engine._lines)) + sum(map(len, engine._reads)) + len(engine._said)


@settings(max_examples=300)
@given(steps=STEPS, ready=st.booleans(), pin=st.sampled_from(["", "1234"]))
@example(steps=[(b"\r\n> ", 0)], ready=True, pin="")
def test_any_bytes_at_any_splits(steps, ready, pin):
    talk = Talk(pin)
    if ready:
        talk.engine.ready = True
        talk.engine._step = at.IDLE
        talk.engine.state = 3
    for piece, wait_ms in steps:
        talk.send()
        talk.engine.receive(piece, talk.now_ms)
        talk.act()
        talk.pass_time(wait_ms)
        assert talk.held() <= MEMORY_MAX
    talk.pass_time(SEND_BOUND_MS)
    assert sorted(talk.ended) == sorted(talk.sent_ms)
    # More than one try only where the modem said in between that the last one was right.
    assert talk.pins <= 1 + sum(piece == b"+CPIN: READY\r\n" for piece, _ in steps)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    chunk=st.integers(0, 9),
    noise=st.sampled_from([0.0, 0.05]),
    faults=st.lists(st.sampled_from([None, *SendFault, 42, 28, 500]), max_size=4),
    reboot_ms=st.integers(0, 8_000),
)
def test_after_any_faults_it_sends_and_receives_again(seed, chunk, noise, faults, reboot_ms):
    rig = Rig(seed, chunk=chunk, timing=Timing(boot_ms=1_000, settle_ms=500, register_ms=500), powered=False)
    rig.modem.faults.sends.extend(faults)
    rig.modem.faults.noise = noise
    rig.modem.faults.interject = ("+CREG: 1", "RING", "SMS DONE", "+CGEV: EPS PDN ACT 1", "\x81\x00>")
    rig.start(30_000)
    sent = 0
    for index in range(len(faults) + 1):
        rig.run_until(lambda: rig.engine.ready, 300_000)
        sent += rig.send(f"K1 {index}", token=index)
        rig.text_it(f"K1IN {index}")
        rig.run(reboot_ms)
        if index % 2:
            rig.modem.reboot(rig.now_ms)
        rig.run(SEND_BOUND_MS)
        assert len(rig.outcomes) == sent
    assert {token for _, (_, token, *_) in rig.outcomes} == set(range(sent))
    rig.modem.faults.noise = 0.0
    rig.modem.faults.sends.clear()
    rig.modem.faults.interject = ()
    rig.run(200_000)
    assert {f"K1IN {index}" for index in range(len(faults) + 1)} <= {text.split("\n")[0] for text in rig.received}
    for _, outcome in rig.outcomes:
        if outcome[0] == SENT:
            assert f"K1 {outcome[1]}" in rig.phone.texts(), "SENT is never said of what did not go out"
    rig.run_until(lambda: rig.engine.ready, 300_000)
    assert rig.send("K1LAST", token="last")
    rig.run(5_000)
    assert rig.phone.texts()[-1] == "K1LAST"


def test_three_days_of_hourly_texts_in_a_bad_network():
    rig = Rig(7, chunk=5, conditions=Conditions(lost=0.05, doubled=0.05, late=0.01))
    rig.start()
    random = Random(7)
    for hour in range(24 * 3):
        rig.run_until(lambda: rig.engine.ready, 600_000)
        assert rig.send(f"K1 {hour}", token=hour)
        rig.text_it(f"K1IN {hour}")
        if random.random() < 0.05:
            rig.modem.faults.hung = True
        rig.run(3_600_000)
    assert len(rig.outcomes) == 24 * 3
    assert rig.network.counts["delivered"] == len(rig.phone.received) + rig.modem.counts.received
