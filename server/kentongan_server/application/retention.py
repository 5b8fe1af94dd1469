"""Erases what has expired, a little at a time, and says so in the history.

A line of the history loses its words and its salt, never its commitment: the chain still proves every line.
What belongs to a case that is still open is kept until it is closed.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol, cast

from kentongan_host.log import logger
from kentongan_server.application.ports import Clock, Store, StoreError, Transaction
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.retention import DAY_MS, Keeping, Rule

BATCH = 50  # things erased in one transaction, one of which is done a second: alarms wait milliseconds for it

_log = logger("kentongan.retention")


class RetentionBook(Transaction, Protocol):
    """What this needs of the store; its transactions can do this as well. Each returns how many it erased."""

    def erase_calls(self, before_ms: int, at_ms: int, most: int) -> int: ...
    def coarsen_places(self, before_ms: int, most: int) -> int: ...
    def forget_callers(self, before_ms: int, most: int) -> int: ...
    def erase_lines(self, positions: list[int]) -> int: ...


class OldLines(Protocol):
    """Finds lines of the history beside the writer, for they stand in no index by time."""

    async def old_access(self, before_ms: int, most: int) -> list[int]:
        """Positions of lines about log-ins that still have names."""


class Leftovers(Protocol):
    """What of erased things may still stand beside them in the store's files."""

    async def clear(self) -> bool:
        """Overwrites it; False: somebody was at work in the store, try again."""


class Retention:
    """Applies the rules once a day.

    Args:
        keeping: how long what is kept.
        leftovers: cleared after a day's work, and once after a start: the day before may have ended in a crash.
    """

    def __init__(self, store: Store, lines: OldLines, clock: Clock, keeping: Keeping, leftovers: Leftovers) -> None:
        self._store = store
        self._lines = lines
        self._clock = clock
        self._keeping = keeping
        self._leftovers = leftovers
        self._uncleared = True
        self._todo: list[Rule] = []
        self._next_ms = 0  # by the wall clock, as are the rules

    @property
    def busy(self) -> bool:
        """Whether a day's work has begun and is not done."""
        return bool(self._todo) or self._uncleared

    def wake(self) -> None:
        """What has expired by now is not to wait for the next day."""
        self._next_ms = 0

    async def tick(self) -> None:
        """Call it every second: one batch, while there is something to erase; a failed one is tried again."""
        now_ms = self._clock.wall_ms()
        if not self._todo:
            if self._next_ms - DAY_MS <= now_ms < self._next_ms:
                self._uncleared = self._uncleared and not await self._leftovers.clear()
                return
            self._todo, self._next_ms = list(Rule), now_ms + DAY_MS
        try:
            erased = await self._erase(self._todo[0], now_ms)
            self._uncleared = self._uncleared or erased > 0
            if erased < BATCH:
                self._todo.pop(0)
        except StoreError as error:
            _log.error("nothing erased", rule=str(self._todo[0]), why=error.what)

    async def _erase(self, rule: Rule, now_ms: int) -> int:
        before_ms = self._keeping.before_ms(rule, now_ms)
        positions = await self._lines.old_access(before_ms, BATCH) if rule is Rule.ACCESS else []
        work = partial(erase, rule=rule, before_ms=before_ms, at_ms=now_ms, positions=positions)
        return await self._store.submit(work, urgent=False)


# --- inside the store's transaction ---------------------------------------------------------------


def erase(transaction: Transaction, rule: Rule, before_ms: int, at_ms: int, positions: list[int]) -> int:
    """One batch of one rule; how many things were erased."""
    book = cast("RetentionBook", transaction)
    erased = {
        Rule.CALLER: lambda: book.erase_calls(before_ms, at_ms, BATCH),
        Rule.EXACT_PLACE: lambda: book.coarsen_places(before_ms, BATCH),
        Rule.CALLER_DIGEST: lambda: book.forget_callers(before_ms, BATCH),
        Rule.ACCESS: lambda: book.erase_lines(positions),
    }[rule]()
    if erased:
        facts = {"count": erased, "before_ms": before_ms}
        book.append(Entry(at_ms, Kind.ACCESS, "erased", rule, canonical(facts)))
    return erased
