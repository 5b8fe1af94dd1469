"""Bringing in the city's own numbers of crimes: all rows of a table or none, twice the same as once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, cast

from kentongan_server import report_shapes as shapes
from kentongan_server.application.ports import Clock, Store
from kentongan_server.domain import crimes as rules
from kentongan_server.domain import csv_table
from kentongan_server.domain.crimes import Count
from kentongan_server.domain.csv_table import Mistake
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.feed import Entry, Kind, canonical

TOLD_MAX = 50  # mistakes in one answer: who has more has another table; the command tells all of them
NEW, CHANGED, SAME = "new", "changed", "same"


class CrimeBook(Protocol):
    """What this needs of the store; its transactions can do it as well."""

    def crime_number(self, year: int, month: int, category: str) -> tuple[int, str] | None:
        """Count and source that are there."""

    def save_crime(self, count: Count) -> None: ...
    def append(self, entry: Entry) -> None: ...


def read(data: bytes) -> tuple[list[Count], list[Mistake]]:
    """The numbers of a table, and all that is wrong with it."""
    reading = csv_table.read(data, rules.COLUMNS)
    counts = rules.check(reading)
    if not counts and not reading.mistakes:
        reading.wrong(1, "", "expected at least one row below the header, got none.")
    return counts, reading.mistakes


def bring_in(book: CrimeBook, counts: Sequence[Count], who: str, at_ms: int, *, dry_run: bool = False) -> Counter[str]:
    """Writes the numbers, unless it is a dry run; how many are new, changed, the same.

    What the table does not name stays.
    """
    found: Counter[str] = Counter()
    for count in counts:
        before = book.crime_number(count.year, count.month, count.category)
        what = NEW if before is None else SAME if before == (count.count, count.source) else CHANGED
        found[what] += 1
        if what != SAME and not dry_run:
            book.save_crime(count)
            book.append(_entry(count, before, who, at_ms))
    return found


def _entry(count: Count, before: tuple[int, str] | None, who: str, at_ms: int) -> Entry:
    facts: dict[str, Any] = {"count": count.count, "source": count.source}
    if before is not None:
        facts["before"] = before[0]
    subject = f"{count.year:04d}-{count.month:02d} {count.category}"
    return Entry(at_ms, Kind.ENROLMENT, "crimes-set", subject, canonical(facts), canonical({"who": who}))


class CrimeImport:
    """Bringing in beside alarms: over HTTP."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def put(self, data: bytes, who: str, *, dry_run: bool) -> shapes.BroughtIn:
        """Takes a table.

        Raises:
            InvalidError: something of it cannot be taken; nothing was written.
        """
        counts, mistakes = read(data)
        if mistakes:
            told = " ".join(f"{mistake}" for mistake in mistakes[:TOLD_MAX])
            more = f" And {len(mistakes) - TOLD_MAX} more." if len(mistakes) > TOLD_MAX else ""
            raise InvalidError(f"{len(mistakes)} mistake(s): {told}{more}", "Nothing was written.")
        work = partial(bring_in, counts=counts, who=who, at_ms=self._clock.wall_ms(), dry_run=dry_run)
        # The store's transactions can do this as well.
        found = await self._store.submit(cast("Callable[[Any], Counter[str]]", work), urgent=False)
        return {"new": found[NEW], "changed": found[CHANGED], "same": found[SAME]}
