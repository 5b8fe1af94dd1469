"""The main path to the centre: proven or lost, and what is told of it by the second path. No I/O.

The centre suspects an attack after 20 s without a word of a site by any path (NUMBERS). So a loss
is noticed after half of that and texted at once.
"""

from __future__ import annotations

from typing import Final

from kentongan_wire.path_report import CAUSE_MAIN_BACK, CAUSE_MAIN_LOST, CAUSE_PERIODIC

PROVEN_MS = 20_000  # since the centre's last signed answer: no longer a path that one may wait for (PROTOCOL)
LOST_MS = 10_000  # the same: two reports went unanswered; leaves 10 s for the SMS until the centre suspects an attack
STEADY_MS = 10_000  # of answers until the path counts as back: MQTT has told the centre long before
FIRST_MS = 15_000  # from the start to the first periodic report, which proves the second path; a modem needs 11 s
FIRST_SPREAD_MS = 60_000  # of these first ones, by device number: after a blackout all gateways start together
PERIOD_MS = 3_600_000  # backup path proven hourly (NUMBERS)
PHASE_STEP_MS = 61_000  # between neighbouring device numbers: each its own minute, 60 neighbours each their own second
LOSSES_MAX = 4  # told at once, then one more each LOSS_EVERY_MS: a path that comes and goes costs no more
LOSS_EVERY_MS = 900_000  # bounds them: in any hour 8 losses, each with its return

# States of the main path and the one table of their changes; a pair that is missing changes nothing.
STANDS, LOST, RETURNING = "stands", "lost", "returning"
ANSWERED, SILENT, STEADY = "answered", "silent", "steady"
TRANSITIONS: Final = {
    (STANDS, SILENT): LOST,
    (LOST, ANSWERED): RETURNING,
    (RETURNING, SILENT): LOST,
    (RETURNING, STEADY): STANDS,
}


class MainPath:
    """What is known of the main path, and the next report about it.

    Attributes:
        state: one of the table's states.
        answered_ms: uptime of the centre's last signed answer; None before the first.

    Args:
        device: our number, which gives the reports their own minute.
        started_ms: uptime of our start, from which on an answer is waited for.
    """

    def __init__(self, device: int, started_ms: int) -> None:
        self.state = STANDS
        self.answered_ms: int | None = None
        self._since_ms = started_ms  # of the first answer after a silence
        self._started_ms = started_ms
        self._losses_ms = started_ms  # when the budget of losses will be whole again
        self._told_lost = False
        self._to_tell: int | None = None
        self._phase_ms = device * PHASE_STEP_MS % PERIOD_MS
        self._periodic_ms = started_ms + FIRST_MS + device * 1_000 % FIRST_SPREAD_MS

    def answered(self, now_ms: int) -> None:
        """The centre's signed answer to a report of ours has come."""
        self.look(now_ms)
        self.answered_ms = now_ms
        self._move(ANSWERED, now_ms)

    def is_proven(self, now_ms: int) -> bool:
        """Whether one may wait for the main path."""
        return self.answered_ms is not None and now_ms - self.answered_ms < PROVEN_MS

    @property
    def is_lost(self) -> bool:
        """No answer for `LOST_MS`, or not steadily since."""
        return self.state != STANDS

    def look(self, now_ms: int) -> None:
        """Lets time pass."""
        if now_ms >= self._silent_ms():
            self._move(SILENT, now_ms)
        if self.state == RETURNING and now_ms - self._since_ms >= STEADY_MS:
            self._move(STEADY, now_ms)

    def due(self, now_ms: int) -> int | None:
        """The cause of the report that is to be texted now; None for none. Call `told` when it was taken."""
        self.look(now_ms)
        if self._to_tell is not None and now_ms >= self._next_tell_ms(self._to_tell):
            return self._to_tell
        return CAUSE_PERIODIC if now_ms >= self._periodic_ms else None

    def told(self, cause: int, now_ms: int) -> None:
        """A report with this cause is on its way."""
        if cause == CAUSE_PERIODIC:
            self._periodic_ms = now_ms + PERIOD_MS - (now_ms - self._phase_ms) % PERIOD_MS
            return
        self._to_tell = None
        self._told_lost = cause == CAUSE_MAIN_LOST
        if self._told_lost:
            self._losses_ms = max(self._losses_ms, now_ms) + LOSS_EVERY_MS

    def next_deadline(self) -> int:
        """Uptime at which to ask `due` again."""
        deadlines = [self._periodic_ms]
        if self.state != LOST:
            deadlines.append(self._silent_ms())
        if self.state == RETURNING:
            deadlines.append(self._since_ms + STEADY_MS)
        if self._to_tell is not None:
            deadlines.append(self._next_tell_ms(self._to_tell))
        return min(deadlines)

    def _silent_ms(self) -> int:
        return (self._started_ms if self.answered_ms is None else self.answered_ms) + LOST_MS

    def _next_tell_ms(self, cause: int) -> int:
        """When it may be told: at once, unless it is a loss and `LOSSES_MAX` were told lately."""
        if cause != CAUSE_MAIN_LOST:
            return 0
        return self._losses_ms - (LOSSES_MAX - 1) * LOSS_EVERY_MS

    def _move(self, event: str, now_ms: int) -> None:
        before = self.state
        self.state = TRANSITIONS.get((before, event), before)
        if self.state == before:
            return
        if self.state == LOST:
            self._to_tell = CAUSE_MAIN_LOST
        elif self.state == RETURNING:
            self._since_ms = now_ms
        elif self._told_lost:
            self._to_tell = CAUSE_MAIN_BACK
        else:
            self._to_tell = None  # the loss itself could not be told: nothing to take back
