"""Presses: what the contacts, the key and the tamper switch of one button come to.

Deliberate by construction, never by a long hold: two buttons closed together, or one recessed
button. A contact whose cable is cut or shorted can't be seen; it makes no press by itself and
never stands in the way of the other contact.
"""

from kentongan_button.core import debounce
from kentongan_button.core.debounce import DEBOUNCE_MS, Debouncer
from kentongan_button.core.loop import LOOP_ALARM, LOOP_CUT, LOOP_NORMAL, LOOP_SHORT, is_fault
from kentongan_wire.press import CONTACT_AT_BOOT
from kentongan_wire.supervision import (
    BUTTON_CONTACT_STUCK,
    BUTTON_LATCHED,
    BUTTON_LOOP_CUT,
    BUTTON_LOOP_SHORT,
    BUTTON_TAMPER,
)

PRESS_SPACING_MS = 1_000  # least time between two new presses of one latch; bounds what chatter can make
FAULT_MS = 200  # a fault seen this long is one: bounds what a spike can report
STUCK_MS = 300_000  # a contact closed this long is stuck (or its key was never turned)
SHOWN_MS = 30_000  # a fault shows at least this long, so that three heartbeats tell of it

# States.
BOOT = 0  # contacts not yet known, journal not latched
BOOT_LATCHED = 1  # contacts not yet known, journal latched: its press is known already
IDLE = 2
HELD = 3  # pressed, contacts closed
LATCHED = 4  # pressed, contacts open again, key not yet turned
STATE_NAMES = ("boot", "boot latched", "idle", "held", "latched")

# Events.
OPENED = debounce.OPENED
CLOSED = debounce.CLOSED
KEY = 2  # the reset key was turned and contacts are open
EVENT_NAMES = ("opened", "closed", "key")

# Actions.
NONE = 0
PRESS = 1  # a new press: draw a nonce, send, journal
REPEAT = 2  # a press again, within the spacing: merge it into the newest (`Delivery.repeat`)
RESET = 3  # the latch is released
PRESS_AT_BOOT = 4  # in the table only: a PRESS whose contacts carry CONTACT_AT_BOOT
PRESS_AGAIN = 5  # in the table only: PRESS, or REPEAT within the spacing
ACTION_NAMES = ("none", "press", "repeat", "reset", "press (at boot)", "press or repeat")

# (state, event) → (next state, action); what is not listed changes nothing.
TRANSITIONS = {
    (BOOT, OPENED): (IDLE, NONE),
    (BOOT, CLOSED): (HELD, PRESS_AT_BOOT),
    (BOOT_LATCHED, OPENED): (LATCHED, NONE),
    (BOOT_LATCHED, CLOSED): (HELD, NONE),
    (IDLE, CLOSED): (HELD, PRESS),
    (HELD, OPENED): (LATCHED, NONE),
    (LATCHED, CLOSED): (HELD, PRESS_AGAIN),
    (LATCHED, KEY): (IDLE, RESET),
}


_NOTHING: list[tuple[int, int]] = []


class Condition:
    """Something that counts when it lasts `after_ms`, and shows for at least `shown_ms`."""

    def __init__(self, after_ms: int, shown_ms: int = 0) -> None:
        self._after_ms = after_ms
        self._shown_ms = shown_ms
        self._since_ms = -1
        self._until_ms = -1

    def sample(self, present: bool, now_ms: int) -> bool:
        """Whether it counts now."""
        if not present:
            self._since_ms = -1
        elif self._since_ms < 0:
            self._since_ms = now_ms
        if present and now_ms - self._since_ms >= self._after_ms:
            self._until_ms = now_ms + self._shown_ms
        return now_ms <= self._until_ms


class PressDetector:
    """The inputs of one button, sample by sample.

    Args:
        contacts: 2 for two buttons that count together, 1 for a recessed button.
        latched: what the journal says (`Delivery.latched`).
    """

    def __init__(self, contacts: int, latched: bool) -> None:
        self.state = BOOT_LATCHED if latched else BOOT
        self.flags = BUTTON_LATCHED if latched else 0  # `BUTTON_…` bits of the inputs
        self._loops: tuple[int, ...] = (LOOP_NORMAL,) * contacts
        self._debouncer = Debouncer()
        self._pressed_ms = -PRESS_SPACING_MS
        self._made_by = 0  # contacts of the closure under way
        self._first_ms = -1
        self._calm = False  # nothing is under way that a sample like the last one could change
        self._key = Condition(DEBOUNCE_MS)
        self._key_on = False
        self._key_pending = False  # turned since the press, and still turned
        self._stuck = [Condition(STUCK_MS) for _ in range(contacts)]
        self._faults = (
            (BUTTON_LOOP_CUT, Condition(FAULT_MS, SHOWN_MS)),
            (BUTTON_LOOP_SHORT, Condition(FAULT_MS, SHOWN_MS)),
            (BUTTON_TAMPER, Condition(FAULT_MS, SHOWN_MS)),
        )

    def sample(self, loops: tuple[int, ...], edges: int, key: bool, tamper: bool, now_ms: int) -> list[tuple[int, int]]:
        """Take one sample of all inputs; returns (action, contacts) in order, mostly none.

        Args:
            loops: `LOOP_…` of each contact, as `loop.decode` gives it.
            edges: `CONTACT_…` bits of the contacts whose line went towards alarm at any moment
                since the sample before, as latched by the interrupt.
            key: the reset key is turned.
            tamper: the housing is open.
            now_ms: uptime, never less than before.
        """
        if self._calm and loops == self._loops and not (edges or key or tamper):
            self._debouncer.last_ms = now_ms  # the usual case: no work and no garbage
            return _NOTHING
        closed, edge = self._together(loops, edges)
        events = self._debouncer.sample(closed, edge, now_ms)
        if self._first_ms < 0:
            self._first_ms = now_ms
        if self.state <= BOOT_LATCHED and not events and not closed and now_ms - self._first_ms >= DEBOUNCE_MS:
            events = (OPENED,)
        actions: list[tuple[int, int]] = []
        self._turn_key(key, now_ms, actions)
        for event in events:
            self._step(event, now_ms, actions)
        if not closed and not self._debouncer.closed:
            self._made_by = 0
        self._note_faults(loops, tamper, now_ms)
        rests = not (key or tamper or self._debouncer.charge or self.flags & ~BUTTON_LATCHED)
        self._calm = rests and self.state > BOOT_LATCHED and loops.count(LOOP_NORMAL) == len(loops)
        return actions

    def _together(self, loops: tuple[int, ...], edges: int) -> tuple[bool, bool]:
        """Whether all contacts are closed together now, and whether they may have closed since."""
        everyone = (1 << len(loops)) - 1
        edges &= everyone
        pressed = 0
        near = edges  # closed now, or at the sample before, or in between
        unseen = 0
        for index in range(len(loops)):
            bit = 1 << index
            if loops[index] == LOOP_ALARM:
                pressed |= bit
            if LOOP_ALARM in (loops[index], self._loops[index]):
                near |= bit
            if is_fault(loops[index]) or is_fault(self._loops[index]):
                unseen |= bit
        closed = pressed != 0 and all([loop != LOOP_NORMAL for loop in loops])
        edge = edges != 0 and near | unseen == everyone
        if closed or edge:
            self._made_by |= near
        self._loops = loops
        return closed, edge

    def _step(self, event: int, now_ms: int, actions: list[tuple[int, int]]) -> None:
        self.state, action = TRANSITIONS.get((self.state, event), (self.state, NONE))
        contacts = self._made_by
        if action == PRESS_AT_BOOT:
            action = PRESS
            contacts |= CONTACT_AT_BOOT
        elif action == PRESS_AGAIN:
            action = REPEAT if now_ms - self._pressed_ms < PRESS_SPACING_MS else PRESS
        if action == PRESS:
            self._pressed_ms = now_ms
        if event == CLOSED:
            self._key_pending = False
        if action != NONE:
            actions.append((action, contacts))

    def _turn_key(self, key: bool, now_ms: int, actions: list[tuple[int, int]]) -> None:
        # Only a turn after the press resets it: a key left turned or a shorted key line must not
        # take the latch from a later press, nor one that was found turned at power-on. A turn while
        # contacts are closed waits for them.
        turned = self._key.sample(key, now_ms)
        if turned != self._key_on:
            self._key_on = turned
            self._key_pending = turned and self.state > BOOT_LATCHED
        if self._key_pending and self.state == LATCHED:
            self._key_pending = False
            self._step(KEY, now_ms, actions)

    def _note_faults(self, loops: tuple[int, ...], tamper: bool, now_ms: int) -> None:
        flags = BUTTON_LATCHED if self.state in (BOOT_LATCHED, HELD, LATCHED) else 0
        present = (LOOP_CUT in loops, LOOP_SHORT in loops, tamper)
        for index in range(len(present)):
            bit, condition = self._faults[index]
            if condition.sample(present[index], now_ms):
                flags |= bit
        for index in range(len(loops)):
            if self._stuck[index].sample(loops[index] == LOOP_ALARM, now_ms):
                flags |= BUTTON_CONTACT_STUCK
        self.flags = flags
