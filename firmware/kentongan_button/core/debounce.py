"""Was the contact closed? An answer from samples, and from latched edges where nobody sampled.

Samples integrate: the time between two samples counts half with the first and half with the
second; `DEBOUNCE_MS` of closed time in excess of open time is a closure. So, with samples every
`SAMPLE_MS`, a closure shorter than 30 ms is never one, and a flickering dirty contact still is
when it is closed for most of the time. Whatever the samples' schedule, a closure of
`CAUGHT_MS` or more is always one: it is either seen, or lies in a gap of the samples of at least
`DEBOUNCE_MS` in which the edge latch saw it begin. In doubt it counts.
"""

SAMPLE_MS = 10  # period of the samples: with DEBOUNCE_MS bounds contact → decision to 60 ms
DEBOUNCE_MS = 40  # middle of the 30…50 ms that NUMBERS allow; contacts bounce for 5…20 ms
CAUGHT_MS = 100  # every closure this long is caught, also in a stall (NUMBERS, button sampling)
_FULL = 2 * DEBOUNCE_MS

OPENED = 0
CLOSED = 1


def next_sample_ms(due_ms: int, now_ms: int) -> int:
    """When to sample next, once what was due at `due_ms` was sampled at `now_ms`; uptimes.

    The pace is from sample to sample: what the work between them takes would else be added to every decision.
    After a stall the next one follows at once.
    """
    return max(due_ms + SAMPLE_MS, now_ms + 1)


class Debouncer:
    """One contact, or several that count only together, as closed or open.

    Attributes:
        closed: what was decided last.
        charge: closed time in excess of open time in half ms; 0 when open for good.
        last_ms: uptime of the newest sample; -1 before the first.
    """

    def __init__(self) -> None:
        self.closed = False
        self.charge = 0
        self._seen = False  # the newest sample
        self.last_ms = -1

    def sample(self, closed: bool, edge: bool, now_ms: int) -> tuple[int, ...]:
        """What happened up to this sample: OPENED and CLOSED in their order.

        Args:
            closed: what the contact is now.
            edge: whether a closing edge was latched since the sample before.
            now_ms: uptime.
        """
        gap_ms = now_ms - self.last_ms if self.last_ms >= 0 else 0
        before = self._seen
        self._seen = closed
        self.last_ms = now_ms
        events: tuple[int, ...] = ()
        if edge and gap_ms >= CAUGHT_MS and (before or self.closed):
            # Opened and closed again behind our back.
            events = self._settle(_FULL) + self._settle(0) + (() if closed else self._settle(_FULL))
        elif gap_ms >= DEBOUNCE_MS and not closed and (edge or before):
            # Nobody could have confirmed it.
            events = self._settle(_FULL)
        events += self._settle(self.charge + (gap_ms if before else -gap_ms))
        return events + self._settle(self.charge + (gap_ms if closed else -gap_ms))

    def _settle(self, charge: int) -> tuple[int, ...]:
        self.charge = min(max(charge, 0), _FULL)
        if self.charge == (0 if self.closed else _FULL):
            self.closed = not self.closed
            return (CLOSED if self.closed else OPENED,)
        return ()
