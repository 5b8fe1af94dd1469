"""What was refused is counted and shown: each arrival once, however often its bytes are redelivered."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from kentongan_host.log import logger
from kentongan_server.application.ports import Arrival, Clock, Store, Transaction
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.verdict import Part, Reason, Rejected
from kentongan_wire import topics

# What is sent once and comes again with the same bytes within this is a redelivery of QoS 1.
REDELIVERY_TOLERANCE_MS = 60_000
# Listed one by one, of each source (a gateway's lane), within a second. A gateway passes on 20 a
# second at most; who sends more is no gateway of ours any more, and costs a count instead of a commit.
LISTED_A_SECOND = 100
SECOND_MS = 1_000

_log = logger("kentongan.rejections")


class Rejections:
    """Lists refused messages.

    Args:
        on_listed: told (reason, how many) of what was listed, for the metrics.
    """

    def __init__(
        self, store: Store, clock: Clock, on_listed: Callable[[str, int], None] = lambda _reason, _times: None
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_listed = on_listed
        self._second_began_ms = 0
        self._this_second: Counter[str] = Counter()
        self._flood: dict[tuple[str, Reason, Part], tuple[Rejected, int]] = {}

    async def list(self, rejected: Rejected, arrival: Arrival, at_ms: int) -> bool:
        """Lists it durably, unless it is a repetition of an arrival that is listed.

        Returns:
            True when it is listed; False when its source sends so much that it is only counted,
            and listed together with others by `flush`.

        Raises:
            StoreError: nothing was committed.
        """
        if self._floods(rejected.source):
            key = (rejected.source, rejected.reason, rejected.part)
            self._flood[key] = (rejected, self._flood.get(key, (rejected, 0))[1] + 1)
            return False
        work = partial(list_rejection, rejected=rejected, arrival=arrival, at_ms=at_ms)
        if await self._store.submit(work, urgent=False):  # no flood of these stands before a press
            self._on_listed(rejected.reason, 1)
            _log.warning("rejected", reason=rejected.reason, part=rejected.part, source=rejected.source)
        return True

    async def flush(self) -> None:
        """Call it every second: lists what was only counted.

        Raises:
            StoreError: nothing was committed; the next call tries again.
        """
        while self._flood:
            key, (rejected, times) = self._flood.popitem()
            crowd = replace(rejected, claimed_device=None)
            work = partial(count_rejections, rejected=crowd, times=times, at_ms=self._clock.wall_ms())
            try:
                await self._store.submit(work, urgent=False)
            except BaseException:
                self._flood[key] = (rejected, times + self._flood.get(key, (rejected, 0))[1])
                raise
            self._on_listed(rejected.reason, times)
            _log.warning("flood rejected", reason=rejected.reason, source=rejected.source, times=times)

    def _floods(self, source: str) -> bool:
        now_ms = self._clock.monotonic_ms()
        if now_ms - self._second_began_ms >= SECOND_MS:
            self._second_began_ms = now_ms
            self._this_second.clear()
        self._this_second[source] += 1
        return self._this_second[source] > LISTED_A_SECOND


def sent_once(raw: bytes, at_ms: int) -> Arrival:
    """The arrival of bytes that nobody sends again on purpose."""
    return Arrival(digest(raw), at_ms, REDELIVERY_TOLERANCE_MS)


def digest(raw: bytes) -> bytes:
    """What tells two refused messages apart."""
    return hashlib.sha256(raw).digest()[:16]


def list_rejection(transaction: Transaction, rejected: Rejected, arrival: Arrival, at_ms: int) -> bool:
    """Counts a rejection on its row; False for a repetition of an arrival that was counted."""
    if transaction.is_repetition(rejected.source, arrival, at_ms):
        return False
    count_rejections(transaction, rejected, 1, at_ms)
    return True


def count_rejections(transaction: Transaction, rejected: Rejected, times: int, at_ms: int) -> None:
    """Counts rejections of one cause on their row."""
    row, count, tell = transaction.count_rejections(rejected, times, at_ms)
    if tell:
        claimed = rejected.claimed_device
        facts = {
            "reason": rejected.reason,
            "part": rejected.part,
            "source": rejected.source,
            "claimed_device": topics.device_name(claimed) if claimed is not None else None,
            "count": count,
            "digest": digest(rejected.raw).hex(),
        }
        transaction.append(Entry(at_ms, Kind.REJECTION, "rejected", str(row), canonical(facts)))
