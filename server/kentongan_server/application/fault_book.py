"""Conditions that last (silent, tamper, disk full) as open troubles: raised once, restored once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from kentongan_host.log import logger
from kentongan_server.application.ports import Clock, OpenTrouble, Store, StoreError
from kentongan_server.application.troubles import raise_trouble, restore_trouble
from kentongan_server.domain.trouble import Detail, TroubleKind

_log = logger("kentongan.troubles")


class _Key(NamedTuple):
    device: int
    kind: TroubleKind
    subject: str = ""


class FaultBook:
    """Which conditions are open, as the store has them; asking for what is so already costs nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._open: dict[_Key, int | None] = {}  # None: its commit is on the way

    def load(self, troubles: Iterable[OpenTrouble]) -> None:
        """Takes over what the store has; forgets the rest."""
        pending = {key: None for key, trouble in self._open.items() if trouble is None}
        self._open = pending | {_Key(one.device, one.kind, one.subject): one.id for one in troubles}

    def is_open(self, device: int, kind: TroubleKind, subject: str = "") -> bool:
        return (device, kind, subject) in self._open

    def opened(self, device: int, kind: TroubleKind, trouble: int, subject: str = "") -> None:
        """Somebody else opened it in a transaction of theirs; whoever looks here ends it."""
        self._open[_Key(device, kind, subject)] = trouble

    def devices_with(self, kind: TroubleKind) -> list[int]:
        """Whose trouble of this kind is open."""
        return [key.device for key in self._open if key.kind is kind]

    async def reconcile(
        self, device: int, kinds: Iterable[TroubleKind], present: set[TroubleKind], details: dict[TroubleKind, Detail]
    ) -> None:
        """Raises those of `kinds` that are present and ends those that are not."""
        for kind in kinds:
            if kind in present:
                if (device, kind, "") not in self._open:
                    await self.raise_once(device, kind, details.get(kind))
            elif (device, kind, "") in self._open:
                await self.end(device, kind)

    async def raise_once(
        self, device: int, kind: TroubleKind, detail: Detail | None = None, *, subject: str = ""
    ) -> None:
        """Opens the trouble unless it is open. When the store fails, the next time will try again.

        Args:
            device: whose; `CENTRE` for the centre's own.
            kind: what.
            detail: why, as `{"code": …, …}`.
            subject: which of several, where a device has more than one (modems, workers).
        """
        key = _Key(device, kind, subject)
        if key in self._open:
            return
        self._open[key] = None
        work = partial(
            raise_trouble,
            device=device,
            kind=kind,
            at_ms=self._clock.wall_ms(),
            detail=detail,
            subject=subject,
            again=False,
        )
        try:
            self._open[key] = await self._store.submit(work, urgent=False)
        except BaseException as error:
            del self._open[key]
            if not isinstance(error, StoreError):
                raise
            _log.error("trouble not stored", kind=kind, why=error.what)

    async def end(self, device: int, kind: TroubleKind, *, subject: str = "") -> None:
        """Ends the trouble if it is open and stored."""
        key = _Key(device, kind, subject)
        trouble = self._open.get(key)
        if trouble is None:
            return
        del self._open[key]
        work = partial(
            restore_trouble,
            trouble=trouble,
            device=device,
            kind=kind,
            at_ms=self._clock.wall_ms(),
            subject=subject,
        )
        try:
            await self._store.submit(work, urgent=False)
        except BaseException as error:
            self._open.setdefault(key, trouble)
            if not isinstance(error, StoreError):
                raise
            _log.error("end of trouble not stored", kind=kind, why=error.what)
