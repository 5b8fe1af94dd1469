"""Scenarios of a whole button as traces, the same on both interpreters.

`firmware_traces.py SCRATCH PATH[:PATH…] NAME …` prints `== NAME` and the trace of each. A golden trace
is made anew by redirecting the lines of one scenario into tests/micropython/firmware/traces/NAME.txt.
"""

import os
import sys
from binascii import hexlify

if __name__ == "__main__":
    sys.path[0:0] = sys.argv[2].split(":")

from kentongan_button.core.loop import LOOP_ALARM, LOOP_CUT, LOOP_NORMAL
from kentongan_wire.press import Press
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_CLOSED, LEVEL_DISPATCHED, Stored
from tests.support.button_rig import Centre, Rig, wall

OPEN = (LOOP_NORMAL, LOOP_NORMAL)
CLOSED = (LOOP_ALARM, LOOP_ALARM)


def show(attempt):
    body = attempt.body
    sending = attempt.sending
    nonce = str(hexlify(body.nonce), "ascii")
    return (
        f"press {body.sequence}/{nonce} contacts {body.contacts:02x} uptime {body.uptime_ms} wall {body.wall_ms} "
        f"clock {body.clock} attempt {sending.attempt} repeats {sending.repeats} "
        f"revision {sending.receipt_revision} flags {sending.flags}"
    )


class Scene:
    """One button over several boots, with a centre and a clock; `lines` is its trace."""

    def __init__(self, directory, variant="guard-post"):
        self.directory = directory
        self.variant = variant
        self.lines = []
        self.now_ms = 0
        self.boots = 0
        self.centre = Centre()
        self.boot()

    def boot(self, loops=OPEN):
        self.boots += 1
        self.say("boot", self.now_ms, self.boots)
        self.rig = Rig(self.directory, self.boots, 2, self.variant, self.now_ms, self.say)
        self.hold(loops, 100)

    def say(self, name, at_ms, *values):
        shown = [show(value) if isinstance(value, Press) else str(value) for value in values]
        self.lines.append(" ".join([f"{at_ms:7d}", name, " ".join(shown)]))

    def hold(self, loops, for_ms, key=False):
        self.rig.hold(loops, self.now_ms, self.now_ms + for_ms, key)
        self.now_ms += for_ms

    def press(self):
        self.now_ms = self.rig.press(self.now_ms)
        self.rig.save(self.now_ms)

    def exchange(self, answered=True, stored=False, delay_ms=30):
        """What is due goes out; the answers come back after the delay."""
        sent = self.rig.sendings(self.now_ms)
        sent_ms = self.now_ms
        self.hold(OPEN, delay_ms)
        for payload in sent:
            if stored and isinstance(payload, Press):
                self.rig.receive(Stored(payload.body.sequence, payload.body.nonce), self.now_ms)
            if answered:
                self.rig.receive(self.centre.take(payload, wall(sent_ms + delay_ms // 2)), self.now_ms)
        self.rig.save(self.now_ms)

    def operator(self, level):
        identity = self.rig.delivery.newest_press
        self.rig.receive(self.centre.set_level(identity, level, wall(self.now_ms)), self.now_ms)
        self.hold(OPEN, 500)

    def wait(self, for_ms, **exchange):
        until_ms = self.now_ms + for_ms
        while self.now_ms < until_ms:
            self.hold(OPEN, 500)
            self.exchange(**exchange)


def a_press_from_contact_to_closing(scene):
    scene.exchange()
    scene.press()
    scene.exchange(stored=True)
    scene.operator(LEVEL_ACKNOWLEDGED)
    scene.operator(LEVEL_DISPATCHED)
    scene.operator(LEVEL_ACKNOWLEDGED)
    scene.operator(LEVEL_CLOSED)
    scene.wait(2_000)
    scene.hold(OPEN, 200, key=True)
    scene.wait(4_000)


def a_desk_feels_two_pulses(scene):
    scene.exchange()
    scene.press()
    scene.exchange()
    scene.hold(OPEN, 1_000)
    scene.operator(LEVEL_ACKNOWLEDGED)


def no_network_then_a_reconnect(scene):
    scene.press()
    scene.wait(30_000, answered=False)
    scene.rig.delivery.link_up(scene.now_ms)
    scene.wait(1_000, answered=False, stored=True)
    scene.wait(6_000)


def panic_presses_ten_times(scene):
    scene.exchange()
    for _ in range(10):
        scene.press()
        scene.exchange()
    scene.operator(LEVEL_ACKNOWLEDGED)
    scene.press()
    scene.exchange()


def a_power_cut_while_latched_and_one_while_held(scene):
    scene.press()
    scene.rig.save(scene.now_ms)
    scene.boot()
    scene.wait(1_000)
    scene.hold(OPEN, 200, key=True)
    scene.hold(OPEN, 100)
    scene.rig.save(scene.now_ms)
    scene.boot(CLOSED)
    scene.hold(CLOSED, 200)
    scene.rig.save(scene.now_ms)
    scene.boot(CLOSED)
    scene.wait(1_000)


def a_stall_of_the_whole_loop(scene):
    scene.exchange()
    scene.now_ms += 700
    scene.rig.sample(OPEN, 3, scene.now_ms)
    scene.exchange()
    scene.now_ms += 35
    scene.rig.sample(OPEN, 3, scene.now_ms)
    scene.exchange()


def a_cut_cable_and_the_other_button(scene):
    scene.hold((LOOP_NORMAL, LOOP_CUT), 1_000)
    scene.exchange()
    scene.hold((LOOP_ALARM, LOOP_CUT), 100)
    scene.hold((LOOP_NORMAL, LOOP_CUT), 100)
    scene.exchange()


def a_journal_that_overflows(scene):
    for _ in range(34):
        scene.press()
        scene.hold(OPEN, 1_000)
    scene.boot()
    scene.wait(1_000)


def a_centre_restored_from_a_backup(scene):
    backup = scene.centre.backup()
    scene.press()
    scene.wait(2_000)
    scene.operator(LEVEL_ACKNOWLEDGED)
    scene.centre.restore(backup)
    scene.wait(10_000)


SCENARIOS = (
    a_press_from_contact_to_closing,
    a_desk_feels_two_pulses,
    no_network_then_a_reconnect,
    panic_presses_ten_times,
    a_power_cut_while_latched_and_one_while_held,
    a_stall_of_the_whole_loop,
    a_cut_cable_and_the_other_button,
    a_journal_that_overflows,
    a_centre_restored_from_a_backup,
)


class Dice:
    """The same throws on every interpreter (a linear congruential generator)."""

    def __init__(self, seed):
        self.state = seed

    def throw(self, sides):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 8) % sides


def at_random(scene, seed):
    """Anything that can happen, in any order."""
    dice = Dice(seed)
    for _ in range(60):
        act = dice.throw(9)
        if act == 0:
            scene.press()
        elif act == 1:
            scene.exchange(answered=dice.throw(2) == 0, stored=dice.throw(2) == 0, delay_ms=10 + dice.throw(400))
        elif act == 2 and scene.rig.delivery.newest_press in scene.centre.presses:
            scene.operator(1 + dice.throw(5))
        elif act == 3:
            scene.boot((OPEN, CLOSED)[dice.throw(2)])
        elif act == 4:
            scene.hold(OPEN, 50 + dice.throw(300), key=True)
        elif act == 5:
            scene.hold((dice.throw(4), dice.throw(4)), 10 * dice.throw(40))
        elif act == 6:
            scene.now_ms += dice.throw(2_000)
            scene.rig.sample((dice.throw(4), dice.throw(4)), dice.throw(4), scene.now_ms)
        elif act == 7:
            scene.wait(dice.throw(12_000))
        else:
            scene.centre.restore(scene.centre.backup()[: dice.throw(3)])


def trace(name, directory):
    """The lines of one scenario by its name; `at_random_N` throws the dice with seed N."""
    variant = "desk" if "desk" in name else "guard-post"
    scene = Scene(directory, variant)
    if name.startswith("at_random_"):
        at_random(scene, int(name[len("at_random_") :]))
    else:
        {scenario.__name__: scenario for scenario in SCENARIOS}[name](scene)
    scene.say("journal", scene.now_ms, str(hexlify(scene.rig.delivery.journal.encode()), "ascii"))
    return scene.lines


def main():
    for name in sys.argv[3:]:
        directory = sys.argv[1] + "/" + name
        os.mkdir(directory)  # noqa: PTH102 - MicroPython has no pathlib
        print("==", name)
        for line in trace(name, directory):
            print(line)


if __name__ == "__main__":
    main()
