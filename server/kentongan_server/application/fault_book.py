"""Conditions that last (silent, tamper, disk full) as open troubles: raised once, restored once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from kentongan_host.log import logger
from kentongan_server.application.ports import Clock, OpenTrouble, Store, StoreError
from kentongan_server.application.troubles import raise_trouble, restore_trouble
from kentongan_server.domain.trouble import TroubleKind

_log = logger("kentongan.troubles")


class FaultBook:
    """Which conditions are open, as the store has them; asking for what is so already costs nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._open: dict[tuple[int, TroubleKind], int | None] = {}  # None: its commit is on the way

    def load(self, troubles: Iterable[OpenTrouble]) -> None:
        """Takes over what the store has; forgets the rest."""
        pending = {key: None for key, trouble in self._open.items() if trouble is None}
        self._open = pending | {(one.device, one.kind): one.id for one in troubles}

    def is_open(self, device: int, kind: TroubleKind) -> bool:
        return (device, kind) in self._open

    async def reconcile(self, device: int, kinds: Iterable[TroubleKind], present: set[TroubleKind]) -> None:
        """Raises those of `kinds` that are present and ends those that are not."""
        for kind in kinds:
            if kind in present:
                await self.raise_once(device, kind)
            else:
                await self.end(device, kind)

    async def raise_once(self, device: int, kind: TroubleKind, detail: str | None = None) -> None:
        """Opens the trouble unless it is open. When the store fails, the next time will try again."""
        key = (device, kind)
        if key in self._open:
            return
        self._open[key] = None
        work = partial(raise_trouble, device=device, kind=kind, at_ms=self._clock.wall_ms(), detail=detail, again=False)
        try:
            self._open[key] = await self._store.submit(work, urgent=False)
        except BaseException as error:
            del self._open[key]
            if not isinstance(error, StoreError):
                raise
            _log.error("trouble not stored", kind=kind, why=error.what)

    async def end(self, device: int, kind: TroubleKind) -> None:
        """Ends the trouble if it is open and stored."""
        key = (device, kind)
        trouble = self._open.get(key)
        if trouble is None:
            return
        del self._open[key]
        work = partial(restore_trouble, trouble=trouble, device=device, kind=kind, at_ms=self._clock.wall_ms())
        try:
            await self._store.submit(work, urgent=False)
        except BaseException as error:
            self._open.setdefault(key, trouble)
            if not isinstance(error, StoreError):
                raise
            _log.error("end of trouble not stored", kind=kind, why=error.what)
