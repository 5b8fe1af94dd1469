"""Is the centre able to take an alarm right now? Proven, not assumed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from kentongan_server.application.ports import Clock, Store, StoreError, Transaction

PROVEN_FOR_MS = 1_000  # a proof is good for this long: whoever asks often must not load the disk
COMMIT_S = 2.0  # an alarm that takes longer to commit is answered by SMS already (NUMBERS)


STILL_S = 10.0  # messages in work of which none gets done: far above every deadline on their way


@dataclass(frozen=True, slots=True)
class Health:
    """What works.

    Attributes:
        broker: both lanes are connected, and a message has just come through the broker.
        store: a write has just been committed.
        moving: whatever is in work gets done.
    """

    broker: bool
    store: bool
    moving: bool

    @property
    def ok(self) -> bool:
        return self.broker and self.store and self.moving


class Road(Protocol):
    """The lanes, as far as health needs them."""

    @property
    def up(self) -> bool: ...
    @property
    def still_s(self) -> dict[str, float]: ...
    async def proven(self) -> bool: ...


class HealthCheck:
    """Proves that a frame could be committed now: a message through the broker, and a write to the disk."""

    def __init__(self, store: Store, clock: Clock, road: Road) -> None:
        self._store = store
        self._clock = clock
        self._road = road
        self._proven_at_ms: int | None = None
        self._broker = self._writes = False
        self._asking = asyncio.Lock()
        self.store_ms = 0
        """How long the last proof took to commit."""

    async def check(self) -> Health:
        """What works now; a proof is at most `PROVEN_FOR_MS` old."""
        async with self._asking:
            now_ms = self._clock.monotonic_ms()
            if self._proven_at_ms is None or now_ms - self._proven_at_ms >= PROVEN_FOR_MS:
                self._broker, self._writes = await asyncio.gather(self._road.proven(), self._can_write())
                self._proven_at_ms = now_ms
        still = max(self._road.still_s.values(), default=0.0)
        return Health(self._broker and self._road.up, self._writes, still < STILL_S)

    async def _can_write(self) -> bool:
        at_ms, began_ms = self._clock.wall_ms(), self._clock.monotonic_ms()

        def write(transaction: Transaction) -> None:
            transaction.prove_writable(at_ms)

        try:
            async with asyncio.timeout(COMMIT_S):
                await self._store.submit(write)  # as urgent as an alarm: that is what is to be proven
        except (StoreError, TimeoutError):
            return False
        finally:
            self.store_ms = self._clock.monotonic_ms() - began_ms
        return True
