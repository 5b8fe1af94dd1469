"""What was refused is counted and shown: each arrival once, however often its bytes are redelivered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

from kentongan_host.log import logger
from kentongan_server.application.ports import Arrival, Store, Transaction
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.verdict import Rejected
from kentongan_wire import topics

# What is sent once and comes again with the same bytes within this is a redelivery of QoS 1.
REDELIVERY_TOLERANCE_MS = 60_000

_log = logger("kentongan.rejections")


class Rejections:
    """Lists refused messages.

    Args:
        on_listed: told the reason of each arrival that was listed, for the metrics.
    """

    def __init__(self, store: Store, on_listed: Callable[[str], None] = lambda _reason: None) -> None:
        self._store = store
        self._on_listed = on_listed

    async def list(self, rejected: Rejected, arrival: Arrival, at_ms: int, *, urgent: bool = True) -> None:
        """Lists it durably, unless it is a repetition of an arrival that is listed.

        Raises:
            StoreError: nothing was committed.
        """
        work = partial(list_rejection, rejected=rejected, arrival=arrival, at_ms=at_ms)
        if await self._store.submit(work, urgent=urgent):
            self._on_listed(rejected.reason)
            _log.warning("rejected", reason=rejected.reason, part=rejected.part, source=rejected.source)


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
    row, count, tell = transaction.count_rejection(rejected, at_ms)
    if tell:
        claimed = rejected.claimed_device
        facts = {
            "reason": rejected.reason,
            "part": rejected.part,
            "source": rejected.source,
            "claimed_device": topics.device_name(claimed) if claimed is not None else None,
            "count": count,
            "digest": arrival.digest.hex(),
        }
        transaction.append(Entry(at_ms, Kind.REJECTION, "rejected", str(row), canonical(facts)))
    return True
