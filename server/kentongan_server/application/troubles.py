"""Raising and ending troubles: a row of its own each, and a line in the history."""

from __future__ import annotations

from kentongan_server.application.ports import Transaction
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire import topics

CENTRE = 0  # the device number under which the centre's own troubles are kept; no device has it


def raise_trouble(
    transaction: Transaction,
    device: int,
    kind: TroubleKind,
    at_ms: int,
    detail: str | None = None,
    *,
    again: bool = True,
) -> int:
    """Opens a trouble and returns its id.

    While it is open already, `again` counts it once more (something happened again); a condition
    that merely lasts is raised with `again=False`, which then changes nothing.
    """
    trouble, what = transaction.raise_trouble(device, kind, at_ms, detail, again=again)
    if what is not None:
        _remember(transaction, trouble, what, device, kind, at_ms, detail)
    return trouble


def restore_trouble(transaction: Transaction, trouble: int, device: int, kind: TroubleKind, at_ms: int) -> bool:
    """Ends a trouble; False when it had ended already."""
    if not transaction.restore_trouble(trouble, at_ms):
        return False
    _remember(transaction, trouble, "restored", device, kind, at_ms, None)
    return True


def _remember(
    transaction: Transaction, trouble: int, what: str, device: int, kind: TroubleKind, at_ms: int, detail: str | None
) -> None:
    name = topics.device_name(device) if device else None
    facts = canonical({"device": name, "kind": kind, "detail": detail})
    transaction.append(Entry(at_ms, Kind.TROUBLE, what, str(trouble), facts))
