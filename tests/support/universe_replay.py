"""What simulated buttons did, done again: the same inputs, the same outputs, on either interpreter.

`universe_replay.py TRACE SCRATCH PATH[:PATH…]` replays a JSON trace and prints `boots N inputs N different M`,
and the first differences.
"""

import json
import os
import sys
from binascii import hexlify, unhexlify

if __name__ == "__main__":
    sys.path[0:0] = sys.argv[3].split(":")

from kentongan_button.core.loop import LOOP_ALARM, LOOP_NORMAL
from kentongan_sim.universe.button_body import ButtonBody
from kentongan_wire.keys import ROLE_BUTTON, DeviceKeys

CLOSED = (LOOP_ALARM, LOOP_ALARM)
OPEN = (LOOP_NORMAL, LOOP_NORMAL)


def plain(value):
    """As JSON has it."""
    if isinstance(value, bytes):
        return str(hexlify(value), "ascii")
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value


class Replay:
    """One board over all its boots."""

    def __init__(self, trace, directory):
        root = unhexlify(trace["root"])
        self.keys = DeviceKeys(root, ROLE_BUTTON, trace["device"], 1, trace["site"])
        self.device = trace["device"]
        self.modem = trace["modem"]
        self.directory = directory
        self.body = None
        self.nonces = []
        self.boots = self.inputs = 0
        self.different = []

    def run(self, steps):
        at = 0
        while at < len(steps):
            step = steps[at]
            at += 1
            # What the cores drew, and what became of it, is noted behind the input.
            self.nonces = []
            while at < len(steps) and steps[at][0] == "nonce":
                self.nonces.append(unhexlify(steps[at][1]))
                at += 1
            cut = at + 1 < len(steps) and "cut" in (steps[at][0], steps[at + 1][0])
            self.act(step)
            wanted = []
            if at < len(steps) and steps[at][0] == "=":
                wanted = steps[at][1:]
                at += 1
            if cut or self.body is None:
                continue
            got = [plain(self.body.said), plain(self.body.out)] if self.body.said or self.body.out else []
            self.body.said = []
            self.body.out = []
            self.inputs += 1
            if got != wanted:
                self.different.append((step, got, wanted))

    def act(self, step):
        name = step[0]
        if name == "boot":
            self.boots += 1
            self.boot(step[1], step[2])
        elif self.body is None:
            return
        elif name == "sample":
            self.body.sample(CLOSED if step[1] else OPEN, step[2], step[3], step[4])
        elif name == "link_up":
            self.body.link_up(step[1])
        elif name == "link_down":
            self.body.link_down()
        elif name == "frame":
            self.body.frame(unhexlify(step[1]), step[2])
        elif name in ("sms", "modem", "texted"):
            act_on_modem(self.body, name, step)
        elif name == "turn":
            self.body.turn(step[1])
        elif name == "puback":
            self.body.in_flight -= 1
        elif name == "cut":
            self.body = None

    def boot(self, boot_id, files):
        directory = self.directory + "/" + str(self.boots)
        os.mkdir(directory)  # noqa: PTH102 - MicroPython has no pathlib
        for name in files:
            with open(directory + "/" + name.split("/")[-1], "wb") as file:  # noqa: PTH123
                file.write(unhexlify(files[name]))
        self.body = ButtonBody(
            self.device, 1, self.keys, boot_id, 2, "guard-post", lambda: self.nonces.pop(0), directory, self.modem
        )


def act_on_modem(body, name, step):
    if name == "sms":
        body.sms(step[1], step[2])
    elif name == "modem":
        body.modem(step[1])
    else:
        body.texted(step[1], step[2])


def replay(trace, directory):
    """Replays a trace; the `Replay` with what it counted."""
    done = Replay(trace, directory)
    done.run(trace["steps"])
    return done


def main():
    with open(sys.argv[1]) as file:  # noqa: PTH123
        traces = json.loads(file.read())
    boots = inputs = different = 0
    for at, trace in enumerate(traces):
        directory = sys.argv[2] + "/" + str(at)
        os.mkdir(directory)  # noqa: PTH102
        done = replay(trace, directory)
        boots += done.boots
        inputs += done.inputs
        different += len(done.different)
        for one in done.different[:3]:
            print(one)
    print("boots", boots, "inputs", inputs, "different", different)


if __name__ == "__main__":
    main()
