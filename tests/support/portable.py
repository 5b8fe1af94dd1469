"""What tests need that run on CPython and on the device's interpreter alike."""

from kentongan_button.core.delivery import Delivery
from kentongan_button.core.journal import Journal
from kentongan_button.core.loop import LOOP_ALARM, LOOP_NORMAL
from kentongan_wire.press import KIND_HOLD_UP, PressBody, PressIdentity
from kentongan_wire.receipts import LEVEL_RECEIVED, Receipt

DEVICE = 0x0000A1B2
BOOT_ID = 0x5EED0001
WALL_MS = 1_779_000_000_000


def raises(error, function, *arguments):
    """The error of this class that the call raises."""
    try:
        function(*arguments)
    except error as raised:
        return raised
    raise AssertionError("expected " + error.__name__)


def nonce(sequence):
    return b"nonce%03d" % sequence


def body(sequence, uptime_ms=1_000, wall_ms=WALL_MS):
    return PressBody(sequence, nonce(sequence), KIND_HOLD_UP, 3, BOOT_ID, uptime_ms, wall_ms, 2)


def receipt(sequence, level, revision, incarnation=7, device=DEVICE, of_nonce=None, repeats=0):
    press = PressIdentity(device, sequence, of_nonce or nonce(sequence))
    return Receipt(press, level, revision, WALL_MS, incarnation, repeats)


def copy(journal):
    """What a restart finds of this journal."""
    return Journal.decode(journal.encode())


def new_delivery(journal=None):
    """With nothing to deliver, unless this journal holds it."""
    return Delivery(DEVICE, BOOT_ID, journal or Journal())


def sent(delivery, now_ms):
    """Sequences of all attempts due now, in their order."""
    out: list[int] = []
    while True:
        press = delivery.next_send(now_ms)
        if press is None:
            return out
        out.append(press.body.sequence)


def received(delivery, sequence, now_ms=0, repeats=0):
    """The centre has this press on its disk."""
    return delivery.handle_receipt(receipt(sequence, LEVEL_RECEIVED, 1, repeats=repeats), now_ms)


class Contacts:
    """Contacts that are closed at given times: what samples see of them and what edges latch.

    `closures[i]` lists (from_ms, until_ms) of contact i: closed at from_ms, open again at until_ms.
    """

    def __init__(self, *closures):
        self.closures = closures

    def loops(self, at_ms):
        return tuple(
            [
                LOOP_ALARM if any(start <= at_ms < end for start, end in closures) else LOOP_NORMAL
                for closures in self.closures
            ]
        )

    def edges(self, after_ms, until_ms):
        """The contacts that closed in (after_ms, until_ms]."""
        latched = 0
        for index in range(len(self.closures)):
            if any(after_ms < start <= until_ms for start, _ in self.closures[index]):
                latched |= 1 << index
        return latched


def every(step_ms, until_ms, start_ms=0):
    return list(range(start_ms, until_ms + 1, step_ms))


def watch(detector, contacts, times, key=None, tamper=None):
    """Sample at these times; returns the (time, action, contacts) that came out."""
    out = []
    before = times[0]
    for now in times:
        edges = contacts.edges(before, now)
        before = now
        turned = key is not None and key[0] <= now < key[1]
        opened = tamper is not None and tamper[0] <= now < tamper[1]
        for action, made_by in detector.sample(contacts.loops(now), edges, turned, opened, now):
            out.append((now, action, made_by))
    return out
