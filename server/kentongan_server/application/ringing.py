"""The bell of an incident that rings again after it was answered (`domain.ringing` says when)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from kentongan_host.log import logger
from kentongan_server.application.ports import Clock, Store, StoreError, Transaction
from kentongan_server.domain import ringing
from kentongan_server.domain.feed import Entry, Kind, canonical

_log = logger("kentongan.bells")


class Bells:
    """Bells that wait, in memory; a restart reads them again from the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: dict[int, int] = {}  # incident: when it rings, monotonic ms

    def load(self, waiting: Iterable[tuple[int, int]]) -> None:
        """Takes over (incident, Unix ms at which it rings); a press waits for no clock that a restart set back."""
        self._waiting.clear()
        for incident, until_ms in waiting:
            self.wait(incident, until_ms, ringing.PACE_MS)

    def wait(self, incident: int, until_ms: int, most_ms: int = ringing.SITE_PACE_MS) -> None:
        """The incident rings at `until_ms` (Unix ms), whatever happens to the wall clock until then."""
        in_ms = min(max(0, until_ms - self._clock.wall_ms()), most_ms)
        self._waiting[incident] = self._clock.monotonic_ms() + in_ms

    async def tick(self) -> None:
        """Call it every second: rings what has waited for long enough; tries again what the store does not take."""
        now_ms = self._clock.monotonic_ms()
        for incident in [one for one, at_ms in self._waiting.items() if at_ms <= now_ms]:
            try:
                await self._store.submit(partial(ring_now, incident=incident, at_ms=self._clock.wall_ms()))
            except StoreError as error:
                _log.error("bell not rung", incident=incident, why=error.what)
                return
            self._waiting.pop(incident, None)


# --- inside the store's transaction ---------------------------------------------------------------


def begin(
    transaction: Transaction,
    incident: int,
    at_ms: int,
    pace_ms: int = ringing.PACE_MS,
    *,
    news: bool = False,
) -> int | None:
    """Call it when a new or unanswered alarm is about to join a known incident.

    Args:
        transaction: the open one.
        incident: what it joins.
        at_ms: now, Unix ms.
        pace_ms: least time between two beginnings of this kind of alarm.
        news: nothing like it was answered there before: it rings at once, whatever else chatters.

    Returns:
        Unix ms at which the incident will ring; None when it rings at once, or rings already.
    """
    bell = transaction.bell(incident)
    if bell is None:
        return None
    if news and (bell.unanswered is None or bell.quiet_until_ms is not None):
        transaction.set_bell(incident, bell.again, at_ms, None)
        return None
    if bell.unanswered is not None:  # it rings, or waits: one more alarm makes it wait no longer than it would itself
        if bell.quiet_until_ms is None or bell.quiet_until_ms <= at_ms + pace_ms:
            return bell.quiet_until_ms
        transaction.set_bell(incident, bell.again, at_ms + pace_ms, at_ms + pace_ms)
        return at_ms + pace_ms
    rings_at_ms = ringing.rings_at(bell.again, bell.rang_at_ms, at_ms, pace_ms)
    quiet_until_ms = rings_at_ms if rings_at_ms > at_ms else None
    transaction.set_bell(incident, bell.again + 1, rings_at_ms, quiet_until_ms)
    return quiet_until_ms


def ring_now(transaction: Transaction, incident: int, at_ms: int) -> None:
    """The wait is over: it rings, unless somebody has answered everything meanwhile."""
    bell = transaction.bell(incident)
    if bell is None or bell.quiet_until_ms is None:
        return
    transaction.set_bell(incident, bell.again, at_ms, None)
    if bell.unanswered is not None:
        facts = canonical({"alarm": bell.unanswered})
        transaction.append(Entry(at_ms, Kind.INCIDENT, "rings-again", str(incident), facts))
