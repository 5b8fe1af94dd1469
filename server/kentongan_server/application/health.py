"""Is the centre able to take an alarm right now? Proven, not assumed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from kentongan_server.application.ports import Clock, Store, StoreError, Transaction

PROVEN_FOR_MS = 1_000  # a proof is good for this long: whoever asks often must not load the disk
COMMIT_S = 2.0  # an alarm that takes longer to commit is answered by SMS already (NUMBERS)


@dataclass(frozen=True, slots=True)
class Health:
    """What works."""

    broker: bool
    store: bool

    @property
    def ok(self) -> bool:
        return self.broker and self.store


class HealthCheck:
    """Proves the broker's connection and a write.

    Args:
        broker_up: whether both lanes are connected.
    """

    def __init__(self, store: Store, clock: Clock, broker_up: Callable[[], bool]) -> None:
        self._store = store
        self._clock = clock
        self._broker_up = broker_up
        self._proven_at_ms: int | None = None
        self._writes = False
        self._asking = asyncio.Lock()

    async def check(self) -> Health:
        """What works now."""
        async with self._asking:
            now_ms = self._clock.monotonic_ms()
            if self._proven_at_ms is None or now_ms - self._proven_at_ms >= PROVEN_FOR_MS:
                self._writes = await self._can_write()
                self._proven_at_ms = now_ms
        return Health(self._broker_up(), self._writes)

    async def _can_write(self) -> bool:
        at_ms = self._clock.wall_ms()

        def write(transaction: Transaction) -> None:
            transaction.prove_writable(at_ms)

        try:
            async with asyncio.timeout(COMMIT_S):
                await self._store.submit(write, urgent=False)
        except (StoreError, TimeoutError):
            return False
        return True
