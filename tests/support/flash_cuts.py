"""Cut the power at every program and erase of a cycle of the store on littlefs; on MicroPython.

`flash_cuts.py PATH[:PATH…]` prints `points N erases E modes 3 inconsistent M`, and one line for each
case that went wrong.
"""

import sys

sys.path[0:0] = sys.argv[1].split(":")

from kentongan_button.core.delivery import RECEIPT_APPLIED, Delivery  # noqa: E402
from kentongan_button.core.journal import CAPACITY  # noqa: E402
from kentongan_button.store import PRESS_RESERVE, Store  # noqa: E402
from tests.support.nor import MODES, Nor, formatted, mounted, unmounted  # noqa: E402
from tests.support.portable import BOOT_ID, DEVICE, WALL_MS, body, receipt  # noqa: E402

# Cycles before the one that is cut: a new board, a filling and a full journal, littlefs compacting.
AGES = (0, 1, 2, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)


class PowerCutError(Exception):
    """The processor stops too."""


class Cycle:
    """One life of the button: start, press, receipt, key, and the reserves topped up.

    `states` are all that may be found afterwards, `states[done]` the newest that a save reported;
    `given` are the numbers that were given out.
    """

    def __init__(self, flash):
        self.flash = flash
        self.given = []
        self.states = []
        self.done = 0
        self.store = Store("/flash/state")
        self.delivery = Delivery(DEVICE, BOOT_ID, self.store.load_journal())
        self.states.append(self.delivery.journal.encode())

    def alive(self):
        if self.flash.dead():
            raise PowerCutError

    def save(self):
        self.alive()
        self.states.append(self.delivery.journal.encode())
        if self.store.save_journal(self.delivery.journal):
            self.done = len(self.states) - 1
        self.alive()

    def take(self, count):
        for _ in range(count):
            number = self.store.sequence.take()
            self.alive()
            self.given.append(number)
        return self.given[-1]

    def receive(self, entry):
        incarnation = self.delivery.journal.incarnation or 1
        word = receipt(entry.body.sequence, 1, 1, incarnation, repeats=entry.repeats)
        assert self.delivery.handle_receipt(word, 0) == RECEIPT_APPLIED

    def restore(self):
        """The centre comes back from a backup: it is offered again what it had, and receives it again."""
        self.delivery.learn_incarnation(self.delivery.journal.incarnation + 1, WALL_MS, 0)
        assert self.delivery.journal.entries[-1].again
        self.save()
        for entry in self.delivery.journal.entries:
            self.receive(entry)

    def run(self):
        sequence = self.take(1) % 900
        self.delivery.offer(body(sequence), 0)
        self.delivery.repeat(0)
        self.save()
        self.receive(self.delivery.journal.entries[-1])
        if sequence % 3 == 0:
            self.restore()
        self.delivery.reset_latch(0)
        self.save()
        self.take(PRESS_RESERVE // 2)
        self.store.top_up()
        self.take(1)


def images():
    """A flash image of every age."""
    flash = formatted()
    for age in range(AGES[-1] + 1):
        if age in AGES:
            yield bytes(flash.image)
        mounted(flash)
        cycle = Cycle(flash)
        assert age < CAPACITY or len(cycle.delivery.journal.entries) == CAPACITY
        cycle.run()
        unmounted()


def check(flash, cycle):
    """After the cut: what is wrong, or None."""
    again = Cycle(flash)
    if again.store.fault:
        return "damaged"
    if again.states[0] not in cycle.states[cycle.done :]:
        return "journal older than what was reported as saved"
    again.run()
    if set(again.given) & set(cycle.given):
        return "number given out twice"
    if Store("/flash/state").load_journal().encode() != again.states[-1]:
        return "no write after the cut"
    return None


def cut(image, cut_at, mode):
    """Run a cycle with the cut; returns (what is wrong or None, whether it was reached, in an erase)."""
    flash = Nor(bytearray(image), cut_at, mode)
    mounted(flash)
    try:
        cycle = Cycle(flash)
        cycle.run()
    except PowerCutError:
        pass
    finally:
        unmounted()
    if not flash.dead():
        return None, False, False
    after = Nor(flash.image)
    mounted(after)
    try:
        return check(after, cycle), True, flash.erased
    finally:
        unmounted()


def main():
    points = erases = wrong = 0
    for image in images():
        for mode in range(len(MODES)):
            cut_at = 0
            while True:
                problem, reached, erased = cut(image, cut_at, mode)
                if not reached:
                    break
                points += mode == 0
                erases += mode == 0 and erased
                if problem:
                    wrong += 1
                    print("cut at", cut_at, MODES[mode], "-", problem)
                cut_at += 1
    print("points", points, "erases", erases, "modes", len(MODES), "inconsistent", wrong)


main()
