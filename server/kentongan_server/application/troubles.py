"""Raising, taking and ending troubles: a row of its own each, and a line in the history."""

from __future__ import annotations

from functools import partial

from kentongan_server.application.ports import Clock, Store, Transaction
from kentongan_server.domain.errors import NotFoundError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.trouble import Detail, TroubleKind, take
from kentongan_wire import topics

CENTRE = 0  # the device number under which the centre's own troubles are kept; no device has it


class TroubleDesk:
    """What people do to troubles: somebody looks after each."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def take(self, trouble: int, who: str, *, over: bool = False) -> None:
        """Makes the trouble one's own; with `over` also one that somebody else has.

        Raises:
            NotFoundError: no such trouble.
            TakenError: it has ended, or is another's.
            StoreError: nothing was committed.
        """
        await self._store.submit(
            partial(take_trouble, trouble=trouble, who=who, over=over, at_ms=self._clock.wall_ms())
        )


# --- inside the store's transaction ---------------------------------------------------------------


def raise_trouble(
    transaction: Transaction,
    device: int,
    kind: TroubleKind,
    at_ms: int,
    detail: Detail | None = None,
    *,
    subject: str = "",
    again: bool = True,
) -> int:
    """Opens a trouble and returns its id.

    While it is open already, `again` counts it once more (something happened again); a condition
    that merely lasts is raised with `again=False`, which then changes nothing.
    """
    trouble, what = transaction.raise_trouble(device, kind, subject, at_ms, detail, again=again)
    if what is not None:
        _remember(transaction, trouble, what, _facts(device, kind, subject, detail), at_ms)
    return trouble


def restore_trouble(
    transaction: Transaction, trouble: int, device: int, kind: TroubleKind, at_ms: int, subject: str = ""
) -> bool:
    """Ends a trouble; False when it had ended already."""
    if not transaction.restore_trouble(trouble, at_ms):
        return False
    _remember(transaction, trouble, "restored", _facts(device, kind, subject, None), at_ms)
    return True


def take_trouble(transaction: Transaction, trouble: int, who: str, *, over: bool, at_ms: int) -> None:
    """Compare and set: who owns it."""
    found = transaction.trouble(trouble)
    if found is None:
        raise NotFoundError(f"there is no trouble {trouble}.")
    if not take(found, who, over=over):
        return
    transaction.own_trouble(trouble, who, at_ms)
    facts = canonical({"over": found.owner is not None})
    transaction.append(Entry(at_ms, Kind.TROUBLE, "taken", str(trouble), facts, canonical({"who": who})))


def _facts(device: int, kind: TroubleKind, subject: str, detail: Detail | None) -> str:
    name = topics.device_name(device) if device else None
    return canonical({"device": name, "kind": kind, "subject": subject, "detail": detail})


def _remember(transaction: Transaction, trouble: int, what: str, facts: str, at_ms: int) -> None:
    transaction.append(Entry(at_ms, Kind.TROUBLE, what, str(trouble), facts))
